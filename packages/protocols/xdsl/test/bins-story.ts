import { type WallTime, wallTime } from "@passerelle/time";
import {
  type BinsEffect,
  type BinsInput,
  type BinsState,
  type CounterName,
  counterBins,
  type ErrorCounters,
} from "../src/index.ts";

export const machine = counterBins();

/** Midnight of a day, UTC. */
export const MIDNIGHT = 1_796_083_200_000;

const NAMES: Readonly<Record<string, CounterName>> = {
  es: "erroredSecs",
  ses: "severelyErroredSecs",
  uas: "unavailableSecs",
  crc: "crcErrors",
  fec: "fecErrors",
};

/** `look up|down [calendar=90m] [epoch=x] [es=1] [far.crc=2] …`, or `clear`. The calendar goes with the clock else. */
export function parseInput(words: readonly string[], now: number): BinsInput {
  if (words[0] === "clear") return { kind: "clear" };
  if (words[0] !== "look") throw new Error(`not an input: ${words.join(" ")}`);
  const near: { [Name in CounterName]?: number } = {};
  const far: { [Name in CounterName]?: number } = {};
  let at: WallTime = wallTime(MIDNIGHT + now);
  let epoch: string | undefined;
  for (const word of words.slice(2)) {
    const [key = "", said = ""] = word.split("=");
    const name = NAMES[key.replace("far.", "")];
    if (key === "calendar") at = wallTime(MIDNIGHT + Number(said.replace("m", "")) * 60_000);
    else if (key === "epoch") epoch = said;
    else if (name !== undefined) (key.startsWith("far.") ? far : near)[name] = Number(said);
    else throw new Error(`not a counter: ${word}`);
  }
  const sample = { kind: "sample" as const, at, isUp: words[1] === "up", near, far };
  return epoch === undefined ? sample : { ...sample, epoch };
}

export function describeEffect(effect: BinsEffect): string {
  switch (effect.kind) {
    case "grown":
      return `grown near{${counters(effect.near)}} far{${counters(effect.far)}}`;
    case "bin_closed": {
      const { bin } = effect;
      const estimated = bin.isEstimated ? " estimated" : "";
      return `${effect.span} ${clock(bin.start)} closed: ${bin.seconds}s up ${bin.upSeconds}s retrains ${bin.retrains} near{${counters(bin.near)}} far{${counters(bin.far)}}${estimated}`;
    }
    case "restarted":
      return `${effect.end} restarted`;
    case "wrapped":
      return `${effect.end} wrapped ${effect.names.join(",")}`;
    case "gap":
    case "clock_set_back":
      return `${effect.kind} ${clock(effect.from)} -> ${clock(effect.to)}`;
  }
}

export function describeState(state: BinsState): string {
  return state.kind === "empty"
    ? "empty"
    : `counting(${state.quarters.length} quarters, ${state.days.length} days)`;
}

function counters(of: ErrorCounters): string {
  return Object.entries(NAMES)
    .flatMap(([short, name]) => (of[name] === undefined ? [] : [`${short}=${of[name]}`]))
    .join(" ");
}

function clock(at: WallTime): string {
  const minutes = Math.floor((at - MIDNIGHT) / 60_000);
  const two = (value: number): string => String(value).padStart(2, "0");
  return `day${Math.floor(minutes / 1440)} ${two(Math.floor((((minutes % 1440) + 1440) % 1440) / 60))}:${two(((minutes % 60) + 60) % 60)}`;
}
