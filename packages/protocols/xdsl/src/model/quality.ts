import type { CounterName, DirectionStatus, LineSnapshot } from "./line.ts";

/**
 * `measured`: the modem says so. `derived`: we computed it from other fields. `suspect`: the modem says so, and
 * modems of its kind are known to be wrong about it.
 */
export type Quality = "measured" | "derived" | "suspect";

export type FieldPath =
  | `${"down" | "up"}.${keyof DirectionStatus}`
  | `${"near" | "far"}.${CounterName}`
  | "state"
  | "uptime"
  | "standard"
  | "profile"
  | "tc";

export function qualityOf(snapshot: LineSnapshot, field: FieldPath): Quality {
  return snapshot.quality[field] ?? "measured";
}
