import { ignored, type Step, type Timeout } from "@passerelle/machine";
import type { Ipv4 } from "@passerelle/net";
import { after, type Instant, isDue, milliseconds, seconds, shorter } from "@passerelle/time";
import type { Path, ReachCause, ReachState, Round, Verdict } from "./state.ts";

export interface ReachSettings {
  /** Asked in turn, one a round, so that no single name decides for ever. At least one. */
  readonly names: readonly string[];
  readonly probe?: ReachProbe;
}

export type ReachProbe =
  | { readonly kind: "tcp"; readonly address: Ipv4; readonly port: number }
  /** GET; 200 and 204 are good. */
  | {
      readonly kind: "http";
      readonly address: Ipv4;
      readonly port: number;
      readonly host: string;
      readonly path: string;
    };

export type ReachInput =
  | Timeout
  | { readonly kind: "path_up"; readonly path: Path }
  | { readonly kind: "path_down" }
  /** Good: NOERROR with an address. Anything else a resolver says or does not say is bad. */
  | {
      readonly kind: "resolver_answered";
      readonly round: number;
      readonly index: number;
      readonly good: boolean;
      readonly rttMs?: number;
    }
  | { readonly kind: "probe_finished"; readonly round: number; readonly good: boolean };

export type ReachEffect =
  | {
      readonly kind: "ask_resolver";
      readonly round: number;
      readonly index: number;
      readonly from: Ipv4;
      readonly resolver: Ipv4;
      readonly name: string;
    }
  | {
      readonly kind: "probe";
      readonly round: number;
      readonly from: Ipv4;
      readonly probe: ReachProbe;
    };

type ReachStep = Step<ReachState, ReachEffect>;
type Watching = Extract<ReachState, { kind: "watching" }>;

export function stepReach(
  settings: ReachSettings,
  state: ReachState,
  input: ReachInput,
  now: Instant,
): ReachStep {
  if (input.kind === "path_up") return pathUp(settings, state, input.path, now);
  if (state.kind === "down") return ignored(state);
  switch (input.kind) {
    case "path_down":
      return { state: { kind: "down", roundId: state.roundId }, effects: [] };
    case "timeout":
      if (!isDue(state.nextAt, now)) return ignored(state);
      return state.round === undefined
        ? beginRound(settings, state, now)
        : closeRound(state, state.round, now);
    case "resolver_answered": {
      const { round } = state;
      if (round === undefined || input.round !== state.roundId) return ignored(state);
      if (round.resolvers[input.index] !== "waiting") return ignored(state);
      const resolvers = round.resolvers.with(input.index, input.good ? "good" : "bad");
      const rttMs = round.rttMs ?? (input.good ? input.rttMs : undefined);
      return noteOutcome(
        state,
        { ...round, resolvers, ...(rttMs === undefined ? {} : { rttMs }) },
        now,
      );
    }
    case "probe_finished": {
      const { round } = state;
      if (round === undefined || input.round !== state.roundId) return ignored(state);
      if (round.probe !== "waiting") return ignored(state);
      return noteOutcome(state, { ...round, probe: input.good ? "good" : "bad" }, now);
    }
  }
}

export function reachDeadline(state: ReachState): Instant | undefined {
  return state.kind === "down" ? undefined : state.nextAt;
}

function pathUp(settings: ReachSettings, state: ReachState, path: Path, now: Instant): ReachStep {
  if (state.kind === "watching" && samePath(state.path, path)) return ignored(state);
  // Another address of the same line does not make what we knew untrue: only a first one is unknown.
  const verdict: Verdict = state.kind === "watching" ? state.verdict : { kind: "unknown" };
  return beginRound(
    settings,
    {
      kind: "watching",
      path,
      verdict,
      against: 0,
      roundId: state.roundId,
      nextAt: now,
      wait: WAIT_FIRST,
    },
    now,
  );
}

function beginRound(settings: ReachSettings, state: Watching, now: Instant): ReachStep {
  const roundId = state.roundId + 1;
  const { address, resolvers } = state.path;
  const name = settings.names[roundId % settings.names.length] ?? "";
  const asks = resolvers.map(
    (resolver, index): ReachEffect => ({
      kind: "ask_resolver",
      round: roundId,
      index,
      from: address,
      resolver,
      name,
    }),
  );
  const { probe } = settings;
  const round: Round = {
    resolvers: resolvers.map(() => "waiting"),
    probe: probe === undefined ? "absent" : "waiting",
  };
  const begun: Watching = { ...state, roundId, round, nextAt: after(now, ROUND_LIMIT) };
  // Nothing to ask: the round is over before it began.
  if (asks.length === 0 && probe === undefined) return closeRound(begun, round, now);
  const probes: ReachEffect[] =
    probe === undefined ? [] : [{ kind: "probe", round: roundId, from: address, probe }];
  return { state: begun, effects: [...asks, ...probes] };
}

/** A round ends when it is clear: everything answered, or one resolver and the probe are good. */
function noteOutcome(state: Watching, round: Round, now: Instant): ReachStep {
  const isGood = round.resolvers.includes("good") && isGoodOrAbsent(round.probe);
  const isWaiting = round.resolvers.includes("waiting") || round.probe === "waiting";
  if (isGood || !isWaiting) return closeRound(state, round, now);
  return { state: { ...state, round }, effects: [] };
}

function closeRound(state: Watching, round: Round, now: Instant): ReachStep {
  const { round: _, ...rest } = state;
  const found = judge(round);
  return { state: { ...rest, ...settle(state, found, now) }, effects: [] };
}

function judge(round: Round): Verdict {
  const resolves = round.resolvers.includes("good");
  if (resolves && isGoodOrAbsent(round.probe)) {
    return round.rttMs === undefined ? { kind: "online" } : { kind: "online", rttMs: round.rttMs };
  }
  if (resolves) return { kind: "limited", cause: "no_internet" };
  if (round.probe === "good") return { kind: "limited", cause: "no_resolver" };
  const cause: ReachCause = round.probe === "absent" ? "no_resolver" : "no_internet";
  return { kind: "offline", cause };
}

/**
 * Hysteresis: three bad rounds leave online, two good ones bring it back. From unknown one good round decides,
 * or two bad ones: the first question after the carrier may be lost in a switch that still wakes up.
 */
function settle(
  state: Watching,
  found: Verdict,
  now: Instant,
): Pick<Watching, "verdict" | "against" | "nextAt" | "wait"> {
  const { verdict } = state;
  const against = state.against + 1;
  if (found.kind === "online") {
    if (verdict.kind === "online" || verdict.kind === "unknown" || against >= GOOD_ROUNDS) {
      return { verdict: found, against: 0, nextAt: after(now, ONLINE_WAIT), wait: WAIT_FIRST };
    }
    return { verdict, against, nextAt: after(now, RECOVERY_WAIT), wait: state.wait };
  }
  const enough = verdict.kind === "online" ? BAD_ROUNDS : FIRST_BAD_ROUNDS;
  if ((verdict.kind === "online" || verdict.kind === "unknown") && against < enough) {
    const again = verdict.kind === "online" ? WAIT_FIRST : RECOVERY_WAIT;
    return { verdict, against, nextAt: after(now, again), wait: WAIT_FIRST };
  }
  const wait = shorter(milliseconds(state.wait * 2), ONLINE_WAIT);
  return { verdict: found, against: 0, nextAt: after(now, state.wait), wait };
}

function isGoodOrAbsent(outcome: Round["probe"]): boolean {
  return outcome === "good" || outcome === "absent";
}

function samePath(a: Path, b: Path): boolean {
  return (
    a.address === b.address &&
    a.resolvers.length === b.resolvers.length &&
    a.resolvers.every((resolver, i) => resolver === b.resolvers[i])
  );
}

/** What a resolver or a server of the Internet has to answer. */
export const ROUND_LIMIT = seconds(2);
const ONLINE_WAIT = seconds(30);
const WAIT_FIRST = seconds(2);
const RECOVERY_WAIT = seconds(1);
const BAD_ROUNDS = 3;
const FIRST_BAD_ROUNDS = 2;
const GOOD_ROUNDS = 2;
