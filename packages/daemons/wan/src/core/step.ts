import type { Machine, Rng, Step, Timeout } from "@passerelle/machine";
import { MAC_ZERO, type Mac } from "@passerelle/net";
import { type PppInput, pppDeadline } from "@passerelle/ppp";
import { earliest, type Instant } from "@passerelle/time";
import { accessDeadline, accessTimeout, stepAccess } from "./access.ts";
import { causeOf } from "./cause.ts";
import { dslCause } from "./dsl/cause.ts";
import type { DslWord } from "./dsl/state.ts";
import type { TransitionEffect, WanEffect } from "./effect.ts";
import type { WanInput } from "./input.ts";
import { carrierOfIpv6, ipv4Of } from "./ipv4.ts";
import type { Ipv6Settings } from "./ipv6/settings.ts";
import { type Ipv6Input, ipv6Deadline, stepIpv6 } from "./ipv6/step.ts";
import { isParked } from "./lease.ts";
import {
  followAccess,
  type LinkState,
  linkDeadline,
  linkTimeout,
  type RaiseVlanEffect,
  type Vlan,
  vlanRefused,
  vlanTold,
} from "./link.ts";
import { type PppLineSettings, stepPppLine } from "./ppp/line.ts";
import { type ReachInput, type ReachSettings, reachDeadline, stepReach } from "./reach/step.ts";
import type { SessionInput } from "./session/input.ts";
import type { SessionSettings } from "./session/settings.ts";
import { expireLease, sessionDeadline, stepSession } from "./session/step.ts";
import {
  checkWan,
  initialWan,
  type Mark,
  type RememberedLine,
  type WanMachineState,
} from "./state.ts";
import { reachKind, sessionKind } from "./view.ts";

export type WanSettings = LineSettings & (DhcpLineSettings | PppoeLineSettings);

interface LineSettings {
  /** Absent: the interface's own. */
  readonly mac?: Mac;
  /** Absent: the session runs on the interface itself. */
  readonly vlan?: Vlan;
  /** Absent: the operator has no IPv6. */
  readonly ipv6?: Ipv6Settings;
  readonly reach: ReachSettings;
}

export interface DhcpLineSettings {
  readonly session: SessionSettings;
  readonly ppp?: undefined;
}

export interface PppoeLineSettings {
  readonly session?: undefined;
  readonly ppp: PppLineSettings;
}

type WanStep = Step<WanMachineState, WanEffect>;

/** Cable, VLAN, session and reach as one machine: one deadline, one step, one truth for the bus. */
export function wanMachine(
  settings: WanSettings,
  rng: Rng,
  start: Instant,
  remembered: RememberedLine = {},
): Machine<WanMachineState, WanInput | Timeout, WanEffect> {
  return {
    initial: initialWan(rng, start, remembered, settings.ppp !== undefined),
    step: (state, input, now) => stepWan(settings, state, input, now),
    deadline: wanDeadline,
    check: checkWan,
  };
}

export function wanDeadline(state: WanMachineState): Instant | undefined {
  return earliest(
    accessDeadline(state.access),
    linkDeadline(state.link),
    sessionDeadline(state.session),
    state.ppp === undefined ? undefined : pppDeadline(state.ppp.ppp),
    ipv6Deadline(state.ipv6),
    reachDeadline(state.reach),
  );
}

function stepWan(
  settings: WanSettings,
  state: WanMachineState,
  input: WanInput | Timeout,
  now: Instant,
): WanStep {
  const parts = [
    // Also where the input is for another layer: a lease is never used past its end.
    (current: WanMachineState) => {
      const expired = expireLease(current.session, now);
      if (expired.state === current.session) return { state: current, effects: [] };
      return { state: { ...current, session: expired.state }, effects: expired.effects };
    },
    (current: WanMachineState) => feed(settings, current, input, now),
    (current: WanMachineState) => toIpv6(settings, current, input, now),
    (current: WanMachineState) => followSession(settings, current, now),
    (current: WanMachineState) => mark(settings, current, now),
  ];
  let current = state;
  const effects: WanEffect[] = [];
  for (const part of parts) {
    const step = part(current);
    current = step.state;
    effects.push(...step.effects);
  }
  return { state: current, effects };
}

function feed(
  settings: WanSettings,
  state: WanMachineState,
  input: WanInput | Timeout,
  now: Instant,
): WanStep {
  switch (input.kind) {
    case "link":
      return accessChanged(settings, state, input, now);
    case "vlan":
      return toLink(settings, state, vlanTold(state.link, input.device, now), now);
    case "vlan_refused":
      return toLink(settings, state, vlanRefused(state.link), now);
    case "lan_networks":
      return { state: { ...state, lanNetworks: input.networks }, effects: [] };
    case "timeout":
      return timeout(settings, state, now);
    case "link_local":
    case "ndp":
    case "dhcpv6":
    case "address6_conflict":
      // Theirs alone: IPv6 has its turn after IPv4's.
      return { state, effects: [] };
    case "dsl":
      return dslTold(settings, state, input.word, now);
    case "shaping":
      return { state: { ...state, shaping: input.shaping }, effects: [] };
    case "ppp":
      return toPpp(settings, state, input.ppp, now);
    case "resolver_answered":
    case "probe_finished":
      return toReach(settings, state, input, now);
    case "reconnect":
      return settings.ppp === undefined
        ? toSession(settings, state, input, now)
        : toPpp(settings, state, input, now);
    default:
      return toSession(settings, state, input, now);
  }
}

function timeout(settings: WanSettings, state: WanMachineState, now: Instant): WanStep {
  const raised = accessTimeout(state.access, settings.mac, now);
  const access = raised.state === state.access ? state : { ...state, access: raised.state };
  const link = toLink(settings, access, linkTimeout(access.link, now), now);
  const session = toSession(settings, link.state, { kind: "timeout" }, now);
  const ppp = toPpp(settings, session.state, { kind: "timeout" }, now);
  const reach = toReach(settings, ppp.state, { kind: "timeout" }, now);
  return {
    state: reach.state,
    effects: [raised, link, session, ppp, reach].flatMap(({ effects }) => effects),
  };
}

/** Wires that came up again are not waited for: whoever pauses between two tries begins at once. */
function dslTold(
  settings: WanSettings,
  state: WanMachineState,
  word: DslWord | undefined,
  now: Instant,
): WanStep {
  const { dsl: before, ...rest } = state;
  const current = word === undefined ? rest : { ...rest, dsl: word };
  const cameUp = word === "up" && before !== undefined && dslCause(before) !== undefined;
  if (!cameUp || ipv4Of(state) !== undefined) return { state: current, effects: [] };
  return feed(settings, current, { kind: "reconnect" }, now);
}

function accessChanged(
  settings: WanSettings,
  state: WanMachineState,
  input: WanInput & { kind: "link" },
  now: Instant,
): WanStep {
  const access = stepAccess(state.access, input.link, settings.mac, now);
  if (access.state === state.access) return { state, effects: access.effects };
  const current = { ...state, access: access.state };
  const followed = followAccess(settings.vlan, state.link, access.state, now);
  const link = toLink(settings, current, followed, now, isGone(settings, state));
  return { state: link.state, effects: [...access.effects, ...link.effects] };
}

/** The session follows what carries it. */
function toLink(
  settings: WanSettings,
  state: WanMachineState,
  next: Step<LinkState, RaiseVlanEffect>,
  now: Instant,
  wasGone: boolean = isGone(settings, state),
): WanStep {
  const effects: WanEffect[] = [...next.effects];
  const before = state.link.phase;
  const { phase } = next.state;
  let current: WanMachineState = next.state === state.link ? state : { ...state, link: next.state };
  const tell = (input: SessionInput): void => {
    const told = toEither(settings, current, input, now);
    current = told.state;
    effects.push(...told.effects);
  };
  // A new MAC on a live line is another client to the operator: down and up again.
  const isSame = before.kind === "up" && phase.kind === "up" && before.mac === phase.mac;
  if (before.kind === "up" && !isSame) tell({ kind: "link_down" });
  if (!wasGone && isGone(settings, current)) tell({ kind: "link_gone" });
  if (phase.kind === "up" && !isSame) tell({ kind: "link_up", mac: phase.mac });
  return { state: current, effects };
}

/** Both kinds of session follow the link; only DHCP's has something on it that can be gone. */
function toEither(
  settings: WanSettings,
  state: WanMachineState,
  input: SessionInput,
  now: Instant,
): WanStep {
  if (settings.ppp === undefined) return toSession(settings, state, input, now);
  const { kind } = input;
  return kind === "link_up" || kind === "link_down"
    ? toPpp(settings, state, { kind }, now)
    : { state, effects: [] };
}

/** There is no interface that could hold the session's address. */
function isGone({ vlan }: WanSettings, { access, link }: WanMachineState): boolean {
  return vlan === undefined ? access.kind === "absent" : link.device === undefined;
}

/** Reach watches the path that access and session make together. */
function followSession(settings: WanSettings, state: WanMachineState, now: Instant): WanStep {
  const ipv4 = ipv4Of(state);
  const parked = ipv4 !== undefined && isParked(ipv4, settings.session?.parkingPrefixes ?? []);
  const current = parked === state.parked ? state : { ...state, parked };
  const isUp = state.link.phase.kind === "up" && ipv4 !== undefined && !parked;
  if (isUp) {
    const path = { address: ipv4.address, resolvers: ipv4.resolvers };
    return toReach(settings, current, { kind: "path_up", path }, now);
  }
  return toReach(settings, current, { kind: "path_down" }, now);
}

/** Compares every layer with what was last reported of it. */
function mark({ vlan }: WanSettings, state: WanMachineState, now: Instant): WanStep {
  const { marks } = state;
  const cause = causeOf(state);
  const transitions: TransitionEffect[] = [];
  const next = (layer: TransitionEffect["layer"], kind: string): Mark => {
    const last = marks[layer];
    if (last.kind === kind) return last;
    transitions.push({
      kind: "transition",
      at: now,
      layer,
      from: last.kind,
      to: kind,
      ...(cause === undefined ? {} : { cause }),
    });
    return { kind, since: now };
  };
  const dsl = next("dsl", state.dsl ?? "none");
  const access = next("access", state.access.kind);
  const link = vlan === undefined ? marks.link : next("link", state.link.phase.kind);
  const session = next("session", sessionKind(state));
  const reach = next("reach", reachKind(state));
  if (transitions.length === 0 && cause === marks.cause) return { state, effects: [] };
  const causeSince = cause === marks.cause ? marks.causeSince : now;
  return {
    state: { ...state, marks: { dsl, access, link, session, reach, cause, causeSince } },
    effects: transitions,
  };
}

function toSession(
  settings: WanSettings,
  state: WanMachineState,
  input: SessionInput,
  now: Instant,
): WanStep {
  if (settings.session === undefined) return { state, effects: [] };
  const step = stepSession(settings.session, state, state.session, input, now);
  return {
    state: step.state === state.session ? state : { ...state, session: step.state },
    effects: step.effects,
  };
}

function toPpp(
  settings: WanSettings,
  state: WanMachineState,
  input: PppInput,
  now: Instant,
): WanStep {
  const { ppp: line, link } = state;
  if (settings.ppp === undefined || line === undefined) return { state, effects: [] };
  // While the link is down nothing is sent, and no packet needs to say who we are.
  const mac = link.phase.kind === "up" ? link.phase.mac : MAC_ZERO;
  const step = stepPppLine(settings.ppp, line, mac, input, now);
  return {
    state: step.state === line ? state : { ...state, ppp: step.state },
    effects: step.effects.map((ppp) => ({ kind: "ppp", ppp })),
  };
}

/** IPv6 hears of its own inputs, and follows link and session after those of others. */
function toIpv6(
  { ipv6 }: WanSettings,
  state: WanMachineState,
  input: WanInput | Timeout,
  now: Instant,
): WanStep {
  if (ipv6 === undefined) return { state, effects: [] };
  const { phase } = state.session;
  const identity =
    "exchange" in phase ? phase.exchange : "identity" in phase ? phase.identity : undefined;
  const challenge = identity === undefined ? {} : { challenge: identity.entropy.challenge };
  const surroundings = { link: carrierOfIpv6(state), ...challenge };
  const step = stepIpv6(
    ipv6,
    state.ipv6,
    surroundings,
    isIpv6Input(input) ? input : undefined,
    now,
  );
  return {
    state: step.state === state.ipv6 ? state : { ...state, ipv6: step.state },
    effects: step.effects,
  };
}

function isIpv6Input(
  input: WanInput | Timeout,
): input is Ipv6Input | (Timeout & WanInput) | Extract<WanInput, { kind: "reconnect" }> {
  return IPV6_INPUTS.has(input.kind);
}

const IPV6_INPUTS: ReadonlySet<string> = new Set([
  ...["link_local", "ndp", "dhcpv6", "address6_conflict", "reconnect", "timeout"],
]);

function toReach(
  settings: WanSettings,
  state: WanMachineState,
  input: ReachInput,
  now: Instant,
): WanStep {
  const step = stepReach(settings.reach, state.reach, input, now);
  return {
    state: step.state === state.reach ? state : { ...state, reach: step.state },
    effects: step.effects,
  };
}
