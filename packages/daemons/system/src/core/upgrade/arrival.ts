import type { SlotsStatus } from "@passerelle/slots/port";
import type { Instant, WallTime } from "@passerelle/time";
import type { UpgradeEffect, UpgradeInput } from "./input.ts";
import type { UpgradeStep } from "./restart.ts";
import type { Outcome, Pending, UpgradeMemory, UpgradeState } from "./state.ts";

/** The slots were seen: for the first time since the daemon started this says where the box came from. */
export function arrived(
  state: UpgradeState,
  { status, at }: Extract<UpgradeInput, { kind: "slots" }>,
  now: Instant,
): UpgradeStep {
  const seen = { ...state, slots: status };
  if (state.phase.kind !== "starting" && state.phase.kind !== "unsupported") {
    // What was booted can't change while it runs.
    const isSame = state.slots?.booted === status.booted;
    return { state: isSame ? seen : state, effects: [] };
  }
  const proof = { kind: "watching", checkAt: now, missing: [], good: undefined } as const;
  const { pending } = state.memory;
  const from = { ...seen, proof };
  if (pending !== undefined) return chosen(from, pending, status, at);
  const { home } = state.memory;
  if (home === undefined || home.slot === status.booted) return settled(from, state.memory, []);
  // Nobody chose this slot: what proved itself before did not start any more.
  return fellBack(from, { version: home.version, from: state.release.version, at });
}

/** Another slot had been chosen before this life. */
function chosen(
  state: UpgradeState,
  pending: Pending,
  status: SlotsStatus,
  at: WallTime,
): UpgradeStep {
  if (pending.slot === status.booted) {
    return { state: { ...state, phase: { kind: "trial" } }, effects: [] };
  }
  const forgotten = { ...state.memory, pending: undefined };
  if (pending.bootId === state.bootId) {
    const slot = status.slots.find(({ name }) => name === pending.slot);
    const isWritten = slot?.isGood === true && slot.isWhole === true;
    if (pending.whole || (isWritten && slot.version === pending.version)) {
      const memory = { ...state.memory, pending: { ...pending, whole: true } };
      return {
        state: { ...state, phase: { kind: "installed" }, memory },
        effects: [{ kind: "remember", memory }],
      };
    }
  } else if (pending.whole) {
    const { version, from, missing } = pending;
    const lacked = missing === undefined ? {} : { missing };
    return fellBack(state, { version, from, at, ...lacked });
  }
  // It was never written to the end: what runs is as it was.
  const news = { kind: "failed", fault: "upgrade_failed", version: pending.version } as const;
  return settled(state, forgotten, [{ kind: "tell", news }]);
}

function fellBack(state: UpgradeState, what: Omit<Outcome, "kind">): UpgradeStep {
  const outcome: Outcome = { kind: "fell_back", ...what };
  const memory = { ...state.memory, pending: undefined, last: outcome };
  return settled(state, memory, [{ kind: "tell", news: { kind: "ended", outcome } }]);
}

function settled(
  state: UpgradeState,
  memory: UpgradeMemory,
  effects: readonly UpgradeEffect[],
): UpgradeStep {
  const isNew = memory !== state.memory;
  return {
    state: { ...state, phase: { kind: "idle" }, memory },
    effects: [...(isNew ? [{ kind: "remember", memory } as const] : []), ...effects],
  };
}
