import type { Sentence } from "@passerelle/result";
import { type Instant, minutes, seconds, type WallTime } from "@passerelle/time";
import { type AlarmTiming, exceeds, isRaised } from "./alarm.ts";
import { type NoticeParts, observed } from "./board.ts";
import type { State } from "./state.ts";
import { shownBytes } from "./text.ts";

/** How long each must last before people are told, and how long be over. A flapping line says one thing, once. */
export const TIMINGS = {
  internet_down: { raiseAfter: seconds(30), endAfter: seconds(0) },
  storage_nearly_full: { raiseAfter: seconds(20), endAfter: seconds(20) },
  box_too_hot: { raiseAfter: seconds(30), endAfter: seconds(60) },
  clock_not_synchronised: { raiseAfter: minutes(15), endAfter: seconds(0) },
  daemon_unstable: { raiseAfter: seconds(0), endAfter: minutes(10) },
} as const satisfies Readonly<Record<string, AlarmTiming>>;

/** Share of the data disk that is left: told of below the first, over above the second. */
export const FREE_LOW = 0.1;
export const FREE_ENOUGH = 0.15;
/** Degrees. Boards throttle at 95 to 105. */
export const HOT = 88;
export const COOL = 78;
/** Deaths within this time that make a daemon unstable. */
export const DEATHS_MAX = 3;
export const DEATHS_WITHIN = minutes(10);

export function watchReach(state: State, since: WallTime, now: Instant): State {
  const { reach } = state;
  // Nobody knows yet: what was told stays.
  if (reach.kind === "unknown") return state;
  const holds = reach.kind !== "online";
  const next = watch(state, "internet_down", holds, since, now);
  return watchClock(next, since, now);
}

/** A clock can't be right without the Internet: that is told of by itself. */
export function watchClock(state: State, since: WallTime, now: Instant): State {
  const { clock, reach } = state;
  if (clock === undefined) return state;
  const holds = clock.wanted && !clock.synchronised && reach.kind === "online";
  return watch(state, "clock_not_synchronised", holds, since, now);
}

export function watchStorage(
  state: State,
  storage: { readonly totalBytes: number; readonly freeBytes: number },
  at: WallTime,
  now: Instant,
): State {
  const used = 1 - storage.freeBytes / Math.max(1, storage.totalBytes);
  const was = isRaised(state.alarms.get("storage_nearly_full"));
  const holds = exceeds(used, 1 - FREE_LOW, 1 - FREE_ENOUGH, was);
  return watch({ ...state, freeBytes: storage.freeBytes }, "storage_nearly_full", holds, at, now);
}

export function watchTemperature(
  state: State,
  temperature: number,
  at: WallTime,
  now: Instant,
): State {
  const holds = exceeds(temperature, HOT, COOL, isRaised(state.alarms.get("box_too_hot")));
  return watch({ ...state, temperature }, "box_too_hot", holds, at, now);
}

/**
 * A death is a moment: where too many came together the alarm begins with it, and ends ten minutes after the daemon
 * was seen alive with no other since.
 */
export function watchDaemon(
  state: State,
  heard: { readonly name: string; readonly died: boolean; readonly online: boolean },
  at: WallTime,
  now: Instant,
): State {
  const { name, died, online } = heard;
  const id = `daemon_unstable:${name}`;
  const deaths = state.daemons.get(name)?.deaths ?? [];
  const recent = deaths.filter((death) => now - death < DEATHS_WITHIN).length;
  const isUnstable = recent >= DEATHS_MAX || isRaised(state.alarms.get(id));
  const next = died && isUnstable ? watch(state, id, true, at, now) : state;
  return online ? watch(next, id, false, at, now) : next;
}

/** What a raised alarm says now. */
export function noticeParts(state: State, id: string): Omit<NoticeParts, "id" | "at"> {
  const [code, subject] = id.split(":");
  switch (code) {
    case "internet_down":
      return { severity: "fault", code, ...what(causeOf(state)) };
    case "storage_nearly_full":
      return { severity: "fault", code, ...what(same(shownBytes(state.freeBytes ?? 0))) };
    case "box_too_hot":
      return {
        severity: "warning",
        code,
        ...what(same(`${Math.round(state.temperature ?? 0)} °C`)),
      };
    case "clock_not_synchronised":
      return { severity: "warning", code };
    case "daemon_unstable":
      return { severity: "fault", code, subject: subject ?? "?" };
    default:
      throw new Error(`invariant: an alarm has a sentence (${id})`);
  }
}

function watch(state: State, id: string, holds: boolean, since: WallTime, now: Instant): State {
  const timing = TIMINGS[(id.split(":")[0] ?? "") as keyof typeof TIMINGS];
  return observed(state, { id, holds, timing, since, parts: noticeParts }, now);
}

function causeOf({ reach }: State): Sentence | undefined {
  return reach.kind === "limited" || reach.kind === "offline" ? reach.fault.text : undefined;
}

function same(text: string): Sentence {
  return { fr: text, en: text };
}

function what(sentence: Sentence | undefined): { readonly what?: Sentence } {
  return sentence === undefined ? {} : { what: sentence };
}
