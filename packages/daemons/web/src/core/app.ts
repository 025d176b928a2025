import type { Capability } from "@passerelle/api";
import {
  after,
  type Duration,
  type Instant,
  isDue,
  minutes,
  seconds,
  type WallTime,
} from "@passerelle/time";

/** A program of the house that was let in. Its secret is in the store, not here: a dump may show all of this. */
export interface App {
  readonly id: string;
  readonly name: string;
  readonly capabilities: ReadonlySet<Capability>;
  readonly createdAt: WallTime;
  readonly lastSeenAt?: WallTime;
}

/** An app that asks to be let in. It becomes an app of the same id. */
export interface AppRequest {
  readonly id: string;
  readonly name: string;
  readonly wanted: readonly Capability[];
  readonly source: string;
  readonly at: WallTime;
  readonly askedAt: Instant;
  readonly state: "pending" | "approved" | "denied" | "expired";
}

/** Octets that an app proves its secret with. Good once. */
export interface Challenge {
  readonly app: string;
  readonly until: Instant;
}

export const APPS_MAX = 32;
export const PENDING_MAX = 5;
/** One device must not take all places of those that wait. */
export const PENDING_OF_SOURCE_MAX = 2;
/** Requests of one device that are remembered: it may not ask again and again. */
export const REQUESTS_OF_SOURCE_MAX = 4;
export const REQUESTS_MAX = 32;
export const PENDING_FOR: Duration = minutes(10);
/** How long an app can ask what became of its request. */
export const REQUEST_KEPT: Duration = minutes(20);
export const CHALLENGE_FOR: Duration = seconds(60);
export const CHALLENGES_OF_APP_MAX = 4;

/** Whether one more request has a place. */
export function hasPlace(
  requests: ReadonlyMap<string, AppRequest>,
  apps: ReadonlyMap<string, App>,
  source: string,
): boolean {
  const all = [...requests.values()];
  const pending = all.filter(({ state }) => state === "pending");
  const own = all.filter((request) => request.source === source);
  return (
    apps.size + pending.length < APPS_MAX &&
    all.length < REQUESTS_MAX &&
    pending.length < PENDING_MAX &&
    own.length < REQUESTS_OF_SOURCE_MAX &&
    pending.filter((request) => request.source === source).length < PENDING_OF_SOURCE_MAX
  );
}

/** The request as time left it; undefined where it is forgotten. */
export function agedRequest(request: AppRequest, now: Instant): AppRequest | undefined {
  if (isDue(after(request.askedAt, REQUEST_KEPT), now)) return undefined;
  if (request.state === "pending" && isDue(after(request.askedAt, PENDING_FOR), now))
    return { ...request, state: "expired" };
  return request;
}

export function requestDeadline(request: AppRequest): Instant {
  return after(request.askedAt, request.state === "pending" ? PENDING_FOR : REQUEST_KEPT);
}

/** With one more challenge; the oldest of the app go. */
export function withChallenge(
  challenges: ReadonlyMap<string, Challenge>,
  challenge: string,
  app: string,
  now: Instant,
): ReadonlyMap<string, Challenge> {
  const next = new Map(challenges);
  const own = [...next].filter(([, other]) => other.app === app);
  for (const [old] of own.slice(0, Math.max(0, own.length - CHALLENGES_OF_APP_MAX + 1)))
    next.delete(old);
  next.set(challenge, { app, until: after(now, CHALLENGE_FOR) });
  return next;
}
