import type { Capability, ReplyOf, Routes } from "@passerelle/api";
import type { Instant, WallTime } from "@passerelle/time";
import type { App, AppRequest } from "./app.ts";
import { ownerName } from "./owner.ts";
import { capabilitiesOf, endOfSession, type Session } from "./session.ts";
import type { Book } from "./state.ts";

type SessionDocument = ReplyOf<Routes["GET /sessions/current"]>["session"];
type AppsDocument = ReplyOf<Routes["GET /apps"]>;

/** The calendar is only put on when somebody looks: a session that a jump moved never existed. */
export interface Clocks {
  readonly now: Instant;
  readonly wall: WallTime;
}

export function sessionView(
  session: Session,
  book: Book,
  clocks: Clocks,
  currentId: string | undefined,
): SessionDocument {
  const { owner, stepUpUntil, userAgent } = session;
  const at = (instant: Instant): number => Math.max(0, clocks.wall + (instant - clocks.now));
  return {
    id: session.id,
    current: session.id === currentId,
    kind: owner.kind,
    actor: ownerName(owner, book.apps),
    capabilities: [...sessionCapabilities(session, book)],
    source: session.source,
    ...(userAgent === undefined ? {} : { userAgent }),
    startedAt: at(session.startedAt),
    lastSeenAt: at(session.seenAt),
    expiresAt: at(endOfSession(session)),
    ...(stepUpUntil === undefined ? {} : { stepUpUntil: at(stepUpUntil) }),
  };
}

export function sessionCapabilities(session: Session, book: Book): ReadonlySet<Capability> {
  return capabilitiesOf(session, (app) => book.apps.get(app)?.capabilities);
}

export function appView(app: App): AppsDocument["apps"][number] {
  const { id, name, capabilities, createdAt, lastSeenAt } = app;
  return {
    id,
    name,
    capabilities: [...capabilities],
    createdAt,
    ...(lastSeenAt === undefined ? {} : { lastSeenAt }),
  };
}

export function requestView(request: AppRequest): AppsDocument["requests"][number] {
  const { id, name, wanted, source, at, state } = request;
  return { id, name, wanted: [...wanted], source, at, state };
}
