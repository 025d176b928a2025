import { invariant, type Sentence } from "@passerelle/result";
import { earliest, type Instant, type WallTime } from "@passerelle/time";
import type { SystemConfig } from "../config.ts";
import { type Alarm, alarmDeadline, isRaised } from "./alarm.ts";
import { type Flood, floodDeadline } from "./flood.ts";
import type { Reach } from "./input.ts";
import type { Severity } from "./lines.ts";

export const NOTIFICATIONS_MAX = 50;

export interface State {
  readonly config: SystemConfig;
  readonly memory: Memory;
  readonly flood: Flood;
  /** By the id of the notification that each makes. */
  readonly alarms: ReadonlyMap<string, Alarm>;
  readonly reach: Reach;
  readonly clock: { readonly wanted: boolean; readonly synchronised: boolean } | undefined;
  /** Names of the networks of guests, whose devices nobody is told of. */
  readonly guests: readonly string[];
  readonly daemons: ReadonlyMap<string, Daemon>;
  /** Of the data disk, as it was last measured. */
  readonly freeBytes: number | undefined;
  readonly temperature: number | undefined;
  /** Openings that the firewall has now, and when those that it lacks count as closed. */
  readonly closed:
    | { readonly open: Readonly<Record<string, string>>; readonly at: Instant }
    | undefined;
  /** A change waits for its confirmation. */
  readonly onTrial: boolean;
  /** The newest revision that `config` was asked about. */
  readonly asked: number | undefined;
}

export interface Daemon {
  readonly online: boolean;
  readonly pid: number | undefined;
  /** The last deaths, oldest first, at most as many as make it unstable. */
  readonly deaths: readonly Instant[];
}

/** What must be known after a restart; kept in the file of the log. Plain JSON. */
export interface Memory {
  readonly notifications: readonly Notice[];
  readonly openings: Readonly<Record<string, string>>;
  readonly firewallFailed: boolean;
  readonly revision: number | undefined;
  /** The sections of the revision on probation. */
  readonly trial: string | undefined;
  readonly undoneAt: number | undefined;
  /** Why the line is as it is, where that is in the log: each layer says the same of one cut cable. */
  readonly lineCause: string | undefined;
  /** The newest transition of the line that is in the log. */
  readonly transition: string | undefined;
}

export interface Notice {
  readonly id: string;
  readonly at: WallTime;
  readonly severity: Severity;
  readonly code: string;
  readonly text: Sentence;
  readonly next?: Sentence;
  readonly subject?: string;
  /** It goes when its alarm ends; until then a dismissed one is remembered, so that it does not come back. */
  readonly alarm: boolean;
  readonly dismissed: boolean;
}

export const EMPTY_MEMORY: Memory = {
  notifications: [],
  openings: {},
  firewallFailed: false,
  revision: undefined,
  trial: undefined,
  undoneAt: undefined,
  lineCause: undefined,
  transition: undefined,
};

/** What was raised in an earlier life stands until it is seen not to be so. */
export function initial(config: SystemConfig, memory: Memory): State {
  const raised = memory.notifications.filter(({ alarm }) => alarm);
  return {
    config,
    memory,
    flood: new Map(),
    alarms: new Map(raised.map(({ id, at }) => [id, { kind: "raised", since: at }])),
    reach: { kind: "unknown" },
    clock: undefined,
    guests: [],
    daemons: new Map(),
    freeBytes: undefined,
    temperature: undefined,
    closed: undefined,
    onTrial: false,
    asked: undefined,
  };
}

export function deadline(state: State): Instant | undefined {
  return earliest(
    state.closed?.at,
    floodDeadline(state.flood),
    ...[...state.alarms.values()].map(alarmDeadline),
  );
}

export function check(state: State): void {
  const { notifications } = state.memory;
  invariant(notifications.length <= NOTIFICATIONS_MAX, "a person is told of at most 50 things");
  invariant(
    new Set(notifications.map(({ id }) => id)).size === notifications.length,
    "a notification is there once",
  );
  for (const { id, alarm, dismissed } of notifications) {
    invariant(!alarm || isRaised(state.alarms.get(id)), "a fault that is told of is so");
    invariant(alarm || !dismissed, "a dismissed message is gone");
  }
}
