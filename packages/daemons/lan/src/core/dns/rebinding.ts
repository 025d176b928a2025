import {
  type DnsMessage,
  isWithin,
  type NameText,
  RecordType,
  type ResourceRecord,
  svcbHints,
} from "@passerelle/dns";
import {
  type Cidr4,
  contains4,
  type Ipv4,
  type Ipv6,
  ipv4,
  ipv6Bytes,
  parseCidr4,
} from "@passerelle/net";

/**
 * DNS rebinding: a name of the world whose owner lets it point into this home, so that a web page reaches
 * what only the home may reach. Such addresses are taken out of answers from outside.
 */
export interface RebindingPolicy {
  /** Names whose private addresses are wanted, with all below them. Folded. */
  readonly exceptions: readonly NameText[];
  /** Public addresses of this box and its networks: reaching it by them is rebinding as well. */
  readonly own: ReadonlySet<Ipv4 | Ipv6>;
}

/** True where the address lies in this home or this machine, whoever says so. */
export function isInside4(address: Ipv4): boolean {
  return INSIDE_4.some((cidr) => contains4(cidr, address));
}

export function isInside6(address: Ipv6): boolean {
  const bytes = ipv6Bytes(address);
  const first = bytes[0] ?? 0;
  // fc00::/7 (RFC 4193), fe80::/10 and the old fec0::/10.
  if ((first & 0xfe) === 0xfc || (first === 0xfe && (bytes[1] ?? 0) >= 0x80)) return true;
  const embedded = embeddedIpv4(bytes);
  return embedded !== undefined && isInside4(embedded);
}

/** The message without what points inside; the same object where nothing did. */
export function withoutRebinding(message: DnsMessage, policy: RebindingPolicy): DnsMessage {
  const asked = message.questions[0]?.name ?? ".";
  if (policy.exceptions.some((zone) => isWithin(asked.toLowerCase(), zone))) return message;
  const pass = (record: ResourceRecord): boolean => !pointsInside(record, policy.own);
  const answers = message.answers.filter(pass);
  const additionals = message.additionals.filter(pass);
  const same =
    answers.length === message.answers.length && additionals.length === message.additionals.length;
  return same ? message : { ...message, answers, additionals };
}

export function pointsInside(record: ResourceRecord, own: ReadonlySet<Ipv4 | Ipv6>): boolean {
  const { data } = record;
  if (data.kind === "a") return isInside4(data.address) || own.has(data.address);
  if (data.kind === "aaaa") return isInside6(data.address) || own.has(data.address);
  if (data.kind !== "raw") return false;
  if (record.type !== RecordType.HTTPS && record.type !== RecordType.SVCB) return false;
  const hints = svcbHints(data.bytes, 0, data.bytes.length);
  // What cannot be read cannot be trusted to be harmless.
  if (hints === undefined) return true;
  return (
    hints.ipv4.some((a) => isInside4(a) || own.has(a)) ||
    hints.ipv6.some((a) => isInside6(a) || own.has(a))
  );
}

/** RFC 6890: this network, private use, loopback, link-local; and multicast and broadcast, which no name needs. */
const INSIDE_4: readonly Cidr4[] = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "255.255.255.255/32",
].flatMap((text) => parseCidr4(text) ?? []);

/** IPv4 inside IPv6: "::", "::1" and compatible (::/96), mapped (::ffff:0:0/96), NAT64 (64:ff9b::/96), 6to4 (2002::/16). */
function embeddedIpv4(bytes: Uint8Array): Ipv4 | undefined {
  const at = (i: number): number => bytes[i] ?? 0;
  const last = ipv4(at(12) * 0x100_0000 + (at(13) << 16) + (at(14) << 8) + at(15));
  const zero = (from: number, to: number): boolean =>
    bytes.subarray(from, to).every((b) => b === 0);
  if (zero(0, 12) || (zero(0, 10) && at(10) === 0xff && at(11) === 0xff)) return last;
  if (at(0) === 0 && at(1) === 0x64 && at(2) === 0xff && at(3) === 0x9b && zero(4, 12)) return last;
  if (at(0) === 0x20 && at(1) === 0x02) {
    return ipv4(at(2) * 0x100_0000 + (at(3) << 16) + (at(4) << 8) + at(5));
  }
  return undefined;
}
