import type { Rng } from "@passerelle/machine";
import { invariant } from "@passerelle/result";
import { type Duration, earliest, type Instant, seconds } from "@passerelle/time";
import type { AuthenticationState } from "../auth/state.ts";
import { checkAuthentication } from "../auth/step.ts";
import { checkNegotiation, type Negotiation } from "../automaton/state.ts";
import { checkLcp, type LcpState, lcpDeadline } from "../lcp/state.ts";
import type { IpcpLocal, IpcpPeer } from "../ncp/ipcp.ts";
import type { Ipv6cpLocal, Ipv6cpPeer } from "../ncp/ipv6cp.ts";
import {
  checkDiscovery,
  type DiscoveryCause,
  type DiscoveryState,
  discoveryDeadline,
  type PppoeSession,
} from "../pppoe/discovery-state.ts";
import type { RememberedSession, SessionAddress } from "./effect.ts";
import type { PppSnapshot } from "./snapshot.ts";

/** A line over PPPoE, from the first PADI to the end of the session, and to the next dial. */
export interface PppState {
  readonly phase: PppPhase;
  readonly rng: Rng;
  /** Dials in a row that ended before they were steady: the next waits longer. */
  readonly failures: number;
  /** Dials in a row that ended with a refused name or password. */
  readonly refusals: number;
  /** Why the last session ended, or this one does not come up; gone when one is up. */
  readonly trouble?: PppTrouble;
  /** A session of ours that the concentrator may still have. */
  readonly stale?: SessionAddress;
  /** A session of ours that is up in the kernel: the next `link_up` goes on with it. */
  readonly adoptable?: PppSnapshot;
  /** Before the very first dial: homes that get their power back together do not dial together. */
  readonly firstWaitMax: Duration;
  readonly counters: PppCounters;
}

export type PppPhase =
  | { readonly kind: "idle" }
  /** The pause before a dial. */
  | { readonly kind: "waiting"; readonly until: Instant }
  | { readonly kind: "discovering"; readonly discovery: DiscoveryState }
  | { readonly kind: "requesting"; readonly discovery: DiscoveryState }
  | { readonly kind: "lcp" | "auth" | "ncp"; readonly link: Link; readonly giveUpAt: Instant }
  /** At least one of IPv4 and IPv6 is there; the other may still come. */
  | { readonly kind: "up"; readonly link: Link }
  | { readonly kind: "terminating"; readonly link: Link; readonly next: Next };

/** What comes when a session has ended. */
export type Next = "idle" | "wait" | "dial";

/** An open session and its protocols. */
export interface Link {
  readonly session: PppoeSession;
  readonly lcp: LcpState;
  readonly authentication?: AuthenticationState;
  readonly ipcp?: Negotiation<IpcpLocal, IpcpPeer>;
  readonly ipv6cp?: Negotiation<Ipv6cpLocal, Ipv6cpPeer>;
  /** Octets of payload that are known to pass. */
  readonly payloadProven: number;
  /** When it was first up. */
  readonly upSince?: Instant;
}

export type LinkPhase = Extract<PppPhase, { readonly link: Link }>;

export interface PppTrouble {
  readonly code: PppCause;
  /** What the operator's side says about it: hostile text. */
  readonly text?: string;
}

export type PppCause =
  | DiscoveryCause
  | "lcp_timeout"
  /** No agreement, or the peer ended the link while it was negotiated. */
  | "lcp_refused"
  | "lcp_looped"
  /** The peer wants a way to say who we are that we do not have. */
  | "auth_method"
  | "auth_failed"
  | "auth_timeout"
  | "no_ip"
  | "peer_dead"
  | "closed_by_isp"
  | "no_kernel_ppp";

export interface PppCounters {
  /** Octets that are no packet. */
  readonly malformed: number;
  /** Well-formed, but of another host, another session, or too late. */
  readonly notForUs: number;
}

export interface PppStart {
  /** From storage: what `remember_session` wrote and nothing forgot; of another boot, without `up`. */
  readonly remembered?: RememberedSession;
  /** Zero where only the daemon starts anew. */
  readonly firstWaitMax?: Duration;
}

export function initialPpp(rng: Rng, start: PppStart = {}): PppState {
  const { remembered } = start;
  return {
    phase: { kind: "idle" },
    rng,
    failures: 0,
    refusals: 0,
    ...(remembered === undefined
      ? {}
      : { stale: { peer: remembered.peer, sessionId: remembered.sessionId } }),
    ...(remembered?.up === undefined ? {} : { adoptable: remembered.up }),
    firstWaitMax: start.firstWaitMax ?? seconds(0),
    counters: { malformed: 0, notForUs: 0 },
  };
}

export function linkPhaseOf({ phase }: PppState): LinkPhase | undefined {
  return "link" in phase ? phase : undefined;
}

export function pppDeadline({ phase }: PppState): Instant | undefined {
  if (phase.kind === "waiting") return phase.until;
  if ("discovery" in phase) return discoveryDeadline(phase.discovery);
  if (!("link" in phase)) return undefined;
  const { lcp, authentication, ipcp, ipv6cp } = phase.link;
  return earliest(
    "giveUpAt" in phase ? phase.giveUpAt : undefined,
    lcpDeadline(lcp),
    authentication?.nextAt,
    ipcp?.restart?.at,
    ipv6cp?.restart?.at,
  );
}

export function checkPpp(state: PppState): void {
  const { phase } = state;
  invariant(state.failures >= 0 && state.refusals >= 0, "failures are counted up");
  if ("discovery" in phase) {
    const word = phase.kind === "discovering" ? "soliciting" : "requesting";
    invariant(phase.discovery.kind === word, "the phase is that of the search");
    checkDiscovery(phase.discovery);
  }
  if (!("link" in phase)) return;
  const { lcp, authentication, ipcp, ipv6cp, session, payloadProven } = phase.link;
  checkLcp(lcp);
  if (authentication !== undefined) checkAuthentication(authentication);
  if (ipcp !== undefined) checkNegotiation(ipcp);
  if (ipv6cp !== undefined) checkNegotiation(ipv6cp);
  invariant(payloadProven <= session.payloadMax, "what passes was agreed on");
  const isOpen = ipcp?.phase === "opened" || ipv6cp?.phase === "opened";
  if (phase.kind === "up") {
    invariant(isOpen && phase.link.upSince !== undefined, "an open protocol makes a session up");
    invariant(state.trouble === undefined, "a session that is up has no trouble");
  } else invariant(!isOpen, "an open protocol makes a session up");
  if (phase.kind === "auth") invariant(authentication !== undefined, "auth says who we are");
  if (phase.kind === "auth" || phase.kind === "ncp" || phase.kind === "up") {
    invariant(lcp.negotiation.phase === "opened", "the link is open first");
  }
}
