import { after, type Duration, type Instant, isDue, type WallTime } from "@passerelle/time";

/** Something that should not be so, seen over time: a moment of it raises nothing, a moment without it ends nothing. */
export type Alarm =
  | { readonly kind: "pending"; readonly since: WallTime; readonly raiseAt: Instant }
  | { readonly kind: "raised"; readonly since: WallTime }
  | { readonly kind: "ending"; readonly since: WallTime; readonly endAt: Instant };

export interface AlarmTiming {
  /** How long it must be so before people are told. */
  readonly raiseAfter: Duration;
  /** How long it must not be so before the alarm ends. */
  readonly endAfter: Duration;
}

/** The condition was seen, or seen not to be; undefined is an alarm that is silent. */
export function watched(
  alarm: Alarm | undefined,
  holds: boolean,
  timing: AlarmTiming,
  since: WallTime,
  now: Instant,
): Alarm | undefined {
  if (holds) {
    if (alarm === undefined) {
      return rung({ kind: "pending", since, raiseAt: after(now, timing.raiseAfter) }, now);
    }
    return alarm.kind === "ending" ? { kind: "raised", since: alarm.since } : alarm;
  }
  if (alarm === undefined || alarm.kind === "pending") return undefined;
  if (alarm.kind === "ending") return rung(alarm, now);
  return rung({ kind: "ending", since: alarm.since, endAt: after(now, timing.endAfter) }, now);
}

/** Time went on. */
export function rung(alarm: Alarm, now: Instant): Alarm | undefined {
  switch (alarm.kind) {
    case "pending":
      return isDue(alarm.raiseAt, now) ? { kind: "raised", since: alarm.since } : alarm;
    case "raised":
      return alarm;
    case "ending":
      return isDue(alarm.endAt, now) ? undefined : alarm;
  }
}

export function alarmDeadline(alarm: Alarm): Instant | undefined {
  switch (alarm.kind) {
    case "pending":
      return alarm.raiseAt;
    case "raised":
      return undefined;
    case "ending":
      return alarm.endAt;
  }
}

/** True from the moment people are told until it is over. */
export function isRaised(alarm: Alarm | undefined): boolean {
  return alarm !== undefined && alarm.kind !== "pending";
}

/** With hysteresis: above `high` it begins, below `low` it ends, between them it stays as it is. */
export function exceeds(value: number, high: number, low: number, was: boolean): boolean {
  return was ? value >= low : value >= high;
}
