import type { Exchange } from "@passerelle/dhcpv6";
import { checkExchange, TRANSACTION_ID_MAX } from "@passerelle/dhcpv6";
import type { Rng } from "@passerelle/machine";
import { invariant } from "@passerelle/result";
import { type Duration, type Instant, seconds } from "@passerelle/time";
import { type Extras6, type Given, isEmpty, type Lack, type Lease6, NO_EXTRAS } from "./lease.ts";
import { type Asked6, NOTHING_WANTED, type Wanted6 } from "./settings.ts";

/** The DHCPv6 client of the line (RFC 9915 section 18.2). */
export interface Dhcpv6State {
  readonly phase: Phase6;
  readonly wanted: Wanted6;
  /**
   * The leases that are in use. They outlive a lost carrier and a search for a new server, so that a healthy line is
   * not cut; no part of them outlives its own end.
   */
  readonly held?: Lease6;
  readonly extras: Extras6;
  readonly rng: Rng;
  /** Longest waits between messages, as a server last set them. */
  readonly solMaxRt: Duration;
  readonly infMaxRt: Duration;
  /** Answers in a row that led nowhere: the next search waits longer. */
  readonly setbacks: number;
  /** Why there is not all that is wanted; gone with the next good answer. */
  readonly trouble?: Lack | "silence";
  readonly counters: Counters6;
}

export type Phase6 =
  /** The line is down. */
  | { readonly kind: "idle"; readonly remembered?: Lease6 }
  /** The line is up, and nothing is wanted of a server. */
  | { readonly kind: "quiet"; readonly challenge: Uint8Array }
  /** About to search. */
  | { readonly kind: "delayed"; readonly challenge: Uint8Array; readonly until: Instant }
  | { readonly kind: "soliciting"; readonly talk: Talk; readonly best?: Advert }
  | { readonly kind: "requesting"; readonly talk: Talk; readonly advert: Advert }
  | { readonly kind: "bound"; readonly challenge: Uint8Array }
  | { readonly kind: "renewing"; readonly talk: Talk }
  | { readonly kind: "rebinding"; readonly talk: Talk }
  /** After a reboot or a lost carrier: a Rebind with a Confirm's patience (RFC 9915 section 18.2.12). */
  | { readonly kind: "confirming"; readonly talk: Talk; readonly lease: Lease6 }
  | { readonly kind: "informing"; readonly talk: Talk }
  | { readonly kind: "informed"; readonly challenge: Uint8Array; readonly refreshAt?: Instant };

/** A message that is repeated until it is answered. */
export interface Talk {
  readonly challenge: Uint8Array;
  readonly transactionId: number;
  readonly exchange: Exchange;
  /** The same in every transmission; an answer counts for nothing else. */
  readonly asked: Asked6;
}

/** The best offer so far. */
export interface Advert {
  readonly given: Given;
  readonly preference: number;
}

export interface Counters6 {
  /** Octets that are no DHCPv6 message. */
  readonly malformed: number;
  /** Well-formed, but of another transaction, another client, or no answer at all. */
  readonly notForUs: number;
  /** Answers that had nothing of what was asked for. */
  readonly empty: number;
}

/** What the lease file says at start. */
export interface Remembered6 {
  readonly lease: Lease6;
  /** The home lives on it right now: same boot, and its times mean something. */
  readonly inUse: boolean;
}

export function initialDhcpv6(rng: Rng, remembered?: Remembered6): Dhcpv6State {
  const fresh = {
    phase: { kind: "idle" },
    wanted: NOTHING_WANTED,
    extras: NO_EXTRAS,
    rng,
    solMaxRt: MAX_RT,
    infMaxRt: MAX_RT,
    setbacks: 0,
    counters: { malformed: 0, notForUs: 0, empty: 0 },
  } as const;
  if (remembered === undefined) return fresh;
  const { lease, inUse } = remembered;
  return inUse
    ? { ...fresh, held: lease }
    : { ...fresh, phase: { kind: "idle", remembered: lease } };
}

export function checkDhcpv6(state: Dhcpv6State): void {
  const { phase, held } = state;
  if (phase.kind === "bound" || phase.kind === "renewing" || phase.kind === "rebinding") {
    invariant(held !== undefined, `${phase.kind} has a lease`);
  }
  invariant(held === undefined || !isEmpty(held), "what is held is something");
  if ("talk" in phase) {
    checkExchange(phase.talk.exchange);
    invariant(phase.talk.transactionId <= TRANSACTION_ID_MAX, "a transaction has 24 bits");
  }
  const { renewsAt, rebindsAt } = held ?? {};
  invariant((renewsAt === undefined) === (rebindsAt === undefined), "T1 comes with T2");
  invariant((renewsAt ?? 0) <= (rebindsAt ?? 0), "T1 is not after T2");
  invariant(state.setbacks >= 0, "setbacks are counted up");
}

/** RFC 9915 section 7.6: SOL_MAX_RT and INF_MAX_RT. */
const MAX_RT = seconds(3600);
