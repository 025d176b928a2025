import { type Dhcpv4Message, MESSAGE_TYPE } from "@passerelle/dhcpv4";
import type { Ipv4 } from "@passerelle/net";
import { after, type Duration, type Instant, minutes, shorter } from "@passerelle/time";
import { isOwn } from "./choose.ts";
import type { Client } from "./client.ts";
import { type DhcpNetwork, formerHolding, networkNamed } from "./config.ts";
import { leaseDurationFor } from "./discover.ts";
import { sendReply } from "./reply.ts";
import { type Binding, COMMITS_MAX, type Commit } from "./state.ts";
import { bind, count, letGo, rememberClient, type Turn, tell, wakeAt } from "./turn.ts";

/**
 * Promises an address, first to the disk: the acknowledgement leaves when `lease_stored` comes back, so that
 * a crash never forgets what a client was told.
 */
export function grant(
  turn: Turn,
  network: DhcpNetwork,
  client: Client,
  request: Dhcpv4Message,
  address: Ipv4,
): void {
  const binding = turn.state.bindings.get(address);
  const own = binding !== undefined && isOwn(turn.state, binding, client) ? binding : undefined;
  if (own?.kind === "storing") {
    const waiting = turn.state.commits.get(own.commit);
    // A retransmission: one promise, answered under the newer transaction.
    if (waiting !== undefined) setCommit(turn, own.commit, { ...waiting, request });
    return;
  }
  if (turn.state.commits.size >= COMMITS_MAX) {
    count(turn, network, "overloaded");
    return;
  }
  const duration = leaseDurationFor(turn, network, client, request);
  const expires = after(turn.now, duration);
  const commit = turn.state.nextCommit;
  const before = own?.kind === "bound" ? own.expires : undefined;
  const renewal = own?.kind === "bound";
  turn.state = { ...turn.state, nextCommit: commit + 1 };
  setCommit(turn, commit, { address, duration, expires, renewal, request });
  bind(turn, address, {
    kind: "storing",
    network: network.name,
    address,
    client,
    commit,
    expires: before,
  });
  const { bootId } = turn.state;
  turn.effects.push({
    kind: "store_lease",
    commit,
    lease: { network: network.name, address, ...client, duration, expires, bootId, ended: false },
  });
}

/**
 * The lease is on the disk, or the disk refused. In the second case the client still gets a lease, because a
 * full disk must not take the home off the network, but a short one: it is what a crash could make us forget, and
 * whoever we forget answers our probe before the address goes to somebody else.
 */
export function onLeaseStored(turn: Turn, commitNumber: number, durable: boolean): void {
  const commit = turn.state.commits.get(commitNumber);
  if (commit === undefined) return;
  const commits = new Map(turn.state.commits);
  commits.delete(commitNumber);
  turn.state = { ...turn.state, commits };
  const binding = turn.state.bindings.get(commit.address);
  if (binding?.kind !== "storing" || binding.commit !== commitNumber) return;
  const network = networkNamed(turn.state.config, binding.network);
  if (network === undefined) return;
  const duration = durable ? commit.duration : shorter(commit.duration, LEASE_NOT_DURABLE);
  // Counted from now, not from the first request: a retransmission may have moved the client's own count.
  const expires = later(after(turn.now, duration), binding.expires);
  bind(turn, commit.address, { ...base(binding), kind: "bound", expires, duration, durable });
  wakeAt(turn, expires);
  rememberClient(turn, binding.network, binding.client);
  endFormer(turn, network, binding);
  count(turn, network, commit.renewal ? "renewals" : "leases");
  if (!durable) count(turn, network, "not_durable");
  tell(
    turn,
    commit.renewal ? "renewed" : "granted",
    binding.network,
    commit.address,
    binding.client,
  );
  const { request, address: yiaddr } = commit;
  sendReply(turn, network, request, { type: MESSAGE_TYPE.DHCPACK, yiaddr, duration });
}

/** Who has an address of today lives by its address of before no more, whatever identifier its hardware had it under. */
function endFormer(turn: Turn, network: DhcpNetwork, { client, address }: Binding): void {
  if (network.former.length === 0 || formerHolding(network, address) !== undefined) return;
  for (const old of turn.state.bindings.values()) {
    const isIts = old.client.key === client.key || old.client.mac === client.mac;
    if (!isIts || old.network !== network.name || old.kind !== "bound") continue;
    if (formerHolding(network, old.address) === undefined) continue;
    storeEnd(turn, old);
    letGo(turn, old);
    tell(turn, "released", network.name, old.address, old.client);
  }
}

/** Tells the disk that a lease is over. */
export function storeEnd(turn: Turn, binding: Binding): void {
  const { network, address, client } = binding;
  const duration = binding.kind === "bound" ? binding.duration : (0 as Duration);
  const { bootId } = turn.state;
  turn.effects.push({
    kind: "store_end",
    lease: { network, address, ...client, duration, expires: turn.now, bootId, ended: true },
  });
}

/** Takes back a promise that was not given yet. */
export function dropCommit(turn: Turn, binding: Binding): void {
  if (binding.kind !== "storing") return;
  const commits = new Map(turn.state.commits);
  commits.delete(binding.commit);
  turn.state = { ...turn.state, commits };
}

function setCommit(turn: Turn, number: number, commit: Commit): void {
  const commits = new Map(turn.state.commits);
  commits.set(number, commit);
  turn.state = { ...turn.state, commits };
}

function base(binding: Binding): Pick<Binding, "network" | "address" | "client"> {
  return { network: binding.network, address: binding.address, client: binding.client };
}

function later(a: Instant, b: Instant | undefined): Instant {
  return b !== undefined && b > a ? b : a;
}

const LEASE_NOT_DURABLE = minutes(10);
