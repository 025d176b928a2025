import type { Step } from "@passerelle/machine";
import { invariant } from "@passerelle/result";
import type { Instant } from "@passerelle/time";
import { type ControlPacket, encodeControlPacket } from "../control-packet.ts";
import type { LcpInput } from "../lcp/state.ts";
import { type LcpStep, stepLcp } from "../lcp/step.ts";
import { encodePppoe, PPPOE_CODE } from "../pppoe/packet.ts";
import { PPP_PROTOCOL } from "../protocol-numbers.ts";
import type { PppEffect, SessionAddress } from "./effect.ts";
import { lcpSettings, type PppSettings } from "./settings.ts";
import {
  type Link,
  type LinkPhase,
  linkPhaseOf,
  type PppCause,
  type PppState,
  type PppTrouble,
} from "./state.ts";

export type PppStep = Step<PppState, PppEffect>;

/** One move after another, with the effects of both. */
export function andThen(step: PppStep, move: (state: PppState) => PppStep): PppStep {
  const next = move(step.state);
  return { state: next.state, effects: [...step.effects, ...next.effects] };
}

export function openPhase(state: PppState): LinkPhase {
  const phase = linkPhaseOf(state);
  invariant(phase !== undefined, "there is a session");
  return phase;
}

export function withLink(state: PppState, link: Link): PppState {
  return { ...state, phase: { ...openPhase(state), link } };
}

export function withTrouble(state: PppState, trouble: PppTrouble | undefined): PppState {
  const { trouble: _last, ...rest } = state;
  return trouble === undefined ? rest : { ...rest, trouble };
}

export function withText(code: PppCause, text: string | undefined): PppTrouble {
  return text === undefined || text === "" ? { code } : { code, text };
}

export function sendControl(protocol: number, packet: ControlPacket): PppEffect {
  return { kind: "send_packet", protocol, payload: encodeControlPacket(packet) };
}

/** RFC 2516 section 5.5. */
export function sendPadt({ peer, sessionId }: SessionAddress): PppEffect {
  const payload = encodePppoe({ code: PPPOE_CODE.PADT, sessionId, tags: [] });
  return { kind: "send_discovery", destination: peer, payload };
}

/** Steps the link's own machine. What it sends is in the effects; the rest is the caller's to look at. */
export function linkStep(
  settings: PppSettings,
  link: Link,
  input: LcpInput,
  now: Instant,
): LcpStep {
  return stepLcp(lcpSettings(settings, link.session.payloadMax), link.lcp, input, now);
}

export function lcpPackets(step: LcpStep): readonly PppEffect[] {
  return step.effects.flatMap((effect) =>
    effect.kind === "send" ? [sendControl(PPP_PROTOCOL.LCP, effect.packet)] : [],
  );
}

/** Takes what stands on the link away: addresses, and who we said we are. */
export function withoutNetwork(link: Link): {
  readonly link: Link;
  readonly effects: readonly PppEffect[];
} {
  const { authentication: _authentication, ipcp, ipv6cp, ...rest } = link;
  const effects: PppEffect[] = [];
  if (ipcp?.phase === "opened") effects.push({ kind: "unconfigure_ipv4" });
  if (ipv6cp?.phase === "opened") effects.push({ kind: "unconfigure_ipv6" });
  return { link: rest, effects };
}

/** Largest packet that both the peer and the way to it take, in octets. */
export function configureLink({ lcp, payloadProven, session }: Link): PppEffect {
  const theirs = lcp.negotiation.peer?.mru ?? payloadProven;
  return {
    kind: "configure_link",
    mtu: Math.min(theirs, payloadProven),
    mru: session.payloadMax,
  };
}
