import { ignored } from "@passerelle/machine";
import { type Progress, type SlotsError, slotsError } from "@passerelle/slots/port";
import { after, type Instant } from "@passerelle/time";
import type { UpgradeEffect, UpgradeInput } from "./input.ts";
import { faultOfSlots, otherSlot, refusalOf } from "./refusal.ts";
import { restart, type UpgradeStep } from "./restart.ts";
import { BLIND_MAX, LOOK_EVERY, type Pending, type UpgradeState } from "./state.ts";

/** From the wish of a person to a system that starts next. */
export function install(
  state: UpgradeState,
  { restart: restarts, author }: Extract<UpgradeInput, { kind: "install" }>,
  now: Instant,
): UpgradeStep {
  const { phase, slots, release, bootId } = state;
  const other = otherSlot(state);
  if (phase.kind !== "ready" || slots === undefined || other === undefined) return ignored(state);
  if (refusalOf(state, "install", false) !== undefined) return ignored(state);
  const { bundle, file } = phase;
  const pending: Pending = {
    why: "upgrade",
    slot: other.name,
    version: bundle.version,
    from: release.version,
    author,
    bootId,
    whole: false,
  };
  const memory = { ...state.memory, pending };
  return {
    state: {
      ...state,
      memory,
      phase: {
        kind: "installing",
        bundle,
        author,
        restart: restarts,
        percent: 0,
        begun: false,
        lookAt: after(now, LOOK_EVERY),
        blind: 0,
      },
    },
    // In this order: killed in between, the next life knows what the engine may be doing.
    effects: [
      { kind: "remember", memory },
      { kind: "begin", file },
    ],
  };
}

export function begun(state: UpgradeState): UpgradeStep {
  const { phase } = state;
  if (phase.kind !== "installing") return ignored(state);
  return { state: { ...state, phase: { ...phase, begun: true } }, effects: [] };
}

export function heardProgress(state: UpgradeState, progress: Progress): UpgradeStep {
  const { phase } = state;
  if (phase.kind !== "installing" || !phase.begun) return ignored(state);
  if (progress.kind === "installing") {
    // Only forward: a bar that goes back worries people.
    const percent = Math.max(phase.percent, progress.percent);
    return { state: { ...state, phase: { ...phase, percent, blind: 0 } }, effects: [] };
  }
  if (progress.error !== undefined) return written(state, progress.error);
  if (progress.percent === 100) return written(state, undefined);
  // RAUC calls itself idle where somebody asked it for a second installation: the first one goes on.
  if (phase.blind >= BLIND_MAX) return written(state, slotsError("failed", "no end"));
  return { state: { ...state, phase: { ...phase, blind: phase.blind + 1 } }, effects: [] };
}

/** The engine is done with it, well or not. */
export function written(state: UpgradeState, error: SlotsError | undefined): UpgradeStep {
  const { phase, memory } = state;
  if (phase.kind !== "installing" || memory.pending === undefined) return ignored(state);
  const { bundle, author } = phase;
  if (error !== undefined) {
    const fault = faultOfSlots(error.code, error.text);
    const forgotten = { ...memory, pending: undefined };
    const { version } = bundle;
    return {
      state: { ...state, phase: { kind: "failed", fault, bundle }, memory: forgotten },
      effects: [
        { kind: "remember", memory: forgotten },
        { kind: "tell", news: { kind: "failed", fault: fault.code, version } },
        { kind: "look_slots" },
      ],
    };
  }
  const kept = { ...memory, pending: { ...memory.pending, whole: true } };
  const effects: UpgradeEffect[] = [
    { kind: "remember", memory: kept },
    { kind: "tell", news: { kind: "installed", version: bundle.version, author } },
  ];
  const installed: UpgradeState = { ...state, phase: { kind: "installed" }, memory: kept };
  if (!phase.restart) return { state: installed, effects: [...effects, { kind: "look_slots" }] };
  const ends = restart(installed, "upgrade");
  return { state: ends.state, effects: [...effects, ...ends.effects] };
}
