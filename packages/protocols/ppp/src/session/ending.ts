import { ignored } from "@passerelle/machine";
import { elapsed, type Instant } from "@passerelle/time";
import { dial, pause } from "./dial.ts";
import type { PppEffect } from "./effect.ts";
import {
  lcpPackets,
  linkStep,
  openPhase,
  type PppStep,
  sendPadt,
  withoutNetwork,
  withText,
  withTrouble,
} from "./moves.ts";
import type { PppSettings } from "./settings.ts";
import type { Link, Next, PppState, PppTrouble } from "./state.ts";

/** Asks the peer to end the link (RFC 1661 section 3.7), and ends it when it has, or does not answer. */
export function terminate(
  settings: PppSettings,
  state: PppState,
  ending: { readonly next: Next; readonly trouble?: PppTrouble },
  now: Instant,
): PppStep {
  const phase = openPhase(state);
  if (phase.kind === "terminating") return ignored(state);
  const { link, effects } = withoutNetwork(phase.link);
  const closing = linkStep(settings, link, { kind: "close" }, now);
  const terminating: PppState = {
    ...withTrouble(state, ending.trouble),
    phase: { kind: "terminating", link: { ...link, lcp: closing.state }, next: ending.next },
  };
  const sent = [...effects, ...lcpPackets(closing)];
  if (isEnding(closing.state.negotiation.phase)) return { state: terminating, effects: sent };
  const ended = end(settings, terminating, ending.next, now);
  return { state: ended.state, effects: [...sent, ...ended.effects] };
}

/** The link waits for the peer's last word. */
function isEnding(phase: Link["lcp"]["negotiation"]["phase"]): boolean {
  return phase === "closing" || phase === "stopping";
}

/** The session is over: the concentrator is told (RFC 2516 section 5.5), and the next thing begins. */
export function end(settings: PppSettings, state: PppState, next: Next, now: Instant): PppStep {
  return close(settings, state, next, [sendPadt(openPhase(state).link.session)], now);
}

/**
 * The concentrator ended the session; RFC 2516 section 5.5: not one more packet of it is sent.
 *
 * @param text what it says about it: hostile text
 */
export function ended(
  settings: PppSettings,
  state: PppState,
  text: string | undefined,
  now: Instant,
): PppStep {
  const phase = openPhase(state);
  if (phase.kind === "terminating") return close(settings, state, phase.next, [], now);
  // A peer that asked for what we do not have, and hangs up, says by that what is missing.
  const unmet = phase.kind === "lcp" && phase.link.lcp.negotiation.local.methodsRefused > 0;
  const trouble = withText(unmet ? "auth_method" : "closed_by_isp", text);
  return close(settings, withTrouble(state, trouble), "wait", [], now);
}

/** Nothing that we send arrives: the session stays to be ended when something does. */
export function drop(state: PppState): PppStep {
  const { link, effects } = withoutNetwork(openPhase(state).link);
  const { peer, sessionId } = link.session;
  return {
    state: {
      ...withTrouble(state, undefined),
      stale: { peer, sessionId },
      phase: { kind: "idle" },
    },
    effects: [...effects, { kind: "close_channel" }],
  };
}

function close(
  settings: PppSettings,
  state: PppState,
  next: Next,
  farewell: readonly PppEffect[],
  now: Instant,
): PppStep {
  const { link, effects } = withoutNetwork(openPhase(state).link);
  const closed: readonly PppEffect[] = [
    ...effects,
    ...farewell,
    { kind: "close_channel" },
    { kind: "forget_session" },
  ];
  const after = follow(settings, forgiven(settings, state, link, now), link, next, now);
  return { state: after.state, effects: [...closed, ...after.effects] };
}

function follow(
  settings: PppSettings,
  state: PppState,
  link: Link,
  next: Next,
  now: Instant,
): PppStep {
  if (next === "idle") return { state: { ...state, phase: { kind: "idle" } }, effects: [] };
  if (next === "dial") return dial(settings, { ...state, failures: 0 }, now);
  // A steady session that the operator ended is dialled again at once, and once only.
  const restarted = state.trouble?.code === "closed_by_isp" && link.upSince !== undefined;
  return restarted && state.failures === 0
    ? dial(settings, { ...state, failures: 1 }, now)
    : pause(settings, state, now);
}

function forgiven(settings: PppSettings, state: PppState, link: Link, now: Instant): PppState {
  const { upSince } = link;
  const steady = upSince !== undefined && elapsed(upSince, now) >= settings.redial.steadyAfter;
  return steady ? { ...state, failures: 0 } : state;
}
