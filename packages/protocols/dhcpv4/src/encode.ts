import { ByteWriter } from "@passerelle/bytes";
import { invariant } from "@passerelle/result";
import {
  CHADDR_LENGTH,
  type Dhcpv4Message,
  type Dhcpv4Option,
  FILE_LENGTH,
  HEADER_LENGTH,
  MAGIC_COOKIE,
  SNAME_LENGTH,
} from "./message.ts";
import { OPTION } from "./option-codes.ts";

/** What fits into one Ethernet packet: 1 500 octets less the IPv4 and UDP headers. */
export const MESSAGE_LENGTH_ETHERNET = 1472;
/** RFC 2131 section 2: what every client takes, a datagram of 576 octets, less the IPv4 and UDP headers. */
export const MESSAGE_LENGTH_SAFE = 548;
/** RFC 951 section 3: BOOTP messages have 300 octets, and relays and clients exist that drop shorter ones. */
const MESSAGE_LENGTH_MIN = 300;
const OPTION_DATA_MAX = 255;

export interface Encoded {
  readonly bytes: Uint8Array;
  /** Codes of the options that found no room. */
  readonly dropped: readonly number[];
}

/** Writes a message; throws where it does not fit into one Ethernet packet. */
export function encodeDhcpv4(message: Dhcpv4Message): Uint8Array {
  const { bytes, dropped } = encodeDhcpv4Within(message, MESSAGE_LENGTH_ETHERNET);
  invariant(dropped.length === 0, "our own message fits into one packet");
  return bytes;
}

/**
 * Writes a message of at most `lengthMax` octets (see `messageLengthMaxOf`). The options keep the order
 * given while they all fit. Where they do not, empty `file` and `sname` fields take some (overload,
 * RFC 2132 section 9.3), and then the last ones given are dropped; what the exchange itself needs stays.
 */
export function encodeDhcpv4Within(message: Dhcpv4Message, lengthMax: number): Encoded {
  invariant(message.chaddr.length === CHADDR_LENGTH, "chaddr has 16 octets");
  invariant(message.sname.length <= SNAME_LENGTH, "sname has at most 64 octets");
  invariant(message.file.length <= FILE_LENGTH, "file has at most 128 octets");
  for (const { code } of message.options) {
    invariant(code > OPTION.PAD && code < OPTION.END, "pad and end are the encoder's");
    invariant(code !== OPTION.OVERLOAD, "overload is the encoder's");
  }
  const layout = layOut(message, Math.max(lengthMax, MESSAGE_LENGTH_SAFE));
  const writer = new ByteWriter(MESSAGE_LENGTH_SAFE)
    .uint8(message.op)
    .uint8(message.htype)
    .uint8(message.hlen)
    .uint8(message.hops)
    .uint32(message.xid)
    .uint16(message.secs)
    .uint16(message.flags)
    .uint32(message.ciaddr)
    .uint32(message.yiaddr)
    .uint32(message.siaddr)
    .uint32(message.giaddr)
    .put(message.chaddr)
    .put(fieldOf(message.sname, layout.sname, SNAME_LENGTH))
    .put(fieldOf(message.file, layout.file, FILE_LENGTH))
    .uint32(MAGIC_COOKIE);
  for (const option of layout.options) writeOption(writer, option);
  writer.uint8(OPTION.END);
  if (writer.length < MESSAGE_LENGTH_MIN) writer.zeros(MESSAGE_LENGTH_MIN - writer.length);
  return { bytes: writer.finish(), dropped: layout.dropped };
}

interface Layout {
  readonly options: readonly Dhcpv4Option[];
  readonly file: readonly Dhcpv4Option[];
  readonly sname: readonly Dhcpv4Option[];
  readonly dropped: readonly number[];
}

/** Without these an answer is none; the relay agent's own option must go back whole (RFC 3046 section 2.2). */
const NEEDED: readonly number[] = [
  OPTION.DHCP_MSG_TYPE,
  OPTION.DHCP_SERVER_ID,
  OPTION.ADDRESS_TIME,
  OPTION.RELAY_AGENT_INFORMATION,
  OPTION.CLIENT_ID,
  OPTION.ADDRESS_REQUEST,
  OPTION.SUBNET_MASK,
  OPTION.ROUTER,
  OPTION.DOMAIN_SERVER,
];

function layOut(message: Dhcpv4Message, lengthMax: number): Layout {
  const room = lengthMax - HEADER_LENGTH - 1;
  const needs = message.options.reduce((sum, option) => sum + lengthOf(option), 0);
  if (needs <= room) return { options: message.options, file: [], sname: [], dropped: [] };

  // The overload option itself takes three octets, each field one for its own end.
  const fields = [
    { left: room - 3, taken: new Set<Dhcpv4Option>() },
    { left: message.file.length === 0 ? FILE_LENGTH - 1 : 0, taken: new Set<Dhcpv4Option>() },
    { left: message.sname.length === 0 ? SNAME_LENGTH - 1 : 0, taken: new Set<Dhcpv4Option>() },
  ];
  const dropped: number[] = [];
  for (const option of byImportance(message.options)) {
    const length = lengthOf(option);
    const field = fields.find((candidate) => candidate.left >= length);
    if (field === undefined) dropped.push(option.code);
    else {
      field.left -= length;
      field.taken.add(option);
    }
  }
  // The order given, so that a peer that looks at the order sees it (RFC 3046 wants its option last).
  const [options, file, sname] = fields.map((field) =>
    message.options.filter((option) => field.taken.has(option)),
  ) as [Dhcpv4Option[], Dhcpv4Option[], Dhcpv4Option[]];
  const overload = (file.length > 0 ? 1 : 0) | (sname.length > 0 ? 2 : 0);
  const marked =
    overload === 0
      ? options
      : [{ code: OPTION.OVERLOAD, data: Uint8Array.of(overload) }, ...options];
  return { options: marked, file, sname, dropped };
}

function byImportance(options: readonly Dhcpv4Option[]): readonly Dhcpv4Option[] {
  const rank = (option: Dhcpv4Option): number => {
    const at = NEEDED.indexOf(option.code);
    return at < 0 ? NEEDED.length : at;
  };
  // Array.prototype.sort is stable: equals keep the order given.
  return [...options].sort((a, b) => rank(a) - rank(b));
}

/** Octets on the wire; RFC 3396 section 5: long options are split into parts of at most 255 octets. */
function lengthOf(option: Dhcpv4Option): number {
  return option.data.length + 2 * Math.max(1, Math.ceil(option.data.length / OPTION_DATA_MAX));
}

function writeOption(writer: ByteWriter, option: Dhcpv4Option): void {
  let at = 0;
  do {
    const part = option.data.subarray(at, at + OPTION_DATA_MAX);
    writer.uint8(option.code).uint8(part.length).put(part);
    at += OPTION_DATA_MAX;
  } while (at < option.data.length);
}

function fieldOf(text: Uint8Array, options: readonly Dhcpv4Option[], length: number): Uint8Array {
  const writer = new ByteWriter(length);
  if (options.length === 0) writer.put(text);
  else {
    for (const option of options) writeOption(writer, option);
    writer.uint8(OPTION.END);
  }
  return writer.zeros(length - writer.length).finish();
}
