import type { Machine } from "@passerelle/machine";
import { ok, type Result } from "@passerelle/result";
import { instant, remaining } from "@passerelle/time";
import {
  type LineSnapshot,
  type LineSpectrum,
  type LineState,
  type PlayerEffect,
  type PlayerInput,
  type PlayerState,
  type Recording,
  recordingPlayer,
  STORY_ADSL2PLUS,
  STORY_VDSL2_17A,
  simulateLine,
} from "@passerelle/xdsl";
import { lineFailure } from "../line-error.ts";
import { OneAtATime } from "../one-at-a-time.ts";
import type { LineAbilities, LineDriver, LineError, ModemSettings } from "../port.ts";

type ReplaySettings = Extract<ModemSettings, { readonly driver: "replay" }>;

/** A line made up. It begins when it is first asked or listened to, and begins again at its end. */
export function openReplay({ recording, speed }: ReplaySettings): LineDriver {
  return new ReplayLine(simulateLine(STORIES[recording]), speed);
}

const STORIES = { adsl2plus: STORY_ADSL2PLUS, vdsl2: STORY_VDSL2_17A } as const;

type StateHandler = (state: LineState, rawState: string) => void;

class ReplayLine implements LineDriver {
  readonly abilities: LineAbilities = { spectrum: true, resync: true, events: true };
  readonly #player: Machine<PlayerState, PlayerInput, PlayerEffect>;
  readonly #questions = new OneAtATime();
  #state: PlayerState;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  #handler: StateHandler = () => {};
  #snapshot: LineSnapshot | undefined;
  #spectrum: LineSpectrum | undefined;
  #said: { readonly state: LineState; readonly rawState: string } | undefined;

  constructor(recording: Recording, speed: number) {
    this.#player = recordingPlayer(recording, { speed, isLoop: true });
    this.#state = this.#player.initial;
  }

  snapshot(): Promise<Result<LineSnapshot, LineError>> {
    return this.#questions.ask(async () => {
      this.#feed({ kind: "start" });
      return this.#snapshot === undefined
        ? lineFailure("not_understood", "the recording has not come to a snapshot yet")
        : ok({ ...this.#snapshot, ...this.#said });
    });
  }

  spectrum(): Promise<Result<LineSpectrum, LineError>> {
    return this.#questions.ask(async () => {
      this.#feed({ kind: "start" });
      return this.#spectrum === undefined
        ? lineFailure("not_understood", "the recording has not come to a spectrum yet")
        : ok(this.#spectrum);
    });
  }

  resync(): Promise<Result<void, LineError>> {
    return this.#questions.ask(async () => {
      this.#feed({ kind: "start" });
      this.#feed({ kind: "resync" });
      return ok(undefined);
    });
  }

  onState(handler: StateHandler): void {
    this.#handler = handler;
    // Not within the call: who listens may not be ready to hear yet.
    queueMicrotask(() => this.#feed({ kind: "start" }));
  }

  close(): void {
    this.#feed({ kind: "stop" });
    this.#isClosed = true;
    this.#questions.close();
  }

  #feed(input: PlayerInput): void {
    if (this.#isClosed) return;
    const step = this.#player.step(this.#state, input, instant(performance.now()));
    this.#player.check(step.state);
    this.#state = step.state;
    for (const effect of step.effects) if (effect.kind === "entry") this.#live(effect.entry);
    this.#arm();
  }

  #live(entry: Recording["entries"][number]): void {
    if (entry.kind === "snapshot") this.#snapshot = entry.snapshot;
    else if (entry.kind === "spectrum") this.#spectrum = entry.spectrum;
    else {
      this.#said = { state: entry.state, rawState: entry.rawState };
      this.#handler(entry.state, entry.rawState);
    }
  }

  /** One timer, which keeps no process alive. */
  #arm(): void {
    clearTimeout(this.#timer);
    const deadline = this.#player.deadline(this.#state);
    if (deadline === undefined) return;
    const wait = Math.min(remaining(instant(performance.now()), deadline), TIMER_MS_MAX);
    this.#timer = setTimeout(() => this.#feed({ kind: "timeout" }), Math.ceil(wait)).unref();
  }
}

/** Timers of Node end at 2^31 ms. */
const TIMER_MS_MAX = 2_000_000_000;
