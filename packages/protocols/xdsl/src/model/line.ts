import type { Inventory } from "./inventory.ts";
import type { FieldPath, Quality } from "./quality.ts";
import type { Annex, Profile, Standard } from "./standard.ts";

/**
 * What a DSL line is at one moment. Names follow TR-181 Device.DSL with a small first letter, units are SI: bit/s,
 * dB, dBm, seconds. A field that the modem does not know is absent; 0 is a measured nothing.
 */
export interface LineSnapshot {
  readonly state: LineState;
  /** The modem's own word for the state. */
  readonly rawState: string;
  /** Seconds since the line came up; absent while it is not. */
  readonly uptime?: number;
  readonly standard?: Standard;
  readonly annex?: Annex;
  /** Of VDSL2 only. */
  readonly profile?: Profile;
  readonly tc?: TransmissionConvergence;
  readonly powerState?: PowerState;
  readonly down: DirectionStatus;
  readonly up: DirectionStatus;
  /** What our end counted: errors of what came down. */
  readonly near?: ErrorCounters;
  /** What the operator's end counted: errors of what we sent. */
  readonly far?: ErrorCounters;
  readonly counts?: LineCounts;
  readonly inventory: Inventory;
  /** Fields that are not plainly measured; what is not named here was measured by the modem. */
  readonly quality: Readonly<Partial<Record<FieldPath, Quality>>>;
  /** What the modem said and we have no field for, as it said it; values of JSON only. */
  readonly raw: unknown;
}

/** `up` alone carries traffic. `resync` is a showtime that the modem is repairing without a new training. */
export type LineState = (typeof LINE_STATES)[number];

export const LINE_STATES = [
  "disabled",
  "no_signal",
  "handshake",
  "training",
  "showtime_no_tc",
  "up",
  "resync",
  "error",
  "unknown",
] as const;

/** ATM for nearly all ADSL, PTM (64/65-octet) for VDSL2. */
export type TransmissionConvergence = "atm" | "ptm";

/** ITU-T G.997.1 section 7.5.1.5: L0 is full power, L3 idle. */
export type PowerState = "L0" | "L1" | "L2" | "L3";

/** One direction of a line. */
export interface DirectionStatus {
  /** Net data rate, bit/s. */
  readonly currRate?: number;
  /** Net data rate that the line could have now (ATTNDR), bit/s. */
  readonly maxRate?: number;
  /** Rate before the last training, bit/s. */
  readonly previousRate?: number;
  /** SNR margin, dB: how much noise may grow before the line fails. */
  readonly noiseMargin?: number;
  /** LATN, dB. */
  readonly lineAttenuation?: number;
  /** SATN, dB. */
  readonly signalAttenuation?: number;
  /** ACTATP: what the sender of this direction sends, dBm. */
  readonly power?: number;
  /** Seconds. */
  readonly interleaveDelay?: number;
  /** Codewords; 1 is no interleaving. */
  readonly interleaveDepth?: number;
  /** ACTINP: how long a burst of noise is survived, in DMT symbols (250 µs each). */
  readonly actInp?: number;
  readonly trellis?: boolean;
  readonly bitswap?: boolean;
  /** Seamless rate adaptation. */
  readonly sra?: boolean;
  /** G.998.4 (G.INP). */
  readonly retransmission?: boolean;
  readonly vectoring?: Vectoring;
  readonly bands?: readonly BandStatus[];
}

/** G.993.5: `friendly` disturbs no vectored neighbour, `full` has its own crosstalk cancelled. */
export type Vectoring = "off" | "friendly" | "full";

/** One band of VDSL2. */
export interface BandStatus {
  /** U0…U4, D1…D4. */
  readonly band: string;
  readonly noiseMargin?: number;
  readonly lineAttenuation?: number;
  readonly signalAttenuation?: number;
}

/** Absolute counters of one end; they restart when the modem pleases, see `counterBins`. */
export type ErrorCounters = { readonly [Name in CounterName]?: number };

/** TR-181 names where it has one; each counts events, those in `Secs` count seconds (ITU-T G.997.1 section 7.2). */
export type CounterName = (typeof COUNTER_NAMES)[number];

export const COUNTER_NAMES = [
  /** ES: seconds with at least one error. */
  "erroredSecs",
  /** SES. */
  "severelyErroredSecs",
  /** LOSS: seconds with the signal lost. */
  "lossOfSignalSecs",
  /** LOFS: seconds with the framing lost. */
  "lossOfFramingSecs",
  /** UAS: seconds in which the line could not be used. */
  "unavailableSecs",
  /** FECS: seconds in which errors were mended. */
  "fecSecs",
  /** LEFTRS: seconds below the rate that retransmission promises (G.998.4). */
  "lowRateSecs",
  "fecErrors",
  "crcErrors",
  "hecErrors",
  "lossOfSignal",
  "lossOfFraming",
  /** G.998.4: blocks that were sent again, mended by it, and lost all the same. */
  "retransmitted",
  "retransmissionCorrected",
  "retransmissionUncorrected",
] as const;

/** What happened to the line as a whole. */
export interface LineCounts {
  readonly linkRetrain?: number;
  readonly fullInits?: number;
  readonly failedFullInits?: number;
  readonly shortInits?: number;
  readonly failedShortInits?: number;
}

/** TR-181 Device.DSL.Line.{i}.LinkStatus. */
export type LinkStatus =
  | "Up"
  | "Initializing"
  | "EstablishingLink"
  | "NoSignal"
  | "Disabled"
  | "Error";

/** The word of TR-181. A showtime without its upper layer is a link that is still being established. */
export function linkStatusOf(state: LineState): LinkStatus {
  return LINK_STATUS[state];
}

const LINK_STATUS: Readonly<Record<LineState, LinkStatus>> = {
  disabled: "Disabled",
  no_signal: "NoSignal",
  handshake: "Initializing",
  training: "EstablishingLink",
  showtime_no_tc: "EstablishingLink",
  up: "Up",
  resync: "EstablishingLink",
  error: "Error",
  unknown: "Error",
};
