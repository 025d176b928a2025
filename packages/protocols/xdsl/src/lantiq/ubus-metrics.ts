import { type DecodeError, err, ok, type Result } from "@passerelle/result";
import {
  countAt,
  isObject,
  type JsonObject,
  numberAt,
  numbersAt,
  objectAt,
  readJsonObject,
  switchAt,
  textAt,
} from "../json.ts";
import { type Equipment, type Inventory, readVendorId } from "../model/inventory.ts";
import { known, knownOrNone } from "../model/known.ts";
import type { DirectionStatus, ErrorCounters, LineSnapshot, Vectoring } from "../model/line.ts";
import { type Annex, type Mode, readAnnex, readMode } from "../model/standard.ts";
import { divided } from "../text.ts";
import { powerStateOf, stateOfUbus } from "./states.ts";

/**
 * Reads the answer of `ubus call dsl metrics` (OpenWrt, Lantiq VRX and AR9). Fields come and go with its releases: each
 * is read where it is, and the whole answer is kept as `raw`.
 */
export function decodeUbusMetrics(text: string): Result<LineSnapshot, DecodeError> {
  const read = readJsonObject(text);
  if (!read.ok) return read;
  const metrics = read.value;
  const number = numberAt(metrics, "state_num");
  if (number === undefined) return err({ code: "no_state", at: 0 });
  const state = stateOfUbus(number);
  const errors = objectAt(metrics, "errors");
  const mode = modeOf(metrics);
  return ok({
    state,
    rawState: textAt(metrics, "state") ?? String(number),
    ...known<Pick<LineSnapshot, "uptime" | "tc" | "powerState" | "near" | "far">>({
      uptime: state === "up" ? countAt(metrics, "uptime") : undefined,
      // The daemon does not say it; VDSL2 has PTM alone.
      tc: mode.standard === "G.993.2" ? "ptm" : undefined,
      powerState: powerStateOf(numberAt(metrics, "power_state_num")),
      near: countersOf(objectAt(errors, "near")),
      far: countersOf(objectAt(errors, "far")),
    }),
    ...mode,
    down: directionOf(objectAt(metrics, "downstream")),
    up: directionOf(objectAt(metrics, "upstream")),
    inventory: inventoryOf(metrics),
    quality: mode.standard === "G.993.2" ? { tc: "derived" } : {},
    raw: metrics,
  });
}

function modeOf(metrics: JsonObject): Mode {
  const standard = textAt(metrics, "standard") ?? textAt(metrics, "mode") ?? "";
  const mode = readMode(`${standard} ${textAt(metrics, "profile") ?? ""}`);
  const annex: Annex | undefined = readAnnex(`annex ${textAt(metrics, "annex") ?? ""}`);
  return annex === undefined ? mode : { ...mode, annex };
}

function directionOf(direction: JsonObject): DirectionStatus {
  return known<DirectionStatus>({
    currRate: countAt(direction, "data_rate"),
    maxRate: countAt(direction, "attndr"),
    noiseMargin: numberAt(direction, "snr"),
    lineAttenuation: numberAt(direction, "latn"),
    signalAttenuation: numberAt(direction, "satn"),
    power: numberAt(direction, "actatp"),
    // The daemon multiplies the driver's hundredths of a millisecond by 10: microseconds.
    interleaveDelay: divided(countAt(direction, "interleave_delay"), 1e6),
    actInp: numberAt(direction, "inp"),
    trellis: switchAt(direction, "trellis"),
    bitswap: switchAt(direction, "bitswap"),
    retransmission: switchAt(direction, "retx"),
    vectoring: vectoringOf(direction),
    sra: rateAdaptationOf(direction),
  });
}

function vectoringOf(direction: JsonObject): Vectoring | undefined {
  const vector = switchAt(direction, "vector");
  return vector === undefined ? undefined : vector ? "full" : "off";
}

/** RA modes 3 and 4 adapt the rate in showtime (ITU-T G.997.1 section 7.3.1.4). */
function rateAdaptationOf(direction: JsonObject): boolean | undefined {
  const mode = numberAt(direction, "ra_mode_num");
  return mode === undefined ? undefined : mode >= 3;
}

function countersOf(end: JsonObject): ErrorCounters | undefined {
  return knownOrNone<ErrorCounters>({
    erroredSecs: countAt(end, "es"),
    severelyErroredSecs: countAt(end, "ses"),
    lossOfSignalSecs: countAt(end, "loss"),
    lossOfFramingSecs: countAt(end, "lofs"),
    unavailableSecs: countAt(end, "uas"),
    fecSecs: countAt(end, "fecs"),
    lowRateSecs: countAt(end, "leftrs"),
    fecErrors: countAt(end, "fec_c"),
    crcErrors: countAt(end, "cv_c"),
    hecErrors: countAt(end, "hec"),
    retransmitted: countAt(end, "rx_retransmitted"),
    retransmissionCorrected: countAt(end, "rx_corrected"),
    retransmissionUncorrected: countAt(end, "rx_uncorrected_protected"),
  });
}

function inventoryOf(metrics: JsonObject): Inventory {
  const center = metrics.atu_c;
  return known<Inventory>({
    near: knownOrNone<Equipment>({
      version: textAt(metrics, "firmware_version"),
      chipset: textAt(metrics, "chipset"),
    }),
    far: isObject(center) ? centerOf(center) : undefined,
  });
}

function centerOf(center: JsonObject): Equipment | undefined {
  const identified = readVendorId(numbersAt(center, "vendor_id") ?? []);
  return knownOrNone<Equipment>({
    vendor: identified?.vendor ?? textAt(center, "vendor"),
    version: identified?.version,
  });
}
