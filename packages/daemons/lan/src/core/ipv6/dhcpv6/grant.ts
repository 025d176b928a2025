import { type Dhcpv6Message, MESSAGE_TYPE } from "@passerelle/dhcpv6";
import { after, type Duration, type Instant, seconds } from "@passerelle/time";
import { associationsOf, judge, type Purpose, type Verdict } from "./association.ts";
import type { Client } from "./client.ts";
import { type Dhcpv6Network, networkNamed } from "./config.ts";
import { type Given, type Lease, slotOf, slotOfLease } from "./lease.ts";
import { rapidCommitOptions, sendAnswer } from "./reply.ts";
import { COMMITS_MAX, type Commit } from "./state.ts";
import { count, put, type Turn, tell } from "./turn.ts";

/**
 * Promises what a message asks for, first to the disk: the Reply leaves when `leases_stored` comes back, so that
 * a crash never forgets what a client was told.
 */
export function grant(
  turn: Turn,
  network: Dhcpv6Network,
  client: Client,
  request: Dhcpv6Message,
  purpose: Purpose,
): void {
  if (turn.state.commits.size >= COMMITS_MAX) {
    count(turn, network, "overloaded");
    return;
  }
  const verdicts: Verdict[] = [];
  const renewed: string[] = [];
  for (const association of associationsOf(request)) {
    const verdict = judge(turn, network, client, association, purpose);
    verdicts.push(verdict);
    const slot = slotOf(network.name, association.kind, client.duid, association.iaid);
    const old = turn.state.leases.get(slot);
    if (verdict.lease === undefined) {
      if (old !== undefined && verdict.withdrawn.length > 0) takeBack(turn, slot, old);
      continue;
    }
    if (old !== undefined) renewed.push(slot);
    // At once, so that the next association of the same message finds it taken.
    put(turn, slot, verdict.lease);
  }
  const leases = verdicts.flatMap(({ lease }) => lease ?? []);
  if (leases.length === 0) {
    reply(turn, network, client, request, verdicts);
    return;
  }
  const { nextCommit: commit, bootId } = turn.state;
  turn.state = { ...turn.state, nextCommit: commit + 1 };
  setCommit(turn, commit, { network: network.name, client, request, verdicts, renewed });
  turn.effects.push({
    kind: "store_leases",
    commit,
    leases: leases.map((lease) => ({ lease, bootId })),
  });
}

/**
 * All is on the disk, or the disk refused. In the second case the client gets it all the same, because a full disk
 * must not take the home off the network, but for a short time: it is what a crash could make us forget.
 */
export function onLeasesStored(turn: Turn, number: number, durable: boolean): void {
  const commit = turn.state.commits.get(number);
  if (commit === undefined) return;
  setCommit(turn, number, undefined);
  const network = networkNamed(turn.state.config, commit.network);
  if (network === undefined) return;
  if (commit.verdicts.some((verdict) => isOverSince(turn, verdict))) {
    count(turn, network, "stored_too_late");
    return;
  }
  const verdicts = commit.verdicts.map((verdict) =>
    durable ? verdict : shortened(verdict, turn.now),
  );
  for (const { lease } of verdicts) {
    if (lease === undefined) continue;
    const slot = slotOfLease(lease);
    const isRenewal = commit.renewed.includes(slot);
    if (!durable) put(turn, slot, lease);
    count(turn, network, isRenewal ? "renewals" : "leases");
    if (!durable) count(turn, network, "not_durable");
    tell(turn, isRenewal ? "renewed" : "granted", lease);
  }
  reply(turn, network, commit.client, commit.request, verdicts);
}

/** The disk took longer than the lease lasts, and it may be another client's by now: no answer, the client asks again. */
function isOverSince({ state }: Turn, { lease }: Verdict): boolean {
  return lease !== undefined && state.leases.get(slotOfLease(lease)) === undefined;
}

/** A client whose answer waits for the disk: what it sends meanwhile is the same once more. */
export function isWaiting(turn: Turn, network: Dhcpv6Network, client: Client): boolean {
  for (const commit of turn.state.commits.values()) {
    if (commit.network === network.name && commit.client.duid === client.duid) return true;
  }
  return false;
}

/** The client hears that it has it no more: when the prefix comes back it is not routed to one that does not know. */
function takeBack(turn: Turn, slot: string, lease: Lease): void {
  put(turn, slot, undefined);
  turn.effects.push({ kind: "store_ends", slots: [slot] });
  tell(turn, "expired", lease);
}

function reply(
  turn: Turn,
  network: Dhcpv6Network,
  { linkLocal }: Client,
  request: Dhcpv6Message,
  verdicts: readonly Verdict[],
): void {
  const extra = rapidCommitOptions(request);
  sendAnswer(turn, network, linkLocal, request, MESSAGE_TYPE.REPLY, { verdicts, extra });
}

function shortened(verdict: Verdict, now: Instant): Verdict {
  const cut = (given: readonly Given[]): readonly Given[] =>
    given.map((one) => ({
      ...one,
      preferredUntil: sooner(one.preferredUntil, after(now, NOT_DURABLE)),
      validUntil: sooner(one.validUntil, after(now, NOT_DURABLE)),
    }));
  const { lease } = verdict;
  const kept: Lease | undefined =
    lease === undefined ? lease : { ...lease, given: cut(lease.given) };
  return { ...verdict, given: cut(verdict.given), lease: kept };
}

function setCommit(turn: Turn, number: number, commit: Commit | undefined): void {
  const commits = new Map(turn.state.commits);
  if (commit === undefined) commits.delete(number);
  else commits.set(number, commit);
  turn.state = { ...turn.state, commits };
}

function sooner(a: Instant, b: Instant): Instant {
  return a < b ? a : b;
}

const NOT_DURABLE: Duration = seconds(600);
