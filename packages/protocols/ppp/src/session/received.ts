import { bytesEqual } from "@passerelle/bytes";
import { ignored } from "@passerelle/machine";
import type { Mac } from "@passerelle/net";
import { after, type Instant } from "@passerelle/time";
import { type ControlPacket, decodeControlPacket } from "../control-packet.ts";
import { newLcp } from "../lcp/step.ts";
import { type DiscoveryStep, refusalOf, stepDiscovery } from "../pppoe/discovery.ts";
import { PAYLOAD_ORDINARY, type PppoeSession } from "../pppoe/discovery-state.ts";
import { decodePppoe, PPPOE_CODE, type PppoePacket } from "../pppoe/packet.ts";
import { TAG, tagOf } from "../pppoe/tags.ts";
import { PPP_PROTOCOL } from "../protocol-numbers.ts";
import { feedAuthentication } from "./authenticate.ts";
import { pause } from "./dial.ts";
import { ended } from "./ending.ts";
import { feedLink } from "./link.ts";
import { andThen, openPhase, type PppStep, sendPadt, withTrouble } from "./moves.ts";
import { feedNetwork } from "./network.ts";
import { lcpSettings, type PppSettings } from "./settings.ts";
import { type Link, linkPhaseOf, type PppCounters, type PppState } from "./state.ts";

export function discoveryFrameReceived(
  settings: PppSettings,
  state: PppState,
  source: Mac,
  payload: Uint8Array,
  now: Instant,
): PppStep {
  const decoded = decodePppoe(payload);
  if (!decoded.ok) return counted(state, "malformed");
  const packet = decoded.value;
  const { phase } = state;
  if ("discovery" in phase) {
    const step = stepDiscovery(
      settings.discovery,
      phase.discovery,
      { kind: "packet", source, packet },
      now,
    );
    return step.state === phase.discovery
      ? counted(state, "notForUs")
      : discovered(settings, state, step, now);
  }
  const session = linkPhaseOf(state)?.link.session;
  if (session === undefined || source !== session.peer) return counted(state, "notForUs");
  if (packet.code === PPPOE_CODE.PADT && packet.sessionId === session.sessionId) {
    return ended(settings, state, refusalOf(packet)?.text, now);
  }
  return isTwin(packet, session)
    ? { state, effects: [sendPadt({ peer: source, sessionId: packet.sessionId })] }
    : counted(state, "notForUs");
}

/** A PADR that was sent twice may have made two sessions; one is used, the other must not stay. */
function isTwin(packet: PppoePacket, { sessionId, hostUniq }: PppoeSession): boolean {
  const uniq = tagOf(packet, TAG.HOST_UNIQ);
  return (
    packet.code === PPPOE_CODE.PADS &&
    packet.sessionId !== 0 &&
    packet.sessionId !== sessionId &&
    uniq !== undefined &&
    bytesEqual(uniq, hostUniq)
  );
}

/** Takes what the search has come to. */
export function discovered(
  settings: PppSettings,
  state: PppState,
  { state: discovery, effects }: DiscoveryStep,
  now: Instant,
): PppStep {
  switch (discovery.kind) {
    case "soliciting":
      return { state: { ...state, phase: { kind: "discovering", discovery } }, effects };
    case "requesting":
      return { state: { ...state, phase: { kind: "requesting", discovery } }, effects };
    case "failed":
      return andThen({ state: withTrouble(state, discovery.failure), effects }, (next) =>
        pause(settings, next, now),
      );
    case "established":
      return openLink(settings, state, discovery.session, now);
  }
}

function openLink(
  settings: PppSettings,
  state: PppState,
  session: PppoeSession,
  now: Instant,
): PppStep {
  const { peer, sessionId, payloadMax } = session;
  const lcp = newLcp(lcpSettings(settings, payloadMax), state.rng);
  const link: Link = {
    session,
    lcp,
    payloadProven: Math.min(payloadMax, PAYLOAD_ORDINARY),
  };
  const giveUpAt = after(now, settings.phaseMax);
  const address = { peer, sessionId };
  const opened: PppStep = {
    state: {
      ...state,
      rng: lcp.negotiation.local.rng,
      phase: { kind: "lcp", link, giveUpAt },
    },
    effects: [
      { kind: "remember_session", session: address },
      { kind: "open_channel", session: address },
    ],
  };
  const asked = andThen(opened, (next) => feedLink(settings, next, { kind: "open" }, now));
  return andThen(asked, (next) => feedLink(settings, next, { kind: "up" }, now));
}

export function packetReceived(
  settings: PppSettings,
  state: PppState,
  protocol: number,
  payload: Uint8Array,
  now: Instant,
): PppStep {
  if (linkPhaseOf(state) === undefined) return counted(state, "notForUs");
  const heard = feedLink(settings, state, { kind: "heard" }, now);
  if (!isControl(protocol)) {
    return andThen(heard, (next) => otherReceived(settings, next, protocol, payload, now));
  }
  const decoded = decodeControlPacket(payload);
  if (!decoded.ok) return andThen(heard, (next) => counted(next, "malformed"));
  return andThen(heard, (next) => controlReceived(settings, next, protocol, decoded.value, now));
}

function controlReceived(
  settings: PppSettings,
  state: PppState,
  protocol: number,
  packet: ControlPacket,
  now: Instant,
): PppStep {
  const { link } = openPhase(state);
  const input = { kind: "packet", packet } as const;
  if (protocol === PPP_PROTOCOL.LCP) return feedLink(settings, state, input, now);
  const method = link.authentication?.method;
  const asked = method === "pap" ? PPP_PROTOCOL.PAP : PPP_PROTOCOL.CHAP;
  if (method !== undefined && protocol === asked) {
    return feedAuthentication(settings, state, input, now);
  }
  // RFC 1661 section 3.4: what is not of the phase is silently discarded.
  return counted(state, "notForUs");
}

function otherReceived(
  settings: PppSettings,
  state: PppState,
  protocol: number,
  payload: Uint8Array,
  now: Instant,
): PppStep {
  const phase = openPhase(state);
  if (phase.kind !== "ncp" && phase.kind !== "up") return counted(state, "notForUs");
  const network = networkOf(phase.link, protocol);
  if (network !== undefined) {
    const decoded = decodeControlPacket(payload);
    if (!decoded.ok) return counted(state, "malformed");
    return feedNetwork(settings, state, network, { kind: "packet", packet: decoded.value }, now);
  }
  // Traffic is the kernel's, also when it comes before its protocol is open.
  if (protocol === PPP_PROTOCOL.IPV4 || protocol === PPP_PROTOCOL.IPV6) return ignored(state);
  return feedLink(settings, state, { kind: "unknown_protocol", protocol, payload }, now);
}

function networkOf({ ipcp, ipv6cp }: Link, protocol: number): "ipcp" | "ipv6cp" | undefined {
  if (protocol === PPP_PROTOCOL.IPCP && ipcp !== undefined) return "ipcp";
  return protocol === PPP_PROTOCOL.IPV6CP && ipv6cp !== undefined ? "ipv6cp" : undefined;
}

function isControl(protocol: number): boolean {
  return (
    protocol === PPP_PROTOCOL.LCP || protocol === PPP_PROTOCOL.PAP || protocol === PPP_PROTOCOL.CHAP
  );
}

function counted(state: PppState, what: keyof PppCounters): PppStep {
  const counters = { ...state.counters, [what]: state.counters[what] + 1 };
  return { state: { ...state, counters }, effects: [] };
}
