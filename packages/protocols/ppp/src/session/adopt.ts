import { nextUint32 } from "@passerelle/machine";
import type { Instant } from "@passerelle/time";
import { newNegotiation } from "../automaton/state.ts";
import { NEW_IPCP_LOCAL } from "../ncp/ipcp.ts";
import type { PppEffect } from "./effect.ts";
import { andThen, configureLink, lcpPackets, linkStep, type PppStep } from "./moves.ts";
import { configureIpv4, configureIpv6, feedNetwork } from "./network.ts";
import type { PppSettings } from "./settings.ts";
import { linkOfSnapshot, type PppSnapshot, sameSnapshot, snapshotOf } from "./snapshot.ts";
import type { Link, PppState } from "./state.ts";

/**
 * Goes on with a session of an earlier life: neither the concentrator nor the home notices. Whether it still lives, the
 * next echo says; what was not open yet is negotiated.
 */
export function adopt(
  settings: PppSettings,
  state: PppState,
  kept: PppSnapshot,
  now: Instant,
): PppStep {
  const { adoptable: _, stale: __, ...rest } = state;
  const drawn = nextUint32(state.rng);
  const identifier = drawn.value & 0xff;
  const before = linkOfSnapshot(kept, drawn.rng, identifier);
  const watched = linkStep(settings, before, { kind: "watch" }, now);
  const local = { interfaceIdentifier: settings.interfaceIdentifier, rng: drawn.rng };
  const wanted: Pick<Link, "ipcp" | "ipv6cp"> = {
    ...(settings.ipv4 ? { ipcp: newNegotiation(NEW_IPCP_LOCAL, identifier) } : {}),
    ...(settings.ipv6 ? { ipv6cp: newNegotiation(local, identifier) } : {}),
  };
  const link: Link = { ...wanted, ...before, lcp: watched.state };
  const { peer, sessionId } = kept;
  let step: PppStep = {
    state: { ...rest, rng: drawn.rng, phase: { kind: "up", link } },
    effects: [
      { kind: "adopt_channel", session: { peer, sessionId } },
      configureLink(link),
      ...lcpPackets(watched),
      ...(before.ipcp === undefined ? [] : configureIpv4(link)),
      ...(before.ipv6cp === undefined ? [] : configureIpv6(link)),
    ],
  };
  for (const protocol of ["ipcp", "ipv6cp"] as const) {
    if (before[protocol] !== undefined) continue;
    for (const kind of ["open", "up"] as const) {
      step = andThen(step, (next) => feedNetwork(settings, next, protocol, { kind }, now));
    }
  }
  return step;
}

/** After a step: what a later life would need, where that is not what it was. */
export function withMemory(before: PppState, step: PppStep): PppStep {
  if (step.state === before) return step;
  const kept = snapshotOf(step.state);
  const { phase } = step.state;
  if (!("link" in phase) || sameSnapshot(snapshotOf(before), kept)) return step;
  const { peer, sessionId } = phase.link.session;
  const session = { peer, sessionId };
  const remember: PppEffect = {
    kind: "remember_session",
    session: kept === undefined ? session : { ...session, up: kept },
  };
  return { state: step.state, effects: [...step.effects, remember] };
}
