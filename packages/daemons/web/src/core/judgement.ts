import type { Instant } from "@passerelle/time";
import { failed, forgiven } from "./attempts.ts";
import type { Effect } from "./effect.ts";
import type { Guess, Purpose } from "./input.ts";
import { mayOnlyRead, ownerName, PERSON } from "./owner.ts";
import {
  type NewSession,
  SESSIONS_MAX,
  type Session,
  type SessionOwner,
  startSession,
  steppedUp,
} from "./session.ts";
import type { Book } from "./state.ts";

/** What becomes of the book, and who is told. */
export interface Outcome {
  readonly change: Partial<Book>;
  readonly effects: readonly Effect[];
}

export function wasWrong(book: Book, guess: Guess, now: Instant): Outcome {
  const { request, source, purpose } = guess;
  const actor = actorOf(book, purpose);
  const kind = purpose.kind === "step_up" ? "step_up_failed" : "login_failed";
  return {
    change: { attempts: failed(book.attempts, source, now) },
    effects: [
      { kind: "save" },
      { kind: "audit", event: { kind, actor, source } },
      { kind: "answer", request, answer: { kind: "wrong" } },
    ],
  };
}

export function wasRight(book: Book, guess: Guess, now: Instant): Outcome {
  const { purpose, source } = guess;
  switch (purpose.kind) {
    case "login": {
      const owner = {
        kind: "person",
        remember: purpose.session.remember,
        level: "full",
      } as const;
      const sessions = new Map(book.sessions);
      // A new login is a new session: whoever planted the old token has nothing of it.
      if (purpose.replaces !== undefined) sessions.delete(purpose.replaces);
      const attempts = forgiven(book.attempts, source);
      return loggedIn({ ...book, sessions, attempts }, guess, owner, purpose.session, now);
    }
    case "app": {
      const app = book.apps.get(purpose.app);
      if (app === undefined) return wasWrong(book, guess, now);
      const apps = new Map(book.apps).set(app.id, { ...app, lastSeenAt: guess.at });
      const owner = { kind: "app", app: app.id } as const;
      // The proof of an app forgives nobody's guesses at the password.
      return loggedIn({ ...book, apps }, guess, owner, purpose.session, now);
    }
    case "step_up":
      return rose(book, guess, purpose, now);
    case "password":
      return passwordChanged(book, guess, purpose);
  }
}

function loggedIn(
  book: Book,
  { request, source }: Guess,
  owner: SessionOwner,
  fresh: NewSession,
  now: Instant,
): Outcome {
  const session = startSession(fresh, owner, source, now);
  const sessions = withPlace(book.sessions, owner);
  sessions.set(session.id, session);
  const { attempts, apps } = book;
  const actor = ownerName(owner, apps);
  return {
    change: { sessions, attempts, apps },
    effects: [
      { kind: "save" },
      { kind: "audit", event: { kind: "login", actor, source } },
      { kind: "changed", what: "sessions" },
      { kind: "answer", request, answer: { kind: "session", session } },
    ],
  };
}

function rose(
  book: Book,
  { request, source }: Guess,
  { session: id, tokenHash }: Extract<Purpose, { kind: "step_up" }>,
  now: Instant,
): Outcome {
  const session = book.sessions.get(id);
  const attempts = forgiven(book.attempts, source);
  // It ended, or came down to reading, while its password was being looked at.
  if (session === undefined || mayOnlyRead(session.owner)) {
    return {
      change: { attempts },
      effects: [{ kind: "save" }, { kind: "answer", request, answer: { kind: "unknown" } }],
    };
  }
  const risen = steppedUp(session, tokenHash ?? session.tokenHash, now);
  const sessions = new Map(book.sessions).set(id, risen);
  const actor = ownerName(session.owner, book.apps);
  return {
    change: { attempts, sessions },
    effects: [
      { kind: "save" },
      { kind: "audit", event: { kind: "step_up", actor, source } },
      { kind: "changed", what: "sessions" },
      { kind: "answer", request, answer: { kind: "session", session: risen } },
    ],
  };
}

/** Every other session ends: one of them may be the reason for the change. */
function passwordChanged(
  book: Book,
  { request, source }: Guess,
  { session, actor }: Extract<Purpose, { kind: "password" }>,
): Outcome {
  const own = session === undefined ? undefined : book.sessions.get(session);
  const sessions = new Map<string, Session>(own === undefined ? [] : [[own.id, own]]);
  const asks = new Map([...book.asks].filter(([id]) => sessions.has(id)));
  return {
    change: { sessions, asks, attempts: forgiven(book.attempts, source) },
    effects: [
      { kind: "set_password", request },
      { kind: "save" },
      { kind: "audit", event: { kind: "password_changed", actor, source } },
      { kind: "changed", what: "sessions" },
      { kind: "answer", request, answer: { kind: "done" } },
    ],
  };
}

/** Sessions with room for one more: an app loses its own oldest, else whoever was away longest goes. */
function withPlace(
  sessions: ReadonlyMap<string, Session>,
  owner: SessionOwner,
): Map<string, Session> {
  const next = new Map(sessions);
  const own = [...next.values()].filter(
    (session) =>
      owner.kind === "app" && session.owner.kind === "app" && session.owner.app === owner.app,
  );
  if (own.length >= SESSIONS_OF_APP_MAX) next.delete(longestAway(own)?.id ?? "");
  if (next.size >= SESSIONS_MAX) {
    const apps = [...next.values()].filter((session) => session.owner.kind === "app");
    const gone = longestAway(apps.length > 0 ? apps : [...next.values()]);
    next.delete(gone?.id ?? "");
  }
  return next;
}

const SESSIONS_OF_APP_MAX = 4;

function longestAway(sessions: readonly Session[]): Session | undefined {
  return sessions.toSorted((a, b) => a.seenAt - b.seenAt)[0];
}

function actorOf(book: Book, purpose: Purpose): string {
  switch (purpose.kind) {
    case "app":
      return ownerName({ kind: "app", app: purpose.app }, book.apps);
    case "password":
      return purpose.actor;
    default:
      return PERSON;
  }
}
