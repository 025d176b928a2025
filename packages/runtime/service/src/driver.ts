import type { Machine } from "@passerelle/machine";
import { invariant } from "@passerelle/result";
import { type Instant, milliseconds, remaining } from "@passerelle/time";
import type { Clock, DriveOptions, Driver } from "./port.ts";

/** Inputs that effects of one step may leave waiting. More is a machine that talks to itself. */
export const QUEUE_MAX = 1024;
/** Inputs remembered for the crash file: they replay the bug as a scenario. */
export const HISTORY_MAX = 64;
/** Timeouts for one and the same deadline before we say that the machine spins. */
const SPIN_MAX = 1000;
/** Timers of the host end at 2^31 ms; a longer wait is made of several. */
const TIMER_MS_MAX = 2_000_000_000;

/** What a driver tells about itself in a dump. */
export interface DriverReport {
  readonly name: string;
  readonly deadline: Instant | undefined;
  readonly queued: number;
  /** Oldest first. */
  readonly inputs: readonly { readonly at: Instant; readonly input: unknown }[];
}

export interface MachineDriver<State, Input> extends Driver<State, Input> {
  report(): DriverReport;
}

/**
 * Runs a machine: one input, step, check, all effects, then the next input. An input that an effect
 * produces waits. One timer, for the deadline. Whatever throws in here ends the process: the state may
 * be half-way between two steps.
 */
export function drive<State, Input extends { readonly kind: string }, Effect>(
  machine: Machine<State, Input | { readonly kind: "timeout" }, Effect>,
  options: DriveOptions<State, Effect>,
  host: DriverHost,
): MachineDriver<State, Input> {
  return new TimedDriver(machine, options, host);
}

export interface DriverHost {
  readonly clock: Clock;
  /** A step, a check or an effect threw. */
  readonly fatal: (error: unknown) => void;
}

class TimedDriver<State, Input extends { readonly kind: string }, Effect>
  implements MachineDriver<State, Input>
{
  readonly #machine: Machine<State, Input | { readonly kind: "timeout" }, Effect>;
  readonly #options: DriveOptions<State, Effect>;
  readonly #host: DriverHost;
  readonly #queue: (Input | { readonly kind: "timeout" })[] = [];
  readonly #history: { at: Instant; input: { readonly kind: string } }[] = [];
  #state: State;
  #isStepping = false;
  #isStopped = false;
  #timer: { readonly deadline: Instant; cancel(): void } | undefined;
  /** How often the same deadline rang. */
  #spin: { readonly due: Instant; readonly count: number } | undefined;

  constructor(
    machine: Machine<State, Input | { readonly kind: "timeout" }, Effect>,
    options: DriveOptions<State, Effect>,
    host: DriverHost,
  ) {
    this.#machine = machine;
    this.#options = options;
    this.#host = host;
    this.#state = machine.initial;
    machine.check(this.#state);
    this.#arm();
  }

  get state(): State {
    return this.#state;
  }

  input(input: Input | { readonly kind: "timeout" }): void {
    if (this.#isStopped) return;
    const { name } = this.#options;
    invariant(this.#queue.length < QUEUE_MAX, `${name}: at most ${QUEUE_MAX} inputs wait`);
    this.#queue.push(input);
    if (this.#isStepping) return;
    this.#isStepping = true;
    try {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift())
        this.#step(next);
      this.#arm();
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#isStepping = false;
    }
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#queue.length = 0;
  }

  report(): DriverReport {
    const { name, redact } = this.#options;
    return {
      name,
      deadline: this.#machine.deadline(this.#state),
      queued: this.#queue.length,
      inputs: this.#history.map(({ at, input }) => ({
        at,
        input: redact === undefined ? input : redact(input),
      })),
    };
  }

  #step(input: Input | { readonly kind: "timeout" }): void {
    const now = this.#host.clock.now();
    this.#history.push({ at: now, input });
    if (this.#history.length > HISTORY_MAX) this.#history.shift();
    const before = this.#state;
    const step = this.#machine.step(before, input, now);
    this.#machine.check(step.state);
    this.#state = step.state;
    for (const effect of step.effects) this.#options.run(effect);
    if (this.#state !== before) this.#options.changed?.(this.#state);
  }

  #arm(): void {
    const deadline = this.#isStopped ? undefined : this.#machine.deadline(this.#state);
    if (this.#timer !== undefined && this.#timer.deadline === deadline) return;
    this.#timer?.cancel();
    this.#timer = undefined;
    if (deadline === undefined) return;
    const { clock } = this.#host;
    const wait = Math.min(remaining(clock.now(), deadline), TIMER_MS_MAX);
    const armed = clock.later(milliseconds(wait), () => this.#ring(deadline));
    this.#timer = { deadline, cancel: () => armed.cancel() };
  }

  #ring(due: Instant): void {
    this.#timer = undefined;
    if (this.#isStopped) return;
    // Timers of the host may ring a little early, and the longest wait is made of several.
    if (this.#host.clock.now() < due) {
      this.#arm();
      return;
    }
    this.#spin = { due, count: this.#spin?.due === due ? this.#spin.count + 1 : 1 };
    if (this.#spin.count > SPIN_MAX)
      this.#fail(new Error(`invariant: ${this.#options.name} asks for a deadline that moves`));
    this.input({ kind: "timeout" });
  }

  #fail(error: unknown): never {
    this.stop();
    this.#host.fatal(error);
    throw error;
  }
}
