import type { WanSession } from "@passerelle/contract";
import { formatCidr4, formatIpv4 } from "@passerelle/net";
import type { PppPhase } from "@passerelle/ppp";
import type { Instant, WallTime } from "@passerelle/time";
import type { PppLine } from "./line.ts";

/** The word for people. */
export function pppKind({ ppp }: PppLine): PppKind {
  return KINDS[ppp.phase.kind];
}

export function pppView(
  { ppp, ipv4 }: PppLine,
  { wall }: { readonly wall: (at: Instant) => WallTime },
): WanSession {
  const { phase } = ppp;
  switch (phase.kind) {
    case "waiting":
      return { kind: "pausing", until: wall(phase.until) };
    case "up": {
      const { session, upSince } = phase.link;
      const gateway = ipv4?.peerAddress;
      return {
        kind: "connected",
        ...(ipv4 === undefined
          ? {}
          : { address: formatCidr4({ address: ipv4.address, prefixLength: 32 }) }),
        ...(gateway === undefined ? {} : { gateway: formatIpv4(gateway) }),
        resolvers: (ipv4?.resolvers ?? []).map(formatIpv4),
        concentrator: session.acName,
        obtainedAt: wall(ipv4?.since ?? upSince ?? (0 as Instant)),
      };
    }
    default:
      return { kind: KINDS[phase.kind] };
  }
}

type PppKind = (typeof KINDS)[keyof typeof KINDS];

const KINDS = {
  idle: "idle",
  waiting: "pausing",
  discovering: "discovering",
  requesting: "discovering",
  lcp: "negotiating",
  auth: "authenticating",
  ncp: "configuring",
  up: "connected",
  terminating: "terminating",
} as const satisfies Readonly<Record<PppPhase["kind"], WanSession["kind"]>>;
