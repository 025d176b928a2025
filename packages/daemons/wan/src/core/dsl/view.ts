import type { WanDsl, WanDslBin } from "@passerelle/contract";
import type { Instant, WallTime } from "@passerelle/time";
import type {
  Bin,
  BinsState,
  DirectionStatus,
  Equipment,
  ErrorCounters,
  LineSnapshot,
} from "@passerelle/xdsl";
import type { LineRates } from "../shaping.ts";
import { dslFault, failureFault } from "./cause.ts";
import { type DslState, wordOf } from "./state.ts";

export interface DslViewContext {
  readonly driver: string;
  readonly abilities: { readonly spectrum: boolean; readonly resync: boolean };
  readonly wall: (at: Instant) => WallTime;
}

export function dslView(state: DslState, { driver, abilities, wall }: DslViewContext): WanDsl {
  const { seen, failure, mark } = state;
  const since = wall(mark.since);
  if (wordOf(state) === "unreachable" && failure !== undefined) {
    return { kind: "unreachable", driver, since, fault: failureFault(failure) };
  }
  if (seen === undefined) return { kind: "asking", driver, since };
  const { spectrum, resync } = abilities;
  return {
    kind: "line",
    driver,
    since: wall(seen.since),
    retrains: state.retrains,
    ...lineView(seen.snapshot),
    abilities: { spectrum, resync },
  };
}

export function binsView(bins: BinsState): { quarters: WanDslBin[]; days: WanDslBin[] } {
  if (bins.kind === "empty") return { quarters: [], days: [] };
  return { quarters: bins.quarters.map(binView), days: bins.days.map(binView) };
}

/** What the wires carry; undefined while they carry nothing. */
export function ratesOf(state: DslState | undefined): LineRates | undefined {
  if (state?.seen?.snapshot.state !== "up") return undefined;
  const { down, up, tc } = state.seen.snapshot;
  if (!isRate(down.currRate) || !isRate(up.currRate)) return undefined;
  return { down: down.currRate, up: up.currRate, ...(tc === undefined ? {} : { tc }) };
}

function isRate(rate: number | undefined): rate is number {
  return rate !== undefined && Number.isFinite(rate) && rate > 0;
}

type Line = Omit<
  Extract<WanDsl, { kind: "line" }>,
  "kind" | "driver" | "since" | "retrains" | "abilities"
>;

function lineView(snapshot: LineSnapshot): Line {
  const { state, rawState, standard, annex, profile, tc, powerState, near, far } = snapshot;
  const fault = dslFault(state, cut(rawState));
  const modem = equipmentView(snapshot.inventory.near);
  const operator = equipmentView(snapshot.inventory.far);
  return {
    state,
    rawState: cut(rawState),
    ...(fault === undefined ? {} : { fault }),
    ...(standard === undefined ? {} : { standard }),
    ...(annex === undefined ? {} : { annex }),
    ...(profile === undefined ? {} : { profile }),
    ...(tc === undefined ? {} : { tc }),
    ...(powerState === undefined ? {} : { powerState }),
    down: directionView(snapshot.down),
    up: directionView(snapshot.up),
    ...(near === undefined ? {} : { near: countersView(near) }),
    ...(far === undefined ? {} : { far: countersView(far) }),
    ...(modem === undefined ? {} : { modem }),
    ...(operator === undefined ? {} : { operator }),
    quality: { ...snapshot.quality },
  };
}

/** A rate is a whole number of bits; a modem that says a negative one says nothing. */
function directionView(direction: DirectionStatus): Line["down"] {
  const { currRate, maxRate, previousRate, bands, ...rest } = direction;
  return {
    ...rest,
    ...wholeRates({ currRate, maxRate, previousRate }),
    ...(bands === undefined
      ? {}
      : { bands: bands.map((band) => ({ ...band, band: cut(band.band) })) }),
  };
}

function wholeRates(
  rates: Readonly<Record<"currRate" | "maxRate" | "previousRate", number | undefined>>,
): Pick<Line["down"], "currRate" | "maxRate" | "previousRate"> {
  const believed = Object.entries(rates).flatMap(([name, rate]) =>
    rate !== undefined && rate >= 0 && Number.isFinite(rate) ? [[name, Math.round(rate)]] : [],
  );
  return Object.fromEntries(believed);
}

function countersView(counters: ErrorCounters): NonNullable<Line["near"]> {
  return Object.fromEntries(
    Object.entries(counters).filter(([, value]) => Number.isSafeInteger(value) && value >= 0),
  );
}

function binView({ start, seconds, upSeconds, retrains, isEstimated, near, far }: Bin): WanDslBin {
  return {
    ...{ start, seconds, upSeconds, retrains, isEstimated },
    near: countersView(near),
    far: countersView(far),
  };
}

function equipmentView(equipment: Equipment | undefined): Line["modem"] {
  if (equipment === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(equipment).map(([name, text]: [string, string]) => [name, cut(text)]),
  );
}

/** Texts of strangers have an end. */
function cut(text: string): string {
  return text.slice(0, TEXT_MAX);
}

const TEXT_MAX = 120;
