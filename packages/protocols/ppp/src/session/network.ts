import { ignored, nextUint32, type Step } from "@passerelle/machine";
import { IPV4_ANY } from "@passerelle/net";
import { after, type Instant } from "@passerelle/time";
import {
  type Negotiation,
  type NegotiationEffect,
  type NegotiationInput,
  newNegotiation,
} from "../automaton/state.ts";
import { stepNegotiation } from "../automaton/step.ts";
import {
  type IpcpLocal,
  type IpcpPeer,
  ipcpPolicy,
  NEW_IPCP_LOCAL,
  resolversOf,
} from "../ncp/ipcp.ts";
import { type Ipv6cpLocal, type Ipv6cpPeer, ipv6cpPolicy } from "../ncp/ipv6cp.ts";
import { PAYLOAD_ORDINARY } from "../pppoe/discovery-state.ts";
import { PPP_PROTOCOL } from "../protocol-numbers.ts";
import type { PppEffect } from "./effect.ts";
import { terminate } from "./ending.ts";
import {
  andThen,
  configureLink,
  lcpPackets,
  linkStep,
  openPhase,
  type PppStep,
  sendControl,
  withLink,
  withTrouble,
} from "./moves.ts";
import type { PppSettings } from "./settings.ts";
import type { Link, PppState } from "./state.ts";

export type NetworkProtocol = "ipcp" | "ipv6cp";

/** RFC 1661 section 3.6: the link is open and we are accepted; IPv4 and IPv6 come up each for itself (RFC 7084 WLL-3). */
export function startNetwork(settings: PppSettings, state: PppState, now: Instant): PppStep {
  const { link } = openPhase(state);
  const { payloadMax } = link.session;
  const probe = payloadMax > PAYLOAD_ORDINARY ? { probe: payloadMax } : {};
  const watched = linkStep(settings, link, { kind: "watch", ...probe }, now);
  const drawn = nextUint32(state.rng);
  const identifier = drawn.value & 0xff;
  const local = { interfaceIdentifier: settings.interfaceIdentifier, rng: drawn.rng };
  const ready: Link = {
    ...link,
    lcp: watched.state,
    ...(settings.ipv4 ? { ipcp: newNegotiation(NEW_IPCP_LOCAL, identifier) } : {}),
    ...(settings.ipv6 ? { ipv6cp: newNegotiation(local, identifier) } : {}),
  };
  const giveUpAt = after(now, settings.phaseMax);
  let step: PppStep = {
    state: { ...state, rng: drawn.rng, phase: { kind: "ncp", link: ready, giveUpAt } },
    effects: [configureLink(ready), ...lcpPackets(watched)],
  };
  if (!settings.ipv4 && !settings.ipv6) return andThen(step, (next) => noIp(settings, next, now));
  for (const protocol of ["ipcp", "ipv6cp"] as const) {
    for (const kind of ["open", "up"] as const) {
      step = andThen(step, (next) => feedNetwork(settings, next, protocol, { kind }, now));
    }
  }
  return step;
}

/** Steps one of the two, and what it brings or takes. */
export function feedNetwork(
  settings: PppSettings,
  state: PppState,
  protocol: NetworkProtocol,
  input: NegotiationInput,
  now: Instant,
): PppStep {
  const { link } = openPhase(state);
  const stepped = stepProtocol(settings, link, protocol, input, now);
  if (stepped === undefined) return ignored(state);
  let step: PppStep = { state: withLink(state, stepped.state), effects: [] };
  for (const effect of stepped.effects) {
    step = andThen(step, (next) => follow(settings, next, protocol, effect, now));
  }
  return step;
}

function stepProtocol(
  settings: PppSettings,
  link: Link,
  protocol: NetworkProtocol,
  input: NegotiationInput,
  now: Instant,
): Step<Link, NegotiationEffect> | undefined {
  const { ipcp, ipv6cp } = link;
  if (protocol === "ipcp") {
    if (ipcp === undefined) return undefined;
    const { state, effects } = stepIpcp(settings, ipcp, input, now);
    return state === ipcp ? undefined : { state: { ...link, ipcp: state }, effects };
  }
  if (ipv6cp === undefined) return undefined;
  const { state, effects } = stepNegotiation<Ipv6cpLocal, Ipv6cpPeer>(
    ipv6cpPolicy,
    settings.negotiation,
    ipv6cp,
    input,
    now,
  );
  return state === ipv6cp && effects.length === 0
    ? undefined
    : { state: { ...link, ipv6cp: state }, effects };
}

function stepIpcp(
  settings: PppSettings,
  ipcp: Negotiation<IpcpLocal, IpcpPeer>,
  input: NegotiationInput,
  now: Instant,
): Step<Negotiation<IpcpLocal, IpcpPeer>, NegotiationEffect> {
  const timing = settings.negotiation;
  const stepped = stepNegotiation(ipcpPolicy, timing, ipcp, input, now);
  const { phase, local } = stepped.state;
  if (phase !== "opened" || local.address !== IPV4_ANY) return stepped;
  // RFC 1332 section 3.3: 0.0.0.0 is a question; a peer that acknowledges it gave no address.
  const closed = stepNegotiation(ipcpPolicy, timing, stepped.state, { kind: "close" }, now);
  const effects = [...stepped.effects, ...closed.effects];
  return {
    state: closed.state,
    effects: effects.filter(({ kind }) => kind !== "layer_up" && kind !== "layer_down"),
  };
}

function follow(
  settings: PppSettings,
  state: PppState,
  protocol: NetworkProtocol,
  effect: NegotiationEffect,
  now: Instant,
): PppStep {
  switch (effect.kind) {
    case "send": {
      const number = protocol === "ipcp" ? PPP_PROTOCOL.IPCP : PPP_PROTOCOL.IPV6CP;
      return { state, effects: [sendControl(number, effect.packet)] };
    }
    case "layer_up":
      return opened(state, protocol, now);
    case "layer_down":
      return lost(settings, state, protocol, now);
    case "layer_finished":
      return isAnyAlive(openPhase(state).link) ? ignored(state) : noIp(settings, state, now);
    default:
      return ignored(state);
  }
}

function opened(state: PppState, protocol: NetworkProtocol, now: Instant): PppStep {
  const { link } = openPhase(state);
  const upSince = link.upSince ?? now;
  return {
    state: {
      ...withTrouble(state, undefined),
      refusals: 0,
      phase: { kind: "up", link: { ...link, upSince } },
    },
    effects: protocol === "ipcp" ? configureIpv4(link) : configureIpv6(link),
  };
}

export function configureIpv4({ ipcp }: Link): readonly PppEffect[] {
  if (ipcp === undefined) return [];
  const { local, peer } = ipcp;
  const ipv4 = {
    address: local.address,
    ...(peer?.address === undefined ? {} : { peerAddress: peer.address }),
    resolvers: resolversOf(local),
  };
  return [{ kind: "configure_ipv4", ipv4 }];
}

export function configureIpv6({ ipv6cp }: Link): readonly PppEffect[] {
  if (ipv6cp === undefined) return [];
  const { local, peer } = ipv6cp;
  const theirs = peer?.interfaceIdentifier;
  const ipv6 = {
    interfaceIdentifier: local.interfaceIdentifier,
    ...(theirs === undefined ? {} : { peerInterfaceIdentifier: theirs }),
  };
  return [{ kind: "configure_ipv6", ipv6 }];
}

function lost(
  settings: PppSettings,
  state: PppState,
  protocol: NetworkProtocol,
  now: Instant,
): PppStep {
  const { link } = openPhase(state);
  const isUp = link.ipcp?.phase === "opened" || link.ipv6cp?.phase === "opened";
  const giveUpAt = after(now, settings.phaseMax);
  return {
    state: isUp ? state : { ...state, phase: { kind: "ncp", link, giveUpAt } },
    effects: [{ kind: protocol === "ipcp" ? "unconfigure_ipv4" : "unconfigure_ipv6" }],
  };
}

/** At least one of the two is open, or still tries. */
function isAnyAlive({ ipcp, ipv6cp }: Link): boolean {
  return [ipcp, ipv6cp].some(
    (one) => one !== undefined && one.phase !== "stopped" && one.phase !== "closed",
  );
}

function noIp(settings: PppSettings, state: PppState, now: Instant): PppStep {
  return terminate(settings, state, { next: "wait", trouble: { code: "no_ip" } }, now);
}
