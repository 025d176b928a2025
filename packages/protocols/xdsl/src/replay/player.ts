import { ignored, type Machine, type Step, type Timeout } from "@passerelle/machine";
import { invariant, unreachable } from "@passerelle/result";
import { after, type Instant, isDue, milliseconds } from "@passerelle/time";
import type { Recording, RecordingEntry } from "./recording.ts";

export type PlayerState =
  | { readonly kind: "idle" }
  | {
      readonly kind: "playing";
      readonly startedAt: Instant;
      /** The entry that comes next. */
      readonly next: number;
    }
  | { readonly kind: "ended" };

/** `resync` is what a driver is asked for: the line trains anew, so the recording begins anew. */
export type PlayerInput = { readonly kind: "start" | "stop" | "resync" } | Timeout;

export type PlayerEffect =
  | { readonly kind: "entry"; readonly entry: RecordingEntry }
  | { readonly kind: "ended" };

export interface PlayerOptions {
  /** How many recorded seconds pass in one of ours. */
  readonly speed?: number;
  /** Begin again at the end; a recording without length ends all the same. */
  readonly isLoop?: boolean;
}

/** Plays a recording as a driver would live through it. */
export function recordingPlayer(
  recording: Recording,
  options: PlayerOptions = {},
): Machine<PlayerState, PlayerInput, PlayerEffect> {
  const speed = options.speed ?? 1;
  invariant(speed > 0 && Number.isFinite(speed), "time passes");
  const { entries } = recording;
  const lengthSeconds = entries.at(-1)?.at ?? 0;
  const isLoop = options.isLoop === true && lengthSeconds > 0;
  const dueAt = (startedAt: Instant, index: number): Instant =>
    after(startedAt, milliseconds(((entries[index]?.at ?? 0) * 1000) / speed));

  const play = (
    startedAt: Instant,
    from: number,
    now: Instant,
  ): Step<PlayerState, PlayerEffect> => {
    const effects: PlayerEffect[] = [];
    let next = from;
    for (; next < entries.length && isDue(dueAt(startedAt, next), now); next += 1) {
      const entry = entries[next];
      if (entry !== undefined) effects.push({ kind: "entry", entry });
    }
    if (next < entries.length) return { state: { kind: "playing", startedAt, next }, effects };
    if (!isLoop) return { state: { kind: "ended" }, effects: [...effects, { kind: "ended" }] };
    // Not at the time at which it should have ended: a box that slept does not catch up with whole rounds.
    return { state: { kind: "playing", startedAt: now, next: 0 }, effects };
  };

  return {
    initial: { kind: "idle" },
    step: (state, input, now) => {
      switch (input.kind) {
        case "start":
          return state.kind === "playing" ? ignored(state) : play(now, 0, now);
        case "resync":
          return state.kind === "idle" ? ignored(state) : play(now, 0, now);
        case "stop":
          return { state: { kind: "idle" }, effects: [] };
        case "timeout":
          return state.kind === "playing" ? play(state.startedAt, state.next, now) : ignored(state);
        default:
          return unreachable(input);
      }
    },
    deadline: (state) =>
      state.kind === "playing" ? dueAt(state.startedAt, state.next) : undefined,
    check: (state) => {
      if (state.kind !== "playing") return;
      invariant(state.next >= 0 && state.next < entries.length, "an entry is still to come");
    },
  };
}
