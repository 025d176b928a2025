import { ByteReader, concatBytes } from "@passerelle/bytes";
import { ipv4 } from "@passerelle/net";
import { type DecodeError, err, ok, type Result } from "@passerelle/result";
import {
  BOOTREPLY,
  BOOTREQUEST,
  CHADDR_LENGTH,
  type Dhcpv4Message,
  type Dhcpv4Option,
  FILE_LENGTH,
  MAGIC_COOKIE,
  SNAME_LENGTH,
} from "./message.ts";
import { OPTION } from "./option-codes.ts";

/** Longest message read. Real ones end below 1 500 octets; the limit bounds the work a stranger can ask for. */
export const MESSAGE_LENGTH_MAX = 9000;

const FILE_AT = 108;
const SNAME_AT = 44;
const OVERLOAD_FILE = 1;
const OVERLOAD_SNAME = 2;

/**
 * Reads a message as it came by UDP. A missing end option is forgiven where the octets stop between two
 * options, because clients exist that leave it out; everything else that does not fit is refused.
 */
export function decodeDhcpv4(bytes: Uint8Array): Result<Dhcpv4Message, DecodeError> {
  if (bytes.length > MESSAGE_LENGTH_MAX) return err({ code: "message_too_long", at: 0 });
  const reader = new ByteReader(bytes);
  const header = {
    op: reader.uint8(),
    htype: reader.uint8(),
    hlen: reader.uint8(),
    hops: reader.uint8(),
    xid: reader.uint32(),
    secs: reader.uint16(),
    flags: reader.uint16(),
    ciaddr: ipv4(reader.uint32()),
    yiaddr: ipv4(reader.uint32()),
    siaddr: ipv4(reader.uint32()),
    giaddr: ipv4(reader.uint32()),
    chaddr: reader.take(CHADDR_LENGTH),
  };
  const sname = reader.take(SNAME_LENGTH);
  const file = reader.take(FILE_LENGTH);
  const cookie = reader.uint32();
  if (reader.overrun !== undefined) return err({ code: "message_truncated", at: reader.overrun });
  if (header.op !== BOOTREQUEST && header.op !== BOOTREPLY) return err({ code: "op", at: 0 });
  if (header.hlen > CHADDR_LENGTH) return err({ code: "hlen", at: 2 });
  if (cookie !== MAGIC_COOKIE) return err({ code: "cookie", at: reader.at - 4 });

  const parts = new Map<number, Uint8Array[]>();
  const inOptions = collectOptions(reader, parts);
  if (inOptions !== undefined) return err(inOptions);
  const overload = decodeOverload(parts.get(OPTION.OVERLOAD));
  if (overload === undefined) return err({ code: "overload", at: reader.at });
  // RFC 3396 section 5: the aggregate option buffer is options, then file, then sname.
  const fields = [
    { used: (overload & OVERLOAD_FILE) !== 0, start: FILE_AT, length: FILE_LENGTH },
    { used: (overload & OVERLOAD_SNAME) !== 0, start: SNAME_AT, length: SNAME_LENGTH },
  ];
  for (const field of fields) {
    if (!field.used) continue;
    const fault = collectOptions(
      new ByteReader(bytes, field.start, field.start + field.length),
      parts,
    );
    if (fault !== undefined) return err(fault);
  }
  parts.delete(OPTION.OVERLOAD);
  const options: Dhcpv4Option[] = [];
  for (const [code, data] of parts) options.push({ code, data: concatBytes(...data) });
  return ok({
    ...header,
    sname: (overload & OVERLOAD_SNAME) === 0 ? untilZero(sname) : new Uint8Array(0),
    file: (overload & OVERLOAD_FILE) === 0 ? untilZero(file) : new Uint8Array(0),
    options,
  });
}

function collectOptions(
  reader: ByteReader,
  parts: Map<number, Uint8Array[]>,
): DecodeError | undefined {
  while (reader.left > 0) {
    const at = reader.at;
    const code = reader.uint8();
    if (code === OPTION.PAD) continue;
    if (code === OPTION.END) return undefined;
    const data = reader.take(reader.uint8());
    if (reader.overrun !== undefined) return { code: "option_overruns", at };
    const known = parts.get(code);
    if (known === undefined) parts.set(code, [data]);
    else known.push(data);
  }
  return undefined;
}

/** 0 where there is none; undefined for a value that RFC 2132 section 9.3 does not know. */
function decodeOverload(data: readonly Uint8Array[] | undefined): number | undefined {
  if (data === undefined) return 0;
  const value = data.length === 1 && data[0]?.length === 1 ? (data[0][0] ?? 0) : 0;
  return value >= 1 && value <= 3 ? value : undefined;
}

function untilZero(bytes: Uint8Array): Uint8Array {
  const zero = bytes.indexOf(0);
  return zero < 0 ? bytes : bytes.slice(0, zero);
}
