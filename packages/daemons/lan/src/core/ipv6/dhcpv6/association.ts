import {
  type Dhcpv6Message,
  type IaNa,
  type IaPd,
  iaNasOf,
  iaPdsOf,
  STATUS,
} from "@passerelle/dhcpv6";
import { type Cidr6, contains6, IPV6_ANY } from "@passerelle/net";
import type { Client } from "./client.ts";
import type { Dhcpv6Network } from "./config.ts";
import { type Given, type Lease, type LeaseKind, slotOf } from "./lease.ts";
import { chooseBlock, chooseHost, givenAt, isBlockGood } from "./place.ts";
import { BLOCKS_MAX } from "./state.ts";
import { admits, charge, count, type Turn } from "./turn.ts";

/** What a client asks for in one identity association. */
export interface Association {
  readonly kind: LeaseKind;
  readonly iaid: number;
  /** What it says it has, or would like to have; addresses have 128 bits. */
  readonly asked: readonly Cidr6[];
}

/** What it is told. */
export interface Verdict {
  readonly association: Association;
  readonly given: readonly Given[];
  /** What it has and shall have no more: told with lifetimes 0. */
  readonly withdrawn: readonly Cidr6[];
  /** Undefined where all is well. */
  readonly status: number | undefined;
  /** What is to be kept of it; undefined where it gets nothing. */
  readonly lease: Lease | undefined;
}

/**
 * `offer`: nothing is promised yet. `rapid`: it is, without an offer. `request`: after an offer. `extend`: the
 * client has something already.
 */
export type Purpose = "offer" | "rapid" | "request" | "extend";

/** At most so many of each kind are looked at. */
export function associationsOf(message: Dhcpv6Message): readonly Association[] {
  return [
    ...iaNasOf(message).slice(0, ASSOCIATIONS_MAX).map(ofAddresses),
    ...iaPdsOf(message).slice(0, ASSOCIATIONS_MAX).map(ofPrefixes),
  ];
}

/** RFC 9915 sections 18.3.1, 18.3.2, 18.3.4 and 18.3.5, for one identity association. */
export function judge(
  turn: Turn,
  network: Dhcpv6Network,
  client: Client,
  association: Association,
  purpose: Purpose,
): Verdict {
  const { kind, iaid, asked } = association;
  if (purpose === "request" && kind === "address" && isElsewhere(network, asked)) {
    return refusal(association, STATUS.NotOnLink);
  }
  const old = turn.state.leases.get(slotOf(network.name, kind, client.duid, iaid));
  const lease = leaseFor(turn, network, client, association, old, purpose);
  const given = lease?.given ?? [];
  const isGiven = (prefix: Cidr6): boolean => given.some((one) => sameCidr(one.prefix, prefix));
  const withdrawn =
    purpose === "extend" ? asked.filter((prefix) => isHad(prefix) && !isGiven(prefix)) : [];
  const isEmpty = given.length === 0 && withdrawn.length === 0;
  return {
    association,
    given,
    withdrawn,
    status: isEmpty ? unavailable(kind) : undefined,
    lease,
  };
}

function leaseFor(
  turn: Turn,
  network: Dhcpv6Network,
  client: Client,
  association: Association,
  old: Lease | undefined,
  purpose: Purpose,
): Lease | undefined {
  // First, because looking for a place costs more.
  if (old === undefined && !admits(turn, network, client)) return undefined;
  const place = placeFor(turn, network, client, association, old);
  if (place === undefined) return undefined;
  const given = givenAt(network, place, old?.given ?? [], turn.now);
  if (given.length === 0) return undefined;
  if (old === undefined && purpose !== "offer") charge(turn, network);
  return { network: network.name, client, iaid: association.iaid, given, ...place };
}

type Place =
  | Pick<Lease & { readonly kind: "address" }, "kind" | "host">
  | Pick<Lease & { readonly kind: "delegation" }, "kind" | "block">;

function placeFor(
  turn: Turn,
  network: Dhcpv6Network,
  client: Client,
  { kind, iaid, asked }: Association,
  old: Lease | undefined,
): Place | undefined {
  if (kind === "address") {
    if (!network.addresses) return undefined;
    const held = old?.kind === "address" ? old.host : undefined;
    const host = chooseHost(turn, network, client, iaid, held);
    return host === undefined ? undefined : { kind, host };
  }
  if (!network.delegates) return undefined;
  if (old?.kind === "delegation" && isBlockGood(network, old.block, turn.now)) {
    return { kind, block: old.block };
  }
  if (old === undefined && turn.state.blocks.length >= BLOCKS_MAX) {
    count(turn, network, "delegations_full");
    return undefined;
  }
  const block = chooseBlock(turn, network, `${client.duid} ${iaid}`, asked[0]);
  return block === undefined ? undefined : { kind, block };
}

/** RFC 9915 section 18.3.2: an address that the link does not have. */
export function isElsewhere(network: Dhcpv6Network, asked: readonly Cidr6[]): boolean {
  return asked
    .filter(isHad)
    .some(({ address }) => !network.subnets.some(({ prefix }) => contains6(prefix, address)));
}

/** Not only a wish without an address. */
export function isHad({ address }: Cidr6): boolean {
  return address !== IPV6_ANY;
}

function refusal(association: Association, status: number): Verdict {
  return { association, given: [], withdrawn: [], status, lease: undefined };
}

function unavailable(kind: LeaseKind): number {
  return kind === "address" ? STATUS.NoAddrsAvail : STATUS.NoPrefixAvail;
}

function ofAddresses({ iaid, addresses }: IaNa): Association {
  const asked = addresses
    .slice(0, ASKED_MAX)
    .map(({ address }): Cidr6 => ({ address, prefixLength: 128 }));
  return { kind: "address", iaid, asked };
}

function ofPrefixes({ iaid, prefixes }: IaPd): Association {
  const asked = prefixes.slice(0, ASKED_MAX).map(({ prefix }) => prefix);
  return { kind: "delegation", iaid, asked };
}

export function sameCidr(a: Cidr6, b: Cidr6): boolean {
  return a.address === b.address && a.prefixLength === b.prefixLength;
}

const ASSOCIATIONS_MAX = 4;
const ASKED_MAX = 16;
