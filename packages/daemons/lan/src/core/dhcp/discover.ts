import {
  type Dhcpv4Message,
  leaseSecondsOf,
  MESSAGE_TYPE,
  requestedAddressOf,
} from "@passerelle/dhcpv4";
import type { Ipv4 } from "@passerelle/net";
import { after, type Duration, longer, minutes, seconds, shorter } from "@passerelle/time";
import { chooseAddress, isOwn } from "./choose.ts";
import type { Client } from "./client.ts";
import { type DhcpNetwork, poolSize } from "./config.ts";
import { sendReply } from "./reply.ts";
import { OFFERS_MAX, PROBES_MAX, type Probe } from "./state.ts";
import { bind, count, isKnown, letGo, type Turn, wakeAt } from "./turn.ts";

export function onDiscover(
  turn: Turn,
  network: DhcpNetwork,
  client: Client,
  request: Dhcpv4Message,
): void {
  if (refreshProbe(turn, network, client, request)) return;
  const address = chooseAddress(turn, network, client, requestedAddressOf(request));
  if (address === undefined) {
    count(turn, network, "no_address");
    return;
  }
  const binding = turn.state.bindings.get(address);
  const isOurs = binding !== undefined && isOwn(turn.state, binding, client);
  if (!isOurs && needsProbe(turn, network, address)) {
    startProbe(turn, network, client, request, address, "offer");
    return;
  }
  offer(turn, network, client, request, address);
}

function offer(
  turn: Turn,
  network: DhcpNetwork,
  client: Client,
  request: Dhcpv4Message,
  address: Ipv4,
): void {
  const binding = turn.state.bindings.get(address);
  const held = binding !== undefined && isOwn(turn.state, binding, client);
  if (!held || binding.kind === "offered" || binding.kind === "remembered") {
    const until = after(turn.now, OFFER_HOLD);
    bind(turn, address, { kind: "offered", network: network.name, address, client, until });
    keepOffer(turn, address);
    wakeAt(turn, until);
  }
  count(turn, network, "offers");
  const duration = leaseDurationFor(turn, network, client, request);
  sendReply(turn, network, request, { type: MESSAGE_TYPE.DHCPOFFER, yiaddr: address, duration });
}

/** Offers are few: those nobody came back for give way to new ones, so that a flood of them holds nothing. */
function keepOffer(turn: Turn, address: Ipv4): void {
  const offers = turn.state.offers.filter((one) => one !== address);
  offers.push(address);
  if (offers.length > OFFERS_MAX) {
    const oldest = offers.shift();
    const binding = oldest === undefined ? undefined : turn.state.bindings.get(oldest);
    if (binding?.kind === "offered") letGo(turn, binding);
  }
  turn.state = { ...turn.state, offers };
}

/**
 * What a client gets: what it asks for within bounds. A newcomer to a pool that is half full gets a short
 * one at first, so that clients that never come back soon make room.
 */
export function leaseDurationFor(
  turn: Turn,
  network: DhcpNetwork,
  client: Client,
  request: Dhcpv4Message,
): Duration {
  const asked = leaseSecondsOf(request);
  const wanted = asked === undefined ? network.leaseTime : seconds(asked);
  const duration = shorter(network.leaseTime, longer(wanted, LEASE_MIN));
  const used = turn.state.counters[network.name]?.used ?? 0;
  const isCrowded = used * 2 > poolSize(network);
  return isCrowded && !isKnown(turn.state, network, client, turn.now)
    ? shorter(duration, LEASE_CROWDED)
    : duration;
}

export function needsProbe(turn: Turn, network: DhcpNetwork, address: Ipv4): boolean {
  if (!network.probe) return false;
  // Under a flood answers matter more than certainty; DHCPDECLINE is still there.
  if (turn.state.probes.length >= PROBES_MAX) return false;
  return !turn.state.vacant.some((one) => one.address === address && one.until > turn.now);
}

export function startProbe(
  turn: Turn,
  network: DhcpNetwork,
  client: Client,
  request: Dhcpv4Message,
  address: Ipv4,
  then: Probe["then"],
): void {
  const probe: Probe = {
    network: network.name,
    address,
    client,
    request,
    then,
    askedAgain: false,
    askAgainAt: after(turn.now, PROBE_AGAIN),
    until: after(turn.now, PROBE_WAIT),
  };
  turn.state = { ...turn.state, probes: [...turn.state.probes, probe] };
  turn.effects.push({ kind: "probe", network: network.name, address });
}

/** A client that asks again while we look for its address gets its answer under the newer transaction. */
export function refreshProbe(
  turn: Turn,
  network: DhcpNetwork,
  client: Client,
  request: Dhcpv4Message,
): boolean {
  const isIts = (probe: Probe): boolean =>
    probe.network === network.name && probe.client.key === client.key && probe.then === "offer";
  if (!turn.state.probes.some(isIts)) return false;
  const probes = turn.state.probes.map((probe) => (isIts(probe) ? { ...probe, request } : probe));
  turn.state = { ...turn.state, probes };
  return true;
}

const OFFER_HOLD = seconds(30);
const LEASE_MIN = seconds(120);
const LEASE_CROWDED = minutes(10);
/** A quarter of the time a client waits at least for an answer (RFC 2131 section 4.1: one second and more). */
const PROBE_WAIT = 300 as Duration;
const PROBE_AGAIN = 120 as Duration;
