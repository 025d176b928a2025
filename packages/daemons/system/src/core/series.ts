/** What is counted over time, in the order in which values stand side by side; the contract has the same. New ones come at the end. */
export const SERIES = [
  "cpu",
  "memory_available",
  "temperature",
  "wan_down",
  "wan_up",
  "latency",
  "dsl_margin_down",
  "dsl_margin_up",
  "dsl_rate_down",
  "dsl_rate_up",
] as const;
export type SeriesName = (typeof SERIES)[number];

/** One value a series, in the order of SERIES; null where nothing was measured. */
export type Values = readonly (number | null)[];

export interface Tier {
  readonly name: "1s" | "10s" | "5m";
  readonly periodMs: number;
  /** Points kept. */
  readonly capacity: number;
}

/** 10 minutes, 24 hours, 30 days. */
export const SECONDS: Tier = { name: "1s", periodMs: 1000, capacity: 600 };
export const TENS: Tier = { name: "10s", periodMs: 10_000, capacity: 8640 };
export const FIVES: Tier = { name: "5m", periodMs: 300_000, capacity: 8640 };
export const TIERS: readonly Tier[] = [SECONDS, TENS, FIVES];
