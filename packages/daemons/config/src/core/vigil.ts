import type { DaemonName } from "@passerelle/contract";
import { invariant } from "@passerelle/result";
import { after, type Duration, earliest, type Instant, isDue, seconds } from "@passerelle/time";

/** The daemons that went offline in the window of a probation: one that stays away or keeps dying died of the change. */
export type Vigil = readonly Outage[];

export interface Outage {
  readonly daemon: DaemonName;
  /** How often it went. */
  readonly count: number;
  /** Since when it is away; absent: it is back. */
  readonly since?: Instant;
}

/** A daemon that went offline. */
export interface Gone {
  readonly daemon: DaemonName;
  /** How long it had been online. */
  readonly upFor: Duration;
}

/**
 * @param isTouched the change is in this daemon's section. A change may break the others too, through what the first
 *   tells them; but one that was hardly up before it went has troubles of its own, and must not stand in the way of
 *   whoever repairs the box.
 */
export function noteGone(vigil: Vigil, gone: Gone, isTouched: boolean, now: Instant): Vigil {
  const { daemon, upFor } = gone;
  const known = vigil.find((outage) => outage.daemon === daemon);
  if (known === undefined && !isTouched && upFor < STEADY_AFTER) return vigil;
  if (known?.since !== undefined) return vigil;
  const outage = { daemon, count: (known?.count ?? 0) + 1, since: now };
  return [...vigil.filter((other) => other !== known), outage];
}

export function noteBack(vigil: Vigil, daemon: DaemonName): Vigil {
  return vigil.map((outage) =>
    outage.daemon === daemon ? { daemon, count: outage.count } : outage,
  );
}

/** The daemon that died of the change, if any. */
export function casualty(vigil: Vigil, now: Instant): DaemonName | undefined {
  return vigil.find(({ count, since }) => count >= DEATHS_MAX || isDue(awayUntil(since), now))
    ?.daemon;
}

export function vigilDeadline(vigil: Vigil): Instant | undefined {
  return earliest(...vigil.map(({ since }) => awayUntil(since)));
}

export function checkVigil(vigil: Vigil): void {
  const names = new Set(vigil.map(({ daemon }) => daemon));
  invariant(names.size === vigil.length, "one outage a daemon");
  for (const { count } of vigil) {
    invariant(count > 0 && count < DEATHS_MAX, "a daemon that died too often ended the probation");
  }
}

function awayUntil(since: Instant | undefined): Instant | undefined {
  return since === undefined ? undefined : after(since, AWAY_MAX);
}

/** A start takes a second on a small board; a supervisor waits some more between two. */
const AWAY_MAX: Duration = seconds(10);
/** Once is bad luck, twice is a coincidence. */
const DEATHS_MAX = 3;
const STEADY_AFTER: Duration = seconds(60);
