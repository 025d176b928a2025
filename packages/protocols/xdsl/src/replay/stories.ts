import type { LineStory } from "./simulate.ts";

/** ADSL2+ over telephony at the end of a long wire, with ATM: two hours, one resynchronisation. */
export const STORY_ADSL2PLUS: LineStory = {
  about:
    "ADSL2+ annex A, 2.4 km, noise that grows: trains, loses margin, trains again at a lower rate",
  mode: { standard: "G.992.5", annex: "A" },
  tc: "atm",
  copper: { lengthKm: 2.4, noise: -122 },
  down: { bands: [{ start: 33, end: 511 }], psd: -40, rateMax: 24_000_000 },
  up: { bands: [{ start: 7, end: 31 }], psd: -38, rateMax: 2_000_000 },
  trainSeconds: 22,
  driftPerHour: 4,
  seconds: 7200,
  period: 90,
  groupSize: 2,
};

/** VDSL2 17a near the cabinet, with PTM: an hour, one resynchronisation. */
export const STORY_VDSL2_17A: LineStory = {
  about:
    "VDSL2 17a, 0.6 km, a neighbour's line comes in: trains, loses margin, trains again at a lower rate",
  mode: { standard: "G.993.2", annex: "B", profile: "17a" },
  tc: "ptm",
  copper: { lengthKm: 0.6, noise: -126 },
  down: {
    bands: [
      { start: 33, end: 859 },
      { start: 1216, end: 1961 },
      { start: 2793, end: 4083 },
    ],
    psd: -55,
    rateMax: 150_000_000,
  },
  up: {
    bands: [
      { start: 7, end: 31 },
      { start: 871, end: 1205 },
      { start: 1972, end: 2782 },
    ],
    psd: -58,
    rateMax: 60_000_000,
  },
  trainSeconds: 48,
  driftPerHour: 8,
  seconds: 3600,
  period: 60,
  groupSize: 8,
};
