import type { Ipv4 } from "@passerelle/net";
import { after, type Duration, earliest, type Instant } from "@passerelle/time";
import { PersistentMap } from "../persistent-map.ts";
import type { Client } from "./client.ts";
import { type DhcpConfig, formerHolding, inPool, isInside, networkNamed } from "./config.ts";
import type { DhcpInput, StoredLease } from "./input.ts";
import {
  type Binding,
  type Commit,
  clientSlot,
  KNOWN_MAX,
  type NetworkCounters,
  type Serving,
} from "./state.ts";
import { bind, freshCounters, type Turn } from "./turn.ts";

/** Back from the store after a restart of the daemon or of the box. All at once: somebody may be asking already. */
export function restore(input: DhcpInput & { readonly kind: "start" }, now: Instant): Serving {
  const remembered: Binding[] = [];
  const bound: (Binding & { readonly kind: "bound" })[] = [];
  for (const lease of input.leases) {
    const network = networkNamed(input.config, lease.network);
    if (network === undefined || !isInside(network, lease.address)) continue;
    const binding = restoredBinding(lease, input.bootId, now);
    if (binding.kind === "bound") bound.push(binding);
    else remembered.push(binding);
  }
  // What is in force comes last, so that what a client had once never hides what it has now.
  const bindings = [...remembered, ...bound];
  // Those who have a lease are remembered first, where there are too many.
  const known = [...bound, ...remembered].slice(0, KNOWN_MAX);
  const state = empty(input.config, input.bootId, now);
  return {
    ...state,
    bindings: PersistentMap.from(bindings.map((one) => [one.address, one])),
    addresses: PersistentMap.from(bindings.map((one) => [slotOf(one), one.address])),
    known: PersistentMap.from(known.map((one) => [slotOf(one), now])),
    perHardware: countHardware(bound),
    counters: usedCounters(state, bound),
    sweepAt: bound.reduce<Instant | undefined>((at, one) => earliest(at, one.expires), undefined),
  };
}

function slotOf({ network, client }: Binding): string {
  return clientSlot(network, client.key);
}

function countHardware(bound: readonly Binding[]): Serving["perHardware"] {
  const counts = new Map<string, number>();
  for (const { network, client } of bound) {
    const slot = clientSlot(network, client.mac);
    counts.set(slot, (counts.get(slot) ?? 0) + 1);
  }
  return PersistentMap.from(counts);
}

function usedCounters(state: Serving, bound: readonly Binding[]): Serving["counters"] {
  const used = new Map<string, number>();
  for (const binding of bound) {
    const network = networkNamed(state.config, binding.network);
    if (network === undefined || !inPool(network, binding.address)) continue;
    used.set(network.name, (used.get(network.name) ?? 0) + 1);
  }
  return Object.fromEntries(
    Object.entries(state.counters).map(([name, fresh]) => [
      name,
      { ...fresh, used: used.get(name) ?? 0 },
    ]),
  );
}

function restoredBinding(
  lease: StoredLease,
  bootId: string,
  now: Instant,
): Binding & { readonly kind: "bound" | "remembered" } {
  const { network, address, key, mac, clientId, hostname, vendorClass, duration } = lease;
  const client: Client = {
    key,
    mac,
    ...(clientId === undefined ? {} : { clientId }),
    ...(hostname === undefined ? {} : { hostname }),
    ...(vendorClass === undefined ? {} : { vendorClass }),
  };
  const base = { network, address, client };
  // A monotonic time of another boot means nothing, and the calendar may be wrong or 1970: every lease in
  // force then keeps its whole duration once more. Nobody loses an address, some are kept for too long.
  const expires = lease.bootId === bootId ? lease.expires : after(now, duration);
  if (lease.ended || expires <= now) return { ...base, kind: "remembered", since: now };
  return { ...base, kind: "bound", expires, duration, durable: true };
}

/** Goes over to other networks, pools and reservations. Leases in networks that are still there stay in force. */
export function reconfigure(state: Serving, config: DhcpConfig, now: Instant): Serving {
  const turn: Turn = { state: empty(config, state.bootId, now), effects: [], now };
  const commits = new Map<number, Commit>();
  for (const binding of state.bindings.values()) {
    const network = networkNamed(config, binding.network);
    if (network === undefined || !isInside(network, binding.address)) continue;
    const commit = binding.kind === "storing" ? state.commits.get(binding.commit) : undefined;
    const kept = formerHolding(network, binding.address) === undefined ? binding : ended(binding);
    if (kept === undefined) continue;
    bind(turn, binding.address, kept);
    if (kept.kind === "storing" && commit !== undefined) commits.set(kept.commit, commit);
  }
  const counters: Record<string, NetworkCounters> = {};
  for (const [name, fresh] of Object.entries(turn.state.counters)) {
    counters[name] = { ...fresh, statistics: state.counters[name]?.statistics ?? {} };
  }
  return {
    ...turn.state,
    counters,
    commits,
    known: state.known,
    nextCommit: state.nextCommit,
    offers: state.offers.filter((address: Ipv4) => turn.state.bindings.has(address)),
    vacant: state.vacant,
    sweepAt: state.sweepAt,
  };
}

/** In a network of before nothing is promised any more: what was promised stays, an answer on its way does not leave. */
function ended(binding: Binding): Binding | undefined {
  if (binding.kind === "offered") return undefined;
  if (binding.kind !== "storing") return binding;
  const { network, address, client, expires } = binding;
  if (expires === undefined) return undefined;
  const duration = 0 as Duration;
  return { kind: "bound", network, address, client, expires, duration, durable: true };
}

function empty(config: DhcpConfig, bootId: string, now: Instant): Serving {
  return {
    kind: "serving",
    config,
    bootId,
    bindings: PersistentMap.empty(),
    addresses: PersistentMap.empty(),
    known: PersistentMap.empty(),
    perHardware: PersistentMap.empty(),
    counters: Object.fromEntries(
      config.networks.map((network) => [network.name, freshCounters(network, now)]),
    ),
    offers: [],
    probes: [],
    vacant: [],
    commits: new Map(),
    nextCommit: 1,
    sweepAt: undefined,
  };
}
