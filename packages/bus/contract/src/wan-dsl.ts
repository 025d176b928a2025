import * as v from "valibot";
import { command, state } from "./define.ts";
import { count, fault, hostileText, wallTime } from "./values.ts";

/* The wire pair behind the line, where a modem is watched. Names of TR-181 Device.DSL; bit/s, dB, dBm, seconds. */

const decibels = v.number();
const bitRate = count;

const direction = v.strictObject({
  currRate: v.exactOptional(bitRate),
  /** What the line could carry now. */
  maxRate: v.exactOptional(bitRate),
  /** Before the last training. */
  previousRate: v.exactOptional(bitRate),
  /** How much noise may grow before the line fails. */
  noiseMargin: v.exactOptional(decibels),
  lineAttenuation: v.exactOptional(decibels),
  signalAttenuation: v.exactOptional(decibels),
  power: v.exactOptional(decibels),
  interleaveDelay: v.exactOptional(v.number()),
  interleaveDepth: v.exactOptional(v.number()),
  /** Symbols of 250 µs. */
  actInp: v.exactOptional(v.number()),
  trellis: v.exactOptional(v.boolean()),
  bitswap: v.exactOptional(v.boolean()),
  sra: v.exactOptional(v.boolean()),
  retransmission: v.exactOptional(v.boolean()),
  vectoring: v.exactOptional(v.picklist(["off", "friendly", "full"])),
  bands: v.exactOptional(
    v.array(
      v.strictObject({
        band: hostileText,
        noiseMargin: v.exactOptional(decibels),
        lineAttenuation: v.exactOptional(decibels),
        signalAttenuation: v.exactOptional(decibels),
      }),
    ),
  ),
});

/** ITU-T G.997.1 section 7.2; those in `Secs` count seconds. */
const counters = v.strictObject({
  erroredSecs: v.exactOptional(count),
  severelyErroredSecs: v.exactOptional(count),
  lossOfSignalSecs: v.exactOptional(count),
  lossOfFramingSecs: v.exactOptional(count),
  unavailableSecs: v.exactOptional(count),
  fecSecs: v.exactOptional(count),
  lowRateSecs: v.exactOptional(count),
  fecErrors: v.exactOptional(count),
  crcErrors: v.exactOptional(count),
  hecErrors: v.exactOptional(count),
  lossOfSignal: v.exactOptional(count),
  lossOfFraming: v.exactOptional(count),
  retransmitted: v.exactOptional(count),
  retransmissionCorrected: v.exactOptional(count),
  retransmissionUncorrected: v.exactOptional(count),
});

const equipment = v.strictObject({
  vendor: v.exactOptional(hostileText),
  version: v.exactOptional(hostileText),
  serial: v.exactOptional(hostileText),
  chipset: v.exactOptional(hostileText),
});

const driver = v.string();

export const wanDsl = state({
  name: "dsl",
  owner: "wan",
  about: "The pair of wires of a DSL line, as its modem says it.",
  schema: v.variant("kind", [
    /** No modem is watched. */
    v.strictObject({ kind: v.literal("none") }),
    /** It has not answered yet. */
    v.strictObject({ kind: v.literal("asking"), driver, since: wallTime }),
    v.strictObject({ kind: v.literal("unreachable"), driver, since: wallTime, fault }),
    v.strictObject({
      kind: v.literal("line"),
      driver,
      /** "up" alone carries traffic; "resync": the modem mends it without a new training. */
      state: v.picklist([
        "disabled",
        "no_signal",
        "handshake",
        "training",
        "showtime_no_tc",
        "up",
        "resync",
        "error",
        "unknown",
      ]),
      /** The modem's own word. */
      rawState: hostileText,
      since: wallTime,
      /** Present while the line is not up. */
      fault: v.exactOptional(fault),
      /** Trainings that were seen since the box watches. */
      retrains: count,
      standard: v.exactOptional(v.string()),
      annex: v.exactOptional(v.string()),
      profile: v.exactOptional(v.string()),
      tc: v.exactOptional(v.picklist(["atm", "ptm"])),
      powerState: v.exactOptional(v.picklist(["L0", "L1", "L2", "L3"])),
      down: direction,
      up: direction,
      /** Errors of what comes down, counted by the modem; of what goes up, by the operator's end. */
      near: v.exactOptional(counters),
      far: v.exactOptional(counters),
      modem: v.exactOptional(equipment),
      operator: v.exactOptional(equipment),
      /** Paths of values ("up.power") that were computed, or that modems of this kind are known to get wrong. */
      quality: v.record(v.string(), v.picklist(["measured", "derived", "suspect"])),
      abilities: v.strictObject({ spectrum: v.boolean(), resync: v.boolean() }),
    }),
  ]),
});
export type WanDsl = v.InferOutput<typeof wanDsl.schema>;

/** One value for `groupSize` tones, from tone 0 on; null where nothing was measured. */
const tones = v.strictObject({
  groupSize: count,
  values: v.array(v.nullable(v.number())),
});

const directionSpectrum = v.strictObject({
  /** Bits that a tone carries in a symbol. */
  bits: v.exactOptional(tones),
  /** dB. */
  snr: v.exactOptional(tones),
  /** Noise of the quiet line, dBm/Hz. */
  qln: v.exactOptional(tones),
  /** What the wire takes from a tone, dB. */
  hlog: v.exactOptional(tones),
  /** First and last tone of each band. */
  bands: v.exactOptional(v.array(v.strictObject({ start: count, end: count }))),
});

export const wanDslSpectrum = command({
  name: "dsl-spectrum",
  owner: "wan",
  callers: ["web"],
  about: "What the DSL line does tone by tone, asked of the modem now; at most 512 values a row.",
  request: v.strictObject({}),
  reply: v.strictObject({
    at: wallTime,
    /** Hertz between two tones. */
    toneSpacing: v.exactOptional(v.number()),
    down: directionSpectrum,
    up: directionSpectrum,
  }),
});
export type WanDslSpectrum = v.InferOutput<typeof wanDslSpectrum.reply>;

const bin = v.strictObject({
  start: wallTime,
  /** Seconds of it that were watched, and of these with the line up. */
  seconds: v.number(),
  upSeconds: v.number(),
  retrains: count,
  /** Shared out by length over more than one bin, because nobody looked. */
  isEstimated: v.boolean(),
  near: counters,
  far: counters,
});
export type WanDslBin = v.InferOutput<typeof bin>;

export const wanDslHistory = command({
  name: "dsl-history",
  owner: "wan",
  callers: ["web"],
  about:
    "Errors of the DSL line by the quarter of an hour for a day, and by the day for two weeks.",
  request: v.strictObject({}),
  reply: v.strictObject({ quarters: v.array(bin), days: v.array(bin) }),
});

export const wanDslResync = command({
  name: "dsl-resync",
  owner: "wan",
  callers: ["web"],
  about: "Has the modem train the line anew: the Internet is away for a minute.",
  request: v.strictObject({}),
  reply: v.strictObject({}),
});
