import type { Fault } from "@passerelle/result";
import type { Instant, WallTime } from "@passerelle/time";
import type { LogLine } from "./effect.ts";
import { admit, type Dropped, type Flood, settleFlood } from "./flood.ts";
import { type Category, LINES, type LineCode, type LineForm, type Severity } from "./lines.ts";
import { boundedName, filled, shownName } from "./text.ts";

/** What happened, before it is a sentence. */
export type Note =
  | {
      readonly code: LineCode;
      /** Absent: now. */
      readonly at?: WallTime;
      readonly actor?: string;
      readonly source?: string;
      /** Fills `{what}`; may be a stranger's word. */
      readonly what?: string | { readonly fr: string; readonly en: string };
    }
  /** A daemon said itself what is wrong. */
  | {
      readonly fault: Fault;
      readonly at: WallTime;
      readonly category: Category;
      readonly severity: Severity;
      readonly source?: string;
    };

/** Makes lines of notes, as many as a flood leaves; windows that ended say how many they dropped. */
export function written(
  flood: Flood,
  notes: readonly Note[],
  now: Instant,
): { readonly flood: Flood; readonly lines: readonly LogLine[] } {
  const settled = settleFlood(flood, now);
  const lines = settled.dropped.map(droppedLine);
  let next = settled.flood;
  for (const note of notes) {
    const line = lineOf(note);
    const asked = admit(
      next,
      { code: line.code, source: line.source ?? line.actor, at: line.at },
      now,
    );
    next = asked.flood;
    if (asked.admitted) lines.push(line);
  }
  return { flood: next, lines };
}

function lineOf(note: Note): LogLine {
  if ("fault" in note) {
    const { fault, at, category, severity, source } = note;
    return { at, category, severity, code: fault.code, text: fault.text, ...named({ source }) };
  }
  const { code, at, actor, source, what } = note;
  const form: LineForm = LINES[code];
  const shown = (name: string | undefined): string | undefined =>
    name === undefined ? undefined : shownName(name);
  const values = { actor: shown(actor), source: shown(source) };
  const whatOf = (language: "fr" | "en"): string | undefined =>
    typeof what === "object" ? what[language] : shown(what);
  return {
    ...(at === undefined ? {} : { at }),
    category: form.category,
    severity: form.severity,
    code,
    text: {
      fr: filled(form.text, { ...values, what: whatOf("fr") }).fr,
      en: filled(form.text, { ...values, what: whatOf("en") }).en,
    },
    ...named({ actor, source }),
  };
}

function droppedLine({ code, source, count, at }: Dropped): LogLine {
  const category = code in LINES ? LINES[code as LineCode].category : "system";
  const { severity, text } = LINES.log_shortened;
  return {
    ...(at === undefined ? {} : { at }),
    category,
    severity,
    code: "log_shortened",
    text: filled(text, { what: String(count) }),
    ...named({ source }),
  };
}

function named(names: {
  readonly actor?: string | undefined;
  readonly source?: string | undefined;
}): {
  readonly actor?: string;
  readonly source?: string;
} {
  const { actor, source } = names;
  return {
    ...(actor === undefined ? {} : { actor: boundedName(actor) }),
    ...(source === undefined ? {} : { source: boundedName(source) }),
  };
}
