import { nextUint32 } from "@passerelle/machine";
import { IPV4_ANY, type Mac } from "@passerelle/net";
import { invariant } from "@passerelle/result";
import {
  after,
  type Duration,
  elapsed,
  type Instant,
  longer,
  milliseconds,
  remaining,
  shorter,
} from "@passerelle/time";
import { isParked, type Lease } from "../lease.ts";
import type { SessionEffect } from "./effect.ts";
import {
  discoverMessage,
  type MessageContext,
  rebootMessage,
  renewMessage,
  selectMessage,
} from "./messages.ts";
import { retransmitWait, setbackWait } from "./retransmit.ts";
import type { SessionSettings } from "./settings.ts";
import type { Exchange, Identity, Offer, Phase, SessionState, Trouble } from "./state.ts";
import type { SessionStep } from "./step.ts";
import { PARKED_RETRY, PROBE_GAP, PROBES, RENEW_WAIT_MIN, SILENCE_AFTER } from "./timing.ts";

/** Ways from one phase into another. Each returns the whole next state and what to do. */

export function toIdle(state: SessionState): SessionStep {
  const { phase, trouble: _, ...rest } = state;
  const remembered =
    phase.kind === "rebooting" || phase.kind === "init_reboot" ? phase.lease : undefined;
  return {
    state: {
      ...rest,
      phase: { kind: "idle", ...(remembered === undefined ? {} : { remembered }) },
    },
    effects: [],
  };
}

/** INIT. A held lease stays until another takes its place or its time is over. */
export function toInit(
  state: SessionState,
  mac: Mac,
  now: Instant,
  because: { trouble?: Trouble; wait?: Duration; setback?: boolean } = {},
): SessionStep {
  const counts = because.trouble !== undefined && because.setback !== false;
  const setbacks = counts ? state.setbacks + 1 : state.setbacks;
  const wait = longer(because.wait ?? milliseconds(0), setbackWait(setbacks));
  return {
    state: {
      ...state,
      ...(because.trouble === undefined ? {} : { trouble: because.trouble }),
      setbacks,
      phase: { kind: "init", mac, notBefore: after(now, counts ? wait : milliseconds(0)) },
    },
    effects: [{ kind: "draw_entropy" }],
  };
}

export function toReboot(state: SessionState, mac: Mac, lease: Lease): SessionStep {
  return {
    state: { ...state, phase: { kind: "init_reboot", mac, lease } },
    effects: [{ kind: "draw_entropy" }],
  };
}

export function select(
  settings: SessionSettings,
  state: SessionState,
  identity: Identity,
  now: Instant,
): SessionStep {
  return begin(settings, state, identity, now, (exchange) => ({ kind: "selecting", exchange }));
}

export function request(
  settings: SessionSettings,
  state: SessionState,
  identity: Identity,
  offer: Offer,
  now: Instant,
): SessionStep {
  return begin(settings, state, identity, now, (exchange) => ({
    kind: "requesting",
    exchange,
    offer,
  }));
}

export function startReboot(
  settings: SessionSettings,
  state: SessionState,
  identity: Identity,
  lease: Lease,
  now: Instant,
): SessionStep {
  return begin(settings, state, identity, now, (exchange) => ({
    kind: "rebooting",
    exchange,
    lease,
  }));
}

export function startRenewing(
  settings: SessionSettings,
  state: SessionState,
  identity: Identity,
  now: Instant,
): SessionStep {
  const drawn = nextUint32(state.rng);
  const fresh = { ...identity, entropy: { ...identity.entropy, xid: drawn.value } };
  const seeded = { ...state, rng: drawn.rng };
  return begin(settings, seeded, fresh, now, (exchange) => ({ kind: "renewing", exchange }));
}

export function toRebinding(
  settings: SessionSettings,
  state: SessionState,
  identity: Identity,
  now: Instant,
): SessionStep {
  return begin(settings, state, identity, now, (exchange) => ({ kind: "rebinding", exchange }));
}

/** Listens for another host at a new address before using it. */
export function probe(
  state: SessionState,
  exchange: Exchange,
  lease: Lease,
  now: Instant,
): SessionStep {
  const waiting = { ...exchange, nextAt: after(now, PROBE_GAP) };
  return {
    state: {
      ...state,
      phase: { kind: "probing", exchange: waiting, lease, probesLeft: PROBES - 1 },
    },
    effects: [{ kind: "arp_probe", address: lease.address }],
  };
}

export function bind(
  settings: SessionSettings,
  state: SessionState,
  identity: Identity,
  lease: Lease,
  now: Instant,
): SessionStep {
  const { trouble: _, ...rest } = state;
  const parked = isParked(lease, settings.parkingPrefixes);
  const { mac, entropy } = identity;
  return {
    state: {
      ...rest,
      held: lease,
      setbacks: 0,
      phase: {
        kind: "bound",
        identity: { mac, entropy },
        ...(parked ? { retryAt: after(now, PARKED_RETRY) } : {}),
      },
    },
    effects: [
      { kind: "configure", lease },
      // A parked address is not worth remembering: the next start shall ask as a new client.
      parked ? { kind: "forget_lease" } : { kind: "store_lease", lease },
    ],
  };
}

/** Takes the held lease off the interface. */
export function drop(state: SessionState): SessionStep {
  const { held, ...rest } = state;
  return held === undefined
    ? { state, effects: [] }
    : { state: rest, effects: [{ kind: "unconfigure", address: held.address }] };
}

/** Sends the message of the same phase once more. */
export function repeat(
  settings: SessionSettings,
  state: SessionState,
  phase: Sending,
  now: Instant,
): SessionStep {
  return send(
    settings,
    state,
    { ...phase.exchange, sent: phase.exchange.sent + 1 },
    now,
    (exchange) => ({
      ...phase,
      exchange,
    }),
  );
}

export function macOf(phase: Phase): Mac | undefined {
  if (phase.kind === "idle") return undefined;
  if (phase.kind === "init" || phase.kind === "init_reboot") return phase.mac;
  return phase.kind === "bound" ? phase.identity.mac : phase.exchange.mac;
}

/** Troubles that offers tell of: they come again with each DISCOVER, so silence does not hide them. */
const SINCE_OFFERS = new Map<Trouble | undefined, Trouble>([
  ["unusable_offer", "unusable_offer"],
  ["overlaps_lan", "overlaps_lan"],
]);

type Sending = Extract<
  Phase,
  { kind: "selecting" | "requesting" | "rebooting" | "renewing" | "rebinding" }
>;

function begin(
  settings: SessionSettings,
  state: SessionState,
  { mac, entropy }: Identity,
  now: Instant,
  phase: (exchange: Exchange) => Sending,
): SessionStep {
  const exchange = { mac, entropy, startedAt: now, sentAt: now, sent: 1, nextAt: now };
  return send(settings, state, exchange, now, phase);
}

function send(
  settings: SessionSettings,
  state: SessionState,
  exchange: Exchange,
  now: Instant,
  phase: (exchange: Exchange) => Sending,
): SessionStep {
  const waited = waitFor(settings, state, phase(exchange), now);
  const next = phase({ ...exchange, sentAt: now, nextAt: after(now, waited.wait) });
  const isSilent = next.kind === "selecting" && next.exchange.sent > SILENCE_AFTER;
  const trouble = isSilent ? (SINCE_OFFERS.get(state.trouble) ?? "silence") : state.trouble;
  const context: MessageContext = {
    settings,
    identity: next.exchange,
    elapsed: elapsed(next.exchange.startedAt, now),
  };
  return {
    state: {
      ...state,
      ...(trouble === undefined ? {} : { trouble }),
      rng: waited.rng,
      phase: next,
    },
    effects: [messageOf(context, next, state.held)],
  };
}

function waitFor(
  settings: SessionSettings,
  state: SessionState,
  phase: Sending,
  now: Instant,
): { readonly wait: Duration; readonly rng: SessionState["rng"] } {
  if (phase.kind !== "renewing" && phase.kind !== "rebinding") {
    return retransmitWait(settings.retransmit, phase.exchange.sent, state.rng);
  }
  // RFC 2131 section 4.4.5: half of the time that is left to T2, or to the end, but not below 60 s.
  const end = phase.kind === "renewing" ? state.held?.rebindsAt : state.held?.expiresAt;
  invariant(end !== undefined, "only a lease that ends is renewed");
  const left = longer(remaining(now, end), milliseconds(1));
  const half = milliseconds(Math.floor(left / 2));
  return { wait: shorter(left, longer(half, RENEW_WAIT_MIN)), rng: state.rng };
}

function messageOf(
  context: MessageContext,
  phase: Sending,
  held: Lease | undefined,
): SessionEffect {
  switch (phase.kind) {
    case "selecting":
      return { kind: "broadcast", payload: discoverMessage(context), from: IPV4_ANY };
    case "requesting":
      return { kind: "broadcast", payload: selectMessage(context, phase.offer), from: IPV4_ANY };
    case "rebooting":
      return {
        kind: "broadcast",
        payload: rebootMessage(context, phase.lease.address),
        from: IPV4_ANY,
      };
    case "renewing": {
      invariant(held !== undefined, "renewing has a lease");
      const payload = renewMessage(context, held.address);
      return { kind: "unicast", payload, from: held.address, to: held.server };
    }
    case "rebinding":
      invariant(held !== undefined, "rebinding has a lease");
      return {
        kind: "broadcast",
        payload: renewMessage(context, held.address),
        from: held.address,
      };
  }
}
