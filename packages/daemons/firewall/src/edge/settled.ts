import type { Fault } from "@passerelle/result";
import type { State } from "../core/state.ts";

/** Waits until a change is in force or refused. Rules of an earlier life that still wait for the bus count as settled. */
export function createSettled(): {
  changed(state: State): void;
  wait(state: State, later: (end: () => void) => { cancel(): void }): Promise<Fault | undefined>;
} {
  const waiting = new Set<(state: State) => void>();
  return {
    changed(state) {
      if (state.kind === "applying") return;
      for (const wake of waiting) wake(state);
    },
    wait(state, later) {
      if (state.kind !== "applying") return Promise.resolve(faultOf(state));
      return new Promise((resolve) => {
        const finish = (fault: Fault | undefined): void => {
          waiting.delete(wake);
          timer.cancel();
          resolve(fault);
        };
        const wake = (next: State): void => finish(faultOf(next));
        const timer = later(() => finish(TOO_SLOW));
        waiting.add(wake);
      });
    },
  };
}

const TOO_SLOW: Fault = {
  code: "ruleset_slow",
  text: {
    fr: "Les nouvelles règles du pare-feu ne sont pas confirmées à temps.",
    en: "The new firewall rules weren't confirmed in time.",
  },
};

function faultOf(state: State): Fault | undefined {
  return state.kind === "failed" ? state.fault : undefined;
}
