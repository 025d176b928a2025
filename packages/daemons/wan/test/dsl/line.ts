import { type WallTime, wallTime } from "@passerelle/time";
import type { LineSnapshot, LineState } from "@passerelle/xdsl";

export function snapshot(state: LineState, more: Partial<LineSnapshot> = {}): LineSnapshot {
  const isUp = state === "up";
  return {
    state,
    rawState: state,
    ...(isUp ? { standard: "G.993.2", annex: "B", profile: "17a", tc: "ptm" } : {}),
    down: isUp ? { currRate: 50_000_000, maxRate: 61_000_000, noiseMargin: 6.1 } : {},
    up: isUp ? { currRate: 10_000_000, noiseMargin: 7.4 } : {},
    near: { crcErrors: 3 },
    far: {},
    inventory: { near: { vendor: "IFTN" }, far: { vendor: "BDCM", version: "178.13" } },
    quality: { "up.power": "suspect" },
    raw: { secret: "never shown" },
    ...more,
  };
}

export function at(start: WallTime, ms: number): WallTime {
  return wallTime(start + ms);
}
