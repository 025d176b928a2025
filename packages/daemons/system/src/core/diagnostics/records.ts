import { latin1Text, toHex } from "@passerelle/bytes";
import {
  type DnsMessage,
  decodeName,
  formatName,
  Rcode,
  type RecordData,
  RecordType,
  readUint16,
} from "@passerelle/dns";
import { formatIpv4, ipv4FromBytes, ipv6FromBytes } from "@passerelle/net";
import { unreachable } from "@passerelle/result";
import type { JobLine } from "./input.ts";

/** Records of an answer that are shown; an answer may have thousands. */
export const RECORDS_SHOWN = 60;

/** One line a record, as zone files write them; every octet that is not printable is escaped. */
export function recordLines(message: DnsMessage): readonly JobLine[] {
  const shown = message.answers.slice(0, RECORDS_SHOWN);
  const lines = shown.map(
    (record): JobLine => ({
      name: record.name.slice(0, 255),
      ttl: record.ttlSeconds,
      text: `${typeName(record.type)} ${dataText(record.type, record.data)}`.slice(0, 512),
    }),
  );
  const more = message.answers.length - shown.length;
  return more > 0 ? [...lines, { text: `+ ${more}` }] : lines;
}

/** The name of a response code (IANA "DNS RCODEs"), with the upper bits of EDNS. */
export function rcodeName(message: DnsMessage): string {
  const code = message.header.rcode + (message.edns?.extendedRcode ?? 0) * 16;
  return RCODES.get(code) ?? `RCODE${code}`;
}

export function dataText(type: number, data: RecordData): string {
  switch (data.kind) {
    case "a":
      return formatIpv4(data.address);
    case "aaaa":
      return data.address;
    case "name":
      return data.target;
    case "mx":
      return `${data.preference} ${data.exchange}`;
    case "srv":
      return `${data.priority} ${data.weight} ${data.port} ${data.target}`;
    case "soa": {
      const { mname, rname, serial, refresh, retry, expire, minimum } = data;
      return [mname, rname, serial, refresh, retry, expire, minimum].join(" ");
    }
    case "txt":
      return data.strings.map((octets) => `"${quoted(octets)}"`).join(" ");
    case "raw":
      return (isBinding(type) ? bindingText(data.bytes) : undefined) ?? unknownText(data.bytes);
    default:
      return unreachable(data);
  }
}

const TYPE_NAMES = new Map<number, string>(
  Object.entries(RecordType).map(([name, code]) => [code, name]),
);
const RCODES = new Map<number, string>(Object.entries(Rcode).map(([name, code]) => [code, name]));

function typeName(type: number): string {
  return TYPE_NAMES.get(type) ?? `TYPE${type}`;
}

/** RFC 3597 section 5. */
function unknownText(bytes: Uint8Array): string {
  return `\\# ${bytes.length}${bytes.length === 0 ? "" : ` ${toHex(bytes.subarray(0, 240))}`}`;
}

function quoted(octets: Uint8Array): string {
  return latin1Text(octets)
    .replaceAll(/["\\]/g, "\\$&")
    .replaceAll(/[^\x20-\x7e]/g, (c) => `\\${c.charCodeAt(0).toString().padStart(3, "0")}`);
}

function isBinding(type: number): boolean {
  return type === RecordType.HTTPS || type === RecordType.SVCB;
}

/** HTTPS and SVCB in the form of RFC 9460 section 2.1; undefined where the octets are malformed. */
function bindingText(bytes: Uint8Array): string | undefined {
  const target = decodeName(bytes, 2);
  if (bytes.length < 3 || !target.ok) return undefined;
  const words = [String(readUint16(bytes, 0)), formatName(target.value.wire)];
  let at = target.value.next;
  while (at < bytes.length) {
    const value = at + 4;
    const end = value + readUint16(bytes, at + 2);
    if (!(value <= bytes.length && end <= bytes.length)) return undefined;
    words.push(parameterText(readUint16(bytes, at), bytes.subarray(value, end)));
    at = end;
  }
  return words.join(" ");
}

/** IANA "SvcParamKeys"; what is not known is shown as octets. */
function parameterText(key: number, value: Uint8Array): string {
  switch (key) {
    case 1:
      return `alpn="${listOf(value).map(quoted).join(",")}"`;
    case 2:
      return "no-default-alpn";
    case 3:
      return `port=${readUint16(value, 0)}`;
    case 4:
      return `ipv4hint=${hints(value, 4)}`;
    case 6:
      return `ipv6hint=${hints(value, 16)}`;
    default:
      return `key${key}=${toHex(value.subarray(0, 64))}`;
  }
}

/** Length-prefixed texts one after the other; a last one that is cut is left out. */
function listOf(value: Uint8Array): readonly Uint8Array[] {
  const texts: Uint8Array[] = [];
  for (let at = 0; at < value.length; ) {
    const end = at + 1 + (value[at] ?? 0);
    if (end > value.length) break;
    texts.push(value.subarray(at + 1, end));
    at = end;
  }
  return texts;
}

function hints(value: Uint8Array, size: 4 | 16): string {
  const texts: string[] = [];
  for (let at = 0; at + size <= value.length; at += size) {
    const four = size === 4 ? ipv4FromBytes(value, at) : undefined;
    const six = size === 16 ? ipv6FromBytes(value, at) : undefined;
    if (four !== undefined) texts.push(formatIpv4(four));
    if (six !== undefined) texts.push(six);
  }
  return texts.join(",");
}
