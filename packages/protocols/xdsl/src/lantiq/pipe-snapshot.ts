import { type DecodeError, err, ok, type Result } from "@passerelle/result";
import { type Equipment, type Inventory, readVendorId } from "../model/inventory.ts";
import { known, knownOrNone } from "../model/known.ts";
import type {
  BandStatus,
  DirectionStatus,
  ErrorCounters,
  LineSnapshot,
  Vectoring,
} from "../model/line.ts";
import type { FieldPath, Quality } from "../model/quality.ts";
import { type Mode, PROFILES } from "../model/standard.ts";
import { divided, tenths } from "../text.ts";
import { type PipeAnswer, pipeHexadecimal, pipeNumber, pipeOctets } from "./pipe.ts";
import { stateOfPipe } from "./states.ts";
import { modeOfXtse } from "./xtse.ts";

/**
 * The answers that make up one look at a line, by the command that was asked without its line number, e.g.
 * "lsg", "g997csg 0 1", "pmlscsg 1 0". Absent is what was not asked or was refused.
 */
export type PipeAnswers = ReadonlyMap<string, PipeAnswer>;

/** The commands that `snapshotOfPipe` reads; "lsg" alone is needed. Bearer channel 0; direction 1 is down. */
export const PIPE_SNAPSHOT_COMMANDS = [
  "lsg",
  "vig",
  "g997xtusesg",
  "bpstg",
  "g997lig 1",
  "g997csg 0 0",
  "g997csg 0 1",
  "g997lsg 0 1",
  "g997lsg 1 1",
  "lfsg 0",
  "lfsg 1",
  "dsmsg",
  "pmccsg 0 0 0",
  "pmccsg 0 1 0",
  "pmlscsg 0 0",
  "pmlscsg 1 0",
  "rtsg 0",
  "rtsg 1",
] as const;

export function snapshotOfPipe(answers: PipeAnswers): Result<LineSnapshot, DecodeError> {
  const lineState = pipeHexadecimal(answers.get("lsg"), "nLineState");
  if (lineState === undefined) return err({ code: "no_state", at: 0 });
  const state = stateOfPipe(lineState);
  const mode = modeOf(answers);
  const down = directionOf(answers, "1");
  const up = directionOf(answers, "0");
  const swapped = mode.standard === "G.993.2" && (up.power ?? 0) > (down.power ?? Infinity);
  const uptime = pipeNumber(answers.get("pmccsg 0 0 0"), "nElapsedTime");
  return ok({
    state,
    rawState: `0x${lineState.toString(16)}`,
    ...known<Pick<LineSnapshot, "uptime" | "tc" | "near" | "far">>({
      uptime: state === "up" ? uptime : undefined,
      tc: mode.standard === "G.993.2" ? "ptm" : undefined,
      near: countersOf(answers, "0"),
      far: countersOf(answers, "1"),
    }),
    ...mode,
    down: swapped ? withPower(down, up.power) : down,
    up: swapped ? withPower(up, down.power) : up,
    inventory: inventoryOf(answers),
    quality: qualityOf(mode, down, up, swapped),
    raw: Object.fromEntries([...answers].map(([asked, said]) => [asked, Object.fromEntries(said)])),
  });
}

function qualityOf(
  mode: Mode,
  down: DirectionStatus,
  up: DirectionStatus,
  swapped: boolean,
): Partial<Record<FieldPath, Quality>> {
  const quality: Partial<Record<FieldPath, Quality>> = {};
  if (mode.standard === "G.993.2") quality.tc = "derived";
  // The driver gives VDSL2 powers the wrong way round: a modem at home never sends the stronger signal.
  if (swapped) {
    quality["down.power"] = "suspect";
    quality["up.power"] = "suspect";
  }
  for (const [name, direction] of [
    ["down", down],
    ["up", up],
  ] as const) {
    if (direction.bands === undefined) continue;
    quality[`${name}.noiseMargin`] = "derived";
    quality[`${name}.lineAttenuation`] = "derived";
    quality[`${name}.signalAttenuation`] = "derived";
  }
  return quality;
}

function withPower(direction: DirectionStatus, power: number | undefined): DirectionStatus {
  return power === undefined ? direction : { ...direction, power };
}

function modeOf(answers: PipeAnswers): Mode {
  const enabled = answers.get("g997xtusesg");
  const xtse = XTSE_NAMES.map((name) => pipeHexadecimal(enabled, name) ?? 0);
  const mode = modeOfXtse(xtse);
  const profile = PROFILES[pipeNumber(answers.get("bpstg"), "nProfile") ?? -1];
  if (profile === undefined || (mode.standard ?? "G.993.2") !== "G.993.2") return mode;
  return { ...mode, standard: "G.993.2", profile };
}

const XTSE_NAMES = Array.from({ length: 8 }, (_, index) => `XTSE${index + 1}`);

function directionOf(answers: PipeAnswers, direction: "0" | "1"): DirectionStatus {
  const channel = answers.get(`g997csg 0 ${direction}`);
  const line = answers.get(`g997lsg ${direction} 1`);
  const features = answers.get(`lfsg ${direction}`);
  const bands = bandsOf(line, direction === "1" ? "D" : "U");
  const mean = (name: string, of: (band: BandStatus) => number | undefined): number | undefined =>
    decibels(line, name) ?? meanOf(bands.map(of));
  return known<DirectionStatus>({
    // The net rate is what a person gets; older drivers know the gross one alone.
    currRate: pipeNumber(channel, "ActualNetDataRate") ?? pipeNumber(channel, "ActualDataRate"),
    // 0 where the line was not up before.
    previousRate: pipeNumber(channel, "PreviousDataRate") || undefined,
    maxRate: pipeNumber(line, "ATTNDR"),
    interleaveDelay: divided(pipeNumber(channel, "ActualInterleaveDelay"), 1e5),
    actInp: tenths(pipeNumber(channel, "ActualImpulseNoiseProtection")),
    noiseMargin: mean("SNR", (band) => band.noiseMargin),
    lineAttenuation: mean("LATN", (band) => band.lineAttenuation),
    signalAttenuation: mean("SATN", (band) => band.signalAttenuation),
    power: decibels(line, "ACTATP"),
    trellis: flag(features, "bTrellisEnable"),
    bitswap: flag(features, "bBitswapEnable"),
    retransmission: flag(features, "bReTxEnable"),
    vectoring: vectoringOf(answers.get("dsmsg"), direction),
    bands: bands.length === 0 ? undefined : bands,
  });
}

/** Drivers of VDSL2 give each band for itself: SNR[0] … SNR[4]. Plain means, because no widths come with them. */
function bandsOf(line: PipeAnswer | undefined, letter: "D" | "U"): readonly BandStatus[] {
  const first = letter === "D" ? 1 : 0;
  return [0, 1, 2, 3, 4].flatMap((index): readonly BandStatus[] => {
    const band = knownOrNone<Omit<BandStatus, "band">>({
      noiseMargin: decibels(line, `SNR[${index}]`),
      lineAttenuation: decibels(line, `LATN[${index}]`),
      signalAttenuation: decibels(line, `SATN[${index}]`),
    });
    return band === undefined ? [] : [{ band: `${letter}${first + index}`, ...band }];
  });
}

function meanOf(values: readonly (number | undefined)[]): number | undefined {
  const present = values.filter((value) => value !== undefined);
  if (present.length === 0) return undefined;
  const sum = present.reduce((total, value) => total + value, 0);
  return Math.round((sum / present.length) * 10) / 10;
}

/** Tenths of a decibel; the values that ITU-T G.997.1 section 7.5.1 keeps for "not known" are absent. */
function decibels(line: PipeAnswer | undefined, name: string): number | undefined {
  const value = pipeNumber(line, name);
  return value === undefined || NOT_KNOWN.has(value) ? undefined : tenths(value);
}

/** LATN and SATN 1271, SNR margin -641, ACTATP -512 and -901. */
const NOT_KNOWN: ReadonlySet<number> = new Set([1271, -641, -512, -901]);

function flag(answer: PipeAnswer | undefined, name: string): boolean | undefined {
  const value = pipeNumber(answer, name);
  return value === undefined ? undefined : value === 1;
}

/** Status 1 cancels downstream crosstalk, 2 both; "friendly" counts in the same way. */
function vectoringOf(dsm: PipeAnswer | undefined, direction: "0" | "1"): Vectoring | undefined {
  const vector = pipeNumber(dsm, "eVectorStatus");
  const friendly = pipeNumber(dsm, "eVectorFriendlyStatus");
  if (vector === undefined) return undefined;
  const needed = direction === "1" ? 1 : 2;
  if (vector >= needed) return "full";
  return (friendly ?? 0) >= needed ? "friendly" : "off";
}

function countersOf(answers: PipeAnswers, end: "0" | "1"): ErrorCounters | undefined {
  const channel = answers.get(`pmccsg 0 ${end} 0`);
  const line = answers.get(`pmlscsg ${end} 0`);
  const retransmission = answers.get(`rtsg ${end}`);
  return knownOrNone<ErrorCounters>({
    fecErrors: count(channel, "nFEC"),
    crcErrors: count(channel, "nCodeViolations"),
    erroredSecs: count(line, "nES"),
    severelyErroredSecs: count(line, "nSES"),
    lossOfSignalSecs: count(line, "nLOSS"),
    unavailableSecs: count(line, "nUAS"),
    lossOfFramingSecs: count(line, "nLOFS"),
    fecSecs: count(line, "nFECS"),
    retransmitted: count(retransmission, "nRxRetransmitted"),
    retransmissionCorrected: count(retransmission, "nRxCorrected"),
    retransmissionUncorrected: count(retransmission, "nRxUncorrectedProtected"),
  });
}

function count(answer: PipeAnswer | undefined, name: string): number | undefined {
  const value = pipeNumber(answer, name);
  return value !== undefined && value >= 0 ? value : undefined;
}

function inventoryOf(answers: PipeAnswers): Inventory {
  const version = answers.get("vig");
  return known<Inventory>({
    near: knownOrNone<Equipment>({
      version: version?.get("DSL_ChipSetFWVersion"),
      chipset: version?.get("DSL_ChipSetType"),
    }),
    far: readVendorId(pipeOctets(answers.get("g997lig 1"), "G994VendorID")),
  });
}
