import { type DecodeError, err, ok, type Result } from "@passerelle/result";
import type { Equipment } from "../model/inventory.ts";
import { known, knownOrNone } from "../model/known.ts";
import type {
  DirectionStatus,
  ErrorCounters,
  LineSnapshot,
  LineState,
  PowerState,
} from "../model/line.ts";
import type { FieldPath, Quality } from "../model/quality.ts";
import { type Mode, readMode } from "../model/standard.ts";
import { countIn, divided, linesOf, numberIn, switchIn } from "../text.ts";
import { type BroadcomSheet, readSheet } from "./sheet.ts";

/**
 * Reads what `xdslctl info --stats` prints (also `adsl info`, `xdsl info`, and `--show`, which has no counters). Bearer 0
 * is the one that carries traffic. Of the blocks of counters "Since Link" counts, where there is one.
 */
export function decodeBroadcomInfo(text: string): Result<LineSnapshot, DecodeError> {
  const lines = linesOf(text);
  if (!lines.ok) return lines;
  const sheet = readSheet(lines.value);
  const rawState = sheet.plain.get("Training Status") ?? sheet.plain.get("Status");
  if (rawState === undefined) return err({ code: "no_state", at: 0 });
  const state = stateOf(rawState);
  const mode = modeOf(sheet);
  const isUp = state === "up";
  return ok({
    state,
    rawState,
    ...known<Pick<LineSnapshot, "uptime" | "tc" | "powerState" | "near" | "far">>({
      uptime: isUp ? sheet.linkSeconds : undefined,
      tc: tcOf(sheet.plain.get("TPS-TC")),
      powerState: powerStateOf(sheet.plain.get("Link Power State")),
      near: countersOf(sheet, 0),
      far: countersOf(sheet, 1),
    }),
    ...mode,
    down: directionOf(sheet, 0),
    up: directionOf(sheet, 1),
    inventory: known<LineSnapshot["inventory"]>({
      far: knownOrNone<Equipment>({
        vendor: sheet.plain.get("ChipSet Vendor Id")?.slice(0, 4).trim() || undefined,
        version: sheet.plain.get("ChipSet VersionNumber"),
      }),
    }),
    quality: qualityOf(sheet),
    raw: {
      plain: Object.fromEntries(sheet.plain),
      pairs: Object.fromEntries(sheet.pairs),
      counters: Object.fromEntries(sheet.counters),
    },
  });
}

function stateOf(word: string): LineState {
  return STATES.find(([pattern]) => pattern.test(word))?.[1] ?? "unknown";
}

/** The driver's words for its states; "G.993 Training" and its like differ by version in what follows. */
const STATES: readonly (readonly [RegExp, LineState])[] = [
  [/^showtime/i, "up"],
  [/handshake|g\.?994/i, "handshake"],
  [/training|started|analysis|exchange|g\.?99[23]/i, "training"],
  [/disabled/i, "disabled"],
  [/^idle|down|no ?signal|^not/i, "no_signal"],
];

function modeOf(sheet: BroadcomSheet): Mode {
  return readMode(`${sheet.plain.get("Mode") ?? ""} ${sheet.plain.get("VDSL2 Profile") ?? ""}`);
}

function tcOf(text: string | undefined): "atm" | "ptm" | undefined {
  if (text === undefined) return undefined;
  if (/ptm/i.test(text)) return "ptm";
  return /atm/i.test(text) ? "atm" : undefined;
}

function powerStateOf(text: string | undefined): PowerState | undefined {
  return POWER_STATES.find((state) => state === text);
}

const POWER_STATES: readonly PowerState[] = ["L0", "L1", "L2", "L3"];

type Side = 0 | 1;

function directionOf(sheet: BroadcomSheet, side: Side): DirectionStatus {
  const of = (name: string): string | undefined => sheet.pairs.get(name)?.[side];
  const trellis = new RegExp(`${side === 0 ? "D" : "U"}\\s*:\\s*(ON|OFF)`).exec(
    sheet.plain.get("Trellis") ?? "",
  )?.[1];
  return known<DirectionStatus>({
    currRate: rateIn(sheet.plain.get("Bearer 0"), side),
    maxRate: rateIn(sheet.plain.get("Max"), side),
    noiseMargin: numberIn(of("SNR (dB)")),
    lineAttenuation: numberIn(of("Attn(dB)")),
    power: numberIn(of("Pwr(dBm)")),
    interleaveDepth: countIn(of("D")),
    // Milliseconds.
    interleaveDelay: divided(numberIn(of("delay")), 1000),
    actInp: numberIn(of("INP")),
    trellis: switchIn(trellis),
    bitswap: of("Bitswap") === undefined ? undefined : !/^0\/0$/.test(of("Bitswap") ?? ""),
  });
}

/** "Upstream rate = 9182 Kbps, Downstream rate = 35363 Kbps" in bit/s. */
function rateIn(text: string | undefined, side: Side): number | undefined {
  const word = side === 0 ? "Downstream" : "Upstream";
  const match = new RegExp(`${word} rate = (\\d{1,9}) Kbps`).exec(text ?? "");
  return match === null ? undefined : Number(match[1]) * 1000;
}

function countersOf(sheet: BroadcomSheet, side: Side): ErrorCounters | undefined {
  const of = (name: string): number | undefined =>
    countIn((sheet.counters.get(name) ?? sheet.pairs.get(name))?.[side]);
  return knownOrNone<ErrorCounters>({
    fecErrors: of("FEC"),
    crcErrors: of("CRC"),
    hecErrors: of("HEC"),
    erroredSecs: of("ES"),
    severelyErroredSecs: of("SES"),
    unavailableSecs: of("UAS"),
    lossOfSignal: of("LOS"),
    lossOfFraming: of("LOF"),
    retransmitted: of("rtx_tx"),
    retransmissionCorrected: of("rtx_c"),
    retransmissionUncorrected: of("rtx_uc"),
  });
}

/** Drivers of VDSL2 print an upstream attenuation of 0.0 that they did not measure. */
function qualityOf(sheet: BroadcomSheet): Partial<Record<FieldPath, Quality>> {
  return numberIn(sheet.pairs.get("Attn(dB)")?.[1]) === 0
    ? { "up.lineAttenuation": "suspect" }
    : {};
}
