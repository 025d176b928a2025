import { after, earliest, elapsed, type Instant, seconds } from "@passerelle/time";
import type { Client } from "./client.ts";
import { type Dhcpv6Network, reservationFor } from "./config.ts";
import type { Dhcpv6Effect, LeaseEventKind } from "./effect.ts";
import type { Lease } from "./lease.ts";
import {
  LEASES_MAX,
  type NetworkCounters,
  putLease,
  QUARANTINED_MAX,
  type Serving,
  sourceSlot,
} from "./state.ts";

/** One step while it is being taken: the state so far and what was asked for. Lives no longer than the step. */
export interface Turn {
  state: Serving;
  readonly effects: Dhcpv6Effect[];
  readonly now: Instant;
}

export function put(turn: Turn, slot: string, lease: Lease | undefined): void {
  turn.state = putLease(turn.state, slot, lease);
  for (const { validUntil } of lease?.given ?? []) wakeAt(turn, validUntil);
}

export function tell(turn: Turn, event: LeaseEventKind, lease: Lease): void {
  turn.effects.push({ kind: "lease_event", event, lease });
}

export function count(turn: Turn, network: Dhcpv6Network, name: string): void {
  const counters = countersOf(turn, network);
  const statistics = { ...counters.statistics, [name]: (counters.statistics[name] ?? 0) + 1 };
  setCounters(turn, network, { ...counters, statistics });
}

/** Limits for what nobody has yet, so that a flood of made-up clients keeps us from no other. */
export function admits(turn: Turn, network: Dhcpv6Network, client: Client): boolean {
  const limit = limitMet(turn, network, client);
  if (limit !== undefined) count(turn, network, limit);
  return limit === undefined;
}

/** Takes one from the allowance: a client that is admitted gets something new. */
export function charge(turn: Turn, network: Dhcpv6Network): void {
  const counters = countersOf(turn, network);
  const allowance = Math.max(0, refilled(counters, network, turn.now) - 1);
  setCounters(turn, network, { ...counters, allowance, allowanceAt: turn.now });
}

function limitMet(turn: Turn, network: Dhcpv6Network, client: Client): string | undefined {
  const { state, now } = turn;
  if (state.leases.size >= LEASES_MAX) return "leases_full";
  const ofSource = state.perSource.get(sourceSlot({ network: network.name, client })) ?? 0;
  if (ofSource >= LEASES_OF_ONE) return "client_limited";
  if (reservationFor(state.config, network, client) !== undefined) return undefined;
  return refilled(countersOf(turn, network), network, now) < 1 ? "newcomers_limited" : undefined;
}

function refilled(counters: NetworkCounters, network: Dhcpv6Network, now: Instant): number {
  const more = (elapsed(counters.allowanceAt, now) * network.newLeasesPerSecond) / 1000;
  return Math.min(burstOf(network), counters.allowance + more);
}

/** Keeps a host part away from everybody for a while; it is somebody's who did not ask us. */
export function quarantine(turn: Turn, slot: string): void {
  const until = after(turn.now, QUARANTINE);
  const others = turn.state.quarantined.filter((one) => one.slot !== slot && one.until > turn.now);
  const quarantined = [...others, { slot, until }].slice(-QUARANTINED_MAX);
  turn.state = { ...turn.state, quarantined };
}

export function isQuarantined({ state, now }: Turn, slot: string): boolean {
  return state.quarantined.some((one) => one.slot === slot && one.until > now);
}

export function wakeAt(turn: Turn, at: Instant): void {
  const sweepAt = earliest(turn.state.sweepAt, at);
  if (sweepAt !== turn.state.sweepAt) turn.state = { ...turn.state, sweepAt };
}

export function freshCounters(network: Dhcpv6Network, now: Instant): NetworkCounters {
  return { allowance: burstOf(network), allowanceAt: now, statistics: {} };
}

function countersOf(turn: Turn, network: Dhcpv6Network): NetworkCounters {
  return turn.state.counters[network.name] ?? freshCounters(network, turn.now);
}

function setCounters(turn: Turn, network: Dhcpv6Network, counters: NetworkCounters): void {
  turn.state = {
    ...turn.state,
    counters: { ...turn.state.counters, [network.name]: counters },
  };
}

/** How many newcomers may come at once: a home that is switched on after a power cut. */
function burstOf(network: Dhcpv6Network): number {
  return Math.max(NEWCOMERS_AT_ONCE, network.newLeasesPerSecond * 2);
}

const NEWCOMERS_AT_ONCE = 40;
const QUARANTINE = seconds(600);
/** Leases that one machine gets under identifiers it makes up: boot loader, system, virtual machines. */
const LEASES_OF_ONE = 8;
