import { type DecodeError, err, ok, type Result } from "@passerelle/result";
import { Flag, HEADER_BYTES, OPCODE_SHIFT } from "./codes.ts";
import { decodeEdns, type Edns } from "./edns.ts";
import { decodeName, formatName, type NameText } from "./name.ts";
import { decodeRdata } from "./rdata.ts";
import type { Question, ResourceRecord } from "./record.ts";
import { type MessageScan, type RecordPlace, readTtl, readUint16, scanMessage } from "./wire.ts";

export interface DnsHeader {
  readonly id: number;
  readonly response: boolean;
  readonly opcode: number;
  readonly authoritative: boolean;
  readonly truncated: boolean;
  readonly recursionDesired: boolean;
  readonly recursionAvailable: boolean;
  readonly authenticData: boolean;
  readonly checkingDisabled: boolean;
  /** The four bits of the header; with EDNS the upper ones are `edns.extendedRcode`. */
  readonly rcode: number;
}

export interface DnsMessage {
  readonly header: DnsHeader;
  readonly questions: readonly Question[];
  readonly answers: readonly ResourceRecord[];
  readonly authorities: readonly ResourceRecord[];
  /** Without OPT, which is `edns`. */
  readonly additionals: readonly ResourceRecord[];
  readonly edns?: Edns;
}

/** Reads a whole message; anything that is not exactly one message is an error with its offset. */
export function decodeMessage(bytes: Uint8Array): Result<DnsMessage, DecodeError> {
  const scanned = scanMessage(bytes);
  if (!scanned.ok) return scanned;
  const scan = scanned.value;
  const questions = decodeQuestions(bytes, scan);
  if (!questions.ok) return questions;
  const sections = {
    answer: [] as ResourceRecord[],
    authority: [] as ResourceRecord[],
    additional: [] as ResourceRecord[],
  };
  for (const place of scan.records) {
    if (place === scan.opt) continue;
    const record = decodeRecord(bytes, place);
    if (!record.ok) return record;
    sections[place.section].push(record.value);
  }
  const message: DnsMessage = {
    header: decodeHeader(bytes),
    questions: questions.value,
    answers: sections.answer,
    authorities: sections.authority,
    additionals: sections.additional,
  };
  if (scan.opt === undefined) return ok(message);
  const edns = decodeEdns(bytes, scan.opt);
  return edns.ok ? ok({ ...message, edns: edns.value }) : edns;
}

export function decodeHeader(bytes: Uint8Array): DnsHeader {
  const flags = readUint16(bytes, 2);
  return {
    id: readUint16(bytes, 0),
    response: (flags & Flag.QR) !== 0,
    opcode: (flags >>> OPCODE_SHIFT) & 0x0f,
    authoritative: (flags & Flag.AA) !== 0,
    truncated: (flags & Flag.TC) !== 0,
    recursionDesired: (flags & Flag.RD) !== 0,
    recursionAvailable: (flags & Flag.RA) !== 0,
    authenticData: (flags & Flag.AD) !== 0,
    checkingDisabled: (flags & Flag.CD) !== 0,
    rcode: flags & 0x0f,
  };
}

export function decodeRecord(
  bytes: Uint8Array,
  place: RecordPlace,
): Result<ResourceRecord, DecodeError> {
  const name = nameAt(bytes, place.nameAt);
  if (!name.ok) return name;
  const data = decodeRdata(bytes, place);
  if (!data.ok) return data;
  return ok({
    name: name.value.text,
    type: place.type,
    class: place.class,
    ttlSeconds: readTtl(bytes, place.ttlAt),
    data: data.value,
  });
}

function decodeQuestions(bytes: Uint8Array, scan: MessageScan): Result<Question[], DecodeError> {
  const questions: Question[] = [];
  let at = HEADER_BYTES;
  for (let i = 0; i < scan.questionCount; i += 1) {
    const name = nameAt(bytes, at);
    if (!name.ok) return name;
    at = name.value.next;
    questions.push({
      name: name.value.text,
      type: readUint16(bytes, at),
      class: readUint16(bytes, at + 2),
    });
    at += 4;
  }
  return ok(questions);
}

function nameAt(
  bytes: Uint8Array,
  at: number,
): Result<{ text: NameText; next: number }, DecodeError> {
  const name = decodeName(bytes, at);
  if (!name.ok) return err(name.error);
  return ok({ text: formatName(name.value.wire), next: name.value.next });
}
