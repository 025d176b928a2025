import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fromHex } from "@passerelle/bytes";
import type { DecodeError, Result } from "@passerelle/result";
import { decodePipe, type PipeAnswer, type SnmpValues } from "../src/index.ts";

export function fixture(name: string): string {
  return readFileSync(join(import.meta.dirname, "fixtures", name), "utf8");
}

export function golden(name: string): Uint8Array {
  const text = readFileSync(join(import.meta.dirname, "golden", name), "utf8");
  const bytes = fromHex(text.replace(/^#.*$/gm, ""));
  if (bytes === undefined || !text.startsWith("# ")) throw new Error(`golden ${name}`);
  return bytes;
}

/** The value of a result that must be one. */
export function value<T>(result: Result<T, DecodeError>): T {
  if (!result.ok) throw new Error(`${result.error.code} at ${result.error.at}`);
  return result.value;
}

/** A record of several commands: "# command", then what came. Refused ones are left out, as a driver does. */
export function pipeAnswers(text: string): ReadonlyMap<string, PipeAnswer> {
  const answers = new Map<string, PipeAnswer>();
  for (const part of text.split(/^# /m).slice(1)) {
    const end = part.indexOf("\n");
    const read = decodePipe(part.slice(end + 1));
    if (read.ok) answers.set(part.slice(0, end), read.value);
  }
  return answers;
}

/** A walk as snmpsim keeps it: "oid|type|value", type 4 text, 4x hexadecimal, else a number. */
export function walk(text: string): SnmpValues {
  const values = new Map<string, number | string | Uint8Array>();
  for (const line of text.split("\n").filter((candidate) => candidate.includes("|"))) {
    const [oid = "", type, said = ""] = line.split("|");
    if (type === "4x") values.set(oid, fromHex(said) ?? new Uint8Array(0));
    else values.set(oid, type === "4" ? said : Number(said));
  }
  return values;
}
