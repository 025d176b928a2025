import {
  type Dhcpv6Message,
  decodeDhcpv6,
  hasOption,
  INFINITY_SECONDS,
  infMaxRtSecondsOf,
  informationRefreshSecondsOf,
  MESSAGE_TYPE,
  OPTION,
  preferenceOf,
  refusalByClient,
  solMaxRtSecondsOf,
} from "@passerelle/dhcpv6";
import { ignored } from "@passerelle/machine";
import {
  after,
  type Duration,
  type Instant,
  milliseconds,
  seconds,
  shorter,
} from "@passerelle/time";
import {
  type Given,
  isEmpty,
  missing,
  readExtras,
  readGiven,
  renewed,
  stillValid,
} from "./lease.ts";
import { bind, type Dhcpv6Step, drop, renew, request, stays, toSearch } from "./moves.ts";
import type { Dhcpv6Settings } from "./settings.ts";
import type { Advert, Dhcpv6State, Phase6, Talk } from "./state.ts";

type Talking = Extract<Phase6, { readonly talk: unknown }>;

/** What servers, and those who play one, send to port 546. */
export function datagramReceived(
  settings: Dhcpv6Settings,
  state: Dhcpv6State,
  payload: Uint8Array,
  now: Instant,
): Dhcpv6Step {
  const { phase } = state;
  if (!("talk" in phase)) return ignored(state);
  const decoded = decodeDhcpv6(payload);
  if (!decoded.ok) return counted(state, "malformed");
  const message = decoded.value;
  const { transactionId } = phase.talk;
  if (refusalByClient(message, { transactionId, clientId: settings.duid }) !== undefined) {
    return counted(state, "notForUs");
  }
  switch (message.msgType) {
    case MESSAGE_TYPE.ADVERTISE:
      return advertised(settings, obeyTimers(state, message), message, now);
    case MESSAGE_TYPE.REPLY:
      return replied(settings, obeyTimers(state, message), phase, message, now);
    default:
      // No key was agreed on, so no Reconfigure can prove itself (RFC 9915 section 20.4).
      return counted(state, "notForUs");
  }
}

/** RFC 9915 section 18.2.9: also of an answer that gives nothing, and for the search that is under way. */
function obeyTimers(state: Dhcpv6State, message: Dhcpv6Message): Dhcpv6State {
  const { phase } = state;
  const sol = solMaxRtSecondsOf(message);
  const inf = infMaxRtSecondsOf(message);
  if (sol === undefined && inf === undefined) return state;
  const solMaxRt = sol === undefined ? state.solMaxRt : seconds(sol);
  const infMaxRt = inf === undefined ? state.infMaxRt : seconds(inf);
  const told = { ...state, solMaxRt, infMaxRt };
  if (phase.kind === "soliciting") {
    return { ...told, phase: { ...phase, talk: withMrt(phase.talk, solMaxRt) } };
  }
  if (phase.kind === "informing") {
    return { ...told, phase: { ...phase, talk: withMrt(phase.talk, infMaxRt) } };
  }
  return told;
}

function withMrt(talk: Talk, mrt: Duration): Talk {
  const { exchange } = talk;
  const parameters = { ...exchange.parameters, mrt };
  return { ...talk, exchange: { ...exchange, parameters, rt: shorter(exchange.rt, mrt) } };
}

function advertised(
  settings: Dhcpv6Settings,
  state: Dhcpv6State,
  message: Dhcpv6Message,
  now: Instant,
): Dhcpv6Step {
  const { phase } = state;
  if (phase.kind !== "soliciting") return counted(state, "notForUs");
  const { exchange, challenge } = phase.talk;
  const given = readGiven(message, phase.talk);
  if (isEmpty(given.lease)) return empty(state, given);
  const preference = preferenceOf(message);
  const advert = { given, preference };
  const best = isBetter(advert, phase.best) ? advert : phase.best;
  // RFC 9915 section 18.2.1: answers are collected for the first timeout, unless one says that it is the best.
  const collects = exchange.sentCount === 1 && preference !== PREFERENCE_MAX;
  if (collects) return stays({ ...state, phase: { ...phase, ...(best && { best }) } });
  return request(settings, state, challenge, best ?? advert, now);
}

/** RFC 9915 section 18.2.9: preference first, then who gives more of what was asked for. */
function isBetter(one: Advert, other: Advert | undefined): boolean {
  if (other === undefined) return true;
  if (one.preference !== other.preference) return one.preference > other.preference;
  return worthOf(one.given) > worthOf(other.given);
}

function worthOf({ lease }: Given): number {
  return (lease.prefixes.length > 0 ? 2 : 0) + (lease.addresses.length > 0 ? 1 : 0);
}

function replied(
  settings: Dhcpv6Settings,
  state: Dhcpv6State,
  phase: Talking,
  message: Dhcpv6Message,
  now: Instant,
): Dhcpv6Step {
  const { challenge, asked } = phase.talk;
  const given = readGiven(message, phase.talk);
  if (phase.kind === "informing") {
    return given.lack === undefined
      ? informed(state, challenge, message, now)
      : empty(state, given);
  }
  // RFC 9915 section 18.2.10: a Reply to a Solicit counts only as the rapid one that we asked for.
  const isRapid = settings.rapidCommit && hasOption(message, OPTION.RAPID_COMMIT);
  if (phase.kind === "soliciting" && !isRapid) return counted(state, "notForUs");
  // The server said that it is in trouble, not that we are: ask again as if it had been silent.
  const isNothing = given.lack === "unspecified" || phase.kind === "soliciting";
  if (isNothing && isEmpty(given.lease)) return empty(state, given);
  const isNew = phase.kind === "requesting" || phase.kind === "soliciting";
  if (given.noBinding && !isNew) {
    // RFC 9915 section 18.2.10.1: it has forgotten us, and is asked for the same again.
    const before = phase.kind === "confirming" ? phase.lease : state.held;
    const lease = { ...given.lease, ...kept(before) };
    return request(settings, state, challenge, { given: { ...given, lease }, preference: 0 }, now);
  }
  if (given.lack === "not_on_link" && isEmpty(given.lease)) {
    return startAgain(state, challenge, given, now);
  }
  const { held } = state;
  // An answer that was long on its way may come after the end of what it gives.
  const lease = stillValid(isNew || held === undefined ? given.lease : renewed(held, given), now);
  if (lease === undefined) return startAgain(state, challenge, given, now);
  // RFC 7084 WPD-6, WAA-7: what there is, is used; what is missing is told.
  const trouble = given.lack ?? missing(state.wanted, lease);
  const bound = bind(state, challenge, lease, readExtras(message), trouble);
  const { wanted } = state;
  const isWantedSince =
    missing({ address: wanted.address && !asked.address, prefix: false }, lease) ??
    missing({ address: false, prefix: wanted.prefix && !asked.prefix }, lease);
  if (isWantedSince === undefined) return bound;
  const renewal = renew(settings, bound.state, challenge, now);
  return { state: renewal.state, effects: [...bound.effects, ...renewal.effects] };
}

function kept(lease: Dhcpv6State["held"]): Pick<Given["lease"], "addresses" | "prefixes"> {
  return { addresses: lease?.addresses ?? [], prefixes: lease?.prefixes ?? [] };
}

/** What was held does not hold any more, or nothing came of the offer. */
function startAgain(
  state: Dhcpv6State,
  challenge: Uint8Array,
  given: Given,
  now: Instant,
): Dhcpv6Step {
  const dropped = state.phase.kind === "requesting" ? stays(state) : drop(state);
  const trouble = given.lack ?? "no_prefix";
  const next = toSearch(dropped.state, challenge, now, { setback: true, trouble });
  return { state: next.state, effects: [...dropped.effects, ...next.effects] };
}

function informed(
  state: Dhcpv6State,
  challenge: Uint8Array,
  message: Dhcpv6Message,
  now: Instant,
): Dhcpv6Step {
  const refresh = informationRefreshSecondsOf(message);
  const again =
    refresh === INFINITY_SECONDS ? {} : { refreshAt: after(now, milliseconds(refresh * 1000)) };
  const { trouble: _, ...rest } = state;
  return stays({
    ...{ ...rest, extras: readExtras(message), setbacks: 0 },
    phase: { kind: "informed", challenge, ...again },
  });
}

function empty(state: Dhcpv6State, { lack = "no_prefix" }: Given): Dhcpv6Step {
  return counted({ ...state, trouble: lack }, "empty");
}

function counted(state: Dhcpv6State, what: keyof Dhcpv6State["counters"]): Dhcpv6Step {
  return stays({ ...state, counters: { ...state.counters, [what]: state.counters[what] + 1 } });
}

/** RFC 9915 section 18.2.1: no better one is to be waited for. */
const PREFERENCE_MAX = 255;
