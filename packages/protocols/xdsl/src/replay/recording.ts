import { type DecodeError, err, ok, type Result } from "@passerelle/result";
import { isObject, numberAt, readJsonObject, textAt } from "../json.ts";
import { LINE_STATES, type LineSnapshot, type LineState } from "../model/line.ts";
import type { LineSpectrum } from "../model/spectrum.ts";
import { isLineSnapshot, isLineSpectrum } from "./shapes.ts";

/**
 * A line as it was recorded, or made up by `simulateLine`: what a driver said, and when. As text it is JSON lines, the
 * first of them the head, so that a recording can be cut, joined and read by a person.
 */
export interface Recording {
  /** What this is a recording of, for people. */
  readonly about: string;
  readonly entries: readonly RecordingEntry[];
}

export type RecordingEntry = {
  /** Seconds since the recording began. */
  readonly at: number;
} & (
  | { readonly kind: "snapshot"; readonly snapshot: LineSnapshot }
  | { readonly kind: "spectrum"; readonly spectrum: LineSpectrum }
  | { readonly kind: "state"; readonly state: LineState; readonly rawState: string }
);

export function writeRecording(recording: Recording): string {
  const head = { format: FORMAT, version: VERSION, about: recording.about };
  return `${[head, ...recording.entries].map((line) => JSON.stringify(line)).join("\n")}\n`;
}

/** Codes: `recording_head`, `recording_version`, `recording_entry`, `recording_order`; `at` is where the line begins. */
export function readRecording(text: string): Result<Recording, DecodeError> {
  if (text.length > LENGTH_MAX) return err({ code: "recording_too_long", at: LENGTH_MAX });
  const entries: RecordingEntry[] = [];
  let about: string | undefined;
  let offset = 0;
  for (const line of text.split("\n")) {
    const at = offset;
    offset += line.length + 1;
    if (line.trim() === "") continue;
    const read = readJsonObject(line);
    if (!read.ok) return err({ code: "recording_entry", at });
    if (about === undefined) {
      if (read.value.format !== FORMAT) return err({ code: "recording_head", at });
      if (read.value.version !== VERSION) return err({ code: "recording_version", at });
      about = textAt(read.value, "about") ?? "";
      continue;
    }
    const entry = entryOf(read.value);
    if (entry === undefined) return err({ code: "recording_entry", at });
    if (entry.at < (entries.at(-1)?.at ?? 0)) return err({ code: "recording_order", at });
    if (entries.length >= ENTRIES_MAX) return err({ code: "recording_too_long", at });
    entries.push(entry);
  }
  return about === undefined ? err({ code: "recording_head", at: 0 }) : ok({ about, entries });
}

const FORMAT = "passerelle-line-recording";
const VERSION = 1;
const LENGTH_MAX = 64 * 1024 * 1024;
const ENTRIES_MAX = 200_000;

function entryOf(value: unknown): RecordingEntry | undefined {
  if (!isObject(value)) return undefined;
  const at = numberAt(value, "at");
  if (at === undefined || at < 0) return undefined;
  if (value.kind === "state") {
    const state = LINE_STATES.find((known) => known === value.state);
    const rawState = textAt(value, "rawState") ?? "";
    return state === undefined ? undefined : { at, kind: "state", state, rawState };
  }
  const { snapshot, spectrum } = value;
  if (value.kind === "snapshot" && isLineSnapshot(snapshot)) {
    return { at, kind: "snapshot", snapshot };
  }
  if (value.kind === "spectrum" && isLineSpectrum(spectrum)) {
    return { at, kind: "spectrum", spectrum };
  }
  return undefined;
}
