import type { Step } from "@passerelle/machine";
import type { UpgradeEffect } from "./input.ts";
import type { UpgradeState } from "./state.ts";

export type UpgradeStep = Step<UpgradeState, UpgradeEffect>;

/** Nothing else is begun until the box has started again. */
export function restart(state: UpgradeState, cause: "upgrade" | "fallback"): UpgradeStep {
  const actor = state.memory.pending?.author;
  return {
    state: { ...state, phase: { kind: "restarting" } },
    effects: [{ kind: "reboot", cause, ...(actor === undefined ? {} : { actor }) }],
  };
}
