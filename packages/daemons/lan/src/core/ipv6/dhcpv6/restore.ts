import { after, type Instant, seconds } from "@passerelle/time";
import { PersistentMap } from "../../persistent-map.ts";
import { VALID_MAX_SECONDS } from "../lifetimes.ts";
import { type Dhcpv6Config, networkNamed } from "./config.ts";
import type { Dhcpv6Input, StoredLease } from "./input.ts";
import { blocksOverlap, type Lease, slotOfLease } from "./lease.ts";
import { BLOCKS_MAX, hostSlot, LEASES_MAX, type Serving } from "./state.ts";
import { freshCounters, put, type Turn } from "./turn.ts";

/** Back from the store after a restart of the daemon or of the box. */
export function restore(input: Dhcpv6Input & { readonly kind: "start" }, now: Instant): Serving {
  const turn: Turn = { state: empty(input.config, input.bootId, now), effects: [], now };
  for (const stored of input.leases) {
    const lease = restored(stored, input.bootId, now);
    if (lease.given.length === 0 || !hasRoom(turn.state, lease)) continue;
    put(turn, slotOfLease(lease), lease);
  }
  return turn.state;
}

/** Goes over to other networks and prefixes. Leases stay: what they come to, clients hear when they renew. */
export function reconfigure(state: Serving, config: Dhcpv6Config, now: Instant): Serving {
  const turn: Turn = { state: empty(config, state.bootId, now), effects: [], now };
  for (const lease of state.leases.values()) {
    if (hasRoom(turn.state, lease)) put(turn, slotOfLease(lease), lease);
  }
  const counters = Object.fromEntries(
    Object.entries(turn.state.counters).map(([name, fresh]) => [
      name,
      state.counters[name] ?? fresh,
    ]),
  );
  return {
    ...turn.state,
    counters,
    quarantined: state.quarantined,
    // An answer made of the prefixes of before does not leave; the client asks again.
    commits: new Map(),
    nextCommit: state.nextCommit,
    routes: state.routes,
  };
}

/**
 * A monotonic time of another boot means nothing, and the calendar may be wrong: every lease then keeps its
 * whole time once more.
 */
function restored({ lease, bootId }: StoredLease, thisBoot: string, now: Instant): Lease {
  if (bootId === thisBoot) {
    return { ...lease, given: lease.given.filter(({ validUntil }) => validUntil > now) };
  }
  const validUntil = after(now, seconds(VALID_MAX_SECONDS));
  return {
    ...lease,
    given: lease.given.map(({ prefix }) => ({ prefix, preferredUntil: now, validUntil })),
  };
}

/** What a store that was meddled with holds twice is taken once. */
function hasRoom(state: Serving, lease: Lease): boolean {
  if (networkNamed(state.config, lease.network) === undefined) return false;
  if (state.leases.size >= LEASES_MAX || state.leases.has(slotOfLease(lease))) return false;
  if (lease.kind === "address") return !state.hosts.has(hostSlot(lease.network, lease.host));
  return (
    state.blocks.length < BLOCKS_MAX &&
    !state.blocks.some(({ block }) => blocksOverlap(block, lease.block))
  );
}

function empty(config: Dhcpv6Config, bootId: string, now: Instant): Serving {
  return {
    kind: "serving",
    config,
    bootId,
    leases: PersistentMap.empty(),
    hosts: PersistentMap.empty(),
    blocks: [],
    perSource: PersistentMap.empty(),
    quarantined: [],
    commits: new Map(),
    nextCommit: 1,
    counters: Object.fromEntries(
      config.networks.map((network) => [network.name, freshCounters(network, now)]),
    ),
    sweepAt: undefined,
    routes: "",
  };
}
