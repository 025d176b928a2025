import { fromHex, latin1Text } from "@passerelle/bytes";
import { type DecodeError, err, ok, type Result } from "@passerelle/result";
import type { Equipment } from "../model/inventory.ts";
import { known, knownOrNone } from "../model/known.ts";
import type { DirectionStatus, ErrorCounters, LineSnapshot, LineState } from "../model/line.ts";
import type { FieldPath, Quality } from "../model/quality.ts";
import { countIn, scaled, tenths } from "../text.ts";
import { decodeSoapFields } from "./soap.ts";

/**
 * Reads the answers of TR-064 `WANDSLInterfaceConfig:1`, GetInfo and, where it was asked, GetStatisticsTotal: one body
 * with both, or the second on its own. Rates are in kbit/s, decibels in tenths.
 */
export function decodeWanDsl(info: string, statistics?: string): Result<LineSnapshot, DecodeError> {
  const first = decodeSoapFields(info);
  if (!first.ok) return first;
  const second = statistics === undefined ? undefined : decodeSoapFields(statistics);
  if (second?.ok === false) return second;
  const fields = new Map([...first.value, ...(second?.value ?? [])]);
  const rawState = fields.get("NewStatus");
  if (rawState === undefined) return err({ code: "no_state", at: 0 });
  const state = fields.get("NewEnable") === "0" ? "disabled" : stateOf(rawState);
  const isUp = state === "up";
  return ok({
    state,
    rawState,
    ...known<Pick<LineSnapshot, "near" | "far" | "counts">>({
      near: countersOf(fields),
      far: knownOrNone<ErrorCounters>({
        fecErrors: count(fields, "NewATUCFECErrors"),
        hecErrors: count(fields, "NewATUCHECErrors"),
        crcErrors: count(fields, "NewATUCCRCErrors"),
      }),
      counts: knownOrNone<NonNullable<LineSnapshot["counts"]>>({
        linkRetrain: count(fields, "NewLinkRetrain"),
        failedFullInits: count(fields, "NewInitErrors"),
      }),
    }),
    down: isUp ? directionOf(fields, "Downstream") : {},
    up: isUp ? directionOf(fields, "Upstream") : {},
    inventory: known<LineSnapshot["inventory"]>({ near: vendorOf(fields) }),
    quality: isUp ? qualityOf(fields) : {},
    raw: Object.fromEntries(fields),
  });
}

/** TR-064 and TR-181 share the words. */
function stateOf(word: string): LineState {
  return STATES.get(word) ?? "unknown";
}

const STATES: ReadonlyMap<string, LineState> = new Map<string, LineState>([
  ["Up", "up"],
  ["Initializing", "handshake"],
  ["EstablishingLink", "training"],
  ["NoSignal", "no_signal"],
  ["Down", "no_signal"],
  ["Disabled", "disabled"],
  ["Error", "error"],
]);

type Fields = ReadonlyMap<string, string>;

function directionOf(fields: Fields, direction: "Downstream" | "Upstream"): DirectionStatus {
  const of = (name: string): number | undefined => count(fields, `New${direction}${name}`);
  return known<DirectionStatus>({
    currRate: scaled(of("CurrRate"), 1000),
    maxRate: scaled(of("MaxRate"), 1000),
    noiseMargin: tenths(of("NoiseMargin")),
    lineAttenuation: tenths(of("Attenuation")),
    power: powerOf(of("Power")),
  });
}

/** The boxes add 500 so that the field, which has no sign, can be below zero: 498 is -0.2 dBm. */
function powerOf(value: number | undefined): number | undefined {
  return value === undefined || value === 0 ? undefined : (value - POWER_OFFSET) / 10;
}

const POWER_OFFSET = 500;

/** The offset is nowhere promised, and some boxes print both powers the wrong way round. */
function qualityOf(fields: Fields): Partial<Record<FieldPath, Quality>> {
  return fields.has("NewDownstreamPower") ? { "down.power": "suspect", "up.power": "suspect" } : {};
}

function countersOf(fields: Fields): ErrorCounters | undefined {
  return knownOrNone<ErrorCounters>({
    erroredSecs: count(fields, "NewErroredSecs"),
    severelyErroredSecs: count(fields, "NewSeverelyErroredSecs"),
    fecErrors: count(fields, "NewFECErrors"),
    hecErrors: count(fields, "NewHECErrors"),
    crcErrors: count(fields, "NewCRCErrors"),
    lossOfFraming: count(fields, "NewLossOfFraming"),
  });
}

function count(fields: Fields, name: string): number | undefined {
  return countIn(fields.get(name));
}

/** "41564d00": letters in hexadecimal. */
function vendorOf(fields: Fields): Equipment | undefined {
  const octets = fromHex(fields.get("NewATURVendor") ?? "");
  const vendor = octets === undefined ? "" : latin1Text(octets).replace(/[^\x21-\x7e]/g, "");
  return vendor === "" ? undefined : { vendor };
}
