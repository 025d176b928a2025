import type { Dhcpv6Message } from "@passerelle/dhcpv6";
import type { Ipv6 } from "@passerelle/net";
import { invariant } from "@passerelle/result";
import type { Instant } from "@passerelle/time";
import type { PersistentMap } from "../../persistent-map.ts";
import type { Verdict } from "./association.ts";
import type { Client } from "./client.ts";
import type { Dhcpv6Config } from "./config.ts";
import { type Block, blocksOverlap, type Lease, slotOfLease } from "./lease.ts";

export type Dhcpv6State = { readonly kind: "idle" } | Serving;

export interface Serving {
  readonly kind: "serving";
  readonly config: Dhcpv6Config;
  readonly bootId: string;
  /** By slot. */
  readonly leases: PersistentMap<string, Lease>;
  /** Who has a host part in a network, under `hostSlot`: the lease's slot. */
  readonly hosts: PersistentMap<string, string>;
  /** What is delegated, few enough to be looked through. */
  readonly blocks: readonly { readonly slot: string; readonly block: Block }[];
  /** Leases of one link-local address in one network, whatever identifiers it sends. */
  readonly perSource: PersistentMap<string, number>;
  /** Host parts that somebody else has (Decline), under `hostSlot`, oldest first. */
  readonly quarantined: readonly { readonly slot: string; readonly until: Instant }[];
  /** Answers that wait for the disk. */
  readonly commits: ReadonlyMap<number, Commit>;
  readonly nextCommit: number;
  readonly counters: Readonly<Record<string, NetworkCounters>>;
  /** When something given may end. */
  readonly sweepAt: Instant | undefined;
  /** The routes last asked for, to see whether others are needed. */
  readonly routes: string;
}

/** An answer that waits until what it promises is on the disk. */
export interface Commit {
  readonly network: string;
  readonly client: Client;
  readonly request: Dhcpv6Message;
  readonly verdicts: readonly Verdict[];
  /** Slots that were leases already. */
  readonly renewed: readonly string[];
}

export interface NetworkCounters {
  /** New leases still allowed at `allowanceAt` (a token bucket). */
  readonly allowance: number;
  readonly allowanceAt: Instant;
  readonly statistics: Readonly<Record<string, number>>;
}

export const LEASES_MAX = 4096;
export const BLOCKS_MAX = 256;
export const COMMITS_MAX = 256;
export const QUARANTINED_MAX = 64;

export function hostSlot(network: string, host: Ipv6): string {
  return `${network} ${host}`;
}

export function sourceSlot({ network, client }: Pick<Lease, "network" | "client">): string {
  return `${network} ${client.linkLocal}`;
}

/** The only way a lease changes: the indexes follow. */
export function putLease(state: Serving, slot: string, next: Lease | undefined): Serving {
  const old = state.leases.get(slot);
  let { hosts, perSource, blocks } = state;
  if (old !== undefined) {
    if (old.kind === "address") hosts = hosts.without(hostSlot(old.network, old.host));
    else blocks = blocks.filter((one) => one.slot !== slot);
    perSource = counted(perSource, sourceSlot(old), -1);
  }
  if (next === undefined) {
    return { ...state, leases: state.leases.without(slot), hosts, blocks, perSource };
  }
  if (next.kind === "address") hosts = hosts.with(hostSlot(next.network, next.host), slot);
  else blocks = [...blocks, { slot, block: next.block }];
  perSource = counted(perSource, sourceSlot(next), 1);
  return { ...state, leases: state.leases.with(slot, next), hosts, blocks, perSource };
}

function counted(
  counts: Serving["perSource"],
  slot: string,
  difference: number,
): Serving["perSource"] {
  const count = (counts.get(slot) ?? 0) + difference;
  return count > 0 ? counts.with(slot, count) : counts.without(slot);
}

/** Cheap enough for every step; `checkEverything` is for tests. */
export function checkServing(state: Dhcpv6State): void {
  if (state.kind === "idle") return;
  invariant(state.leases.size <= LEASES_MAX, "leases are limited");
  invariant(state.blocks.length <= BLOCKS_MAX, "delegations are limited");
  invariant(state.commits.size <= COMMITS_MAX, "waiting answers are limited");
  invariant(state.quarantined.length <= QUARANTINED_MAX, "what is set aside is limited");
  invariant(
    state.hosts.size + state.blocks.length === state.leases.size,
    "every lease has a place of its own",
  );
  for (const { allowance } of Object.values(state.counters)) {
    invariant(allowance >= 0, "an allowance is not negative");
  }
}

export function checkEverything(state: Dhcpv6State): void {
  checkServing(state);
  if (state.kind === "idle") return;
  const perSource = new Map<string, number>();
  for (const lease of state.leases.values()) {
    const slot = slotOfLease(lease);
    invariant(state.leases.get(slot) === lease, "a lease is found by its slot");
    invariant(lease.given.length > 0, "a lease gives something");
    if (lease.kind === "address") {
      const holder = state.hosts.get(hostSlot(lease.network, lease.host));
      invariant(holder === slot, "a host part is one lease's");
    }
    perSource.set(sourceSlot(lease), (perSource.get(sourceSlot(lease)) ?? 0) + 1);
  }
  for (const [slot, count] of perSource) {
    invariant(state.perSource.get(slot) === count, "the leases of each source are counted right");
  }
  for (const [i, { block }] of state.blocks.entries()) {
    for (const other of state.blocks.slice(0, i)) {
      invariant(!blocksOverlap(block, other.block), "no two delegations share an address");
    }
  }
}
