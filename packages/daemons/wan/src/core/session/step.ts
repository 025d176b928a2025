import { ignored, type Machine, type Rng, type Step } from "@passerelle/machine";
import { IPV4_ANY, type Ipv4 } from "@passerelle/net";
import { unreachable } from "@passerelle/result";
import { after, earliest, elapsed, type Instant, isDue } from "@passerelle/time";
import { isValid } from "../lease.ts";
import { datagramReceived } from "./answers.ts";
import type { SessionEffect } from "./effect.ts";
import type { SessionContext, SessionInput } from "./input.ts";
import { declineMessage } from "./messages.ts";
import {
  bind,
  drop,
  macOf,
  repeat,
  select,
  startReboot,
  startRenewing,
  toIdle,
  toInit,
  toRebinding,
  toReboot,
} from "./moves.ts";
import type { SessionSettings } from "./settings.ts";
import { checkSession, initialSession, type Remembered, type SessionState } from "./state.ts";
import { CONFLICT_WAIT, PROBE_GAP, REBOOT_TRIES, REQUEST_TRIES } from "./timing.ts";

export type SessionStep = Step<SessionState, SessionEffect>;

/** The client as a machine of its own, for tests; the daemon steps it inside the line's machine. */
export function sessionMachine(
  settings: SessionSettings,
  context: SessionContext,
  rng: Rng,
  remembered?: Remembered,
): Machine<SessionState, SessionInput, SessionEffect> {
  return {
    initial: initialSession(rng, remembered),
    step: (state, input, now) => stepSession(settings, context, state, input, now),
    deadline: sessionDeadline,
    check: checkSession,
  };
}

export function stepSession(
  settings: SessionSettings,
  context: SessionContext,
  state: SessionState,
  input: SessionInput,
  now: Instant,
): SessionStep {
  const expired = expireLease(state, now);
  const next = stepLive(settings, context, expired.state, input, now);
  return expired.effects.length === 0
    ? next
    : { state: next.state, effects: [...expired.effects, ...next.effects] };
}

/** Comes before everything else, whatever it is that came in: a lease is never used past its end. */
export function expireLease(state: SessionState, now: Instant): SessionStep {
  const { held } = state;
  return held === undefined || isValid(held, now) ? ignored(state) : expire(state, now);
}

export function sessionDeadline(state: SessionState): Instant | undefined {
  return earliest(phaseDeadline(state), state.held?.expiresAt);
}

function phaseDeadline({ phase, held }: SessionState): Instant | undefined {
  switch (phase.kind) {
    case "idle":
    case "init_reboot":
      return undefined;
    case "init":
      return phase.entropy === undefined ? undefined : phase.notBefore;
    case "bound":
      return earliest(held?.renewsAt, phase.retryAt);
    case "selecting":
    case "requesting":
    case "rebooting":
    case "probing":
    case "renewing":
    case "rebinding":
      return phase.exchange.nextAt;
    default:
      return unreachable(phase);
  }
}

function stepLive(
  settings: SessionSettings,
  context: SessionContext,
  state: SessionState,
  input: SessionInput,
  now: Instant,
): SessionStep {
  switch (input.kind) {
    case "timeout":
      return isDue(phaseDeadline(state), now) ? timeout(settings, state, now) : ignored(state);
    case "entropy":
      return entropyDrawn(settings, state, input.entropy, now);
    case "datagram":
      return datagramReceived(settings, context, state, input.payload, now);
    case "link_up":
      return linkUp(state, input.mac, now);
    case "link_down":
      return state.phase.kind === "idle" ? ignored(state) : toIdle(state);
    case "link_gone":
      return linkGone(state);
    case "arp_conflict":
      return conflict(settings, state, input.address, now);
    case "configure_failed":
      return configureFailed(state, input.address, now);
    case "reconnect": {
      const mac = macOf(state.phase);
      return mac === undefined ? ignored(state) : toInit({ ...state, setbacks: 0 }, mac, now);
    }
    default:
      return unreachable(input);
  }
}

function timeout(settings: SessionSettings, state: SessionState, now: Instant): SessionStep {
  const { phase } = state;
  switch (phase.kind) {
    case "idle":
    case "init_reboot":
      return ignored(state);
    case "init":
      return phase.entropy === undefined
        ? ignored(state)
        : select(settings, state, { mac: phase.mac, entropy: phase.entropy }, now);
    case "selecting":
      return repeat(settings, state, phase, now);
    case "requesting":
      // RFC 2131 section 3.1.5: after a few unanswered requests the procedure starts again.
      if (phase.exchange.sent < REQUEST_TRIES) return repeat(settings, state, phase, now);
      return toInit(state, phase.exchange.mac, now, { trouble: "silence" });
    case "rebooting":
      if (phase.exchange.sent < REBOOT_TRIES) return repeat(settings, state, phase, now);
      // RFC 2131 section 3.2 lets us keep an unexpired lease: a held one stays while we look around.
      return toInit(state, phase.exchange.mac, now);
    case "probing": {
      if (phase.probesLeft === 0) return bind(settings, state, phase.exchange, phase.lease, now);
      const exchange = { ...phase.exchange, nextAt: after(now, PROBE_GAP) };
      return {
        state: { ...state, phase: { ...phase, exchange, probesLeft: phase.probesLeft - 1 } },
        effects: [{ kind: "arp_probe", address: phase.lease.address }],
      };
    }
    case "bound":
      if (isDue(phase.retryAt, now)) return toInit(state, phase.identity.mac, now);
      return startRenewing(settings, state, phase.identity, now);
    case "renewing":
      if (isDue(state.held?.rebindsAt, now))
        return toRebinding(settings, state, phase.exchange, now);
      return repeat(settings, state, phase, now);
    case "rebinding":
      return repeat(settings, state, phase, now);
    default:
      return unreachable(phase);
  }
}

function entropyDrawn(
  settings: SessionSettings,
  state: SessionState,
  entropy: (SessionInput & { kind: "entropy" })["entropy"],
  now: Instant,
): SessionStep {
  const { phase } = state;
  if (phase.kind === "init_reboot") {
    return startReboot(settings, state, { mac: phase.mac, entropy }, phase.lease, now);
  }
  if (phase.kind !== "init" || phase.entropy !== undefined) return ignored(state);
  if (now >= phase.notBefore) return select(settings, state, { mac: phase.mac, entropy }, now);
  return { state: { ...state, phase: { ...phase, entropy } }, effects: [] };
}

function linkUp(
  state: SessionState,
  mac: (SessionInput & { kind: "link_up" })["mac"],
  now: Instant,
): SessionStep {
  if (state.phase.kind !== "idle") return ignored(state);
  const lease = state.held ?? state.phase.remembered;
  return lease === undefined ? toInit(state, mac, now) : toReboot(state, mac, lease);
}

function linkGone(state: SessionState): SessionStep {
  const { held } = state;
  if (held === undefined) return state.phase.kind === "idle" ? ignored(state) : toIdle(state);
  const dropped = drop(state);
  return {
    state: { ...dropped.state, phase: { kind: "idle", remembered: held } },
    effects: dropped.effects,
  };
}

/** RFC 2131 section 3.1.5: DECLINE, wait at least ten seconds, begin again. */
function conflict(
  settings: SessionSettings,
  state: SessionState,
  address: Ipv4,
  now: Instant,
): SessionStep {
  const counted = {
    ...state,
    counters: { ...state.counters, conflicts: state.counters.conflicts + 1 },
  };
  const { phase } = state;
  if (phase.kind !== "probing" || phase.lease.address !== address) {
    // RFC 5227 section 2.4 (b) lets a host go on with an address it already uses.
    return state.held?.address === address ? { state: counted, effects: [] } : ignored(state);
  }
  const payload = declineMessage(
    { settings, identity: phase.exchange, elapsed: elapsed(phase.exchange.startedAt, now) },
    phase.lease,
  );
  const init = toInit(counted, phase.exchange.mac, now, {
    trouble: "conflict",
    wait: CONFLICT_WAIT,
  });
  return {
    state: init.state,
    effects: [
      { kind: "broadcast", payload, from: IPV4_ANY },
      { kind: "forget_lease" },
      ...init.effects,
    ],
  };
}

function configureFailed(state: SessionState, address: Ipv4, now: Instant): SessionStep {
  const mac = macOf(state.phase);
  if (state.held?.address !== address) return ignored(state);
  const dropped = drop(state);
  if (mac === undefined) return dropped;
  const init = toInit(dropped.state, mac, now, { trouble: "silence", wait: CONFLICT_WAIT });
  return { state: init.state, effects: [...dropped.effects, ...init.effects] };
}

function expire(state: SessionState, now: Instant): SessionStep {
  const dropped = drop(state);
  const { phase } = state;
  const effects: SessionEffect[] = [...dropped.effects, { kind: "forget_lease" }];
  if (phase.kind !== "bound" && phase.kind !== "renewing" && phase.kind !== "rebinding") {
    return { state: dropped.state, effects };
  }
  const mac = phase.kind === "bound" ? phase.identity.mac : phase.exchange.mac;
  const init = toInit(dropped.state, mac, now, { trouble: "silence", setback: false });
  return { state: init.state, effects: [...effects, ...init.effects] };
}
