import { type DecodeError, err, ok, type Result } from "@passerelle/result";
import type { Equipment } from "../model/inventory.ts";
import { known, knownOrNone } from "../model/known.ts";
import type {
  BandStatus,
  DirectionStatus,
  ErrorCounters,
  LineCounts,
  LineSnapshot,
  LineState,
} from "../model/line.ts";
import type { FieldPath, Quality } from "../model/quality.ts";
import { readMode } from "../model/standard.ts";
import { countIn, divided, linesOf, numberIn, scaled, switchIn } from "../text.ts";

/** Reads `show controllers vdsl` of IOS XE: what a router says of a DSL SFP (Metanoia, Reteck) or of its own modem. */
export function decodeCiscoControllers(text: string): Result<LineSnapshot, DecodeError> {
  const lines = linesOf(text);
  if (!lines.ok) return lines;
  const rows = readRows(lines.value);
  const rawState = rows.get("Modem Status")?.[0];
  if (rawState === undefined) return err({ code: "no_state", at: 0 });
  const state = stateOf(rawState);
  const isUp = state === "up";
  const down = directionOf(rows, 0);
  const up = directionOf(rows, 1);
  return ok({
    state,
    rawState,
    ...known<Pick<LineSnapshot, "tc" | "near" | "far" | "counts">>({
      tc: TC.get(rows.get("TC Mode")?.[0] ?? ""),
      near: countersOf(rows, 0),
      far: countersOf(rows, 1),
      counts: knownOrNone<LineCounts>({
        failedFullInits: countIn(rows.get("Failed full inits")?.[0]),
        shortInits: countIn(rows.get("Short inits")?.[0]),
        failedShortInits: countIn(rows.get("Failed short inits")?.[0]),
      }),
    }),
    ...readMode(rows.get("Trained Mode")?.[0] ?? ""),
    down: isUp ? down : {},
    up: isUp ? up : {},
    inventory: known<LineSnapshot["inventory"]>({
      near: equipmentOf(rows, 0, "Near"),
      far: equipmentOf(rows, 1, "Far"),
    }),
    quality: isUp ? { ...zerosOf("down", down), ...zerosOf("up", up) } : {},
    raw: Object.fromEntries(rows),
  });
}

const TC: ReadonlyMap<string, "atm" | "ptm"> = new Map([
  ["ATM", "atm"],
  ["PTM", "ptm"],
]);

type Rows = ReadonlyMap<string, readonly string[]>;

/** "Name: cell cell …", cells apart by tabs or by at least two blanks. What is said first of a name stays. */
function readRows(lines: readonly string[]): Rows {
  const rows = new Map<string, readonly string[]>();
  for (const line of lines) {
    const match = /^([A-Za-z][A-Za-z .()/-]{0,40}?)\s{0,8}:(.*)$/.exec(line);
    const name = match?.[1]?.replace(/\s+/g, " ") ?? "";
    if (match === null || rows.has(name) || rows.size >= ROWS_MAX) continue;
    const cells = (match[2] ?? "").split(/\t+|\s{2,}/).map((cell) => cell.trim());
    rows.set(
      name,
      cells.filter((cell) => cell !== ""),
    );
  }
  return rows;
}

const ROWS_MAX = 256;

function stateOf(word: string): LineState {
  return STATES.find(([pattern]) => pattern.test(word))?.[1] ?? "unknown";
}

const STATES: readonly (readonly [RegExp, LineState])[] = [
  [/tc sync/i, "up"],
  [/showtime/i, "showtime_no_tc"],
  [/handshake|g\.?994/i, "handshake"],
  [/train|discovery|analysis|exchange|init/i, "training"],
  [/idle|silent|down|no signal/i, "no_signal"],
];

/** Column 0 is the XTU-R with the downstream, 1 the XTU-C with the upstream. */
type Side = 0 | 1;

function directionOf(rows: Rows, side: Side): DirectionStatus {
  const of = (name: string): string | undefined => rows.get(name)?.[side];
  const bands = bandsOf(rows, side === 0 ? "D" : "U");
  return known<DirectionStatus>({
    currRate: scaled(numberIn(channelOf(rows, "Speed (kbps)", side)), 1000),
    // 0 where the line was not up before.
    previousRate: scaled(numberIn(channelOf(rows, "Previous Speed", side)) || undefined, 1000),
    maxRate: scaled(numberIn(of("Attainable Rate")), 1000),
    noiseMargin: numberIn(of("Noise Margin")),
    lineAttenuation: numberIn(of("Line Attenuation")),
    signalAttenuation: numberIn(of("Signal Attenuation")),
    power: numberIn(of("Actual Power")),
    interleaveDelay: divided(numberIn(channelOf(rows, "Interleave (ms)", side)), 1000),
    actInp: numberIn(channelOf(rows, "Actual INP", side)),
    trellis: switchIn(of("Trellis")),
    sra: switchIn(of("SRA")),
    bitswap: switchIn(of("Bit swap")),
    bands: bands.length === 0 ? undefined : bands,
  });
}

/** Four cells: downstream channel 1 and 0, upstream channel 1 and 0. Channel 0 carries; the other one stands in for it. */
function channelOf(rows: Rows, name: string, side: Side): string | undefined {
  const cells = rows.get(name) ?? [];
  const zero = cells[side * 2 + 1];
  return zero === undefined || zero === "NA" ? cells[side * 2] : zero;
}

function bandsOf(rows: Rows, letter: "D" | "U"): readonly BandStatus[] {
  const names = rows.get("Per Band Status") ?? [];
  return names.slice(0, BANDS_MAX).flatMap((name, index): readonly BandStatus[] => {
    if (!name.startsWith(letter)) return [];
    const of = (row: string): number | undefined => numberIn(rows.get(row)?.[index]);
    const band = knownOrNone<Omit<BandStatus, "band">>({
      noiseMargin: of("Noise Margin(dB)"),
      lineAttenuation: of("Line Attenuation(dB)"),
      signalAttenuation: of("Signal Attenuation(dB)"),
    });
    return band === undefined ? [] : [{ band: name, ...band }];
  });
}

const BANDS_MAX = 16;

function countersOf(rows: Rows, side: Side): ErrorCounters | undefined {
  const of = (name: string): number | undefined => countIn(rows.get(`Total ${name}`)?.[side]);
  return knownOrNone<ErrorCounters>({
    fecErrors: of("FECC"),
    erroredSecs: of("ES"),
    severelyErroredSecs: of("SES"),
    lossOfSignalSecs: of("LOSS"),
    lossOfFramingSecs: of("LOFS"),
    unavailableSecs: of("UAS"),
    crcErrors: countIn(channelOf(rows, "CRC Errors", side)),
    hecErrors: countIn(channelOf(rows, "Header Errors", side)),
  });
}

function equipmentOf(rows: Rows, side: Side, end: "Near" | "Far"): Equipment | undefined {
  const vendor = rows.get("Chip Vendor ID")?.[side]?.replace(/'/g, "").trim();
  return knownOrNone<Equipment>({
    vendor: vendor === "" ? undefined : vendor,
    serial: rows.get(`Serial Number ${end}`)?.[0],
    version: rows.get(`Modem Version ${end}`)?.[0],
  });
}

/** A rate or a power of exactly 0 in showtime was not measured but filled in. */
function zerosOf(
  name: "down" | "up",
  direction: DirectionStatus,
): Partial<Record<FieldPath, Quality>> {
  const quality: Partial<Record<FieldPath, Quality>> = {};
  for (const field of ["maxRate", "power", "lineAttenuation", "signalAttenuation"] as const) {
    if (direction[field] === 0) quality[`${name}.${field}`] = "suspect";
  }
  return quality;
}
