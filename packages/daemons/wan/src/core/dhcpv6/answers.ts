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
import { after, type Instant, milliseconds, seconds } from "@passerelle/time";
import { type Given, isEmpty, readExtras, readGiven, renewed } from "./lease.ts";
import { bind, type Dhcpv6Step, drop, request, stays, toSearch } from "./moves.ts";
import type { Dhcpv6Settings, Wanted6 } from "./settings.ts";
import type { Advert, Dhcpv6State, Phase6 } from "./state.ts";

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
  const told = obeyTimers(state, message);
  switch (message.msgType) {
    case MESSAGE_TYPE.ADVERTISE:
      return advertised(settings, told, message, now);
    case MESSAGE_TYPE.REPLY:
      return replied(settings, told, phase, message, now);
    default:
      // No key was agreed on, so no Reconfigure can prove itself (RFC 9915 section 20.4).
      return counted(state, "notForUs");
  }
}

/** RFC 9915 section 18.2.9: also of an answer that gives nothing. */
function obeyTimers(state: Dhcpv6State, message: Dhcpv6Message): Dhcpv6State {
  const sol = solMaxRtSecondsOf(message);
  const inf = infMaxRtSecondsOf(message);
  if (sol === undefined && inf === undefined) return state;
  return {
    ...state,
    ...(sol === undefined ? {} : { solMaxRt: seconds(sol) }),
    ...(inf === undefined ? {} : { infMaxRt: seconds(inf) }),
  };
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
  const given = readGiven(message, exchange.sentAt);
  if (isEmpty(given.lease)) return empty(state, given);
  const preference = preferenceOf(message);
  const advert = { given, preference };
  const best = isBetter(advert, phase.best, state.wanted) ? advert : phase.best;
  // RFC 9915 section 18.2.1: answers are collected for the first timeout, unless one says that it is the best.
  const collects = exchange.sentCount === 1 && preference !== PREFERENCE_MAX;
  if (collects) return stays({ ...state, phase: { ...phase, ...(best && { best }) } });
  return request(settings, state, challenge, best ?? advert, now);
}

/** RFC 9915 section 18.2.9: preference first, then who gives more of what is wanted. */
function isBetter(one: Advert, other: Advert | undefined, wanted: Wanted6): boolean {
  if (other === undefined) return true;
  if (one.preference !== other.preference) return one.preference > other.preference;
  return worthOf(one.given, wanted) > worthOf(other.given, wanted);
}

function worthOf({ lease }: Given, wanted: Wanted6): number {
  const prefix = wanted.prefix && lease.prefixes.length > 0 ? 2 : 0;
  return prefix + (wanted.address && lease.addresses.length > 0 ? 1 : 0);
}

function replied(
  settings: Dhcpv6Settings,
  state: Dhcpv6State,
  phase: Talking,
  message: Dhcpv6Message,
  now: Instant,
): Dhcpv6Step {
  const { challenge, exchange } = phase.talk;
  if (phase.kind === "informing") return informed(state, challenge, message, now);
  // RFC 9915 section 18.2.10: a Reply to a Solicit counts only as the rapid one that we asked for.
  const isRapid = settings.rapidCommit && hasOption(message, OPTION.RAPID_COMMIT);
  if (phase.kind === "soliciting" && !isRapid) return counted(state, "notForUs");
  const given = readGiven(message, exchange.sentAt);
  const before = phase.kind === "confirming" ? phase.lease : state.held;
  // The server said that it is in trouble, not that we are: ask again as if it had been silent.
  if (given.lack === "unspecified" && isEmpty(given.lease)) return empty(state, given);
  if (given.noBinding && phase.kind !== "requesting" && phase.kind !== "soliciting") {
    // RFC 9915 section 18.2.10.1: it has forgotten us, and is asked for the same again.
    const lease = { ...given.lease, ...kept(before) };
    return request(settings, state, challenge, { given: { ...given, lease }, preference: 0 }, now);
  }
  if (given.lack === "not_on_link") return startAgain(state, challenge, given, now);
  const asked = phase.kind === "requesting" || phase.kind === "soliciting";
  const lease = asked || before === undefined ? given.lease : renewed(before, given);
  if (isEmpty(lease)) return startAgain(state, challenge, given, now);
  const bound = bind(state, challenge, lease, readExtras(message));
  const { lack } = given;
  // RFC 7084 WPD-6, WAA-7: what there is, is used; what is missing is told.
  return lack === undefined ? bound : { ...bound, state: { ...bound.state, trouble: lack } };
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
