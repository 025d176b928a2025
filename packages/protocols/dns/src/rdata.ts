import { ByteReader } from "@passerelle/bytes";
import { ipv4FromBytes, ipv6FromBytes } from "@passerelle/net";
import { type DecodeError, err, ok, type Result } from "@passerelle/result";
import { RecordClass, RecordType } from "./codes.ts";
import { decodeName, formatName, type NameText } from "./name.ts";
import type { RecordData } from "./record.ts";
import type { RecordPlace } from "./wire.ts";

/** Reads the RDATA of a record; names in it may point back into the message. */
export function decodeRdata(
  bytes: Uint8Array,
  place: RecordPlace,
): Result<RecordData, DecodeError> {
  const at = place.rdataAt;
  const end = at + place.rdataLength;
  // A dynamic update may carry known types without data (RFC 2136 section 2.4); other classes mean other formats.
  if (place.class !== RecordClass.IN || place.rdataLength === 0) {
    return ok({ kind: "raw", bytes: bytes.slice(at, end) });
  }
  const fields = new Fields(bytes, at, end);
  const data = decodeKnown(place.type, fields, place.rdataLength);
  if (data === undefined) return ok({ kind: "raw", bytes: bytes.slice(at, end) });
  if (fields.fault !== undefined) return err(fields.fault);
  if (fields.at !== end) return err({ code: "rdata_length", at: fields.at });
  return ok(data);
}

function decodeKnown(type: number, f: Fields, length: number): RecordData | undefined {
  switch (type) {
    case RecordType.A:
      return f.address4();
    case RecordType.AAAA:
      return f.address6();
    case RecordType.NS:
    case RecordType.CNAME:
    case RecordType.PTR:
    case RecordType.DNAME:
      return { kind: "name", target: f.name() };
    case RecordType.SOA:
      return {
        kind: "soa",
        mname: f.name(),
        rname: f.name(),
        serial: f.uint32(),
        refresh: f.uint32(),
        retry: f.uint32(),
        expire: f.uint32(),
        minimum: f.uint32(),
      };
    case RecordType.MX:
      return { kind: "mx", preference: f.uint16(), exchange: f.name() };
    case RecordType.TXT:
      return { kind: "txt", strings: f.strings(length) };
    case RecordType.SRV:
      return {
        kind: "srv",
        priority: f.uint16(),
        weight: f.uint16(),
        port: f.uint16(),
        target: f.name(),
      };
    default:
      return undefined;
  }
}

/** Reads fields of one RDATA and remembers the first fault. */
class Fields {
  fault: DecodeError | undefined;
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #at: number;

  constructor(bytes: Uint8Array, at: number, end: number) {
    this.#bytes = bytes;
    this.#at = at;
    this.#end = end;
  }

  get at(): number {
    return this.#at;
  }

  name(): NameText {
    if (this.fault !== undefined) return ".";
    const name = decodeName(this.#bytes, this.#at, this.#end);
    if (!name.ok) {
      this.fault = name.error;
      return ".";
    }
    this.#at = name.value.next;
    return formatName(name.value.wire);
  }

  uint16(): number {
    return this.#number(2);
  }

  uint32(): number {
    return this.#number(4);
  }

  address4(): RecordData {
    const address = this.#room(4) ? ipv4FromBytes(this.#bytes, this.#at) : undefined;
    this.#at += 4;
    return address === undefined ? NOTHING : { kind: "a", address };
  }

  address6(): RecordData {
    const address = this.#room(16) ? ipv6FromBytes(this.#bytes, this.#at) : undefined;
    this.#at += 16;
    return address === undefined ? NOTHING : { kind: "aaaa", address };
  }

  strings(length: number): Uint8Array[] {
    const strings: Uint8Array[] = [];
    const end = this.#at + length;
    while (this.#at < end) {
      const size = this.#bytes[this.#at] ?? 0;
      if (!this.#room(1 + size)) break;
      strings.push(this.#bytes.slice(this.#at + 1, this.#at + 1 + size));
      this.#at += 1 + size;
    }
    return strings;
  }

  #number(octets: 2 | 4): number {
    if (!this.#room(octets)) return 0;
    const reader = new ByteReader(this.#bytes, this.#at, this.#end);
    this.#at += octets;
    return octets === 2 ? reader.uint16() : reader.uint32();
  }

  #room(octets: number): boolean {
    if (this.fault === undefined && this.#at + octets <= this.#end) return true;
    this.fault ??= { code: "rdata_truncated", at: this.#at };
    return false;
  }
}

const NOTHING: RecordData = { kind: "raw", bytes: new Uint8Array(0) };
