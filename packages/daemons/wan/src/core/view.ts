import type {
  WanAccess,
  WanIpv6,
  WanLink,
  WanPrefixes,
  WanReach,
  WanSession,
  WanState,
} from "@passerelle/contract";
import { formatCidr4, formatCidr6, formatIpv4, networkOf } from "@passerelle/net";
import type { Fault } from "@passerelle/result";
import type { Instant, WallTime } from "@passerelle/time";
import { type CauseCode, causeOf, faultOf, faultOf6 } from "./cause.ts";
import { carrierOfIpv6, ipv4Of, sharedBy } from "./ipv4.ts";
import { type Route6, resolversOf } from "./ipv6/network.ts";
import type { Ipv6State } from "./ipv6/step.ts";
import type { Lease } from "./lease.ts";
import { pppKind, pppView } from "./ppp/view.ts";
import { defaultRouters } from "./router/state.ts";
import type { SessionState } from "./session/state.ts";
import type { WanMachineState } from "./state.ts";

/** What the bus shows that the machine does not know. */
export interface ViewContext {
  /** What the addresses are on. */
  readonly interface: string;
  readonly port: string;
  /** Number of the VLAN; absent: untagged. */
  readonly vlan?: number;
  /** The operator has IPv6. */
  readonly ipv6: boolean;
  readonly profile: string;
  /** The calendar at an instant, for people. */
  readonly wall: (at: Instant) => WallTime;
}

export function wanStateView(state: WanMachineState, context: ViewContext): WanState {
  const cause = causeOf(state);
  const ipv4 = ipv4Of(state);
  // An address that the operator gives to who failed its check is told as such.
  const shared = ipv4 === undefined || state.parked ? undefined : sharedBy(ipv4.address);
  return {
    interface: context.interface,
    port: context.port,
    ...(state.link.phase.kind === "up" ? { mac: state.link.phase.mac } : {}),
    profile: context.profile,
    access: accessView(state, context),
    link: linkView(state, context),
    session:
      state.ppp === undefined ? sessionView(state.session, context) : pppView(state.ppp, context),
    ipv6: ipv6View(state, context),
    reach: reachView(state, context),
    ...(shared === undefined ? {} : { sharedAddress: shared }),
    ...(state.shaping === undefined ? {} : { shaping: state.shaping }),
    ...(cause === undefined ? {} : { cause: faultInWords(state, cause) }),
    since: context.wall(state.marks.causeSince),
  };
}

/** With what the concentrator said, where it is the one that refused. */
function faultInWords({ ppp }: WanMachineState, cause: CauseCode): Fault {
  const trouble = ppp?.ppp.trouble;
  return faultOf(cause, trouble?.code === cause ? trouble.text : undefined);
}

/** Upstream resolvers while the line is up: `lan` forwards there. */
export function wanResolversView(state: WanMachineState): {
  resolvers: string[];
  domain?: string;
} {
  const ipv4 = ipv4Of(state);
  if (state.link.phase.kind !== "up" || ipv4 === undefined) return { resolvers: [] };
  return {
    resolvers: ipv4.resolvers.map(formatIpv4),
    ...(ipv4.domain === undefined ? {} : { domain: ipv4.domain }),
  };
}

/**
 * The word for people. While an address is held but a server is looked for, the home is served: that is
 * a renewal to the outside, whichever way we went into it.
 */
export function sessionKind({ ppp, session }: WanMachineState): WanSession["kind"] {
  return ppp === undefined ? dhcpKind(session) : pppKind(ppp);
}

function dhcpKind({ phase, held }: SessionState): DhcpKind {
  switch (phase.kind) {
    case "idle":
      return "idle";
    case "bound":
    case "renewing":
    case "rebinding":
      return phase.kind;
    case "init_reboot":
    case "rebooting":
      return held === undefined ? "rebooting" : "renewing";
    case "init":
    case "selecting":
      return held === undefined ? "selecting" : "rebinding";
    case "requesting":
    case "probing":
      return held === undefined ? "requesting" : "rebinding";
  }
}

export function reachKind(state: WanMachineState): WanReach["kind"] {
  const { reach } = state;
  if (reach.kind === "watching") return reach.verdict.kind;
  return causeOf(state) === "connecting" ? "unknown" : "offline";
}

function accessView({ access, marks }: WanMachineState, { wall }: ViewContext): WanAccess {
  if (access.kind === "absent") return { kind: "absent" };
  return { kind: access.kind, since: wall(marks.access.since) };
}

function linkView({ link, marks }: WanMachineState, { vlan, wall }: ViewContext): WanLink {
  if (vlan === undefined) return { kind: "untagged" };
  return { kind: link.phase.kind, vlan, since: wall(marks.link.since) };
}

function ipv6View({ ipv6 }: WanMachineState, context: ViewContext): WanIpv6 {
  const { router, dhcpv6 } = ipv6;
  const routers = defaultRouters(router).map(({ address }) => address);
  const prefixes = (dhcpv6.held?.prefixes ?? []).map(({ prefix }) => formatCidr6(prefix));
  const trouble = context.ipv6 ? dhcpv6.trouble : undefined;
  return {
    kind: ipv6Kind(ipv6, context),
    routers,
    addresses: ipv6.network.addresses.map(({ address }) => address),
    prefixes,
    resolvers: [...resolversOf(router, dhcpv6)],
    ...(trouble === undefined ? {} : { fault: faultOf6(trouble) }),
  };
}

function ipv6Kind({ router, dhcpv6 }: Ipv6State, context: ViewContext): WanIpv6["kind"] {
  if (!context.ipv6) return "off";
  if (router.phase.kind === "down") return "down";
  const isReady = router.phase.kind === "found" || dhcpv6.held !== undefined;
  return isReady ? "ready" : "looking";
}

/** What `lan` gives to the home. */
export function wanPrefixesView(state: WanMachineState): WanPrefixes {
  const { dhcpv6, network } = state.ipv6;
  const isUp = carrierOfIpv6(state).phase.kind === "up";
  return {
    prefixes: (dhcpv6.held?.prefixes ?? []).map((one) => ({
      prefix: formatCidr6(one.prefix),
      ...(one.excluded === undefined ? {} : { excluded: formatCidr6(one.excluded) }),
      ...(one.preferredUntil === undefined ? {} : { preferredUntil: one.preferredUntil }),
      ...(one.validUntil === undefined ? {} : { validUntil: one.validUntil }),
    })),
    reachable: isUp && network.routes.some((one) => isDefault(one)),
  };
}

function isDefault({ destination, gateway }: Route6): boolean {
  return destination === undefined && gateway !== undefined;
}

function sessionView(session: SessionState, { wall }: ViewContext): WanSession {
  const kind = dhcpKind(session);
  switch (kind) {
    case "idle":
    case "requesting":
    case "rebooting":
      return { kind };
    case "selecting": {
      const { phase } = session;
      return { kind, attempts: phase.kind === "selecting" ? phase.exchange.sent : 0 };
    }
    default:
      return session.held === undefined ? { kind: "idle" } : heldView(kind, session.held, wall);
  }
}

function heldView(
  kind: "bound" | "renewing" | "rebinding",
  lease: Lease,
  wall: ViewContext["wall"],
): WanSession {
  return {
    kind,
    address: formatCidr4(lease),
    ...(lease.gateway === undefined ? {} : { gateway: formatIpv4(lease.gateway) }),
    server: formatIpv4(lease.server),
    resolvers: lease.resolvers.map(formatIpv4),
    ...(lease.domain === undefined ? {} : { domain: lease.domain }),
    routes: lease.routes.map(({ destination, gateway }) => ({
      destination: formatCidr4({ ...destination, address: networkOf(destination) }),
      gateway: gateway === undefined ? "0.0.0.0" : formatIpv4(gateway),
    })),
    obtainedAt: wall(lease.obtainedAt),
    // A lease without end is shown as one of a hundred years.
    renewsAt: wall(lease.renewsAt ?? farAway(lease.obtainedAt)),
    expiresAt: wall(lease.expiresAt ?? farAway(lease.obtainedAt)),
  };
}

function reachView(state: WanMachineState, { wall }: ViewContext): WanReach {
  const { reach, marks } = state;
  const since = wall(marks.reach.since);
  if (reach.kind === "watching") {
    const { verdict } = reach;
    if (verdict.kind === "unknown") return { kind: "unknown" };
    if (verdict.kind !== "online")
      return { kind: verdict.kind, since, fault: faultOf(verdict.cause) };
    const { rttMs } = verdict;
    return { kind: "online", since, ...(rttMs === undefined ? {} : { rttMs }) };
  }
  const cause = causeOf(state);
  return cause === undefined || cause === "connecting"
    ? { kind: "unknown" }
    : { kind: "offline", since, fault: faultInWords(state, cause) };
}

type DhcpKind =
  | "idle"
  | "selecting"
  | "requesting"
  | "rebooting"
  | "bound"
  | "renewing"
  | "rebinding";

function farAway(from: Instant): Instant {
  return (from + 100 * 365 * 86_400_000) as Instant;
}
