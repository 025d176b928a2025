import { contains4, type Ipv4, ipv4, isLocallyAdministered } from "@passerelle/net";
import { elapsed } from "@passerelle/time";
import type { Client } from "./client.ts";
import {
  type DhcpNetwork,
  inPool,
  isOurs,
  poolSize,
  reservationAt,
  reservationFor,
  reservationMatches,
} from "./config.ts";
import { type Binding, bindingOf, clientSlot, isTaken, type Serving } from "./state.ts";
import { burstOf, count, freshCounters, isKnown, setCounters, type Turn } from "./turn.ts";

/** The address for a client that has none: RFC 2131 section 4.3.1, its order, with reservations before. */
export function chooseAddress(
  turn: Turn,
  network: DhcpNetwork,
  client: Client,
  requested: Ipv4 | undefined,
): Ipv4 | undefined {
  const { state } = turn;
  const reserved = reservationFor(state.config, network, client);
  if (reserved !== undefined && isFreeFor(state, client, reserved.address)) return reserved.address;
  const own = itsPlace(state, network, client);
  if (own !== undefined && isTaken(own)) return own.address;
  if (!admits(turn, network, client)) return undefined;
  if (own !== undefined) return own.address;
  if (
    requested !== undefined &&
    mayHave(state, network, client, requested) &&
    state.bindings.get(requested) === undefined &&
    isFreeFor(state, client, requested)
  ) {
    return requested;
  }
  return fromPool(state, network, client);
}

/** What the client has or had here and may have again. */
function itsPlace(state: Serving, network: DhcpNetwork, client: Client): Binding | undefined {
  const own = bindingOf(state, network.name, client);
  if (own !== undefined && mayHave(state, network, client, own.address)) return own;
  if (network.former.length === 0) return undefined;
  // The network went back: the address of before is the one that the client remembers, too.
  for (const one of state.bindings.values()) {
    const isIts = one.network === network.name && one.client.key === client.key;
    if (isIts && one.kind === "remembered" && mayHave(state, network, client, one.address))
      return one;
  }
  return undefined;
}

/** The place of an address in the configuration: inside the pool, or reserved for this client. */
export function mayHave(
  state: Serving,
  network: DhcpNetwork,
  client: Client,
  address: Ipv4,
): boolean {
  if (!contains4(network.subnet, address) || isOurs(network, address)) return false;
  const reservation = reservationAt(state.config, address);
  if (reservation !== undefined) return reservationMatches(reservation, client);
  return inPool(network, address);
}

/** Nobody else holds it, or is about to. */
export function isFreeFor(state: Serving, client: Client, address: Ipv4): boolean {
  if (state.probes.some((one) => one.address === address && one.client.key !== client.key)) {
    return false;
  }
  const binding = state.bindings.get(address);
  return binding === undefined || !isTaken(binding) || isOwn(state, binding, client);
}

/**
 * Whether a binding is this client's. A reservation by MAC also covers what the same hardware got under
 * another identifier (a boot loader, another operating system).
 */
export function isOwn(state: Serving, binding: Binding, client: Client): boolean {
  if (binding.kind === "quarantined") return false;
  if (binding.client.key === client.key) return true;
  const reservation = reservationAt(state.config, binding.address);
  return (
    reservation?.match.kind === "mac" &&
    reservation.match.mac === client.mac &&
    binding.client.mac === client.mac
  );
}

/**
 * Limits for clients never seen before, so that a flood of made-up ones neither fills the pool nor keeps
 * us from the others. Takes one from the allowance where it says yes.
 */
export function admits(turn: Turn, network: DhcpNetwork, client: Client): boolean {
  const { state, now } = turn;
  if (isKnown(state, network, client, now)) return true;
  if (reservationFor(state.config, network, client) !== undefined) return true;
  const counters = state.counters[network.name] ?? freshCounters(network, now);
  if (counters.used >= newcomersEnd(network, client)) {
    count(turn, network, "pool_kept");
    return false;
  }
  const slot = clientSlot(network.name, client.mac);
  if ((state.perHardware.get(slot) ?? 0) >= ADDRESSES_OF_ONE) {
    count(turn, network, "hardware_limited");
    return false;
  }
  const refilled =
    counters.allowance + (elapsed(counters.allowanceAt, now) * network.newLeasesPerSecond) / 1000;
  const allowance = Math.min(burstOf(network), refilled);
  if (allowance < 1) {
    count(turn, network, "newcomers_limited");
    return false;
  }
  setCounters(turn, network, { ...counters, allowance: allowance - 1, allowanceAt: now });
  return true;
}

/**
 * How full newcomers may make a pool. What is left is for those who were here before; made-up addresses, which
 * are locally administered, leave more, but others can be made up as well. A pool too small to be shared is for whoever comes.
 */
function newcomersEnd(network: DhcpNetwork, client: Client): number {
  const size = poolSize(network);
  return size - Math.floor(size / (isLocallyAdministered(client.mac) ? 4 : 8));
}

/**
 * A client starts at the place its identity hashes to, so that it finds the same address when our memory
 * is lost; then the next never used one, and only then one that is remembered for somebody else, the longest unused.
 */
function fromPool(state: Serving, network: DhcpNetwork, client: Client): Ipv4 | undefined {
  const size = network.last - network.first + 1;
  const start = hashOf(client.key) % size;
  const reserved = new Set(state.config.reservations.map((one) => one.address));
  const probed = new Set(state.probes.map((one) => one.address));
  let oldest: { readonly address: Ipv4; readonly since: number } | undefined;
  for (let i = 0; i < size; i += 1) {
    const address = ipv4(network.first + ((start + i) % size));
    if (isOurs(network, address) || reserved.has(address) || probed.has(address)) continue;
    const binding = state.bindings.get(address);
    if (binding === undefined) return address;
    if (binding.kind === "remembered" && (oldest === undefined || binding.since < oldest.since)) {
      oldest = { address, since: binding.since };
    }
  }
  return oldest?.address;
}

/** FNV-1a, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0;
}

/** Addresses that one hardware address gets under identifiers it makes up: boot loader, system, virtual machines. */
const ADDRESSES_OF_ONE = 8;
