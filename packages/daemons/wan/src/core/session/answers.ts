import {
  BOOTREPLY,
  type Dhcpv4Message,
  decodeDhcpv4,
  hardwareAddressOf,
  MESSAGE_TYPE,
  messageTypeOf,
  serverIdOf,
} from "@passerelle/dhcpv4";
import { ignored, nextUint32 } from "@passerelle/machine";
import type { Instant } from "@passerelle/time";
import { isValid, type Lease, type Refusal, readLease } from "../lease.ts";
import type { SessionEffect } from "./effect.ts";
import type { SessionContext } from "./input.ts";
import { bind, drop, probe, request, toInit } from "./moves.ts";
import type { SessionSettings } from "./settings.ts";
import type { Phase, SessionState } from "./state.ts";
import type { SessionStep } from "./step.ts";

/** What servers, and those who play one, send to port 68. */
export function datagramReceived(
  settings: SessionSettings,
  context: SessionContext,
  state: SessionState,
  payload: Uint8Array,
  now: Instant,
): SessionStep {
  const { phase } = state;
  if (!waitsForAnswer(phase)) return ignored(state);
  const decoded = decodeDhcpv4(payload);
  if (!decoded.ok) return counted(state, { malformed: state.counters.malformed + 1 });
  const message = decoded.value;
  const { mac, entropy } = phase.exchange;
  // RFC 2131 section 4.4.1: an answer of another transaction is silently discarded.
  if (
    message.op !== BOOTREPLY ||
    message.xid !== entropy.xid ||
    hardwareAddressOf(message) !== mac
  ) {
    return notForUs(state);
  }
  switch (messageTypeOf(message)) {
    case MESSAGE_TYPE.DHCPOFFER:
      return offered(settings, context, state, message, now);
    case MESSAGE_TYPE.DHCPACK:
      return acknowledged(settings, context, state, message, now);
    case MESSAGE_TYPE.DHCPNAK:
      return refusedByServer(state, message, now);
    default:
      return notForUs(state);
  }
}

type Waiting = Extract<
  Phase,
  { kind: "selecting" | "requesting" | "rebooting" | "renewing" | "rebinding" }
>;

function waitsForAnswer(phase: Phase): phase is Waiting {
  return "exchange" in phase && phase.kind !== "probing";
}

/** The first offer that can be used is taken (RFC 2131 section 4.4.1 leaves the choice to us). */
function offered(
  settings: SessionSettings,
  context: SessionContext,
  state: SessionState,
  message: Dhcpv4Message,
  now: Instant,
): SessionStep {
  const { phase } = state;
  if (phase.kind !== "selecting") return notForUs(state);
  const read = readLease(message, context.lanNetworks, now, 0);
  if (!read.ok) return unusable(state, read.error);
  const { address, server } = read.value;
  // Somebody answers, and well: what else was wrong with this search is over. A NAK may come again.
  const { trouble, ...rest } = state;
  const hopeful = trouble === "nak" ? state : rest;
  return request(settings, hopeful, phase.exchange, { address, server }, now);
}

function acknowledged(
  settings: SessionSettings,
  context: SessionContext,
  state: SessionState,
  message: Dhcpv4Message,
  now: Instant,
): SessionStep {
  const { phase, held } = state;
  if (!waitsForAnswer(phase) || !isAnswerTo(phase, message)) return notForUs(state);
  // A renewal keeps the network we already live with, whatever the LAN has become meanwhile.
  const lan = held?.address === message.yiaddr ? [] : context.lanNetworks;
  const drawn = nextUint32(state.rng);
  const read = readLease(message, lan, phase.exchange.sentAt, drawn.value / 0x1_0000_0000);
  if (!read.ok) return unusable(state, read.error);
  const lease = read.value;
  // An answer that took longer than what it gives.
  if (!isValid(lease, now)) return unusable(state, "lease_too_short");
  const seeded = { ...state, rng: drawn.rng };
  const isNew = held?.address !== lease.address;
  return settings.conflictProbe && isNew
    ? probe(seeded, phase.exchange, lease, now)
    : bind(settings, seeded, phase.exchange, lease, now);
}

/** A NAK means: this address is not yours (RFC 2131 section 3.1.4, 3.2.4). INIT follows at once. */
function refusedByServer(state: SessionState, message: Dhcpv4Message, now: Instant): SessionStep {
  const { phase, held } = state;
  if (!waitsForAnswer(phase) || !mayRefuse(phase, held, message)) return notForUs(state);
  const naks = { ...state.counters, naks: state.counters.naks + 1 };
  // Where we asked for another address than the one we live with, that one stays.
  const concernsHeld = phase.kind !== "requesting" || phase.offer.address === held?.address;
  const dropped = concernsHeld ? drop(state) : { state, effects: [] as SessionEffect[] };
  // A remembered address that is not ours any more is no trouble: the search for another begins.
  const because = phase.kind === "rebooting" ? {} : { trouble: "nak" as const };
  const init = toInit({ ...dropped.state, counters: naks }, phase.exchange.mac, now, because);
  return {
    state: init.state,
    effects: [...dropped.effects, { kind: "forget_lease" }, ...init.effects],
  };
}

function isAnswerTo(phase: Waiting, message: Dhcpv4Message): boolean {
  switch (phase.kind) {
    case "selecting":
      return false;
    case "requesting":
      return serverIdOf(message) === phase.offer.server && message.yiaddr === phase.offer.address;
    case "rebooting":
      return message.yiaddr === phase.lease.address;
    case "renewing":
    case "rebinding":
      return true;
  }
}

function mayRefuse(phase: Waiting, held: Lease | undefined, message: Dhcpv4Message): boolean {
  const server = serverIdOf(message);
  // RFC 2131 table 3: a NAK must say who it is from.
  if (server === undefined || phase.kind === "selecting") return false;
  if (phase.kind === "requesting") return server === phase.offer.server;
  return phase.kind !== "renewing" || server === held?.server;
}

function unusable(state: SessionState, refusal: Refusal): SessionStep {
  const refused = { ...state.counters.refused };
  refused[refusal] = (refused[refusal] ?? 0) + 1;
  return {
    state: {
      ...state,
      trouble: refusal === "overlaps_lan" ? "overlaps_lan" : "unusable_offer",
      counters: { ...state.counters, refused },
    },
    effects: [],
  };
}

function notForUs(state: SessionState): SessionStep {
  return counted(state, { notForUs: state.counters.notForUs + 1 });
}

function counted(state: SessionState, change: Partial<SessionState["counters"]>): SessionStep {
  return { state: { ...state, counters: { ...state.counters, ...change } }, effects: [] };
}
