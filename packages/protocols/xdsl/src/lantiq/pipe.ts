import { type DecodeError, err, ok, type Result } from "@passerelle/result";
import { TEXT_LENGTH_MAX } from "../text.ts";

/** The fields of one answer of the control daemon's pipe, by their name; a list is the text between its quotes. */
export type PipeAnswer = ReadonlyMap<string, string>;

/**
 * Reads `nReturn=0 key=value …`. Values with blanks stand in quotes and may run over lines. Codes: `pipe_refused`
 * where the daemon says that it could not (a negative `nReturn`), `pipe_truncated` for a quote that nobody closes,
 * `no_return` where this is no answer at all.
 */
export function decodePipe(text: string): Result<PipeAnswer, DecodeError> {
  if (text.length > TEXT_LENGTH_MAX) return err({ code: "text_too_long", at: TEXT_LENGTH_MAX });
  const answer = new Map<string, string>();
  for (const match of text.matchAll(FIELD)) {
    const [, name, quoted, open, bare] = match;
    if (name === undefined) continue;
    if (open !== undefined) return err({ code: "pipe_truncated", at: match.index });
    if (answer.size >= FIELDS_MAX) return err({ code: "pipe_too_many_fields", at: match.index });
    answer.set(name, quoted?.trim() ?? bare ?? "");
  }
  const code = answer.get("nReturn");
  if (code === undefined) return err({ code: "no_return", at: 0 });
  return Number(code) < 0 ? err({ code: "pipe_refused", at: 0 }) : ok(answer);
}

/** A whole number in decimal digits; undefined where the field is missing or says something else. */
export function pipeNumber(answer: PipeAnswer | undefined, name: string): number | undefined {
  const text = answer?.get(name) ?? "";
  return /^-?\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** A number in hexadecimal digits, with or without 0x. */
export function pipeHexadecimal(answer: PipeAnswer | undefined, name: string): number | undefined {
  const text = answer?.get(name)?.replace(/^0x/i, "") ?? "";
  return /^[0-9a-f]{1,8}$/i.test(text) ? Number.parseInt(text, 16) : undefined;
}

/** "(b5,00,42,…)": octets in hexadecimal. */
export function pipeOctets(answer: PipeAnswer | undefined, name: string): readonly number[] {
  const inner = /^\(([0-9a-fA-F,\s]*)\)$/.exec(answer?.get(name) ?? "")?.[1] ?? "";
  const items = inner === "" ? [] : inner.split(",").map((item) => Number.parseInt(item, 16));
  return items.every((octet) => octet >= 0 && octet <= 0xff) ? items : [];
}

/** name="in quotes" | name="that nobody closes | name=bare. A name may carry an index: SNR[0]. */
const FIELD =
  /([A-Za-z_]\w{0,60}(?:\[\d{1,2}\])?)=(?:"([^"]*)"|"([^"]*)$|(\([^)\n]{0,400}\)|[^\s"]*))/g;
const FIELDS_MAX = 1024;
