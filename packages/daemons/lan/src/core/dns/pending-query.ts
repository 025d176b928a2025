import { ignored, type Step } from "@passerelle/machine";
import {
  after,
  type Duration,
  earliest,
  type Instant,
  isDue,
  milliseconds,
  seconds,
} from "@passerelle/time";

/**
 * The life of one question that is asked outside: whom to ask, when to ask another as well, when to give up.
 * Everybody in the home who asks the same shares one of these.
 */
export type PendingQuery =
  | {
      readonly kind: "asking";
      /** Upstreams, best first, and how long to wait for each before the next is asked as well. */
      readonly plan: readonly PlannedUpstream[];
      readonly attempts: readonly Attempt[];
      /** When the next attempt goes out. */
      readonly nextAt: Instant;
      readonly giveUpAt: Instant;
      /** When whoever waits gets a stale answer, if there is one (RFC 8767 section 5); undefined once told. */
      readonly impatientAt: Instant | undefined;
    }
  | { readonly kind: "done" };

export interface PlannedUpstream {
  readonly upstream: number;
  readonly patience: Duration;
}

export interface Attempt {
  readonly upstream: number;
  readonly transport: Transport;
  readonly state: "open" | "late" | "failed";
}

/** "usual" is what the upstream speaks; "stream" is TCP instead of UDP. */
export type Transport = "usual" | "stream";

export type PendingInput =
  | { readonly kind: "answered"; readonly attempt: number }
  /** TC, or the case of the name did not come back: TCP tells (RFC 5966 section 4, draft-vixie-dnsext-dns0x20). */
  | { readonly kind: "needs_stream"; readonly attempt: number }
  /** SERVFAIL, REFUSED …: another may know. */
  | { readonly kind: "bad_rcode"; readonly attempt: number }
  | { readonly kind: "unreachable"; readonly attempt: number }
  | { readonly kind: "timeout" };

export type PendingEffect =
  | {
      readonly kind: "ask";
      readonly attempt: number;
      readonly upstream: number;
      readonly transport: Transport;
    }
  | { readonly kind: "deliver"; readonly attempt: number }
  /** Tell who waits that it takes long. */
  | { readonly kind: "impatient" }
  /** The upstream let its patience run out. */
  | { readonly kind: "late"; readonly upstream: number }
  | { readonly kind: "fail" };

export function beginPending(
  plan: readonly PlannedUpstream[],
  probe: number | undefined,
  now: Instant,
): Step<PendingQuery, PendingEffect> {
  const first = plan[0];
  if (first === undefined) return { state: { kind: "done" }, effects: [{ kind: "fail" }] };
  const begun = ask(
    {
      kind: "asking",
      plan,
      attempts: [],
      nextAt: now,
      giveUpAt: after(now, GIVE_UP),
      impatientAt: after(now, IMPATIENT),
    },
    first.upstream,
    "usual",
    now,
  );
  return probe === undefined
    ? begun
    : append(begun, (state) => ask(state, probe, "usual", now, state.nextAt));
}

export function stepPending(
  state: PendingQuery,
  input: PendingInput,
  now: Instant,
): Step<PendingQuery, PendingEffect> {
  if (state.kind === "done") return ignored(state);
  if (input.kind === "timeout") return onTimeout(state, now);
  const attempt = state.attempts[input.attempt];
  if (attempt === undefined || attempt.state === "failed") return ignored(state);
  switch (input.kind) {
    case "answered":
      return { state: { kind: "done" }, effects: [{ kind: "deliver", attempt: input.attempt }] };
    case "needs_stream": {
      // A stream that is cut as well has no answer to give.
      const failed = mark(state, input.attempt, "failed");
      const full = state.attempts.length >= ATTEMPTS_MAX;
      if (attempt.transport === "stream" || full) return askNext(failed, now);
      return ask(failed, attempt.upstream, "stream", now);
    }
    case "bad_rcode":
    case "unreachable":
      return askNext(mark(state, input.attempt, "failed"), now);
  }
}

export function pendingDeadline(state: PendingQuery): Instant | undefined {
  if (state.kind === "done") return undefined;
  return earliest(state.nextAt, state.giveUpAt, state.impatientAt);
}

export function checkPending(state: PendingQuery): void {
  if (state.kind === "done") return;
  if (!(state.plan.length > 0)) throw new Error("invariant: somebody can be asked");
  if (!(state.attempts.length <= ATTEMPTS_MAX)) throw new Error("invariant: attempts are limited");
  if (!Number.isFinite(state.nextAt)) throw new Error("invariant: the next attempt has a time");
}

type Asking = Extract<PendingQuery, { kind: "asking" }>;

function onTimeout(state: Asking, now: Instant): Step<PendingQuery, PendingEffect> {
  if (isDue(state.giveUpAt, now)) {
    return { state: { kind: "done" }, effects: [...lateOnes(state), { kind: "fail" }] };
  }
  if (isDue(state.impatientAt, now)) {
    const told: Asking = { ...state, impatientAt: undefined };
    const rest = onTimeout(told, now);
    return { state: rest.state, effects: [{ kind: "impatient" }, ...rest.effects] };
  }
  if (!isDue(state.nextAt, now)) return ignored(state);
  const effects = lateOnes(state);
  const waiting: Asking = {
    ...state,
    attempts: state.attempts.map((a) => (a.state === "open" ? { ...a, state: "late" } : a)),
  };
  const next = askNext(waiting, now);
  return { state: next.state, effects: [...effects, ...next.effects] };
}

/** Goes through the plan, again and again; then only waits for who may still answer. */
function askNext(state: Asking, now: Instant): Step<PendingQuery, PendingEffect> {
  if (state.attempts.length < ATTEMPTS_MAX) {
    for (let allowed = 1; allowed <= ROUNDS; allowed += 1) {
      const next = state.plan.find(
        (p) => state.attempts.filter((a) => a.upstream === p.upstream).length < allowed,
      );
      if (next !== undefined) return ask(state, next.upstream, "usual", now);
    }
  }
  if (state.attempts.some((a) => a.state !== "failed")) {
    return { state: { ...state, nextAt: state.giveUpAt }, effects: [] };
  }
  return { state: { kind: "done" }, effects: [{ kind: "fail" }] };
}

function ask(
  state: Asking,
  upstream: number,
  transport: Transport,
  now: Instant,
  nextAt?: Instant,
): Step<PendingQuery, PendingEffect> {
  // A stream has to be opened first: it gets more time.
  const patience = state.plan.find((p) => p.upstream === upstream)?.patience ?? STREAM_PATIENCE;
  const wait = transport === "stream" && patience < STREAM_PATIENCE ? STREAM_PATIENCE : patience;
  const attempt = state.attempts.length;
  return {
    state: {
      ...state,
      attempts: [...state.attempts, { upstream, transport, state: "open" }],
      nextAt: nextAt ?? after(now, wait),
    },
    effects: [{ kind: "ask", attempt, upstream, transport }],
  };
}

function mark(state: Asking, attempt: number, as: Attempt["state"]): Asking {
  return {
    ...state,
    attempts: state.attempts.map((a, i) => (i === attempt ? { ...a, state: as } : a)),
  };
}

function lateOnes(state: Asking): PendingEffect[] {
  return state.attempts
    .filter((a) => a.state === "open")
    .map((a) => ({ kind: "late", upstream: a.upstream }));
}

function append(
  first: Step<PendingQuery, PendingEffect>,
  then: (state: Asking) => Step<PendingQuery, PendingEffect>,
): Step<PendingQuery, PendingEffect> {
  if (first.state.kind === "done") return first;
  const second = then(first.state);
  return { state: second.state, effects: [...first.effects, ...second.effects] };
}

const GIVE_UP = seconds(5);
/** RFC 8767 section 5: the client response timer, 1.8 seconds. */
const IMPATIENT = milliseconds(1800);
const STREAM_PATIENCE = milliseconds(800);
const ROUNDS = 3;
/** Also bounds what one question of a client can make us send. */
const ATTEMPTS_MAX = 8;
