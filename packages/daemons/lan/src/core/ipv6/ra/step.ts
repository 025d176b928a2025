import { ignored, type Machine, type Step } from "@passerelle/machine";
import { ALL_NODES, IPV6_ANY } from "@passerelle/net";
import { invariant, unreachable } from "@passerelle/result";
import { earliest, type Instant, isDue, seconds } from "@passerelle/time";
import { advertisement, farewell } from "./advertise.ts";
import { announcedNow } from "./announced.ts";
import type { RaConfig } from "./config.ts";
import type { RaEffect } from "./effect.ts";
import type { RaInput, StoredAnnouncements } from "./input.ts";
import { isShortened, nextChange, tenorOf } from "./news.ts";
import { afterNews, recordOf, restoredFormer, sameRecord } from "./record.ts";
import { dueNow, nextDue, said, soonest, withNews, withQuestion } from "./schedule.ts";
import { type Announcing, checkRa, type Leaving, type RaState, type Waiting } from "./state.ts";

/** The router of one network, as its hosts hear of it (RFC 4861, RFC 9096): no sockets, no disk, no clock. */
export const routerAdvertiser: Machine<RaState, RaInput, RaEffect> = {
  initial: { kind: "idle" },
  step,
  deadline,
  check: checkRa,
};

function step(state: RaState, input: RaInput, now: Instant): Step<RaState, RaEffect> {
  switch (state.kind) {
    case "idle":
      return input.kind === "start" ? { state: started(input), effects: [] } : ignored(state);
    case "waiting":
      return whileWaiting(state, input, now);
    case "announcing":
      return whileAnnouncing(state, input, now);
    case "leaving":
      return input.kind === "timeout" ? leaving(state, now) : ignored(state);
    case "stopped":
      return ignored(state);
  }
}

function started(input: RaInput & { readonly kind: "start" }): Waiting {
  const { config, stored, bootId, rng } = input;
  checkConfig(config);
  return { kind: "waiting", config, bootId, rng, stored };
}

function whileWaiting(state: Waiting, input: RaInput, now: Instant): Step<RaState, RaEffect> {
  switch (input.kind) {
    case "configure":
      checkConfig(input.config);
      return { state: { ...state, config: input.config }, effects: [] };
    case "home": {
      const { config, bootId, rng, stored } = state;
      const former = restoredFormer(stored, bootId, now);
      const first: Announcing = {
        kind: "announcing",
        config,
        bootId,
        rng,
        home: input.home,
        told: stored?.told ?? [],
        former,
        tenor: "",
        changeAt: undefined,
        schedule: withNews(undefined, now),
      };
      return proceed(stored, first, now);
    }
    case "stop":
      return stopped(state.config);
    case "start":
    case "solicitation":
    case "timeout":
      return ignored(state);
    default:
      return unreachable(input);
  }
}

function whileAnnouncing(state: Announcing, input: RaInput, now: Instant): Step<RaState, RaEffect> {
  switch (input.kind) {
    case "start":
      return ignored(state);
    case "configure":
      checkConfig(input.config);
      return proceed(recordOf(state), { ...state, config: input.config }, now);
    case "home": {
      const { home } = input;
      const isNews = isShortened(state.home, home, now);
      return proceed(recordOf(state), { ...state, home }, now, isNews);
    }
    case "solicitation": {
      const source = input.source === IPV6_ANY ? undefined : input.source;
      const asked = { ...state, ...withQuestion(state, source, now) };
      return proceed(recordOf(state), asked, now);
    }
    case "stop": {
      if (!input.farewell) return stopped(state.config);
      const { config, home, former, schedule } = state;
      const at = soonest(schedule.lastAt, now);
      return leaving({ kind: "leaving", config, home, former, at }, now);
    }
    case "timeout":
      return proceed(recordOf(state), state, now);
    default:
      return unreachable(input);
  }
}

/** Finds out what became stale or good, and says what is due. */
function proceed(
  stored: StoredAnnouncements | undefined,
  given: Announcing,
  now: Instant,
  isNews = false,
): Step<RaState, RaEffect> {
  const { config, home } = given;
  const { network, maxInterval } = config;
  const told = announcedNow(config, home, now);
  const tenor = tenorOf(config, home, told, now);
  const next: Announcing = {
    ...given,
    told,
    former: afterNews(given.former, given.told, told, now),
    tenor,
    changeAt: nextChange(home, now),
    schedule: isNews || tenor !== given.tenor ? withNews(given.schedule, now) : given.schedule,
  };
  const effects: RaEffect[] = [];
  const record = recordOf(next);
  if (!sameRecord(stored, record)) effects.push({ kind: "store", network, record });
  const to = dueNow(next.schedule, now);
  if (to.length === 0) return { state: next, effects };
  const message = advertisement(next, now);
  for (const host of to) effects.push({ kind: "send", network, to: host, message });
  return { state: { ...next, ...said(next, to, maxInterval, now) }, effects };
}

/** The last word, when it may be said. */
function leaving(state: Leaving, now: Instant): Step<RaState, RaEffect> {
  if (!isDue(state.at, now)) return { state, effects: [] };
  const { network } = state.config;
  const message = farewell(state, now);
  const { effects } = stopped(state.config);
  return {
    state: { kind: "stopped" },
    effects: [{ kind: "send", network, to: ALL_NODES, message }, ...effects],
  };
}

function stopped({ network }: RaConfig): Step<RaState, RaEffect> {
  return { state: { kind: "stopped" }, effects: [{ kind: "stopped", network }] };
}

function deadline(state: RaState): Instant | undefined {
  switch (state.kind) {
    case "idle":
    case "waiting":
    case "stopped":
      return undefined;
    case "leaving":
      return state.at;
    case "announcing":
      return earliest(nextDue(state.schedule), state.changeAt);
  }
}

function checkConfig({ maxInterval }: RaConfig): void {
  invariant(
    maxInterval >= INTERVAL_MIN && maxInterval <= INTERVAL_MAX,
    "a router advertises every 4 s to 30 min (RFC 4861 section 6.2.1)",
  );
}

const INTERVAL_MIN = seconds(4);
const INTERVAL_MAX = seconds(1800);
