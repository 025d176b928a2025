import { ByteWriter } from "@passerelle/bytes";
import { ipv4Bytes, ipv6Bytes } from "@passerelle/net";
import { invariant, unreachable } from "@passerelle/result";
import { EDNS_DO, Flag, MESSAGE_BYTES_MAX, OPCODE_SHIFT, RecordType } from "./codes.ts";
import type { Edns } from "./edns.ts";
import type { DnsHeader, DnsMessage } from "./message.ts";
import { type NameText, parseName } from "./name.ts";
import type { RecordData, ResourceRecord } from "./record.ts";

export interface EncodeOptions {
  /** Octets the receiver takes. Default 65 535. */
  readonly bytesMax?: number;
}

/**
 * Writes a message with compressed names. Where answer or authority do not fit, they are left out and TC
 * is set, so that the asker comes again over TCP and never sees a part of a set (RFC 2181 section 9);
 * additional records are left out without TC.
 */
export function encodeMessage(message: DnsMessage, options: EncodeOptions = {}): Uint8Array {
  const bytesMax = options.bytesMax ?? MESSAGE_BYTES_MAX;
  const full = encodeWhole(message, message.header);
  if (full.length <= bytesMax) return full;
  const lean = encodeWhole({ ...message, additionals: [] }, message.header);
  if (lean.length <= bytesMax) return lean;
  const cut = encodeWhole(
    { ...message, answers: [], authorities: [], additionals: [] },
    { ...message.header, truncated: true },
  );
  invariant(cut.length <= bytesMax, "a question and an OPT fit every receiver");
  return cut;
}

export function headerFlags(header: DnsHeader): number {
  return (
    (header.response ? Flag.QR : 0) |
    ((header.opcode & 0x0f) << OPCODE_SHIFT) |
    (header.authoritative ? Flag.AA : 0) |
    (header.truncated ? Flag.TC : 0) |
    (header.recursionDesired ? Flag.RD : 0) |
    (header.recursionAvailable ? Flag.RA : 0) |
    (header.authenticData ? Flag.AD : 0) |
    (header.checkingDisabled ? Flag.CD : 0) |
    (header.rcode & 0x0f)
  );
}

function encodeWhole(message: DnsMessage, header: DnsHeader): Uint8Array {
  const out = new MessageWriter();
  const { writer } = out;
  writer.uint16(header.id).uint16(headerFlags(header));
  writer.uint16(message.questions.length).uint16(message.answers.length);
  writer.uint16(message.authorities.length);
  writer.uint16(message.additionals.length + (message.edns === undefined ? 0 : 1));
  for (const question of message.questions) {
    out.name(question.name);
    writer.uint16(question.type).uint16(question.class);
  }
  for (const record of message.answers) putRecord(out, record);
  for (const record of message.authorities) putRecord(out, record);
  for (const record of message.additionals) putRecord(out, record);
  if (message.edns !== undefined) putEdns(writer, message.edns);
  return writer.finish();
}

function putRecord(out: MessageWriter, record: ResourceRecord): void {
  const { writer } = out;
  out.name(record.name);
  writer.uint16(record.type).uint16(record.class).uint32(record.ttlSeconds);
  const lengthAt = writer.length;
  writer.uint16(0);
  putRdata(out, record.type, record.data);
  const length = writer.length - lengthAt - 2;
  invariant(length <= 0xffff, "RDATA fits its length field");
  writer.setUint16(lengthAt, length);
}

function putRdata(out: MessageWriter, type: number, data: RecordData): void {
  const { writer } = out;
  switch (data.kind) {
    case "a":
      writer.put(ipv4Bytes(data.address));
      return;
    case "aaaa":
      writer.put(ipv6Bytes(data.address));
      return;
    case "name":
      // RFC 3597 section 4: names are compressed in the RDATA of RFC 1035's types only.
      out.name(data.target, type !== RecordType.DNAME);
      return;
    case "soa":
      out.name(data.mname);
      out.name(data.rname);
      writer.uint32(data.serial).uint32(data.refresh).uint32(data.retry);
      writer.uint32(data.expire).uint32(data.minimum);
      return;
    case "mx":
      writer.uint16(data.preference);
      out.name(data.exchange);
      return;
    case "txt":
      for (const text of data.strings) {
        invariant(text.length <= 255, "a character string has at most 255 octets");
        writer.uint8(text.length).put(text);
      }
      return;
    case "srv":
      writer.uint16(data.priority).uint16(data.weight).uint16(data.port);
      out.name(data.target, false);
      return;
    case "raw":
      writer.put(data.bytes);
      return;
    default:
      unreachable(data);
  }
}

function putEdns(writer: ByteWriter, edns: Edns): void {
  writer.uint8(0).uint16(RecordType.OPT).uint16(edns.udpBytes);
  writer.uint8(edns.extendedRcode).uint8(edns.version);
  writer.uint16((edns.flags & ~EDNS_DO) | (edns.dnssecOk ? EDNS_DO : 0));
  const lengthAt = writer.length;
  writer.uint16(0);
  for (const option of edns.options) {
    writer.uint16(option.code).uint16(option.data.length).put(option.data);
  }
  writer.setUint16(lengthAt, writer.length - lengthAt - 2);
}

/** Writes names, each suffix once; later ones point back to it. Case is significant, so that it is kept. */
class MessageWriter {
  readonly writer = new ByteWriter(512);
  readonly #suffixes = new Map<string, number>();

  name(text: NameText, compress = true): void {
    const wire = parseName(text);
    invariant(wire !== undefined, "a name of ours is well formed");
    for (let at = 0; (wire[at] ?? 0) !== 0; at += 1 + (wire[at] ?? 0)) {
      const key = suffixKey(wire, at);
      const known = this.#suffixes.get(key);
      if (compress && known !== undefined) {
        this.writer.uint16(0xc000 | known);
        return;
      }
      // Pointers have 14 bits.
      if (known === undefined && this.writer.length < 0x4000) {
        this.#suffixes.set(key, this.writer.length);
      }
      this.writer.put(wire.subarray(at, at + 1 + (wire[at] ?? 0)));
    }
    this.writer.uint8(0);
  }
}

function suffixKey(wire: Uint8Array, at: number): string {
  let key = "";
  for (let i = at; i < wire.length; i += 1) key += String.fromCharCode(wire[i] ?? 0);
  return key;
}
