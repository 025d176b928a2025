import { contains4, type Ipv4 } from "@passerelle/net";
import { after, type Instant } from "@passerelle/time";
import { PersistentMap } from "../persistent-map.ts";
import type { Client } from "./client.ts";
import { type DhcpConfig, networkNamed } from "./config.ts";
import type { DhcpInput, StoredLease } from "./input.ts";
import type { Binding, Commit, NetworkCounters, Serving } from "./state.ts";
import { bind, freshCounters, rememberClient, type Turn, wakeAt } from "./turn.ts";

/** Back from the store after a restart of the daemon or of the box. */
export function restore(input: DhcpInput & { readonly kind: "start" }, now: Instant): Serving {
  const turn: Turn = { state: empty(input.config, input.bootId, now), effects: [], now };
  for (const lease of input.leases) {
    const network = networkNamed(input.config, lease.network);
    if (network === undefined || !contains4(network.subnet, lease.address)) continue;
    const binding = restoredBinding(lease, input.bootId, now);
    rememberClient(turn, lease.network, binding.client);
    bind(turn, lease.address, binding);
    if (binding.kind === "bound") wakeAt(turn, binding.expires);
  }
  return turn.state;
}

function restoredBinding(lease: StoredLease, bootId: string, now: Instant): Binding {
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
    if (network === undefined || !contains4(network.subnet, binding.address)) continue;
    bind(turn, binding.address, binding);
    const commit = binding.kind === "storing" ? state.commits.get(binding.commit) : undefined;
    if (binding.kind === "storing" && commit !== undefined) commits.set(binding.commit, commit);
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

function empty(config: DhcpConfig, bootId: string, now: Instant): Serving {
  return {
    kind: "serving",
    config,
    bootId,
    bindings: PersistentMap.empty(),
    addresses: PersistentMap.empty(),
    known: PersistentMap.empty(),
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
