import { ByteWriter } from "@passerelle/bytes";
import {
  type Cidr6,
  contains6,
  type Ipv6,
  ipv6Bytes,
  ipv6FromBytes,
  overlaps6,
  subnet6,
  subnetCount6,
  withHost6,
} from "@passerelle/net";
import { invariant } from "@passerelle/result";
import { after, type Instant, seconds } from "@passerelle/time";
import { isPreferred, isValid, type Lifetimes, toldLifetimes } from "../lifetimes.ts";
import { isGlobal, type Pool } from "../plan.ts";
import type { Client } from "./client.ts";
import { type Dhcpv6Network, isReserved, reservationFor, serverText } from "./config.ts";
import {
  type AddressPlace,
  type Block,
  blocksOverlap,
  type DelegationPlace,
  type Given,
  SUBNET_LENGTH,
  sizeOf,
} from "./lease.ts";
import { hostSlot } from "./state.ts";
import { isQuarantined, type Turn } from "./turn.ts";

/** What a place comes to with the prefixes of the day; what is about to go is told only to who has it. */
export function givenAt(
  network: Dhcpv6Network,
  place: AddressPlace | DelegationPlace,
  before: readonly Given[],
  now: Instant,
): readonly Given[] {
  const has = (prefix: Cidr6): boolean => before.some((one) => isSame(one.prefix, prefix));
  return sourcesOf(network, place)
    .filter(({ prefix, from }) => isValid(from, now) && (isPreferred(from, now) || has(prefix)))
    .map(({ prefix, from }) => {
      const { preferredLifetime, validLifetime } = toldLifetimes(from, now);
      return {
        prefix,
        preferredUntil: after(now, seconds(preferredLifetime)),
        validUntil: after(now, seconds(validLifetime)),
      };
    });
}

function sourcesOf(
  { subnets, pools }: Dhcpv6Network,
  place: AddressPlace | DelegationPlace,
): readonly { readonly prefix: Cidr6; readonly from: Lifetimes }[] {
  if (place.kind === "address") {
    return subnets.map((from) => ({
      prefix: { address: withHost6(from.prefix, place.host), prefixLength: 128 },
      from,
    }));
  }
  return pools.flatMap((from) => {
    const prefix = partOf(from, place.block);
    return prefix === undefined ? [] : [{ prefix, from }];
  });
}

/**
 * The host part for an identity association: the reserved one, else one drawn from who it is, so that the
 * client finds the same address when our memory is lost. Undefined where nothing free was found.
 */
export function chooseHost(
  turn: Turn,
  network: Dhcpv6Network,
  client: Client,
  iaid: number,
  held: Ipv6 | undefined,
): Ipv6 | undefined {
  const { config, hosts } = turn.state;
  const isFree = (host: Ipv6): boolean => {
    const slot = hostSlot(network.name, host);
    return hosts.get(slot) === undefined && !isQuarantined(turn, slot);
  };
  const reserved = reservationFor(config, network, client)?.host;
  if (reserved !== undefined && (reserved === held || isFree(reserved))) return reserved;
  if (held !== undefined && !isReserved(config, network, held)) return held;
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const host = drawnHost(`${serverText(config)} ${client.duid} ${iaid} ${attempt}`);
    if (isFree(host) && !isReserved(config, network, host)) return host;
  }
  return undefined;
}

/** A block for an identity association, as near as can be to what it would like to have (RFC 9818). */
export function chooseBlock(
  turn: Turn,
  network: Dhcpv6Network,
  key: string,
  wish: Cidr6 | undefined,
): Block | undefined {
  const pool = mainPool(network, turn.now);
  if (pool === undefined) return undefined;
  const isFree = (block: Block): boolean =>
    !turn.state.blocks.some((one) => blocksOverlap(one.block, block)) &&
    partOf(pool, block) !== undefined;
  const wishedLength =
    wish === undefined || wish.prefixLength === 0 ? undefined : wish.prefixLength;
  const asked = wish === undefined ? undefined : blockAt(pool, wish);
  const largest = pool.prefix.prefixLength + SHARE_BITS;
  const wished = Math.max(largest, wishedLength ?? network.delegatedLength);
  const first = Math.min(SUBNET_LENGTH, wished);
  if (asked !== undefined && asked.prefixLength >= first && isFree(asked)) return asked;
  for (let prefixLength = first; prefixLength <= SUBNET_LENGTH; prefixLength += 1) {
    const all = subnetCount6(pool.prefix, prefixLength);
    const blocks = Math.min(BLOCKS_TRIED_MAX, all);
    const start = hashOf(key, 0) % blocks;
    for (let i = 0; i < blocks; i += 1) {
      const block = { prefixLength, fromEnd: (start + i) % blocks };
      if (isFree(block)) return block;
    }
  }
  return undefined;
}

/** Whether what a lease has can still be given. */
export function isBlockGood(network: Dhcpv6Network, block: Block, now: Instant): boolean {
  const pool = mainPool(network, now);
  return pool !== undefined && partOf(pool, block) !== undefined;
}

/** That of the operator first. */
function mainPool({ pools }: Dhcpv6Network, now: Instant): Pool | undefined {
  const good = pools.filter((pool) => isPreferred(pool, now));
  return good.find(({ prefix }) => isGlobal(prefix)) ?? good[0];
}

/** The prefix that a block is in a pool; undefined where it has no room for it. */
export function partOf({ prefix, taken, kept }: Pool, block: Block): Cidr6 | undefined {
  const all = subnetCount6(prefix, block.prefixLength);
  const index = all - 1 - block.fromEnd;
  if (index < 0 || index * sizeOf(block) < kept) return undefined;
  const part = subnet6(prefix, block.prefixLength, index);
  return taken.some((one) => overlaps6(one, part)) ? undefined : part;
}

/** The block of a prefix that a client says it has; undefined where it is no part of the pool. */
function blockAt({ prefix }: Pool, { address, prefixLength }: Cidr6): Block | undefined {
  if (prefixLength > SUBNET_LENGTH || prefixLength <= prefix.prefixLength) return undefined;
  if (!contains6(prefix, address)) return undefined;
  const bytes = ipv6Bytes(address);
  let index = 0;
  for (let bit = prefix.prefixLength; bit < prefixLength; bit += 1) {
    index = index * 2 + (((bytes[bit >>> 3] ?? 0) >>> (7 - (bit & 7))) & 1);
  }
  return { prefixLength, fromEnd: subnetCount6(prefix, prefixLength) - 1 - index };
}

/** Never one that is ours, an EUI-64 by chance only, none of the reserved ones (RFC 5453). */
function drawnHost(key: string): Ipv6 {
  const high = (hashOf(key, 1) & 0x0fff_ffff) | 0x1000_0000;
  const writer = new ByteWriter(16).zeros(8).uint32(high).uint32(hashOf(key, 2));
  const host = ipv6FromBytes(writer.finish());
  invariant(host !== undefined, "sixteen octets are an address");
  return host;
}

/** FNV-1a, 32 bits, stirred so that likes come to unlikes. */
function hashOf(text: string, seed: number): number {
  let hash = (0x811c9dc5 ^ Math.imul(seed, 0x9e3779b1)) | 0;
  for (let i = 0; i < text.length; i += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function isSame(a: Cidr6, b: Cidr6): boolean {
  return a.address === b.address && a.prefixLength === b.prefixLength;
}

const ATTEMPTS_MAX = 16;
/** A client gets a quarter of the operator's prefix at most. */
const SHARE_BITS = 2;
const BLOCKS_TRIED_MAX = 1024;
