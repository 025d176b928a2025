import type { WanDsl } from "@passerelle/contract";
import { plainName, shorten } from "./plain-name.ts";

type Fault = Extract<WanDsl, { kind: "unreachable" }>["fault"];
export type DslLine = Extract<WanDsl, { kind: "line" }>;
type Direction = DslLine["down"];

/** How the line is, in the one sentence that a person reads first. */
export interface DslSaying {
  readonly status: "ok" | "working" | "warning" | "fault";
  /** "unknown": a modem that is silent does not say that its line is broken. */
  readonly word: "ok" | "working" | "frail" | "broken" | "unknown";
  readonly sentence:
    | { readonly kind: "up"; readonly down: number; readonly up: number }
    | { readonly kind: "up_plain" }
    | { readonly kind: "low_margin"; readonly margin: number }
    | { readonly kind: "asking" | "handshake" | "training" | "checking" | "resync" | "unknown" }
    /** The sentence of whoever knows. */
    | { readonly kind: "fault"; readonly fault: Fault }
    | { readonly kind: "no_signal" | "disabled" | "error" };
  readonly since: number;
  /** What helps, or how long it takes. */
  readonly next: Fault["next"];
}

/** Noise comes and goes by some dB: with less than this in reserve a line may not last the evening. */
const MARGIN_LOW = 3;

/** Undefined where there is no modem to speak of. */
export function dslSaying(dsl: WanDsl): DslSaying | undefined {
  switch (dsl.kind) {
    case "none":
      return undefined;
    case "asking":
      return {
        ...{ status: "working", word: "working" },
        sentence: { kind: "asking" },
        since: dsl.since,
        next: undefined,
      };
    case "unreachable": {
      const { fault, since } = dsl;
      const sentence = { kind: "fault", fault } as const;
      return { status: "fault", word: "unknown", sentence, since, next: fault.next };
    }
    case "line": {
      const { since, fault } = dsl;
      const saying = sayingOfLine(dsl);
      return { word: WORDS[saying.status], ...saying, since, next: fault?.next };
    }
  }
}

const WORDS = { ok: "ok", working: "working", warning: "frail", fault: "broken" } as const;

function sayingOfLine(
  line: DslLine,
): Pick<DslSaying, "status" | "sentence"> & Partial<Pick<DslSaying, "word">> {
  const { state, fault } = line;
  switch (state) {
    case "up":
      return sayingOfUp(line);
    case "resync":
      return { status: "warning", sentence: { kind: "resync" } };
    case "handshake":
    case "training":
      return { status: "working", sentence: { kind: state } };
    case "showtime_no_tc":
      return { status: "working", sentence: { kind: "checking" } };
    case "no_signal":
    case "disabled":
    case "error":
      return {
        status: "fault",
        sentence: fault === undefined ? { kind: state } : { kind: "fault", fault },
      };
    case "unknown":
      return { status: "warning", word: "unknown", sentence: { kind: "unknown" } };
  }
}

function sayingOfUp(line: DslLine): Pick<DslSaying, "status" | "sentence"> {
  const margin = leastMargin(line);
  if (margin !== undefined && margin < MARGIN_LOW) {
    return { status: "warning", sentence: { kind: "low_margin", margin } };
  }
  const { currRate: down } = line.down;
  const { currRate: up } = line.up;
  const isKnown = down !== undefined && up !== undefined;
  return { status: "ok", sentence: isKnown ? { kind: "up", down, up } : { kind: "up_plain" } };
}

/** Nobody is warned for a value that modems of this kind get wrong. */
function leastMargin({ down, up, quality }: DslLine): number | undefined {
  const known = [
    quality["down.noiseMargin"] === "suspect" ? undefined : down.noiseMargin,
    quality["up.noiseMargin"] === "suspect" ? undefined : up.noiseMargin,
  ].filter((margin) => margin !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

type DslUnit = "rate" | "decibels" | "dbm" | "seconds" | "symbols" | "count";

/** "derived": computed from other values; "suspect": modems of this kind get it wrong. */
type DslMark = "derived" | "suspect" | undefined;

export type DslCell =
  | {
      readonly kind: "number";
      readonly value: number;
      readonly unit: DslUnit;
      readonly mark: DslMark;
    }
  | { readonly kind: "on" | "off"; readonly mark: DslMark }
  | {
      readonly kind: "vectoring";
      readonly value: "off" | "friendly" | "full";
      readonly mark: DslMark;
    };

export interface DslRow {
  readonly name: DslRowName;
  /** Undefined: the modem does not say. */
  readonly down: DslCell | undefined;
  readonly up: DslCell | undefined;
}

const ROWS = [
  ["currRate", "rate"],
  ["maxRate", "rate"],
  ["noiseMargin", "decibels"],
  ["lineAttenuation", "decibels"],
  ["power", "dbm"],
  ["interleaveDelay", "seconds"],
  ["actInp", "symbols"],
  ["retransmission", "switch"],
  ["vectoring", "vectoring"],
] as const satisfies readonly (readonly [keyof Direction, DslUnit | "switch" | "vectoring"])[];

/** For who knows the words. */
const MORE_ROWS = [
  ["signalAttenuation", "decibels"],
  ["previousRate", "rate"],
  ["interleaveDepth", "count"],
  ["trellis", "switch"],
  ["bitswap", "switch"],
  ["sra", "switch"],
] as const satisfies readonly (readonly [keyof Direction, DslUnit | "switch"])[];

/** Counted by the modem of what comes down, by the operator's end of what goes up. */
const COUNTED = ["crcErrors", "fecErrors"] as const;

type MeasuredName = (typeof ROWS)[number][0] | (typeof MORE_ROWS)[number][0];
type DslRowName = MeasuredName | (typeof COUNTED)[number];

/** What a modem says of both directions side by side; a row that it knows nothing of is left out. */
export function dslRows(line: DslLine): readonly DslRow[] {
  return rowsOf(line, ROWS);
}

export function moreDslRows(line: DslLine): readonly DslRow[] {
  const counted = COUNTED.map((name) => ({
    name,
    down: cellOf(line.near?.[name], "count", markOf(line, `near.${name}`)),
    up: cellOf(line.far?.[name], "count", markOf(line, `far.${name}`)),
  }));
  return [...rowsOf(line, MORE_ROWS), ...counted.filter(isSaid)];
}

function rowsOf(
  line: DslLine,
  rows: readonly (readonly [MeasuredName, DslUnit | "switch" | "vectoring"])[],
): readonly DslRow[] {
  return rows
    .map(([name, unit]) => ({
      name,
      down: cellOf(line.down[name], unit, markOf(line, `down.${name}`)),
      up: cellOf(line.up[name], unit, markOf(line, `up.${name}`)),
    }))
    .filter(isSaid);
}

function isSaid({ down, up }: DslRow): boolean {
  return down !== undefined || up !== undefined;
}

function cellOf(
  value: Direction[MeasuredName],
  unit: DslUnit | "switch" | "vectoring",
  mark: DslMark,
): DslCell | undefined {
  if (typeof value === "boolean") return { kind: value ? "on" : "off", mark };
  if (typeof value === "string") return { kind: "vectoring", value, mark };
  // Zero is measured, absent is not; a number that is none is neither.
  if (value === undefined || !Number.isFinite(value)) return undefined;
  if (unit === "switch" || unit === "vectoring") return undefined;
  return { kind: "number", value, unit, mark };
}

function markOf({ quality }: DslLine, path: string): DslMark {
  const said = Object.hasOwn(quality, path) ? quality[path] : undefined;
  return said === "derived" || said === "suspect" ? said : undefined;
}

/** Which marks stand somewhere in the rows: only these are explained. */
export function marksIn(rows: readonly DslRow[]): readonly NonNullable<DslMark>[] {
  const found = new Set(rows.flatMap(({ down, up }) => [down?.mark, up?.mark]));
  return (["derived", "suspect"] as const).filter((mark) => found.has(mark));
}

/** One band of VDSL2 as both directions name it: D1, U1… */
export interface DslBand {
  readonly band: string;
  readonly noiseMargin: number | undefined;
  readonly lineAttenuation: number | undefined;
}

export function dslBands({ down, up }: DslLine): readonly DslBand[] {
  return [...(down.bands ?? []), ...(up.bands ?? [])]
    .slice(0, BANDS_MAX)
    .map(({ band, noiseMargin, lineAttenuation }) => ({
      band: short(band),
      noiseMargin,
      lineAttenuation,
    }));
}

/** U0 to U4 and D1 to D4. */
const BANDS_MAX = 9;

/** What the line speaks, by the names that people read on offers: "VDSL2", "17a", "B". */
interface DslMode {
  readonly standard: string | undefined;
  readonly profile: string | undefined;
  readonly annex: string | undefined;
}

export function dslMode({ standard, profile, annex }: DslLine): DslMode {
  return {
    standard: standard === undefined ? undefined : (nameOf(standard) ?? short(standard)),
    profile: profile === undefined ? undefined : short(profile),
    annex: annex === undefined ? undefined : short(annex),
  };
}

/** A word of the standards has a few letters; what is longer is none. */
function short(text: string): string {
  return shorten(plainName(text), WORD_MAX);
}

const WORD_MAX = 16;

function nameOf(standard: string): string | undefined {
  return Object.hasOwn(STANDARDS, standard) ? STANDARDS[standard] : undefined;
}

const STANDARDS: Readonly<Record<string, string>> = {
  "T1.413": "ADSL (T1.413)",
  "G.992.1": "ADSL",
  "G.992.2": "ADSL Lite",
  "G.992.3": "ADSL2",
  "G.992.4": "ADSL2 Lite",
  "G.992.5": "ADSL2+",
  "G.993.1": "VDSL",
  "G.993.2": "VDSL2",
  "G.9701": "G.fast",
};
