import type { Sentence } from "@passerelle/result";
import type { Instant, WallTime } from "@passerelle/time";
import { type Alarm, type AlarmTiming, isRaised, rung, watched } from "./alarm.ts";
import { NOTICES, type NoticeCode } from "./faults.ts";
import type { Severity } from "./lines.ts";
import { NOTIFICATIONS_MAX, type Notice, type State } from "./state.ts";
import { boundedName, filled, shownName } from "./text.ts";

/** What a notification is made of. */
export interface NoticeParts {
  readonly id: string;
  readonly at: WallTime;
  readonly severity: Severity;
  readonly code: NoticeCode;
  readonly subject?: string;
  /** Fills `{what}`. */
  readonly what?: Sentence;
}

/** A message that stays until somebody takes it away. */
export function told(state: State, parts: NoticeParts): State {
  return placed(state, { ...noticeOf(parts), alarm: false, dismissed: false });
}

/** A condition was looked at: its notification comes when it lasts, and goes when it is over. */
export function observed(state: State, seen: Observation, now: Instant): State {
  const { id, holds, timing, since } = seen;
  const alarm = watched(state.alarms.get(id), holds, timing, since, now);
  const next = withAlarm(state, id, alarm);
  if (!isRaised(alarm)) return removed(next, id);
  // What it said last stands while it ends.
  if (!holds) return next;
  return raised(next, id, alarm?.since ?? since, seen.parts);
}

export interface Observation {
  readonly id: string;
  readonly holds: boolean;
  readonly timing: AlarmTiming;
  readonly since: WallTime;
  /** What it says; asked for only where it is raised. */
  readonly parts: (state: State, id: string) => Omit<NoticeParts, "id" | "at">;
}

/** Time went on: alarms that were pending are raised, ended ones are gone. */
export function rungAll(state: State, now: Instant, parts: Observation["parts"]): State {
  let next = state;
  for (const [id, before] of state.alarms) {
    const alarm = rung(before, now);
    if (alarm === before) continue;
    next = withAlarm(next, id, alarm);
    next = alarm === undefined ? removed(next, id) : raised(next, id, alarm.since, parts);
  }
  return next;
}

/** Undefined where there is nothing of this id to dismiss. */
export function dismissed(state: State, id: string): State | undefined {
  const notice = state.memory.notifications.find((each) => each.id === id && !each.dismissed);
  if (notice === undefined) return undefined;
  return notice.alarm ? placed(state, { ...notice, dismissed: true }) : removed(state, id);
}

function removed(state: State, id: string): State {
  const { notifications } = state.memory;
  if (!notifications.some((each) => each.id === id)) return state;
  return {
    ...state,
    memory: { ...state.memory, notifications: notifications.filter((each) => each.id !== id) },
  };
}

/** What people see: newest first. */
export function shownNotices(state: State): readonly Notice[] {
  return state.memory.notifications
    .filter((notice) => !notice.dismissed)
    .toSorted((a, b) => b.at - a.at);
}

function noticeOf(parts: NoticeParts): Omit<Notice, "alarm" | "dismissed"> {
  const { id, at, severity, code, subject, what } = parts;
  const [fr, en, nextFr, nextEn] = NOTICES[code];
  const shown = subject === undefined ? undefined : shownName(subject);
  return {
    id,
    at,
    severity,
    code,
    text: {
      fr: filled({ fr, en }, { subject: shown, what: what?.fr ?? "" }).fr.trim(),
      en: filled({ fr, en }, { subject: shown, what: what?.en ?? "" }).en.trim(),
    },
    next: { fr: nextFr, en: nextEn },
    ...(subject === undefined ? {} : { subject: boundedName(subject) }),
  };
}

/** What it says may change while it lasts; since when, and whether somebody wants to see it, does not. */
function raised(state: State, id: string, at: WallTime, parts: Observation["parts"]): State {
  const kept = state.memory.notifications.find((each) => each.id === id);
  const notice = noticeOf({ ...parts(state, id), id, at });
  return placed(state, { ...notice, alarm: true, dismissed: kept?.dismissed ?? false });
}

function withAlarm(state: State, id: string, alarm: Alarm | undefined): State {
  if (state.alarms.get(id) === alarm) return state;
  const alarms = new Map(state.alarms);
  if (alarm === undefined) alarms.delete(id);
  else alarms.set(id, alarm);
  return { ...state, alarms };
}

function placed(state: State, notice: Notice): State {
  const { notifications } = state.memory;
  const at = notifications.findIndex(({ id }) => id === notice.id);
  const known = notifications[at];
  if (known !== undefined && isSame(known, notice)) return state;
  const next = known === undefined ? [...notifications, notice] : notifications.with(at, notice);
  return { ...state, memory: { ...state.memory, notifications: bounded(next) } };
}

function isSame(a: Notice, b: Notice): boolean {
  return (
    a.at === b.at &&
    a.dismissed === b.dismissed &&
    a.code === b.code &&
    a.text.fr === b.text.fr &&
    a.text.en === b.text.en &&
    a.subject === b.subject
  );
}

/** Of too many the oldest message goes: a fault stays as long as its cause. */
function bounded(notifications: readonly Notice[]): readonly Notice[] {
  if (notifications.length <= NOTIFICATIONS_MAX) return notifications;
  const oldest = notifications.findIndex(({ alarm }) => !alarm);
  return notifications.toSpliced(Math.max(oldest, 0), 1);
}
