import { invariant } from "@passerelle/result";
import { type Duration, earliest, type Instant, isDue, seconds } from "@passerelle/time";
import {
  APPS_MAX,
  type App,
  type AppRequest,
  agedRequest,
  CHALLENGES_OF_APP_MAX,
  type Challenge,
  PENDING_MAX,
  REQUESTS_MAX,
  requestDeadline,
} from "./app.ts";
import { type Attempts, KNOWN_MAX, NO_ATTEMPTS, SOURCES_MAX } from "./attempts.ts";
import type { Guess } from "./input.ts";
import {
  agedSession,
  OLD_TOKEN_MAX,
  SESSIONS_MAX,
  type Session,
  STEP_UP_MAX,
  sessionDeadline,
} from "./session.ts";

/** Guesses are judged one at a time: a judgement costs 19 MiB and a tenth of a second. */
export type DoorState =
  | { readonly kind: "idle"; readonly book: Book }
  | {
      readonly kind: "judging";
      readonly book: Book;
      readonly current: Guess;
      readonly waiting: readonly Guess[];
    };

/** Everybody who is in, may come in, or tried to. All but challenges and asks survives the process. */
export interface Book {
  readonly sessions: ReadonlyMap<string, Session>;
  readonly attempts: Attempts;
  readonly apps: ReadonlyMap<string, App>;
  readonly requests: ReadonlyMap<string, AppRequest>;
  /** By their octets in hexadecimal. */
  readonly challenges: ReadonlyMap<string, Challenge>;
  /** Sessions that wait for the button of the box. */
  readonly asks: ReadonlyMap<string, ButtonAsk>;
}

export interface ButtonAsk {
  readonly until: Instant;
  readonly pressed: boolean;
}

export const EMPTY_BOOK: Book = {
  sessions: new Map(),
  attempts: NO_ATTEMPTS,
  apps: new Map(),
  requests: new Map(),
  challenges: new Map(),
  asks: new Map(),
};

export const BUTTON_FOR: Duration = seconds(60);
/** Guesses that may wait for their turn. */
export const WAITING_MAX = 8;

/** The book as time left it; the same object where nothing is over. */
export function aged(book: Book, now: Instant): Book {
  const sessions = kept(book.sessions, (session) => agedSession(session, now));
  const requests = kept(book.requests, (request) => agedRequest(request, now));
  const challenges = kept(book.challenges, (one) => (isDue(one.until, now) ? undefined : one));
  const asks = kept(book.asks, (ask, session) =>
    isDue(ask.until, now) || !sessions.has(session) ? undefined : ask,
  );
  const same =
    sessions === book.sessions &&
    requests === book.requests &&
    challenges === book.challenges &&
    asks === book.asks;
  return same ? book : { ...book, sessions, requests, challenges, asks };
}

export function deadline({ book }: DoorState): Instant | undefined {
  return earliest(
    ...[...book.sessions.values()].map(sessionDeadline),
    ...[...book.requests.values()].map(requestDeadline),
    ...[...book.challenges.values()].map(({ until }) => until),
    ...[...book.asks.values()].map(({ until }) => until),
  );
}

export function check(state: DoorState): void {
  const { sessions, attempts, apps, requests, challenges, asks } = state.book;
  invariant(sessions.size <= SESSIONS_MAX, "at most 64 sessions");
  invariant(apps.size <= APPS_MAX, "at most 32 apps");
  invariant(requests.size <= REQUESTS_MAX, "requests of apps are bounded");
  const pending = [...requests.values()].filter((request) => request.state === "pending");
  invariant(pending.length <= PENDING_MAX, "at most 5 apps wait for an answer");
  invariant(challenges.size <= apps.size * CHALLENGES_OF_APP_MAX, "challenges are bounded");
  invariant(attempts.sources.size <= SOURCES_MAX, "sources are bounded");
  invariant(attempts.known.length <= KNOWN_MAX, "known sources are bounded");
  invariant(asks.size <= sessions.size, "a session asks for the button once");
  for (const [id, session] of sessions) {
    invariant(id === session.id, "a session is under its id");
    invariant(session.seenAt >= session.startedAt, "seen after it started");
    const { owner, stepUpUntil, previous } = session;
    if (owner.kind === "person" && owner.level === "reading")
      invariant(stepUpUntil === undefined && owner.remember, "who only reads is remembered");
    if (owner.kind === "app") invariant(apps.has(owner.app), "an app's session ends with it");
    if (stepUpUntil !== undefined)
      invariant(stepUpUntil - session.seenAt <= STEP_UP_MAX, "a step-up lasts an hour");
    if (previous !== undefined)
      invariant(previous.until - session.seenAt <= OLD_TOKEN_MAX, "an old token lasts 10 s");
  }
  if (state.kind === "judging")
    invariant(state.waiting.length <= WAITING_MAX, "few guesses wait for their turn");
}

function kept<T>(
  map: ReadonlyMap<string, T>,
  age: (value: T, key: string) => T | undefined,
): ReadonlyMap<string, T> {
  let next: Map<string, T> | undefined;
  for (const [key, value] of map) {
    const then = age(value, key);
    if (then === value) continue;
    next ??= new Map(map);
    if (then === undefined) next.delete(key);
    else next.set(key, then);
  }
  return next ?? map;
}
