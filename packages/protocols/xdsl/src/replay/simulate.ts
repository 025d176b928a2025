import { nextUint32, type Rng, seedRng } from "@passerelle/machine";
import type { DirectionStatus, ErrorCounters, LineSnapshot, LineState } from "../model/line.ts";
import type { DirectionSpectrum, LineSpectrum } from "../model/spectrum.ts";
import { type Mode, toneSpacingOf } from "../model/standard.ts";
import {
  attainable,
  attenuation,
  bitsAt,
  type Copper,
  hlogAt,
  type Plan,
  perGroup,
  snrAt,
} from "./copper.ts";
import type { Recording, RecordingEntry } from "./recording.ts";

/** A line to make up: it trains, comes up, loses margin as noise grows, and comes up again at another rate. */
export interface LineStory {
  readonly about: string;
  readonly mode: Mode;
  readonly tc: "atm" | "ptm";
  readonly copper: Copper;
  readonly down: Plan;
  readonly up: Plan;
  /** Seconds from handshake to showtime. */
  readonly trainSeconds: number;
  /** dB of noise that come on top in each hour. */
  readonly driftPerHour: number;
  readonly seconds: number;
  /** Seconds between two snapshots of a line that is up. */
  readonly period: number;
  readonly groupSize: number;
}

/** The same story and seed give the same recording, octet by octet: for the demonstration, the lab and tests. */
export function simulateLine(story: LineStory, seed = 1): Recording {
  const entries: RecordingEntry[] = [];
  let rng = seedRng([seed, 0x9e37_79b9, 0x243f_6a88, 0xb7e1_5162]);
  let counted: Counted = { near: NO_ERRORS, far: NO_ERRORS };
  let linkRetrain = 0;
  let previous: Rates | undefined;
  for (let at = 0; at < story.seconds; ) {
    const trained = train(story, at, entries);
    linkRetrain += 1;
    counted = withoutLine(counted, trained.upAt - at);
    const disturbance = disturbanceAt(story, trained.upAt);
    const rates = ratesOf(story, disturbance);
    entries.push({ at: trained.upAt, kind: "spectrum", spectrum: spectrumOf(story, disturbance) });
    at = trained.upAt;
    for (let isUp = true; isUp && at < story.seconds; at += story.period) {
      const [wobble, next] = fraction(rng);
      rng = next;
      const lost = disturbanceAt(story, at) - disturbance + wobble * 0.6;
      const margin = TARGET_MARGIN - lost;
      counted = worse(counted, margin, story.period, wobble);
      entries.push({
        at,
        kind: "snapshot",
        snapshot: {
          ...snapshotOf(story, "up", "showtime_tc_sync"),
          uptime: at - trained.upAt,
          powerState: "L0",
          down: {
            ...directionOf(story, story.down, rates.down, margin, at),
            ...(previous === undefined ? {} : { previousRate: previous.down }),
          },
          up: {
            ...directionOf(story, story.up, rates.up, margin + 0.7, at),
            ...(previous === undefined ? {} : { previousRate: previous.up }),
          },
          near: counted.near,
          far: counted.far,
          counts: { linkRetrain },
        },
      });
      isUp = margin > MARGIN_LOST;
    }
    previous = rates;
  }
  return { about: story.about, entries: entries.filter(({ at }) => at <= story.seconds) };
}

const TARGET_MARGIN = 6;
/** Below this the modem gives up and trains anew. */
const MARGIN_LOST = 0.5;

/** bit/s. */
interface Rates {
  readonly down: number;
  readonly up: number;
}

interface Counted {
  readonly near: ErrorCounters;
  readonly far: ErrorCounters;
}

const NO_ERRORS: ErrorCounters = {
  erroredSecs: 0,
  severelyErroredSecs: 0,
  unavailableSecs: 0,
  fecErrors: 0,
  crcErrors: 0,
};

/** Silence, handshake, training, showtime without and with its upper layer. */
function train(
  story: LineStory,
  from: number,
  entries: RecordingEntry[],
): { readonly upAt: number } {
  const upAt = from + 5 + story.trainSeconds + 2;
  const steps: readonly (readonly [number, LineState, string])[] = [
    [from, "no_signal", "silent"],
    [from + 3, "handshake", "handshake"],
    [from + 5, "training", "full_init"],
    [from + 5 + story.trainSeconds, "showtime_no_tc", "showtime_no_tc_sync"],
    [upAt, "up", "showtime_tc_sync"],
  ];
  for (const [at, state, rawState] of steps) {
    entries.push({ at, kind: "state", state, rawState });
    if (state === "up") continue;
    const snapshot = { ...snapshotOf(story, state, rawState), down: {}, up: {} };
    entries.push({ at, kind: "snapshot", snapshot });
  }
  return { upAt };
}

function snapshotOf(
  story: LineStory,
  state: LineState,
  rawState: string,
): Omit<LineSnapshot, "down" | "up"> {
  return {
    state,
    rawState,
    ...(state === "up" ? { ...story.mode, tc: story.tc } : {}),
    inventory: { near: { vendor: "PASS", version: "simulated" }, far: { vendor: "BDCM" } },
    quality: {},
    raw: null,
  };
}

function disturbanceAt(story: LineStory, at: number): number {
  return (story.driftPerHour * at) / 3600;
}

function ratesOf(story: LineStory, disturbance: number): Rates {
  const of = (plan: Plan): number =>
    Math.min(plan.rateMax, attainable(story.copper, plan, disturbance, TARGET_MARGIN));
  return { down: of(story.down), up: of(story.up) };
}

function directionOf(
  story: LineStory,
  plan: Plan,
  currRate: number,
  margin: number,
  at: number,
): DirectionStatus {
  const loss = attenuation(story.copper, plan);
  return {
    currRate,
    maxRate: attainable(story.copper, plan, disturbanceAt(story, at), TARGET_MARGIN),
    noiseMargin: Math.round(margin * 10) / 10,
    lineAttenuation: loss,
    signalAttenuation: Math.round((loss - 0.4) * 10) / 10,
    power: plan === story.down ? 14.1 : 6.3,
    interleaveDelay: 0.008,
    interleaveDepth: 8,
    actInp: 2,
    trellis: true,
    bitswap: true,
    retransmission: false,
  };
}

function withoutLine(before: Counted, lost: number): Counted {
  const grow = (counters: ErrorCounters): ErrorCounters => ({
    ...counters,
    unavailableSecs: (counters.unavailableSecs ?? 0) + lost,
  });
  return { near: grow(before.near), far: grow(before.far) };
}

/** Errors come when the margin goes: hardly any at 6 dB, many below 2. */
function worse(before: Counted, margin: number, period: number, wobble: number): Counted {
  const strain = 10 ** Math.max(-2, (3 - margin) / 2);
  const grow = (counters: ErrorCounters, factor: number): ErrorCounters => {
    const crc = Math.floor(strain * factor * period * 0.05 * (0.5 + wobble));
    const errored = Math.min(period, Math.ceil(crc / 3));
    return {
      fecErrors: (counters.fecErrors ?? 0) + Math.floor(strain * factor * period * 4),
      crcErrors: (counters.crcErrors ?? 0) + crc,
      erroredSecs: (counters.erroredSecs ?? 0) + errored,
      severelyErroredSecs: (counters.severelyErroredSecs ?? 0) + Math.floor(errored / 8),
      unavailableSecs: counters.unavailableSecs ?? 0,
    };
  };
  return { near: grow(before.near, 1), far: grow(before.far, 0.4) };
}

function spectrumOf(story: LineStory, disturbance: number): LineSpectrum {
  const { copper, groupSize } = story;
  const directionOf = (plan: Plan): DirectionSpectrum => ({
    bits: perGroup(plan, groupSize, (tone) =>
      bitsAt(copper, plan, tone, disturbance, TARGET_MARGIN),
    ),
    snr: perGroup(plan, groupSize, (tone) => Math.max(-32, snrAt(copper, plan, tone, disturbance))),
    qln: perGroup(plan, groupSize, () => copper.noise + disturbance),
    hlog: perGroup(plan, groupSize, (tone) => hlogAt(copper, tone)),
    bands: plan.bands,
  });
  const toneSpacing = toneSpacingOf(story.mode);
  return {
    down: directionOf(story.down),
    up: directionOf(story.up),
    ...(toneSpacing === undefined ? {} : { toneSpacing }),
  };
}

/** A number from 0 to 1. */
function fraction(rng: Rng): readonly [number, Rng] {
  const drawn = nextUint32(rng);
  return [drawn.value / 0x1_0000_0000, drawn.rng];
}
