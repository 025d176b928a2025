import { fromHex } from "@passerelle/bytes";
import { type DecodeError, err, ok, type Result } from "@passerelle/result";
import { type Equipment, readVendorId } from "../model/inventory.ts";
import { known, knownOrNone } from "../model/known.ts";
import type {
  DirectionStatus,
  ErrorCounters,
  LineSnapshot,
  LineState,
  PowerState,
} from "../model/line.ts";
import type { Quality } from "../model/quality.ts";
import { type Mode, readMode } from "../model/standard.ts";
import { countIn, linesOf, numberIn } from "../text.ts";

/** Reads `adsl status` and `vdsl status` of DrayTek modems, as their telnet prints it. */
export function decodeDraytekStatus(text: string): Result<LineSnapshot, DecodeError> {
  const fields = readFields(text);
  if (!fields.ok) return fields;
  const said = fields.value;
  const rawState = said.get("State");
  if (rawState === undefined) return err({ code: "no_state", at: 0 });
  const state = stateOf(rawState);
  const mode = readMode(said.get("Running Mode") ?? "");
  const isUp = state === "up";
  const power = powersOf(said, mode);
  const swapped = power.swapped ? { "down.power": SUSPECT, "up.power": SUSPECT } : {};
  return ok({
    state,
    rawState,
    ...known<Pick<LineSnapshot, "tc" | "powerState" | "near" | "far" | "counts">>({
      tc: mode.standard === "G.993.2" ? "ptm" : said.has("NE Rcvd Cells") ? "atm" : undefined,
      powerState: powerStateOf(said.get("Power Management Mode")),
      near: countersOf(said, "NE CRC Count", "NE ES Count"),
      far: countersOf(said, "FE CRC Count", "FE ES Count"),
      counts: knownOrNone<NonNullable<LineSnapshot["counts"]>>({
        linkRetrain: countIn(said.get("Xdsl Link Times")),
      }),
    }),
    ...mode,
    // Before showtime the modem prints zeros that it did not measure.
    down: isUp
      ? directionOf(said, "DS", "NE Current Attenuation", "Cur SNR Margin", power.down)
      : {},
    up: isUp ? directionOf(said, "US", "Far Current Attenuation", "Far SNR Margin", power.up) : {},
    inventory: inventoryOf(said),
    quality: {
      ...(mode.standard === "G.993.2" ? { tc: "derived" as const } : {}),
      ...(isUp ? swapped : {}),
    },
    raw: Object.fromEntries(said),
  });
}

/** "Name : value", one or two on a line. Runs of blanks in a name are one. */
export function readFields(text: string): Result<ReadonlyMap<string, string>, DecodeError> {
  const lines = linesOf(text);
  if (!lines.ok) return lines;
  const fields = new Map<string, string>();
  for (const line of lines.value) {
    if (line.includes("---")) continue;
    for (const [, name, value] of line.matchAll(FIELD)) {
      if (fields.size >= FIELDS_MAX) break;
      fields.set(name?.replace(/\s+/g, " ") ?? "", value?.trim().replace(/\s+/g, " ") ?? "");
    }
  }
  return ok(fields);
}

/** A value may be empty; it ends where three blanks come before the next name and its colon, or with the line. */
const FIELD =
  /([A-Za-z][\w[\]]{0,20}(?: {1,2}[\w[\]]{1,20}){0,4})\s{0,20}:\s{0,20}?(.{0,60}?)(?=\s{3,20}[A-Za-z][\w[\]]{0,20}(?: {1,2}[\w[\]]{1,20}){0,4}\s{0,20}:|\s{0,20}$)/g;
const FIELDS_MAX = 128;
const SUSPECT: Quality = "suspect";

function stateOf(word: string): LineState {
  return STATES.find(([pattern]) => pattern.test(word))?.[1] ?? "unknown";
}

const STATES: readonly (readonly [RegExp, LineState])[] = [
  [/^showtime/i, "up"],
  [/handshake|hand shake/i, "handshake"],
  [/training|discovery|analysis|exchange|init/i, "training"],
  [/disabled?/i, "disabled"],
  [/ready|idle|silent|down/i, "no_signal"],
];

function powerStateOf(text: string | undefined): PowerState | undefined {
  return POWER_STATES.find((state) => text?.endsWith(`_${state}`));
}

const POWER_STATES: readonly PowerState[] = ["L0", "L1", "L2", "L3"];

function directionOf(
  said: ReadonlyMap<string, string>,
  prefix: "DS" | "US",
  attenuation: string,
  margin: string,
  power: number | undefined,
): DirectionStatus {
  return known<DirectionStatus>({
    currRate: numberIn(said.get(`${prefix} Actual Rate`)),
    maxRate: numberIn(said.get(`${prefix} Attainable Rate`)),
    interleaveDepth: countIn(said.get(`${prefix} Interleave Depth`)),
    lineAttenuation: numberIn(said.get(attenuation)),
    noiseMargin: numberIn(said.get(margin)),
    power,
  });
}

/**
 * What is called "actual PSD" is the transmit power. Of VDSL2 the two are printed the wrong way round: a modem at home
 * never sends the stronger signal.
 */
function powersOf(
  said: ReadonlyMap<string, string>,
  mode: Mode,
): {
  readonly down: number | undefined;
  readonly up: number | undefined;
  readonly swapped: boolean;
} {
  const down = brokenDecimal(said.get("DS actual PSD"));
  const up = brokenDecimal(said.get("US actual PSD"));
  const swapped =
    mode.standard === "G.993.2" && up !== undefined && down !== undefined && up > down;
  return swapped ? { down: up, up: down, swapped } : { down, up, swapped };
}

/** The modem prints tenths as a number of its own: "14. 1", and "-1.-3" for -1.3. */
function brokenDecimal(text: string | undefined): number | undefined {
  const match = /^(-?)\s*(\d{1,4})\.\s*(-?)\s*(\d)/.exec(text ?? "");
  if (match === null) return numberIn(text);
  const value = Number(`${match[2]}.${match[4]}`);
  return match[1] === "-" || match[3] === "-" ? -value : value;
}

function countersOf(
  said: ReadonlyMap<string, string>,
  crc: string,
  erroredSecs: string,
): ErrorCounters | undefined {
  return knownOrNone<ErrorCounters>({
    crcErrors: countIn(said.get(crc)),
    erroredSecs: countIn(said.get(erroredSecs)),
  });
}

function inventoryOf(said: ReadonlyMap<string, string>): LineSnapshot["inventory"] {
  const near = vendorOf(said.get("ITU Version[0]"), said.get("ITU Version[1]"));
  const firmware = said.get("VDSL Firmware Version") ?? said.get("ADSL Firmware Version");
  return known<LineSnapshot["inventory"]>({
    near: knownOrNone<Equipment>({
      vendor: near?.vendor,
      version: firmware?.replace(/\s*\[.*$/, "") ?? near?.version,
    }),
    far: vendorOf(said.get("CO ITU Version[0]"), said.get("CO ITU Version[1]")),
  });
}

/** The eight octets of ITU-T G.994.1, as two words of hexadecimal digits. */
function vendorOf(first: string | undefined, second: string | undefined): Equipment | undefined {
  return readVendorId([...(fromHex(`${first ?? ""}${second ?? ""}`) ?? [])]);
}
