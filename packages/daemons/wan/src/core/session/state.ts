import type { Rng } from "@passerelle/machine";
import type { Ipv4, Mac } from "@passerelle/net";
import { invariant } from "@passerelle/result";
import type { Instant } from "@passerelle/time";
import type { Lease, Refusal } from "../lease.ts";

/** The DHCPv4 client of the line (RFC 2131 figure 5). */
export interface SessionState {
  readonly phase: Phase;
  /**
   * The lease whose address is on the interface. It outlives a lost carrier and a search for a new server,
   * so that a healthy line is not cut; it never outlives its own end.
   */
  readonly held?: Lease;
  readonly rng: Rng;
  /** NAKs, conflicts and failures in a row without a lease between them: the next INIT waits longer. */
  readonly setbacks: number;
  /** What last went wrong, for the cause shown to people; gone with the next lease. */
  readonly trouble?: Trouble;
  readonly counters: Counters;
}

export type Trouble = "nak" | "unusable_offer" | "overlaps_lan" | "conflict" | "silence";

/** Each phase with what it alone knows. */
export type Phase =
  /** The line is down. */
  | { readonly kind: "idle"; readonly remembered?: Lease }
  /** RFC: INIT. Waits for entropy, and after setbacks for `notBefore`. */
  | {
      readonly kind: "init";
      readonly mac: Mac;
      readonly notBefore: Instant;
      readonly entropy?: ExchangeEntropy;
    }
  /** RFC: INIT-REBOOT. Waits for entropy, then asks whether `lease` still holds. */
  | { readonly kind: "init_reboot"; readonly mac: Mac; readonly lease: Lease }
  | { readonly kind: "selecting"; readonly exchange: Exchange }
  | { readonly kind: "requesting"; readonly exchange: Exchange; readonly offer: Offer }
  | { readonly kind: "rebooting"; readonly exchange: Exchange; readonly lease: Lease }
  /** Acknowledged; listens whether another host answers for the address (RFC 2131 section 4.4.1, RFC 5227). */
  | {
      readonly kind: "probing";
      readonly exchange: Exchange;
      readonly lease: Lease;
      readonly probesLeft: number;
    }
  | { readonly kind: "bound"; readonly identity: Identity; readonly retryAt?: Instant }
  | { readonly kind: "renewing"; readonly exchange: Exchange }
  | { readonly kind: "rebinding"; readonly exchange: Exchange };

/** Fresh from the operating system at every INIT: an attacker off the path can't guess it. */
export interface ExchangeEntropy {
  readonly xid: number;
  /** 16 octets. */
  readonly challenge: Uint8Array;
}

/** Who we are since the last INIT: renewals send the same option 90. */
export interface Identity {
  readonly mac: Mac;
  readonly entropy: ExchangeEntropy;
}

/** A request that is repeated until it is answered. */
export interface Exchange extends Identity {
  readonly startedAt: Instant;
  readonly sentAt: Instant;
  /** Messages sent in this phase, at least 1. */
  readonly sent: number;
  readonly nextAt: Instant;
}

export interface Offer {
  readonly address: Ipv4;
  readonly server: Ipv4;
}

export interface Counters {
  /** Octets that are no DHCP message. */
  readonly malformed: number;
  /** Well-formed, but of another transaction, another client, or no answer at all. */
  readonly notForUs: number;
  /** NAKs that were obeyed. */
  readonly naks: number;
  readonly conflicts: number;
  readonly refused: Readonly<Partial<Record<Refusal, number>>>;
}

export const NO_COUNTS: Counters = {
  malformed: 0,
  notForUs: 0,
  naks: 0,
  conflicts: 0,
  refused: {},
};

/** What the lease file and the kernel say at start. */
export interface Remembered {
  readonly lease: Lease;
  /** The address is on the interface, put there in this boot: traffic flows over it right now. */
  readonly onInterface: boolean;
}

export function initialSession(rng: Rng, remembered?: Remembered): SessionState {
  const fresh = { phase: { kind: "idle" }, rng, setbacks: 0, counters: NO_COUNTS } as const;
  if (remembered === undefined) return fresh;
  const { lease, onInterface } = remembered;
  return onInterface
    ? { ...fresh, held: lease }
    : { ...fresh, phase: { kind: "idle", remembered: lease } };
}

export function checkSession(state: SessionState): void {
  const { phase, held } = state;
  if (phase.kind === "bound" || phase.kind === "renewing" || phase.kind === "rebinding") {
    invariant(held !== undefined, `${phase.kind} has a lease`);
  }
  if ("exchange" in phase) {
    const { startedAt, sentAt, nextAt, sent, entropy } = phase.exchange;
    invariant(sent >= 1, "an exchange has sent something");
    invariant(startedAt <= sentAt && sentAt < nextAt, "an exchange waits for a time to come");
    invariant(entropy.challenge.length === 16, "the challenge is 16 octets");
  }
  if (held?.expiresAt !== undefined) {
    const { renewsAt = 0, rebindsAt = 0, expiresAt, obtainedAt } = held;
    invariant(obtainedAt < expiresAt, "a lease ends after it began");
    invariant(renewsAt < rebindsAt && rebindsAt < expiresAt, "T1 < T2 < end");
  }
  invariant(state.setbacks >= 0, "setbacks are counted up");
}
