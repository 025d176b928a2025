import type { Dhcpv4Message } from "@passerelle/dhcpv4";
import type { Ipv4 } from "@passerelle/net";
import { invariant } from "@passerelle/result";
import type { Duration, Instant } from "@passerelle/time";
import type { PersistentMap } from "../persistent-map.ts";
import type { Client } from "./client.ts";
import { type DhcpConfig, type DhcpNetwork, inPool, networkNamed } from "./config.ts";

export type DhcpState = { readonly kind: "idle" } | Serving;

export interface Serving {
  readonly kind: "serving";
  readonly config: DhcpConfig;
  readonly bootId: string;
  /** What is known of each address; an absent one was never used. */
  readonly bindings: PersistentMap<number, Binding>;
  /** The address of each client in each network, under `clientSlot`. */
  readonly addresses: PersistentMap<string, Ipv4>;
  /**
   * Clients that ever got a lease here, and since when they count as at home: a flood of new ones can't push
   * those out, and does not become one of them by taking leases and giving them back.
   */
  readonly known: PersistentMap<string, Instant>;
  /** Addresses in use by one hardware address in one network, whatever identifiers it sends. */
  readonly perHardware: PersistentMap<string, number>;
  readonly counters: Readonly<Record<string, NetworkCounters>>;
  /** Addresses offered, oldest first; the oldest give way. */
  readonly offers: readonly Ipv4[];
  readonly probes: readonly Probe[];
  /** Addresses that nobody answered for, lately. */
  readonly vacant: readonly { readonly address: Ipv4; readonly until: Instant }[];
  readonly commits: ReadonlyMap<number, Commit>;
  readonly nextCommit: number;
  /** When something in `bindings` may end. */
  readonly sweepAt: Instant | undefined;
}

/** What one address is to us. */
export type Binding = BindingBase &
  (
    | { readonly kind: "offered"; readonly until: Instant }
    /** `durable` false: promised from memory because the disk refused. */
    | {
        readonly kind: "bound";
        readonly expires: Instant;
        readonly duration: Duration;
        readonly durable: boolean;
      }
    /** A lease on its way to the disk; `expires` is of the lease before, if any is still in force. */
    | { readonly kind: "storing"; readonly commit: number; readonly expires: Instant | undefined }
    /** Was this client's, may be again; given away when nothing else is left. */
    | { readonly kind: "remembered"; readonly since: Instant }
    /** Somebody else uses it (DECLINE, or an answer to our probe). */
    | { readonly kind: "quarantined"; readonly until: Instant }
  );

interface BindingBase {
  readonly network: string;
  readonly address: Ipv4;
  readonly client: Client;
}

/** A lease that waits for the disk, and the acknowledgement that waits for it. */
export interface Commit {
  readonly address: Ipv4;
  readonly duration: Duration;
  readonly expires: Instant;
  readonly renewal: boolean;
  readonly request: Dhcpv4Message;
}

/** A client that waits until it is known that nobody has its address. */
export interface Probe {
  readonly network: string;
  readonly address: Ipv4;
  readonly client: Client;
  readonly request: Dhcpv4Message;
  /** What follows when nobody answers. */
  readonly then: "offer" | "grant";
  readonly askedAgain: boolean;
  readonly askAgainAt: Instant;
  readonly until: Instant;
}

export interface NetworkCounters {
  /** Addresses of the pool that are not free for a newcomer: offered, bound, storing, quarantined. */
  readonly used: number;
  /** New leases still allowed at `allowanceAt` (a token bucket). */
  readonly allowance: number;
  readonly allowanceAt: Instant;
  readonly statistics: Readonly<Record<string, number>>;
}

export const PROBES_MAX = 32;
export const OFFERS_MAX = 256;
export const COMMITS_MAX = 1024;
export const VACANT_MAX = 64;
export const KNOWN_MAX = 16_384;

export function clientSlot(network: string, key: string): string {
  return `${network} ${key}`;
}

export function bindingOf(state: Serving, network: string, client: Client): Binding | undefined {
  const address = state.addresses.get(clientSlot(network, client.key));
  const binding = address === undefined ? undefined : state.bindings.get(address);
  return binding?.client.key === client.key ? binding : undefined;
}

/** True where the address must not be given to another client. */
export function isTaken(binding: Binding): boolean {
  return binding.kind !== "remembered";
}

/** The only way a binding changes: the index by client and the count of used addresses follow. */
export function putBinding(state: Serving, address: Ipv4, next: Binding | undefined): Serving {
  const old = state.bindings.get(address);
  const addresses = indexed(state, address, old, next);
  const perHardware = recounted(state.perHardware, old, next);
  const bindings =
    next === undefined ? state.bindings.without(address) : state.bindings.with(address, next);
  const name = next?.network ?? old?.network ?? "";
  const network = networkNamed(state.config, name);
  const counters = state.counters[name];
  if (network === undefined || counters === undefined)
    return { ...state, bindings, addresses, perHardware };

  const used = counters.used + usedBy(network, next) - usedBy(network, old);
  return {
    ...state,
    bindings,
    addresses,
    perHardware,
    counters: { ...state.counters, [name]: { ...counters, used } },
  };
}

/** How many addresses each hardware address uses after `old` became `next`. */
function recounted(
  counts: Serving["perHardware"],
  old: Binding | undefined,
  next: Binding | undefined,
): Serving["perHardware"] {
  const left = hardwareSlot(old);
  const came = hardwareSlot(next);
  if (left === came) return counts;
  let result = counts;
  if (left !== undefined) {
    const rest = (result.get(left) ?? 0) - 1;
    result = rest > 0 ? result.with(left, rest) : result.without(left);
  }
  return came === undefined ? result : result.with(came, (result.get(came) ?? 0) + 1);
}

/** Undefined where nobody uses the address, or somebody who did not get it from us. */
function hardwareSlot(binding: Binding | undefined): string | undefined {
  return binding === undefined || binding.kind === "remembered" || binding.kind === "quarantined"
    ? undefined
    : clientSlot(binding.network, binding.client.mac);
}

/** The index by client after `old` became `next`; the same one where nothing moves. */
function indexed(
  state: Serving,
  address: Ipv4,
  old: Binding | undefined,
  next: Binding | undefined,
): Serving["addresses"] {
  let { addresses } = state;
  const oldSlot = old === undefined ? undefined : clientSlot(old.network, old.client.key);
  const nextSlot =
    next === undefined || next.kind === "quarantined"
      ? undefined
      : clientSlot(next.network, next.client.key);
  if (oldSlot !== undefined && oldSlot !== nextSlot && addresses.get(oldSlot) === address) {
    addresses = addresses.without(oldSlot);
  }
  if (next === undefined || nextSlot === undefined) return addresses;
  const now = addresses.get(nextSlot);
  if (now === address) return addresses;
  const other = now === undefined ? undefined : state.bindings.get(now);
  // What a client had once never hides what it has now.
  const isOnlyMemory = next.kind === "remembered" && other !== undefined && isTaken(other);
  return isOnlyMemory ? addresses : addresses.with(nextSlot, address);
}

function usedBy(network: DhcpNetwork, binding: Binding | undefined): number {
  return binding !== undefined && isTaken(binding) && inPool(network, binding.address) ? 1 : 0;
}

/** Cheap enough for every step; `checkEverything` is for tests. */
export function checkServing(state: DhcpState): void {
  if (state.kind === "idle") return;
  invariant(state.probes.length <= PROBES_MAX, "probes are limited");
  invariant(state.offers.length <= OFFERS_MAX, "offers are limited");
  invariant(state.commits.size <= COMMITS_MAX, "waiting leases are limited");
  invariant(
    state.addresses.size <= state.bindings.size,
    "a client's address is an address of ours",
  );
  for (const counters of Object.values(state.counters)) {
    invariant(counters.used >= 0, "no fewer than no addresses are used");
    invariant(counters.allowance >= 0, "an allowance is not negative");
  }
}

export function checkEverything(state: DhcpState): void {
  checkServing(state);
  if (state.kind === "idle") return;
  for (const network of state.config.networks) {
    let used = 0;
    for (const binding of state.bindings.values()) {
      if (binding.network === network.name) used += usedBy(network, binding);
    }
    invariant(used === state.counters[network.name]?.used, "the used addresses are counted right");
  }
  for (const [commit, { address }] of state.commits) {
    const binding = state.bindings.get(address);
    invariant(
      binding?.kind === "storing" && binding.commit === commit,
      "a lease on its way to the disk holds its address",
    );
  }
  const perHardware = new Map<string, number>();
  for (const binding of state.bindings.values()) {
    const hardware = hardwareSlot(binding);
    if (hardware !== undefined) perHardware.set(hardware, (perHardware.get(hardware) ?? 0) + 1);
  }
  invariant(
    perHardware.size === state.perHardware.size &&
      [...perHardware].every(([slot, count]) => state.perHardware.get(slot) === count),
    "the addresses of each hardware address are counted right",
  );
  for (const binding of state.bindings.values()) {
    const slot = clientSlot(binding.network, binding.client.key);
    const indexed = state.addresses.get(slot);
    invariant(
      indexed === undefined || state.bindings.get(indexed)?.client.key === binding.client.key,
      "a client's address is bound to that client",
    );
    if (binding.kind === "storing") {
      invariant(state.commits.has(binding.commit), "a storing binding waits for its commit");
    }
  }
}
