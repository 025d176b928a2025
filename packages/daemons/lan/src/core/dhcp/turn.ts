import type { Ipv4 } from "@passerelle/net";
import { after, type Duration, earliest, type Instant, seconds } from "@passerelle/time";
import type { Client } from "./client.ts";
import type { DhcpNetwork } from "./config.ts";
import type { DhcpEffect, LeaseEventKind } from "./effect.ts";
import {
  type Binding,
  clientSlot,
  KNOWN_MAX,
  type NetworkCounters,
  putBinding,
  type Serving,
} from "./state.ts";

/** One step while it is being taken: the state so far and what was asked for. Lives no longer than the step. */
export interface Turn {
  state: Serving;
  readonly effects: DhcpEffect[];
  readonly now: Instant;
}

export function bind(turn: Turn, address: Ipv4, binding: Binding | undefined): void {
  turn.state = putBinding(turn.state, address, binding);
}

export function count(turn: Turn, network: DhcpNetwork, name: string): void {
  const counters = turn.state.counters[network.name] ?? freshCounters(network, turn.now);
  const statistics = { ...counters.statistics, [name]: (counters.statistics[name] ?? 0) + 1 };
  setCounters(turn, network, { ...counters, statistics });
}

export function setCounters(turn: Turn, network: DhcpNetwork, counters: NetworkCounters): void {
  turn.state = {
    ...turn.state,
    counters: { ...turn.state.counters, [network.name]: counters },
  };
}

export function freshCounters(network: DhcpNetwork, now: Instant): NetworkCounters {
  return { used: 0, allowance: burstOf(network), allowanceAt: now, statistics: {} };
}

/** How many newcomers may come at once: a home that is switched on after a power cut. */
export function burstOf(network: DhcpNetwork): number {
  return Math.max(NEWCOMERS_AT_ONCE, network.newLeasesPerSecond * 2);
}

export function tell(
  turn: Turn,
  event: LeaseEventKind,
  network: string,
  address: Ipv4 | undefined,
  client: Client,
): void {
  turn.effects.push({ kind: "lease_event", event, network, address, client });
}

/** Makes sure that a sweep comes when something ends at `at`. */
export function wakeAt(turn: Turn, at: Instant): void {
  const sweepAt = earliest(turn.state.sweepAt, at);
  if (sweepAt !== turn.state.sweepAt) turn.state = { ...turn.state, sweepAt };
}

export function isKnown(
  state: Serving,
  network: DhcpNetwork,
  client: Client,
  now: Instant,
): boolean {
  const since = state.known.get(clientSlot(network.name, client.key));
  return since !== undefined && since <= now;
}

export function rememberClient(turn: Turn, network: string, client: Client): void {
  const slot = clientSlot(network, client.key);
  if (turn.state.known.size >= KNOWN_MAX || turn.state.known.has(slot)) return;
  turn.state = { ...turn.state, known: turn.state.known.with(slot, after(turn.now, SETTLES)) };
}

/** What an address falls back to when its use ends: remembered for a client that had a lease, else free. */
export function letGo(turn: Turn, binding: Binding): void {
  const { network, address, client } = binding;
  const wasLeased = turn.state.known.has(clientSlot(network, client.key));
  bind(
    turn,
    address,
    wasLeased && binding.kind !== "quarantined"
      ? { kind: "remembered", network, address, client, since: turn.now }
      : undefined,
  );
}

/** Keeps an address away from everybody for a while; it is somebody's who did not ask us. */
export function quarantine(turn: Turn, network: DhcpNetwork, address: Ipv4, client: Client): void {
  const until = after(turn.now, QUARANTINE);
  bind(turn, address, { kind: "quarantined", network: network.name, address, client, until });
  wakeAt(turn, until);
}

const NEWCOMERS_AT_ONCE = 40;
const QUARANTINE: Duration = seconds(600);
/** How long ago its first lease was before a client counts as one of the home. */
const SETTLES: Duration = seconds(3600);
