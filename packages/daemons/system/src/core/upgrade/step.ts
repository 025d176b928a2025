import { ignored, type Machine } from "@passerelle/machine";
import { after, elapsed, type Instant, isDue } from "@passerelle/time";
import { arrived } from "./arrival.ts";
import type { UpgradeEffect, UpgradeInput } from "./input.ts";
import { begun, heardProgress, install, written } from "./install.ts";
import { faultOfSlots, otherSlot, refusalOf, refusedBundle } from "./refusal.ts";
import { restart, type UpgradeStep } from "./restart.ts";
import {
  BLIND_MAX,
  CHECK_EVERY,
  check,
  deadline,
  GOOD_FOR,
  initial,
  isWatched,
  LOOK_EVERY,
  type Outcome,
  type Pending,
  RETRY_AFTER,
  RETRY_LATE,
  type Release,
  TRIAL_UNTIL,
  TRIES_MAX,
  type UpgradeMemory,
  type UpgradeState,
} from "./state.ts";

export function upgradeMachine(
  release: Release,
  memory: UpgradeMemory,
  bootId: string,
): Machine<UpgradeState, UpgradeInput, UpgradeEffect> {
  return { initial: initial(release, memory, bootId), step, deadline, check };
}

export function step(state: UpgradeState, input: UpgradeInput, now: Instant): UpgradeStep {
  switch (input.kind) {
    case "timeout":
      return timeout(state, now);
    case "start":
      return { state, effects: [{ kind: "look_slots" }] };
    case "slots":
      return arrived(state, input, now);
    case "slots_failed":
      return notSeen(state, input.error, now);
    case "inspect":
    case "inspected":
    case "inspect_failed":
    case "forget":
      return looking(state, input);
    case "install":
      return install(state, input, now);
    case "begun":
      return begun(state);
    case "begin_failed":
      return written(state, input.error);
    case "progress":
      return heardProgress(state, input.progress);
    case "progress_failed": {
      const { phase } = state;
      if (phase.kind !== "installing") return ignored(state);
      if (phase.blind >= BLIND_MAX) return written(state, input.error);
      return { state: { ...state, phase: { ...phase, blind: phase.blind + 1 } }, effects: [] };
    }
    case "rollback":
      return rollback(state, input.author);
    case "activated":
      return state.phase.kind === "restarting" ? restart(state, "upgrade") : ignored(state);
    case "activate_failed":
      return notActivated(state, input.error);
    case "health":
      return heardHealth(state, input, now);
    case "marked":
      return marked(state, input.at);
    case "mark_failed": {
      if (state.proof.kind !== "marking") return ignored(state);
      const proof = { kind: "marking", tryAt: after(now, RETRY_AFTER) } as const;
      return { state: { ...state, proof }, effects: [] };
    }
    case "restarting":
      return isWatched(state)
        ? { state: { ...state, phase: { kind: "restarting" } }, effects: [] }
        : ignored(state);
  }
}

/** What a person sees of a bundle before it is written. */
function looking(
  state: UpgradeState,
  input: Extract<UpgradeInput, { kind: "inspect" | "inspected" | "inspect_failed" | "forget" }>,
): UpgradeStep {
  const { phase } = state;
  if (input.kind === "forget") {
    const isForgotten =
      phase.kind === "refused" || phase.kind === "ready" || phase.kind === "failed";
    return isForgotten
      ? { state: { ...state, phase: { kind: "idle" } }, effects: [] }
      : ignored(state);
  }
  if (input.kind === "inspect") {
    if (refusalOf(state, "inspect", false) !== undefined) return ignored(state);
    const { file, author } = input;
    return {
      state: { ...state, phase: { kind: "inspecting", file, author } },
      effects: [{ kind: "inspect", file }],
    };
  }
  if (phase.kind !== "inspecting") return ignored(state);
  const bundle = input.kind === "inspected" ? input.bundle : undefined;
  const fault =
    input.kind === "inspected"
      ? refusedBundle(state, input.bundle)
      : faultOfSlots(input.error.code, input.error.text);
  if (fault === undefined && bundle !== undefined) {
    const ready = { kind: "ready", file: phase.file, bundle } as const;
    return { state: { ...state, phase: ready }, effects: [] };
  }
  if (fault === undefined) return ignored(state);
  const named = bundle === undefined ? {} : { version: bundle.version };
  return {
    state: {
      ...state,
      phase: { kind: "refused", fault, ...(bundle === undefined ? {} : { bundle }) },
    },
    effects: [{ kind: "tell", news: { kind: "refused", fault: fault.code, ...named } }],
  };
}

function notSeen(
  state: UpgradeState,
  { code }: Extract<UpgradeInput, { kind: "slots_failed" }>["error"],
  now: Instant,
): UpgradeStep {
  const { phase } = state;
  if (phase.kind !== "starting" && phase.kind !== "unsupported") return ignored(state);
  if (code === "absent") {
    return { state: { ...state, phase: { kind: "unsupported", tryAt: undefined } }, effects: [] };
  }
  // A busy engine writes what an earlier life of ours began.
  const before = phase.kind === "starting" ? phase.tries : TRIES_MAX;
  const tries = code === "busy" ? before : before + 1;
  if (phase.kind === "unsupported" || tries > TRIES_MAX) {
    const late = { kind: "unsupported", tryAt: after(now, RETRY_LATE) } as const;
    return { state: { ...state, phase: late }, effects: [] };
  }
  const again = { kind: "starting", tryAt: after(now, RETRY_AFTER), tries } as const;
  return { state: { ...state, phase: again }, effects: [] };
}

function rollback(state: UpgradeState, author: string): UpgradeStep {
  const other = otherSlot(state);
  if (refusalOf(state, "rollback", false) !== undefined || other === undefined)
    return ignored(state);
  const pending: Pending = {
    why: "rollback",
    slot: other.name,
    version: other.version ?? "?",
    from: state.release.version,
    author,
    bootId: state.bootId,
    whole: true,
  };
  const memory = { ...state.memory, pending };
  return {
    state: { ...state, phase: { kind: "restarting" }, memory },
    effects: [{ kind: "remember", memory }, { kind: "activate_other" }],
  };
}

function notActivated(
  state: UpgradeState,
  error: Extract<UpgradeInput, { kind: "activate_failed" }>["error"],
): UpgradeStep {
  if (state.phase.kind !== "restarting") return ignored(state);
  const memory = { ...state.memory, pending: undefined };
  const fault = faultOfSlots(error.code, error.text);
  return {
    state: { ...state, phase: { kind: "refused", fault }, memory },
    effects: [
      { kind: "remember", memory },
      { kind: "tell", news: { kind: "refused", fault: fault.code } },
    ],
  };
}

function heardHealth(
  state: UpgradeState,
  { missing, lives }: Extract<UpgradeInput, { kind: "health" }>,
  now: Instant,
): UpgradeStep {
  const { proof, phase, memory, slots } = state;
  if (!isWatched(state) || proof.kind !== "watching") return ignored(state);
  const kept = proof.good?.lives === lives ? proof.good : { since: now, lives };
  const good = missing.length === 0 ? kept : undefined;
  if (good === undefined || elapsed(good.since, now) < GOOD_FOR) {
    return { state: { ...state, proof: { ...proof, missing, good } }, effects: [] };
  }
  // After a fall-back the boot loader still tries the other one first.
  const first =
    phase.kind !== "trial" && memory.home !== undefined && memory.home.slot !== slots?.booted;
  return {
    state: { ...state, proof: { kind: "marking", tryAt: undefined } },
    effects: [{ kind: "mark_good", first }],
  };
}

function marked(state: UpgradeState, at: Outcome["at"]): UpgradeStep {
  const { proof, slots, release, phase } = state;
  if (proof.kind !== "marking" || slots === undefined) return ignored(state);
  const home = { slot: slots.booted, version: release.version };
  const { pending } = state.memory;
  const proven = { ...state, proof: { kind: "proven" } as const };
  if (phase.kind !== "trial" || pending === undefined) {
    const memory = { ...state.memory, home };
    return {
      state: { ...proven, memory },
      effects: [{ kind: "remember", memory }, { kind: "look_slots" }],
    };
  }
  const outcome: Outcome = {
    kind: pending.why === "upgrade" ? "kept" : "went_back",
    version: release.version,
    from: pending.from,
    at,
  };
  const memory = { pending: undefined, home, last: outcome };
  return {
    state: { ...proven, phase: { kind: "idle" }, memory },
    effects: [
      { kind: "remember", memory },
      { kind: "tell", news: { kind: "ended", outcome } },
      { kind: "look_slots" },
    ],
  };
}

/** Everything that is due, each with its next time. */
function timeout(state: UpgradeState, now: Instant): UpgradeStep {
  const { phase, proof } = state;
  if (phase.kind === "starting" || phase.kind === "unsupported") {
    if (!isDue(phase.tryAt, now)) return ignored(state);
    return {
      state: { ...state, phase: { ...phase, tryAt: undefined } },
      effects: [{ kind: "look_slots" }],
    };
  }
  if (phase.kind === "trial" && isDue(TRIAL_UNTIL, now)) return trialEnded(state);
  let next = state;
  const effects: UpgradeEffect[] = [];
  if (phase.kind === "installing" && isDue(phase.lookAt, now)) {
    next = { ...next, phase: { ...phase, lookAt: after(now, LOOK_EVERY) } };
    effects.push({ kind: "look_progress" });
  }
  if (isWatched(state) && proof.kind === "watching" && isDue(proof.checkAt, now)) {
    next = { ...next, proof: { ...proof, checkAt: after(now, CHECK_EVERY) } };
    effects.push({ kind: "check_health" });
  }
  if (isWatched(state) && proof.kind === "marking" && isDue(proof.tryAt, now)) {
    next = { ...next, proof: { kind: "marking", tryAt: undefined } };
    effects.push({ kind: "mark_good", first: false });
  }
  return effects.length === 0 ? ignored(state) : { state: next, effects };
}

/** Without a proof in time the box goes back: the boot loader counts the tries. */
function trialEnded(state: UpgradeState): UpgradeStep {
  const { pending } = state.memory;
  if (pending === undefined) return ignored(state);
  const missing = state.proof.kind === "watching" ? state.proof.missing : [];
  const memory = { ...state.memory, pending: { ...pending, missing } };
  const ended = restart({ ...state, phase: { kind: "restarting" }, memory }, "fallback");
  return {
    state: ended.state,
    effects: [
      { kind: "remember", memory },
      { kind: "tell", news: { kind: "trial_failed", version: state.release.version, missing } },
      ...ended.effects,
    ],
  };
}
