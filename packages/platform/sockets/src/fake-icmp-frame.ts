import { concatBytes } from "@passerelle/bytes";
import { PROTOCOL_ICMPV6 } from "@passerelle/icmp";
import { type Mac, macBytes } from "@passerelle/net";
import {
  checksum,
  type Ipv6Head,
  ipv6Header,
  parseIpv6,
  pseudoHeader,
  word,
} from "./fake-frame.ts";

/** A message of ICMPv6 as the network in memory carries it. */
export interface FakeIcmp6 extends Ipv6Head {
  readonly bytes: Uint8Array;
}

/** Ethernet, IPv6, and the message with its checksum, which a kernel fills in (RFC 3542 section 3.1). */
export function icmp6Frame(from: Mac, to: Mac, message: FakeIcmp6): Uint8Array {
  const bytes = message.bytes.slice();
  bytes.fill(0, 2, 4);
  const pseudo = pseudoHeader(message, PROTOCOL_ICMPV6, bytes.length);
  const sum = checksum(concatBytes(pseudo, bytes));
  bytes[2] = sum >>> 8;
  bytes[3] = sum & 0xff;
  const type = Uint8Array.of(0x86, 0xdd);
  const head = ipv6Header(message, PROTOCOL_ICMPV6, bytes.length);
  return concatBytes(macBytes(to), macBytes(from), type, head, bytes);
}

/** The message inside a frame; undefined for anything that a host would drop or not take as ICMPv6. */
export function parseIcmp6Frame(frame: Uint8Array): FakeIcmp6 | undefined {
  if (word(frame, 12) !== 0x86dd) return undefined;
  const parsed = parseIpv6(frame.subarray(14), PROTOCOL_ICMPV6);
  if (parsed === undefined || parsed.body.length < 4) return undefined;
  const { head, body } = parsed;
  const pseudo = pseudoHeader(head, PROTOCOL_ICMPV6, body.length);
  if (checksum(concatBytes(pseudo, body)) !== 0) return undefined;
  return { ...head, bytes: body.slice() };
}
