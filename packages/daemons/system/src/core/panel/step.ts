import type { Machine, Step } from "@passerelle/machine";
import { elapsed, type Instant, isDue } from "@passerelle/time";
import type { KeyEvent } from "../button.ts";
import type { PanelEffect, PanelInput } from "./input.ts";
import {
  type Button,
  check,
  deadline,
  HOLD,
  type HoldPhase,
  initial,
  type PanelState,
} from "./state.ts";

type PanelStep = Step<PanelState, PanelEffect>;

export function panelMachine(now: Instant): Machine<PanelState, PanelInput, PanelEffect> {
  return { initial: initial(now), step, deadline, check };
}

export function step(before: PanelState, input: PanelInput, now: Instant): PanelStep {
  const state = settled(before, now);
  switch (input.kind) {
    case "home":
      return only(begun({ ...state, served: input.served }));
    case "house":
      return only(begun({ ...state, house: input.house }));
    case "upgrade":
      return only({ ...state, upgrade: input.phase });
    case "ending":
      return only({ ...state, life: { kind: "ending" } });
    case "stays":
      return only(state.life.kind === "ending" ? { ...state, life: { kind: "running" } } : state);
    case "key":
      return input.event.down
        ? pressed(state, input.event, now)
        : released(state, input.event, now);
    case "button_away":
      return only(state.button.kind === "free" ? state : { ...state, button: { kind: "free" } });
    case "timeout":
      return only(state);
  }
}

/** Whether the home gets what it needs of us. */
export function isServed({ served, house }: PanelState): boolean {
  return served && house.lan;
}

/** What time alone changes. */
function settled(state: PanelState, now: Instant): PanelState {
  const { life, button } = state;
  const late = life.kind === "starting" && isDue(life.until, now);
  const held = settledButton(button, now);
  if (!late && held === button) return state;
  return { ...state, life: late ? { kind: "running" } : life, button: held };
}

function settledButton(button: Button, now: Instant): Button {
  if (button.kind === "free") return button;
  const phase = phaseAt(button.since, now);
  return phase === button.phase ? button : { ...button, phase };
}

function phaseAt(since: Instant, now: Instant): HoldPhase {
  const time = elapsed(since, now);
  if (time >= HOLD.stuck) return "stuck";
  if (time >= HOLD.armed) return "armed";
  return time >= HOLD.counting ? "counting" : "pressed";
}

/** The start ends when the home is served for the first time. */
function begun(state: PanelState): PanelState {
  if (state.life.kind !== "starting" || !isServed(state)) return state;
  return { ...state, life: { kind: "running" } };
}

function pressed(state: PanelState, { key, at }: KeyEvent, now: Instant): PanelStep {
  const effects = [{ kind: "pressed" } as const];
  if (key !== "restart" || state.button.kind === "held") return { state, effects };
  return {
    state: { ...state, button: { kind: "held", since: now, at, phase: "pressed" } },
    effects,
  };
}

/**
 * A reset is asked for by letting go: a key that is stuck asks for nothing, and a person sees first that the light is ready.
 * Both clocks must say that it was long: ours alone would take a press that we read late for a long one, the kernel's a
 * calendar that was set meanwhile.
 */
function released(state: PanelState, { key, at }: KeyEvent, now: Instant): PanelStep {
  const { button, life } = state;
  if (key !== "restart" || button.kind === "free") return only(state);
  const free: PanelState = { ...state, button: { kind: "free" } };
  const isLong = phaseAt(button.since, now) === "armed" && at - button.at >= HOLD.armed;
  if (!isLong || life.kind === "ending") return only(free);
  return { state: free, effects: [{ kind: "factory_reset" }] };
}

function only(state: PanelState): PanelStep {
  return { state, effects: [] };
}
