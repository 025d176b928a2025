import { exchangeDeadline, onExchangeDue, RETRANSMISSION } from "@passerelle/dhcpv6";
import { ignored, type Machine, type Rng } from "@passerelle/machine";
import type { Ipv6 } from "@passerelle/net";
import { unreachable } from "@passerelle/result";
import { earliest, type Instant, isDue, seconds } from "@passerelle/time";
import { datagramReceived } from "./answers.ts";
import type { Dhcpv6Effect, Dhcpv6Input } from "./input.ts";
import { isEmpty, type Lease6, missing, nextEndOf, stillValid } from "./lease.ts";
import { declineMessage } from "./messages.ts";
import {
  challengeOf,
  confirm,
  type Dhcpv6Step,
  drop,
  messageOf,
  newTalk,
  rebind,
  renew,
  request,
  solicit,
  stays,
  toIdle,
  toSearch,
  withChallenge,
} from "./moves.ts";
import type { Dhcpv6Settings, Wanted6 } from "./settings.ts";
import { checkDhcpv6, type Dhcpv6State, initialDhcpv6, type Remembered6 } from "./state.ts";

/** The client as a machine of its own, for tests; the daemon steps it inside the line's machine. */
export function dhcpv6Machine(
  settings: Dhcpv6Settings,
  rng: Rng,
  remembered?: Remembered6,
): Machine<Dhcpv6State, Dhcpv6Input, Dhcpv6Effect> {
  return {
    initial: initialDhcpv6(rng, remembered),
    step: (state, input, now) => stepDhcpv6(settings, state, input, now),
    deadline: dhcpv6Deadline,
    check: checkDhcpv6,
  };
}

export function stepDhcpv6(
  settings: Dhcpv6Settings,
  state: Dhcpv6State,
  input: Dhcpv6Input,
  now: Instant,
): Dhcpv6Step {
  const pruned = expireLease6(state, now);
  const next = stepLive(settings, pruned.state, input, now);
  return pruned.effects.length === 0
    ? next
    : { state: next.state, effects: [...pruned.effects, ...next.effects] };
}

/** Comes before everything else: no address and no prefix is used past its end. */
export function expireLease6(state: Dhcpv6State, now: Instant): Dhcpv6Step {
  const { held, phase } = state;
  if (held === undefined) return ignored(state);
  const left = stillValid(held, now);
  if (left === held) return ignored(state);
  if (left !== undefined) return stays(partly(state, left, now));
  const dropped = drop(state);
  const lives = phase.kind === "bound" || phase.kind === "renewing" || phase.kind === "rebinding";
  const challenge = challengeOf(phase);
  if (!lives || challenge === undefined) return dropped;
  const search = toSearch(dropped.state, challenge, now, { trouble: "silence" });
  return { state: search.state, effects: [...dropped.effects, ...search.effects] };
}

/** A part of the leases is over. Where it was wanted, that is told, and asked for now and not only at T1. */
function partly(state: Dhcpv6State, left: Lease6, now: Instant): Dhcpv6State {
  const lack = missing(state.wanted, left);
  // Who talks to a server already asks for it.
  if (lack === undefined || state.phase.kind !== "bound") return { ...state, held: left };
  const { renewsAt } = left;
  const sooner = renewsAt === undefined ? {} : { renewsAt: earliest(renewsAt, now) ?? now };
  return { ...state, trouble: state.trouble ?? lack, held: { ...left, ...sooner } };
}

export function dhcpv6Deadline(state: Dhcpv6State): Instant | undefined {
  const end = state.held === undefined ? undefined : nextEndOf(state.held);
  return earliest(phaseDeadline(state), end);
}

function phaseDeadline({ phase, held }: Dhcpv6State): Instant | undefined {
  switch (phase.kind) {
    case "idle":
    case "quiet":
      return undefined;
    case "delayed":
      return phase.until;
    case "bound":
      return held?.renewsAt;
    case "informed":
      return phase.refreshAt;
    case "soliciting":
    case "requesting":
    case "renewing":
    case "rebinding":
    case "confirming":
    case "informing":
      return exchangeDeadline(phase.talk.exchange);
    default:
      return unreachable(phase);
  }
}

function stepLive(
  settings: Dhcpv6Settings,
  state: Dhcpv6State,
  input: Dhcpv6Input,
  now: Instant,
): Dhcpv6Step {
  switch (input.kind) {
    case "timeout":
      return isDue(phaseDeadline(state), now) ? timeout(settings, state, now) : ignored(state);
    case "datagram":
      return datagramReceived(settings, state, input.payload, now);
    case "link_up":
      return linkUp(settings, state, input.challenge, now);
    case "link_down":
      return state.phase.kind === "idle" ? ignored(state) : toIdle(state);
    case "challenge":
      return stays(withChallenge(state, input.challenge));
    case "wanted":
      return wantedChanged(settings, state, input.wanted, now);
    case "address_conflict":
      return conflict(settings, state, input.address, now);
    case "reconnect": {
      const challenge = challengeOf(state.phase);
      return challenge === undefined
        ? ignored(state)
        : toSearch({ ...state, setbacks: 0 }, challenge, now);
    }
    default:
      return unreachable(input);
  }
}

function timeout(settings: Dhcpv6Settings, state: Dhcpv6State, now: Instant): Dhcpv6Step {
  const { phase } = state;
  switch (phase.kind) {
    case "idle":
    case "quiet":
      return ignored(state);
    case "delayed":
      return solicit(settings, state, phase.challenge, now);
    case "informed":
      return solicit(settings, state, phase.challenge, now);
    case "bound":
      return isDue(state.held?.rebindsAt, now)
        ? rebind(settings, state, phase.challenge, now)
        : renew(settings, state, phase.challenge, now);
    case "soliciting":
      // The time to collect is over: the best of those who answered.
      if (phase.best !== undefined) {
        return request(settings, state, phase.talk.challenge, phase.best, now);
      }
      return repeat(settings, state, phase, now);
    default:
      return repeat(settings, state, phase, now);
  }
}

function repeat(
  settings: Dhcpv6Settings,
  state: Dhcpv6State,
  phase: Extract<Dhcpv6State["phase"], { readonly talk: unknown }>,
  now: Instant,
): Dhcpv6Step {
  const again = onExchangeDue(phase.talk.exchange, now, state.rng);
  const { challenge } = phase.talk;
  if (again.value === undefined) {
    return unanswered(settings, { ...state, rng: again.rng }, phase.kind, challenge, now);
  }
  const talk = { ...phase.talk, exchange: again.value };
  const isSilent = again.value.sentCount > SILENCE_AFTER;
  const next: Dhcpv6State = {
    ...state,
    rng: again.rng,
    ...(isSilent ? { trouble: state.trouble ?? "silence" } : {}),
    phase: { ...phase, talk },
  };
  return {
    state: next,
    effects: [{ kind: "send_dhcpv6", payload: messageOf(settings, next, now) }],
  };
}

/** An exchange has failed (RFC 9915 section 15). */
function unanswered(
  settings: Dhcpv6Settings,
  state: Dhcpv6State,
  kind: Dhcpv6State["phase"]["kind"],
  challenge: Uint8Array,
  now: Instant,
): Dhcpv6Step {
  // T2 has come.
  if (kind === "renewing") return rebind(settings, state, challenge, now);
  // RFC 9915 section 18.2.12: nobody denied it, so what is in use is used on, to its end.
  if (kind === "confirming" && state.held !== undefined) {
    return stays({ ...state, phase: { kind: "bound", challenge } });
  }
  return toSearch(state, challenge, now, { trouble: "silence" });
}

function linkUp(
  settings: Dhcpv6Settings,
  state: Dhcpv6State,
  challenge: Uint8Array,
  now: Instant,
): Dhcpv6Step {
  const { phase, held } = state;
  if (phase.kind !== "idle") return ignored(state);
  const lease = held ?? phase.remembered;
  return lease === undefined || isEmpty(lease)
    ? toSearch(state, challenge, now)
    : confirm(settings, state, challenge, lease, now);
}

function wantedChanged(
  settings: Dhcpv6Settings,
  before: Dhcpv6State,
  wanted: Wanted6,
  now: Instant,
): Dhcpv6Step {
  const { phase, held } = before;
  const isSame = (["address", "prefix", "information"] as const).every(
    (key) => before.wanted[key] === wanted[key],
  );
  if (isSame) return ignored(before);
  const state = { ...before, wanted };
  const isNothing = !wanted.address && !wanted.prefix && !wanted.information;
  switch (phase.kind) {
    case "quiet":
      return toSearch(state, phase.challenge, now);
    case "delayed":
      return isNothing ? toSearch(state, phase.challenge, now) : stays(state);
    case "informed":
      return isNothing || wanted.address || wanted.prefix
        ? toSearch(state, phase.challenge, now)
        : stays(state);
    case "bound":
      // RFC 9915 section 18.2.4: a Renew may ask for what was not there before.
      return held !== undefined && missing(wanted, held) !== undefined
        ? renew(settings, state, phase.challenge, now)
        : stays(state);
    case "soliciting":
    case "informing":
      return toSearch(state, phase.talk.challenge, now);
    default:
      // The answer comes first; then it is seen what else is wanted.
      return stays(state);
  }
}

/** RFC 9915 section 18.2.8. The message goes once: a server that misses it finds out by itself. */
function conflict(
  settings: Dhcpv6Settings,
  state: Dhcpv6State,
  address: Ipv6,
  now: Instant,
): Dhcpv6Step {
  const { held, phase } = state;
  const challenge = challengeOf(phase);
  if (held === undefined || !held.addresses.some((one) => one.address === address)) {
    return ignored(state);
  }
  const left = { ...held, addresses: held.addresses.filter((one) => one.address !== address) };
  const rest = isEmpty(left) ? drop(state).state : { ...state, held: left };
  const file: Dhcpv6Effect = isEmpty(left)
    ? { kind: "forget_lease6" }
    : { kind: "store_lease6", lease: left };
  if (challenge === undefined) return { state: rest, effects: [file] };
  const { talk, rng } = newTalk(rest, challenge, RETRANSMISSION.DECLINE, now);
  const payload = declineMessage({ settings, talk, now }, held, address);
  const because = { setback: true, wait: CONFLICT_WAIT };
  const search = toSearch({ ...rest, rng }, challenge, now, because);
  return {
    state: search.state,
    effects: [{ kind: "send_dhcpv6", payload }, file, ...search.effects],
  };
}

/** As for IPv4 (RFC 2131 section 3.1): who claims every address must not make us ask without a pause. */
const CONFLICT_WAIT = seconds(10);
/** Messages without an answer until people are told. */
const SILENCE_AFTER = 3;
