import { ignored } from "@passerelle/machine";
import { after, type Instant } from "@passerelle/time";
import { isNegotiating, type Why } from "../automaton/state.ts";
import type { LcpEffect, LcpInput } from "../lcp/state.ts";
import { PPP_PROTOCOL } from "../protocol-numbers.ts";
import { authenticate } from "./authenticate.ts";
import { end, terminate } from "./ending.ts";
import {
  andThen,
  configureLink,
  linkStep,
  openPhase,
  type PppStep,
  sendControl,
  withLink,
  withoutNetwork,
  withText,
  withTrouble,
} from "./moves.ts";
import { feedNetwork, startNetwork } from "./network.ts";
import type { PppSettings } from "./settings.ts";
import type { Link, PppState, PppTrouble } from "./state.ts";

/** Steps the link, and everything that stands on it. */
export function feedLink(
  settings: PppSettings,
  state: PppState,
  input: LcpInput,
  now: Instant,
): PppStep {
  const { link } = openPhase(state);
  const stepped = linkStep(settings, link, input, now);
  if (stepped.state === link.lcp && stepped.effects.length === 0) return ignored(state);
  let step: PppStep = { state: withLink(state, { ...link, lcp: stepped.state }), effects: [] };
  for (const effect of stepped.effects) {
    // The session may have ended by the effect before.
    if (!("link" in step.state.phase)) break;
    step = andThen(step, (next) => follow(settings, next, effect, now));
  }
  return step;
}

function follow(settings: PppSettings, state: PppState, effect: LcpEffect, now: Instant): PppStep {
  switch (effect.kind) {
    case "send":
      return { state, effects: [sendControl(PPP_PROTOCOL.LCP, effect.packet)] };
    case "layer_up":
      return opened(settings, state, now);
    case "layer_down":
      return lost(settings, state, effect.why, now);
    case "layer_finished":
      return finished(settings, state, effect.why, now);
    case "protocol_rejected":
      return rejected(settings, state, effect.protocol, now);
    case "peer_dead":
      return terminate(settings, state, { next: "wait", trouble: { code: "peer_dead" } }, now);
    case "looped":
      return terminate(settings, state, { next: "wait", trouble: { code: "lcp_looped" } }, now);
    case "payload_proven": {
      const { link } = openPhase(state);
      const proven = { ...link, payloadProven: effect.octets };
      return { state: withLink(state, proven), effects: [configureLink(proven)] };
    }
  }
}

function opened(settings: PppSettings, state: PppState, now: Instant): PppStep {
  const method = openPhase(state).link.lcp.negotiation.peer?.authentication;
  return method === undefined
    ? startNetwork(settings, state, now)
    : authenticate(settings, state, method, now);
}

/** The peer negotiates anew (RFC 1661 section 3.4), or ends the link. */
function lost(settings: PppSettings, state: PppState, why: Why, now: Instant): PppStep {
  const phase = openPhase(state);
  if (phase.kind === "terminating") return ignored(state);
  const { link, effects } = withoutNetwork(phase.link);
  if (isNegotiating(link.lcp.negotiation.phase)) {
    const giveUpAt = after(now, settings.phaseMax);
    return { state: { ...state, phase: { kind: "lcp", link, giveUpAt } }, effects };
  }
  const trouble: PppTrouble =
    why === "terminated_by_peer"
      ? withText("closed_by_isp", link.lcp.terminated?.text)
      : { code: "lcp_refused" };
  return {
    state: { ...withTrouble(state, trouble), phase: { kind: "terminating", link, next: "wait" } },
    effects,
  };
}

function finished(settings: PppSettings, state: PppState, why: Why, now: Instant): PppStep {
  const phase = openPhase(state);
  if (phase.kind === "terminating") return end(settings, state, phase.next, now);
  return end(settings, withTrouble(state, troubleOf(phase.link, why)), "wait", now);
}

/** Why a link did not come up. */
function troubleOf({ lcp }: Link, why: Why): PppTrouble {
  if (lcp.negotiation.local.methodsRefused > 0) return { code: "auth_method" };
  if (lcp.terminated !== undefined) return withText("lcp_refused", lcp.terminated.text);
  return { code: why === "timeout" ? "lcp_timeout" : "lcp_refused" };
}

/** RFC 1661 section 5.7: the protocol is not used any more. */
function rejected(settings: PppSettings, state: PppState, protocol: number, now: Instant): PppStep {
  const { link } = openPhase(state);
  const input = { kind: "protocol_rejected" } as const;
  switch (protocol) {
    case PPP_PROTOCOL.IPCP:
    case PPP_PROTOCOL.IPV4:
      return feedNetwork(settings, state, "ipcp", input, now);
    case PPP_PROTOCOL.IPV6CP:
    case PPP_PROTOCOL.IPV6:
      return feedNetwork(settings, state, "ipv6cp", input, now);
    case PPP_PROTOCOL.PAP:
    case PPP_PROTOCOL.CHAP:
      return link.authentication?.nextAt === undefined
        ? ignored(state)
        : terminate(settings, state, { next: "wait", trouble: { code: "auth_method" } }, now);
    default:
      return ignored(state);
  }
}
