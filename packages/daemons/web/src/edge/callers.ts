import type { Capability } from "@passerelle/api";
import type { Clock } from "@passerelle/service";
import { ownerName } from "../core/owner.ts";
import { EVERYTHING, type Session } from "../core/session.ts";
import type { Book } from "../core/state.ts";
import { sessionCapabilities } from "../core/view.ts";
import type { Caller } from "./api/port.ts";
import type { CallerRequest, Door } from "./port.ts";
import { sha256 } from "./secrets.ts";
import { cookieName, tokenOf } from "./token.ts";

export interface CallersOptions {
  readonly clock: Clock;
  /** As it is now: nothing in it is over. */
  readonly book: () => Book;
  /** A request came in this session. */
  readonly seen: (session: string) => void;
}

/** Who asks: by the cookie, the bearer token or the local socket. */
export function createCallers({
  clock,
  book,
  seen,
}: CallersOptions): Pick<Door, "resolveCaller" | "recheck"> {
  const callerOf = (session: Session, isPrevious: boolean, seat: Seat): Caller => {
    const known = book();
    const until = session.stepUpUntil;
    return {
      ...seat,
      kind: session.owner.kind,
      actor: ownerName(session.owner, known.apps),
      capabilities: sessionCapabilities(session, known),
      sessionId: session.id,
      steppedUp: !isPrevious && until !== undefined && clock.now() < until,
    };
  };
  return {
    resolveCaller(request) {
      const seat = seatOf(request);
      if (request.local) return { ...seat, ...LOCAL };
      const token = tokenOf(request.headers, cookieName(request.secure));
      if (token === undefined) return { ...seat, ...ANYONE };
      const hash = sha256(token.text);
      for (const session of book().sessions.values()) {
        if (session.transport !== token.transport) continue;
        const isPrevious = session.previous?.tokenHash === hash;
        if (session.tokenHash !== hash && !isPrevious) continue;
        seen(session.id);
        return callerOf(session, isPrevious, seat);
      }
      return { ...seat, ...ANYONE };
    },
    recheck(caller) {
      if (caller.sessionId === undefined) return caller;
      const session = book().sessions.get(caller.sessionId);
      return session === undefined ? undefined : callerOf(session, false, caller);
    },
  };
}

type Seat = Pick<Caller, "source" | "secure" | "userAgent">;

function seatOf({ source, secure, headers }: CallerRequest): Seat {
  const userAgent = headers["user-agent"]?.slice(0, USER_AGENT_MAX);
  return { source, secure, ...(userAgent === undefined ? {} : { userAgent }) };
}

const USER_AGENT_MAX = 200;
const NOTHING: ReadonlySet<Capability> = new Set();
const ANYONE = {
  kind: "anyone",
  actor: "anyone",
  capabilities: NOTHING,
  steppedUp: false,
} as const;
/** The socket is for its owner alone (0600): whoever opens it may do everything on this box anyway. */
const LOCAL = { kind: "local", actor: "local", capabilities: EVERYTHING, steppedUp: true } as const;
