import type { Capability } from "@passerelle/api";
import { webSecurityEvent } from "@passerelle/contract";
import type { Driver, ServiceContext } from "@passerelle/service";
import type { WebConfig } from "../config.ts";
import { waitOf } from "../core/attempts.ts";
import type { Answer, Effect } from "../core/effect.ts";
import type { Input } from "../core/input.ts";
import { ownerName } from "../core/owner.ts";
import { agedSession, EVERYTHING, type Session } from "../core/session.ts";
import { aged, type Book, type DoorState } from "../core/state.ts";
import { doorMachine } from "../core/step.ts";
import { sessionCapabilities } from "../core/view.ts";
import type { Caller } from "./api/port.ts";
import { type DoorStore, openDoorStore } from "./door-store.ts";
import type { AttemptCounter, Audit, CallerRequest } from "./port.ts";
import { sha256 } from "./secrets.ts";
import { cookieName, tokenOf } from "./token.ts";

/** Runs the machine of the door, keeps its book on the disk, and knows who asks. */
export interface DoorKeeper {
  resolveCaller(request: CallerRequest): Caller;
  recheck(caller: Caller): Caller | undefined;
  readonly attempts: AttemptCounter;
  readonly audit: Audit;
  /** Feeds an input that is answered. */
  ask(make: (request: number) => Input): Promise<Settled>;
  /** Feeds a guess; `judge` runs when it is its turn. */
  guess(
    make: (request: number) => Extract<Input, { kind: "knock" }>,
    judge: Judge,
  ): Promise<Settled>;
  buttonPressed(): void;
  /** As it is now: nothing in it is over. */
  book(): Book;
  readonly store: DoorStore;
  dump(): unknown;
  close(): void;
}

/** An answer, and whether what it rests on is on the disk. */
export interface Settled {
  readonly answer: Answer;
  readonly isSaved: boolean;
}

export interface Judgement {
  readonly right: boolean;
  /** Of the new password, where the guess was for changing it. */
  readonly passwordHash?: string;
}
export type Judge = () => Promise<Judgement>;

export interface DoorOptions {
  readonly context: ServiceContext<WebConfig>;
  readonly changed: (what: "sessions" | "apps") => void;
}

export function openDoor({ context, changed }: DoorOptions): DoorKeeper {
  const { clock, log, stateDirectory } = context;
  const store = openDoorStore(stateDirectory, clock, log);
  const audit = createAudit(context);
  const waiting = new Map<number, (settled: Settled) => void>();
  const judges = new Map<number, Judge>();
  const hashes = new Map<number, string>();
  let requests = 0;
  let newHash: string | undefined;
  let isSaved = true;

  const judge = (request: number): void => {
    const evaluate = judges.get(request);
    const verdict = evaluate === undefined ? Promise.resolve({ right: false }) : evaluate();
    verdict
      .catch((error: unknown): Judgement => {
        log.error("guess_not_judged", { error });
        return { right: false };
      })
      .then(({ right, passwordHash }: Judgement) => {
        if (passwordHash !== undefined) hashes.set(request, passwordHash);
        driver.input({ kind: "judged", request, right });
        hashes.delete(request);
      })
      .catch(() => undefined);
  };
  const run = (effect: Effect): void => {
    switch (effect.kind) {
      case "judge":
        judge(effect.request);
        return;
      case "set_password":
        newHash = hashes.get(effect.request);
        return;
      case "save":
        isSaved = store.save(driver.state.book, newHash);
        newHash = undefined;
        return;
      case "answer": {
        const tell = waiting.get(effect.request);
        waiting.delete(effect.request);
        judges.delete(effect.request);
        tell?.({ answer: effect.answer, isSaved });
        isSaved = true;
        return;
      }
      case "audit":
        audit(effect.event);
        return;
      case "changed":
        changed(effect.what);
        return;
    }
  };
  const driver: Driver<DoorState, Input> = context.drive(doorMachine(store.load()), {
    name: "door",
    run,
    redact,
  });
  const ask = (make: (request: number) => Input, evaluate?: Judge): Promise<Settled> => {
    requests += 1;
    const request = requests;
    return new Promise((resolve) => {
      waiting.set(request, resolve);
      if (evaluate !== undefined) judges.set(request, evaluate);
      driver.input(make(request));
    });
  };
  const book = (): Book => aged(driver.state.book, clock.now());
  const callers = createCallers({
    clock,
    book,
    seen: (session) => driver.input({ kind: "seen", session }),
  });
  return {
    ...callers,
    attempts: {
      check(source) {
        const wait = waitOf(driver.state.book.attempts, source, clock.now());
        return wait > 0 ? Math.ceil(wait / 1000) : undefined;
      },
      fail: (source) => driver.input({ kind: "failed", source }),
    },
    audit,
    ask: (make) => ask(make),
    guess: (make, evaluate) => ask(make, evaluate),
    buttonPressed: () => driver.input({ kind: "button" }),
    book,
    store,
    dump: () => ({
      state: driver.state.kind,
      sessions: driver.state.book.sessions.size,
      apps: driver.state.book.apps.size,
      failures: driver.state.book.attempts.all.count,
    }),
    close() {
      driver.stop();
      for (const tell of waiting.values()) tell({ answer: { kind: "unknown" }, isSaved: true });
      waiting.clear();
      store.close();
    },
  };
}

interface CallersOptions {
  readonly clock: ServiceContext<WebConfig>["clock"];
  readonly book: () => Book;
  readonly seen: (session: string) => void;
}

function createCallers({
  clock,
  book,
  seen,
}: CallersOptions): Pick<DoorKeeper, "resolveCaller" | "recheck"> {
  const callerOf = (session: Session, isPrevious: boolean, seat: Seat): Caller => {
    const known = book();
    const stepUp = session.stepUpUntil;
    return {
      ...seat,
      kind: session.owner.kind,
      actor: ownerName(session.owner, known.apps),
      capabilities: sessionCapabilities(session, known),
      sessionId: session.id,
      steppedUp: !isPrevious && stepUp !== undefined && clock.now() < stepUp,
    };
  };
  return {
    resolveCaller(request) {
      const { source, secure, local, headers } = request;
      const userAgent = headers["user-agent"]?.slice(0, USER_AGENT_MAX);
      const seat: Seat = { source, secure, ...(userAgent === undefined ? {} : { userAgent }) };
      if (local) return { ...seat, ...LOCAL };
      const token = tokenOf(headers, cookieName(secure));
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
      const found = book().sessions.get(caller.sessionId);
      const session = found === undefined ? undefined : agedSession(found, clock.now());
      return session === undefined ? undefined : callerOf(session, false, caller);
    },
  };
}

type Seat = Pick<Caller, "source" | "secure" | "userAgent">;

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

/** Events are lost while the bus is away: those of who may do what wait for it. */
function createAudit({ bus, clock, log }: ServiceContext<WebConfig>): Audit {
  const held: Parameters<typeof publish>[0][] = [];
  const publish = (event: Parameters<Audit>[0] & { readonly at: number }): void => {
    bus.publish(webSecurityEvent, {
      ...event,
      actor: event.actor.slice(0, TEXT_MAX),
      ...(event.subject === undefined ? {} : { subject: event.subject.slice(0, TEXT_MAX) }),
    });
  };
  return (event) => {
    const { kind, source } = event;
    log.info("security", { kind, source });
    held.push({ ...event, at: clock.wall() });
    if (held.length > HELD_MAX) held.shift();
    if (bus.connected) for (const waiting of held.splice(0)) publish(waiting);
  };
}

const HELD_MAX = 64;
const TEXT_MAX = 255;

/** Names of strangers and addresses, no secret: but hashes of tokens are nobody's business either. */
function redact(input: { readonly kind: string }): unknown {
  return JSON.parse(
    JSON.stringify(input, (key, value: unknown) => (key === "tokenHash" ? "•••" : value)),
  );
}
