import { Rcode } from "@passerelle/dns";
import type { Clock } from "@passerelle/service";
import { type Instant, remaining } from "@passerelle/time";
import { FAILURE_TTL_SECONDS, keepingOf } from "../../core/dns/cache-policy.ts";
import {
  beginPending,
  checkPending,
  type PendingEffect,
  type PendingInput,
  type PendingQuery,
  pendingDeadline,
  stepPending,
} from "../../core/dns/pending-query.ts";
import type { RebindingPolicy } from "../../core/dns/rebinding.ts";
import { afterProbe, patience, rank } from "../../core/dns/upstream-health.ts";
import type { DnsCounters } from "./counters.ts";
import { storeFailure } from "./house-answer.ts";
import { type StoredAnswer, storeOutside } from "./stored-answer.ts";
import type { Upstream } from "./upstream.ts";
import type { WireCache } from "./wire-cache.ts";

export interface ResolverPolicy {
  readonly rebinding: RebindingPolicy | undefined;
  readonly serveStaleSeconds: number;
}

/** `undefined`: nothing is known; the client is told SERVFAIL. */
export type Deliver = (answer: StoredAnswer | undefined) => void;

/** Asks outside. Equal questions of many clients go out once; everything that waits is counted and limited. */
export class Resolver {
  upstreams: readonly Upstream[] = [];
  policy: ResolverPolicy;
  readonly #clock: Clock;
  readonly #cache: WireCache;
  readonly #counters: DnsCounters;
  readonly #pending = new Map<string, Pending>();
  readonly #perClient = new Map<string | number, number>();

  constructor(options: {
    clock: Clock;
    cache: WireCache;
    counters: DnsCounters;
    policy: ResolverPolicy;
  }) {
    this.#clock = options.clock;
    this.#cache = options.cache;
    this.#counters = options.counters;
    this.policy = options.policy;
  }

  /** Questions under way. */
  get pending(): number {
    return this.#pending.size;
  }

  /**
   * @param question folded octets
   * @param old an answer past its time, for when nobody answers
   * @returns false where a limit refuses the question
   */
  resolve(
    question: Uint8Array,
    variant: number,
    client: string | number,
    old: StoredAnswer | undefined,
    deliver: Deliver,
  ): boolean {
    const now = this.#clock.now();
    const stale = old !== undefined && now < old.staleUntil ? old : undefined;
    if (stale !== undefined && now < stale.retryAt) {
      this.#counters.stale += 1;
      deliver(stale);
      return true;
    }
    const held = this.#perClient.get(client) ?? 0;
    if (held >= PER_CLIENT_MAX) return false;
    const key = keyOf(question, variant);
    const present = this.#pending.get(key);
    if (present !== undefined) {
      if (present.waiters.length >= WAITERS_MAX) return false;
      this.#counters.coalesced += 1;
      this.#perClient.set(client, held + 1);
      present.waiters.push({ client, deliver });
      // Who comes after the others lost patience need not wait for it again.
      if (present.impatient) this.#impatient(present);
      return true;
    }
    if (this.#pending.size >= PENDING_MAX) return false;
    this.#perClient.set(client, held + 1);
    const waiters = [{ client, deliver }];
    const pending: Pending = {
      key,
      question: question.slice(),
      variant,
      stale,
      waiters,
      impatient: false,
      state: { kind: "done" },
      timer: undefined,
      caseDiffered: new Set(),
      answers: new Map(),
    };
    this.#pending.set(key, pending);
    this.#begin(pending, now);
    return true;
  }

  /** The next question of each name goes out again. */
  forgetFailures(): void {
    this.#cache.drop((answer) => {
      answer.retryAt = 0;
      return answer.failed;
    });
  }

  /** Ends everything under way without an answer. */
  stop(): void {
    for (const pending of this.#pending.values()) {
      pending.timer?.cancel();
      pending.state = { kind: "done" };
    }
    this.#pending.clear();
    this.#perClient.clear();
  }

  #begin(pending: Pending, now: Instant): void {
    const { upstreams } = this;
    const { order, probe } = rank(
      upstreams.map((u) => u.health),
      now,
    );
    const plan = order.map((upstream) => ({
      upstream,
      patience: patience(upstreams[upstream]?.health),
    }));
    if (probe !== undefined) {
      const probed = upstreams[probe];
      if (probed !== undefined) probed.health = afterProbe(probed.health, now);
    }
    pending.upstreams = upstreams;
    const step = beginPending(plan, probe, now);
    this.#take(pending, step.state, step.effects);
  }

  #input(pending: Pending, input: PendingInput): void {
    const step = stepPending(pending.state, input, this.#clock.now());
    this.#take(pending, step.state, step.effects);
  }

  #take(pending: Pending, state: PendingQuery, effects: readonly PendingEffect[]): void {
    checkPending(state);
    pending.state = state;
    pending.timer?.cancel();
    const deadline = pendingDeadline(state);
    if (deadline !== undefined) {
      const wait = remaining(this.#clock.now(), deadline);
      pending.timer = this.#clock.later(wait, () => this.#input(pending, { kind: "timeout" }));
    }
    for (const effect of effects) this.#run(pending, effect);
  }

  #run(pending: Pending, effect: PendingEffect): void {
    switch (effect.kind) {
      case "ask":
        this.#ask(pending, effect);
        return;
      case "late":
        this.#counters.upstreamLate += 1;
        pending.upstreams?.[effect.upstream]?.lost();
        return;
      case "impatient":
        pending.impatient = true;
        this.#impatient(pending);
        return;
      case "deliver":
        this.#finish(pending, pending.answers.get(effect.attempt));
        return;
      case "fail":
        this.#fail(pending);
    }
  }

  #ask(pending: Pending, effect: Extract<PendingEffect, { kind: "ask" }>): void {
    const { attempt } = effect;
    const upstream = pending.upstreams?.[effect.upstream];
    if (upstream === undefined) {
      queueMicrotask(() => this.#input(pending, { kind: "unreachable", attempt }));
      return;
    }
    this.#counters.upstreamQueries += 1;
    upstream.ask(pending.question, pending.variant, effect.transport, (verdict, bytes) => {
      if (pending.state.kind === "done") return;
      switch (verdict.kind) {
        case "unreachable":
          // It may be told before `ask` returned; the machine takes one input at a time.
          queueMicrotask(() => this.#input(pending, { kind: "unreachable", attempt }));
          return;
        case "truncated":
          this.#input(pending, { kind: "needs_stream", attempt });
          return;
        case "case_differs":
          this.#counters.caseMismatches += 1;
          pending.caseDiffered.add(effect.upstream);
          this.#input(pending, { kind: "needs_stream", attempt });
          return;
        case "bad_rcode":
          this.#input(pending, { kind: "bad_rcode", attempt });
          return;
        case "answer": {
          const now = this.#clock.now();
          const { rebinding, serveStaleSeconds } = this.policy;
          const keeping = keepingOf(bytes, verdict.scan);
          const stored = storeOutside({
            bytes,
            scan: verdict.scan,
            keeping,
            variant: pending.variant,
            serveStaleSeconds,
            rebinding,
            now,
          });
          if (stored === undefined) {
            this.#input(pending, { kind: "bad_rcode", attempt });
            return;
          }
          if (stored.stripped) this.#counters.rebindingStripped += 1;
          if (pending.caseDiffered.has(effect.upstream)) upstream.provedFolding();
          pending.answers.set(attempt, stored.answer);
          this.#input(pending, { kind: "answered", attempt });
        }
      }
    });
  }

  #finish(pending: Pending, answer: StoredAnswer | undefined): void {
    if (answer !== undefined && answer.expiresAt > this.#clock.now()) this.#cache.put(answer);
    this.#close(pending, answer);
  }

  #fail(pending: Pending): void {
    this.#counters.upstreamFailures += 1;
    const { stale } = pending;
    if (stale === undefined) {
      // RFC 9520 section 3.2: failures are remembered, for a moment.
      const { question, variant } = pending;
      const now = this.#clock.now();
      this.#cache.put(storeFailure(question, variant, Rcode.SERVFAIL, FAILURE_TTL_SECONDS, now));
    } else {
      stale.retryAt = this.#clock.now() + STALE_RECHECK_MS;
      this.#counters.stale += pending.waiters.length;
    }
    this.#close(pending, stale);
  }

  #impatient(pending: Pending): void {
    if (pending.stale === undefined) return;
    const waiters = pending.waiters.splice(0);
    this.#counters.stale += waiters.length;
    for (const waiter of waiters) this.#tell(waiter, pending.stale);
  }

  #close(pending: Pending, answer: StoredAnswer | undefined): void {
    this.#pending.delete(pending.key);
    for (const waiter of pending.waiters.splice(0)) this.#tell(waiter, answer);
  }

  #tell(waiter: Waiter, answer: StoredAnswer | undefined): void {
    const held = (this.#perClient.get(waiter.client) ?? 1) - 1;
    if (held > 0) this.#perClient.set(waiter.client, held);
    else this.#perClient.delete(waiter.client);
    waiter.deliver(answer);
  }
}

interface Pending {
  readonly key: string;
  readonly question: Uint8Array;
  readonly variant: number;
  readonly stale: StoredAnswer | undefined;
  readonly waiters: Waiter[];
  impatient: boolean;
  state: PendingQuery;
  timer: { cancel(): void } | undefined;
  readonly caseDiffered: Set<number>;
  readonly answers: Map<number, StoredAnswer>;
  /** Those of the moment it began, whose indices the machine uses. */
  upstreams?: readonly Upstream[];
}

interface Waiter {
  readonly client: string | number;
  readonly deliver: Deliver;
}

function keyOf(question: Uint8Array, variant: number): string {
  return `${variant}${String.fromCharCode(...question)}`;
}

/** Questions under way in all, and of one client: 10 000 a second that nobody answers fill no memory. */
const PENDING_MAX = 2048;
const PER_CLIENT_MAX = 256;
const WAITERS_MAX = 256;
/** RFC 8767 section 5: the failure recheck timer. */
const STALE_RECHECK_MS = 30_000;
