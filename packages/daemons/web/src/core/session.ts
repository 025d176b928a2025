import { CAPABILITIES, type Capability } from "@passerelle/api";
import {
  after,
  type Duration,
  earliest,
  hours,
  type Instant,
  instant,
  isDue,
  minutes,
  seconds,
} from "@passerelle/time";

/** Somebody who is logged in. All its times are Instants: a jump of the calendar ends and prolongs nothing. */
export interface Session {
  /** For lists and for revoking; knowing it opens nothing. */
  readonly id: string;
  /** SHA-256 of the token; the token itself is kept by nobody but its owner. */
  readonly tokenHash: string;
  /** The token before a rotation: requests that were on their way still arrive. Without its step-up. */
  readonly previous?: { readonly tokenHash: string; readonly until: Instant };
  readonly transport: "cookie" | "bearer";
  readonly owner: SessionOwner;
  readonly source: string;
  readonly userAgent?: string;
  readonly startedAt: Instant;
  readonly seenAt: Instant;
  /** Dangerous actions are allowed until then. */
  readonly stepUpUntil?: Instant;
}

export type SessionOwner =
  /** "reading": the time of the password is over, and `remember` leaves a look at things. */
  | { readonly kind: "person"; readonly remember: boolean; readonly level: "full" | "reading" }
  | { readonly kind: "app"; readonly app: string };

/** What is drawn for a session before anybody knows whether there will be one. */
export interface NewSession {
  readonly id: string;
  readonly tokenHash: string;
  readonly transport: Session["transport"];
  readonly remember: boolean;
  readonly userAgent?: string;
}

export const IDLE_MAX: Duration = minutes(30);
export const SESSION_MAX: Duration = hours(12);
export const REMEMBER_MAX: Duration = hours(30 * 24);
export const STEP_UP_MAX: Duration = minutes(60);
export const OLD_TOKEN_MAX: Duration = seconds(10);
export const SESSIONS_MAX = 64;

export const EVERYTHING: ReadonlySet<Capability> = new Set(CAPABILITIES);
const READING: ReadonlySet<Capability> = new Set(["read"]);

/** What a session may do; of an app, what the app may do at this moment. */
export function capabilitiesOf(
  session: Session,
  ofApp: (app: string) => ReadonlySet<Capability> | undefined,
): ReadonlySet<Capability> {
  if (session.owner.kind === "app") return ofApp(session.owner.app) ?? new Set();
  return session.owner.level === "full" ? EVERYTHING : READING;
}

export function startSession(
  fresh: NewSession,
  owner: SessionOwner,
  source: string,
  now: Instant,
): Session {
  const { id, tokenHash, transport, userAgent } = fresh;
  return {
    id,
    tokenHash,
    transport,
    owner,
    source,
    ...(userAgent === undefined ? {} : { userAgent }),
    startedAt: now,
    seenAt: now,
  };
}

/** When its next right ends, if nobody shows up. */
export function sessionDeadline(session: Session): Instant | undefined {
  return earliest(endOfLevel(session), session.stepUpUntil, session.previous?.until);
}

/** When it is over for good, as people see it. */
export function endOfSession(session: Session): Instant {
  return isRemembered(session) ? after(session.startedAt, REMEMBER_MAX) : endOfLevel(session);
}

/** The session as time left it; undefined where nothing is left. The same object where nothing changed. */
export function agedSession(session: Session, now: Instant): Session | undefined {
  if (isDue(endOfLevel(session), now)) {
    if (isDue(endOfSession(session), now)) return undefined;
    const { stepUpUntil: _, previous: __, ...rest } = session;
    return { ...rest, owner: { kind: "person", remember: true, level: "reading" } };
  }
  const stepIsOver = isDue(session.stepUpUntil, now);
  const previousIsOver = isDue(session.previous?.until, now);
  if (!stepIsOver && !previousIsOver) return session;
  const { stepUpUntil, previous, ...rest } = session;
  return {
    ...rest,
    ...(stepIsOver || stepUpUntil === undefined ? {} : { stepUpUntil }),
    ...(previousIsOver || previous === undefined ? {} : { previous }),
  };
}

/** Dangerous actions are open for an hour; a cookie is worth another token from here on. */
export function steppedUp(session: Session, tokenHash: string, now: Instant): Session {
  const { previous: _, ...rest } = session;
  return {
    ...rest,
    tokenHash,
    ...(tokenHash === session.tokenHash
      ? {}
      : { previous: { tokenHash: session.tokenHash, until: after(now, OLD_TOKEN_MAX) } }),
    seenAt: now,
    stepUpUntil: after(now, STEP_UP_MAX),
  };
}

function endOfLevel(session: Session): Instant {
  if (session.owner.kind === "person" && session.owner.level === "reading")
    return after(session.startedAt, REMEMBER_MAX);
  const idle = after(session.seenAt, IDLE_MAX);
  const whole = after(session.startedAt, SESSION_MAX);
  return instant(Math.min(idle, whole));
}

function isRemembered({ owner }: Session): boolean {
  return owner.kind === "person" && owner.remember;
}
