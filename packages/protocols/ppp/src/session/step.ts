import { ignored, type Machine, nextBelow, type Rng } from "@passerelle/machine";
import { unreachable } from "@passerelle/result";
import { after, type Instant, isDue, milliseconds, seconds } from "@passerelle/time";
import { lcpDeadline } from "../lcp/state.ts";
import { stepDiscovery } from "../pppoe/discovery.ts";
import { adopt, withMemory } from "./adopt.ts";
import { feedAuthentication } from "./authenticate.ts";
import { dial } from "./dial.ts";
import type { PppEffect } from "./effect.ts";
import { drop, end, terminate } from "./ending.ts";
import type { PppInput } from "./input.ts";
import { feedLink } from "./link.ts";
import { type PppStep, withTrouble } from "./moves.ts";
import { feedNetwork } from "./network.ts";
import { discovered, discoveryFrameReceived, packetReceived } from "./received.ts";
import type { PppSettings } from "./settings.ts";
import {
  checkPpp,
  initialPpp,
  type LinkPhase,
  linkPhaseOf,
  type PppCause,
  type PppStart,
  type PppState,
  pppDeadline,
} from "./state.ts";

/** A line over PPPoE as one machine. */
export function pppMachine(
  settings: PppSettings,
  rng: Rng,
  start: PppStart = {},
): Machine<PppState, PppInput, PppEffect> {
  return {
    initial: initialPpp(rng, start),
    step: (state, input, now) => stepPpp(settings, state, input, now),
    deadline: pppDeadline,
    check: checkPpp,
  };
}

export function stepPpp(
  settings: PppSettings,
  state: PppState,
  input: PppInput,
  now: Instant,
): PppStep {
  return withMemory(state, stepLive(settings, state, input, now));
}

function stepLive(settings: PppSettings, state: PppState, input: PppInput, now: Instant): PppStep {
  switch (input.kind) {
    case "timeout":
      return timeout(settings, state, now);
    case "link_up":
      return linkUp(settings, state, now);
    case "link_down":
      return linkDown(state);
    case "stop":
      return stop(settings, state, now);
    case "reconnect":
      return reconnect(settings, state, now);
    case "discovery_frame":
      return discoveryFrameReceived(settings, state, input.source, input.payload, now);
    case "packet":
      return packetReceived(settings, state, input.protocol, input.payload, now);
    case "heard":
      return linkPhaseOf(state) === undefined
        ? ignored(state)
        : feedLink(settings, state, { kind: "heard" }, now);
    case "channel_ended":
      return channelEnded(settings, state, now);
    case "channel_failed":
      return channelFailed(settings, state, now);
    default:
      return unreachable(input);
  }
}

function timeout(settings: PppSettings, state: PppState, now: Instant): PppStep {
  const { phase } = state;
  if (!isDue(pppDeadline(state), now)) return ignored(state);
  switch (phase.kind) {
    case "idle":
      return ignored(state);
    case "waiting":
      return dial(settings, state, now);
    case "discovering":
    case "requesting": {
      const step = stepDiscovery(settings.discovery, phase.discovery, { kind: "timeout" }, now);
      return discovered(settings, state, step, now);
    }
    default:
      return linkTimeout(settings, state, phase, now);
  }
}

const GIVEN_UP: Readonly<Record<"lcp" | "auth" | "ncp", PppCause>> = {
  lcp: "lcp_timeout",
  auth: "auth_timeout",
  ncp: "no_ip",
};

/** One of the timers that are due; the deadline brings us back for the next. */
function linkTimeout(
  settings: PppSettings,
  state: PppState,
  phase: LinkPhase,
  now: Instant,
): PppStep {
  const due = { kind: "timeout" } as const;
  const { lcp, authentication, ipcp, ipv6cp } = phase.link;
  if ("giveUpAt" in phase && isDue(phase.giveUpAt, now)) {
    const trouble = { code: GIVEN_UP[phase.kind] };
    return terminate(settings, state, { next: "wait", trouble }, now);
  }
  if (isDue(lcpDeadline(lcp), now)) return feedLink(settings, state, due, now);
  if (isDue(authentication?.nextAt, now)) return feedAuthentication(settings, state, due, now);
  if (isDue(ipcp?.restart?.at, now)) return feedNetwork(settings, state, "ipcp", due, now);
  if (isDue(ipv6cp?.restart?.at, now)) return feedNetwork(settings, state, "ipv6cp", due, now);
  return ignored(state);
}

function linkUp(settings: PppSettings, state: PppState, now: Instant): PppStep {
  const { phase, firstWaitMax } = state;
  if (phase.kind === "terminating" && phase.next === "idle") {
    return { state: { ...state, phase: { ...phase, next: "dial" } }, effects: [] };
  }
  if (phase.kind !== "idle") return ignored(state);
  if (state.adoptable !== undefined) return adopt(settings, state, state.adoptable, now);
  if (firstWaitMax === 0) return dial(settings, state, now);
  const drawn = nextBelow(state.rng, firstWaitMax);
  return {
    state: {
      ...state,
      rng: drawn.rng,
      firstWaitMax: seconds(0),
      phase: { kind: "waiting", until: after(now, milliseconds(drawn.value)) },
    },
    effects: [],
  };
}

function linkDown(state: PppState): PppStep {
  if (state.phase.kind === "idle") return ignored(state);
  // A new carrier is a new start: what failed on the old one says nothing about it.
  const fresh = { ...state, failures: 0 };
  return linkPhaseOf(state) === undefined
    ? { state: { ...withTrouble(fresh, undefined), phase: { kind: "idle" } }, effects: [] }
    : drop(fresh);
}

/** As by a PADT that nobody heard: one that was steady is dialled again at once. */
function channelEnded(settings: PppSettings, state: PppState, now: Instant): PppStep {
  const phase = linkPhaseOf(state);
  if (phase === undefined) return ignored(state);
  if (phase.kind === "terminating") return end(settings, state, phase.next, now);
  return end(settings, withTrouble(state, { code: "closed_by_isp" }), "wait", now);
}

function channelFailed(settings: PppSettings, state: PppState, now: Instant): PppStep {
  const phase = linkPhaseOf(state);
  if (phase === undefined) return ignored(state);
  if (phase.kind === "terminating") return end(settings, state, phase.next, now);
  return end(settings, withTrouble(state, { code: "no_kernel_ppp" }), "wait", now);
}

function stop(settings: PppSettings, state: PppState, now: Instant): PppStep {
  const { phase } = state;
  if (phase.kind === "idle") return ignored(state);
  if (phase.kind === "terminating") return endWith(state, phase, "idle");
  if (linkPhaseOf(state) !== undefined) return terminate(settings, state, { next: "idle" }, now);
  return { state: { ...withTrouble(state, undefined), phase: { kind: "idle" } }, effects: [] };
}

function reconnect(settings: PppSettings, state: PppState, now: Instant): PppStep {
  const { phase } = state;
  if (phase.kind === "idle") return ignored(state);
  const fresh = { ...state, failures: 0, refusals: 0 };
  if (phase.kind === "terminating") {
    return phase.next === "idle" ? ignored(state) : endWith(fresh, phase, "dial");
  }
  if (linkPhaseOf(state) !== undefined) return terminate(settings, fresh, { next: "dial" }, now);
  return dial(settings, fresh, now);
}

function endWith(
  state: PppState,
  phase: PppState["phase"] & { readonly kind: "terminating" },
  next: "idle" | "dial",
): PppStep {
  if (phase.next === next) return ignored(state);
  return { state: { ...state, phase: { ...phase, next } }, effects: [] };
}
