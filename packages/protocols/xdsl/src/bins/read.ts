import { type DecodeError, err, ok, type Result } from "@passerelle/result";
import { type Duration, milliseconds, wallTime } from "@passerelle/time";
import { countAt, isObject, numberAt, switchAt, textAt } from "../json.ts";
import { known } from "../model/known.ts";
import { COUNTER_NAMES, type CounterName, type ErrorCounters } from "../model/line.ts";
import { type Bin, type BinsState, checkBins, daySpan, type LastLook } from "./state.ts";

/**
 * Reads bins that were stored as JSON. A file that was written half, or by a later release, is an error and not a throw:
 * the driver then begins anew. Code `bins_damaged`.
 *
 * @param dayOffset as given to `counterBins`
 */
export function readBins(
  value: unknown,
  dayOffset: Duration = milliseconds(0),
): Result<BinsState, DecodeError> {
  const state = stateOf(value);
  if (state === undefined) return err({ code: "bins_damaged", at: 0 });
  try {
    checkBins(state, daySpan(dayOffset));
  } catch {
    return err({ code: "bins_damaged", at: 0 });
  }
  return ok(state);
}

function stateOf(value: unknown): BinsState | undefined {
  if (!isObject(value)) return undefined;
  if (value.kind === "empty") return { kind: "empty" };
  const last = lastOf(value.last);
  const quarters = binsOf(value.quarters);
  const days = binsOf(value.days);
  if (value.kind !== "counting" || last === undefined) return undefined;
  return quarters === undefined || days === undefined
    ? undefined
    : { kind: "counting", last, quarters, days };
}

function lastOf(value: unknown): LastLook | undefined {
  if (!isObject(value)) return undefined;
  const at = numberAt(value, "at");
  const isUp = switchAt(value, "isUp");
  const near = countersOf(value.near);
  const far = countersOf(value.far);
  if (at === undefined || isUp === undefined || near === undefined || far === undefined) {
    return undefined;
  }
  const epoch = known<Pick<LastLook, "epoch">>({ epoch: textAt(value, "epoch") });
  return { at: wallTime(at), isUp, near, far, ...epoch };
}

function binsOf(value: unknown): readonly Bin[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const bins: Bin[] = [];
  for (const item of value) {
    const bin = binOf(item);
    if (bin === undefined) return undefined;
    bins.push(bin);
  }
  return bins;
}

function binOf(value: unknown): Bin | undefined {
  if (!isObject(value)) return undefined;
  const start = numberAt(value, "start");
  const seconds = numberAt(value, "seconds");
  const upSeconds = numberAt(value, "upSeconds");
  const retrains = countAt(value, "retrains");
  const isEstimated = switchAt(value, "isEstimated");
  const near = countersOf(value.near);
  const far = countersOf(value.far);
  if (start === undefined || seconds === undefined || upSeconds === undefined) return undefined;
  if (retrains === undefined || isEstimated === undefined) return undefined;
  if (near === undefined || far === undefined) return undefined;
  return { start: wallTime(start), seconds, upSeconds, retrains, isEstimated, near, far };
}

function countersOf(value: unknown): ErrorCounters | undefined {
  if (!isObject(value)) return undefined;
  const counters: { [Name in CounterName]?: number } = {};
  for (const name of COUNTER_NAMES) {
    if (value[name] === undefined) continue;
    const count = countAt(value, name);
    if (count === undefined) return undefined;
    counters[name] = count;
  }
  return counters;
}
