import type { Machine, Step } from "@passerelle/machine";
import type { Instant } from "@passerelle/time";
import type { SystemConfig } from "../config.ts";
import { isRaised } from "./alarm.ts";
import { dismissed, rungAll, told } from "./board.ts";
import {
  noticeParts,
  watchClock,
  watchReach,
  watchStorage,
  watchTemperature,
} from "./conditions.ts";
import type { Effect } from "./effect.ts";
import { heardDaemon, heardDevice, heardFirewall, settleOpenings } from "./house.ts";
import type { Input, Storage } from "./input.ts";
import { heardLine } from "./line.ts";
import { heardRevision, heardRevisions } from "./revisions.ts";
import { check, deadline, initial, type Memory, type State } from "./state.ts";
import { shownBytes } from "./text.ts";
import { heardUpgrade } from "./upgrade/news.ts";
import { type Note, written } from "./write.ts";

/** What an input leads to, before its notes are lines. */
export interface Draft {
  readonly state: State;
  readonly notes?: readonly Note[];
  readonly effects?: readonly Effect[];
}

export function systemMachine(config: SystemConfig, memory: Memory): Machine<State, Input, Effect> {
  return { initial: initial(config, memory), step, deadline, check };
}

export function step(state: State, input: Input, now: Instant): Step<State, Effect> {
  const draft = handle(state, input, now);
  const notes = [...(draft.notes ?? []), ...alarmNotes(state, draft.state)];
  const { flood, lines } = written(state.flood, notes, now);
  const next = flood === draft.state.flood ? draft.state : { ...draft.state, flood };
  const remembers = next.memory !== state.memory;
  const effects: Effect[] = [...(draft.effects ?? [])];
  if (lines.length > 0 || remembers) {
    effects.unshift({ kind: "keep", lines, ...(remembers ? { memory: next.memory } : {}) });
  }
  return { state: next, effects };
}

function handle(state: State, input: Input, now: Instant): Draft {
  switch (input.kind) {
    case "configured":
      return { state: { ...state, config: input.config } };
    case "started":
      return started(state, input);
    case "line_history":
      return heardLine(state, input.transitions);
    case "reach": {
      const { reach } = input;
      const since = "since" in reach ? reach.since : input.at;
      return { state: watchReach({ ...state, reach }, since, now) };
    }
    case "networks":
      return { state: { ...state, guests: input.guests } };
    case "device":
      return heardDevice(state, input);
    case "named":
      return { state: renamed(state, input.id, input.name) };
    case "revision":
      return heardRevision(state, input);
    case "revisions":
      return heardRevisions(state, input.revisions, input.at);
    case "firewall":
      return heardFirewall(state, input, now);
    case "alive":
      return heardDaemon(state, input, now);
    case "security": {
      const { at, code, actor, source, subject } = input;
      return { state, notes: [{ code, at, actor, source, what: subject ?? "?" }] };
    }
    case "clock":
      return heardClock(state, input, now);
    case "clock_stepped":
      return { state, notes: [{ code: "clock_stepped", at: input.at, what: shownStep(input.ms) }] };
    case "measured":
      return measured(state, input, now);
    case "noted": {
      const { kind, ...note } = input;
      return { state, notes: [note] };
    }
    case "upgrade":
      return heardUpgrade(state, input.news, input.at);
    case "dismissed":
      return { state: dismissed(state, input.id) ?? state };
    case "timeout":
      return settleOpenings(rungAll(state, now, noticeParts), now);
  }
}

function started(state: State, { at, boot }: Extract<Input, { kind: "started" }>): Draft {
  if (boot === undefined) return { state };
  const { cause, actor } = boot;
  const code = (
    {
      power: "booted_power",
      person: "booted_person",
      upgrade: "booted_upgrade",
      fallback: "booted_fallback",
      crash: "booted_crash",
      watchdog: "booted_watchdog",
      factory_reset: "booted_reset",
      unknown: "booted",
    } as const
  )[cause];
  return { state, notes: [{ code, at, ...(actor === undefined ? {} : { actor }) }] };
}

function heardClock(
  state: State,
  { at, wanted, source }: Extract<Input, { kind: "clock" }>,
  now: Instant,
): Draft {
  const was = state.clock?.synchronised === true;
  const synchronised = source !== undefined;
  const next = watchClock({ ...state, clock: { wanted, synchronised } }, at, now);
  if (synchronised && !was)
    return { state: next, notes: [{ code: "clock_synchronised", at, source }] };
  // Switched off by a person is not lost.
  if (was && !synchronised && wanted) return { state: next, notes: [{ code: "clock_lost", at }] };
  return { state: next };
}

function measured(
  state: State,
  { at, storage, temperature }: Extract<Input, { kind: "measured" }>,
  now: Instant,
): Draft {
  let next = state;
  if (storage !== undefined) next = watchStorage(next, storage, at, now);
  if (temperature !== undefined) next = watchTemperature(next, temperature, at, now);
  const ballast = storage === undefined ? undefined : ballastOf(storage);
  return {
    state: next,
    ...(ballast === undefined ? {} : { effects: [{ kind: "ballast", wanted: ballast }] }),
  };
}

/** A disk without a free page can't even be cleaned: the megabyte is given back then, and taken again when there is room. */
export const BALLAST_GIVEN_BELOW = 512 * 1024;
export const BALLAST_TAKEN_ABOVE = 8 * 1024 * 1024;

function ballastOf({ freeBytes, ballast }: Storage): boolean | undefined {
  if (ballast && freeBytes < BALLAST_GIVEN_BELOW) return false;
  return !ballast && freeBytes > BALLAST_TAKEN_ABOVE ? true : undefined;
}

/** A device that was new under one name may have said another since. */
function renamed(state: State, id: string, name: string): State {
  const notice = state.memory.notifications.find((each) => each.id === `device:${id}`);
  if (notice === undefined || notice.subject === name) return state;
  const code = notice.code === "device_joined" ? notice.code : "device_joined_private";
  return told(state, {
    id: notice.id,
    at: notice.at,
    severity: notice.severity,
    code,
    subject: name,
  });
}

/** Storage and heat are told in the log when people are told of them, not at each reading. */
function alarmNotes(before: State, after: State): readonly Note[] {
  if (before.alarms === after.alarms) return [];
  return (
    [
      ["storage_nearly_full", "storage_filling", "storage_room", shownBytes(after.freeBytes ?? 0)],
      ["box_too_hot", "heat_rising", "heat_gone", `${Math.round(after.temperature ?? 0)} °C`],
    ] as const
  ).flatMap(([id, begins, ends, what]) => {
    const [was, is] = [before.alarms.get(id), after.alarms.get(id)];
    if (isRaised(was) === isRaised(is)) return [];
    return [{ code: isRaised(is) ? begins : ends, what }];
  });
}

function shownStep(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return `${seconds > 0 ? "+" : ""}${seconds} s`;
}
