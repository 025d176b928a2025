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
  host: { readonly clock: Clock; readonly fatal: (error: unknown) => void },
): MachineDriver<State, Input> {
  type Any = Input | { readonly kind: "timeout" };
  const { clock, fatal } = host;
  const queue: Any[] = [];
  const history: { at: Instant; input: Any }[] = [];
  let state = machine.initial;
  let isStepping = false;
  let isStopped = false;
  let timer: { readonly deadline: Instant; cancel(): void } | undefined;
  let spin: { readonly due: Instant; readonly count: number } | undefined;

  function take(input: Any): void {
    if (isStopped) return;
    invariant(queue.length < QUEUE_MAX, `${options.name}: at most ${QUEUE_MAX} inputs wait`);
    queue.push(input);
    if (isStepping) return;
    isStepping = true;
    try {
      for (let next = queue.shift(); next !== undefined && !isStopped; next = queue.shift())
        stepOnce(next);
      arm();
    } catch (error) {
      stop();
      fatal(error);
      throw error;
    } finally {
      isStepping = false;
    }
  }

  function stepOnce(input: Any): void {
    const now = clock.now();
    history.push({ at: now, input });
    if (history.length > HISTORY_MAX) history.shift();
    const before = state;
    const step = machine.step(state, input, now);
    machine.check(step.state);
    state = step.state;
    for (const effect of step.effects) options.run(effect);
    if (state !== before) options.changed?.(state);
  }

  function arm(): void {
    const deadline = isStopped ? undefined : machine.deadline(state);
    if (timer !== undefined && timer.deadline === deadline) return;
    timer?.cancel();
    timer = undefined;
    if (deadline === undefined) return;
    const wait = Math.min(remaining(clock.now(), deadline), TIMER_MS_MAX);
    const armed = clock.later(milliseconds(wait), ring);
    timer = { deadline, cancel: () => armed.cancel() };
  }

  function ring(): void {
    const due = timer?.deadline;
    timer = undefined;
    if (due === undefined || isStopped) return;
    const now = clock.now();
    // Timers of the host may ring a little early, and the longest wait is made of several.
    if (now < due) {
      arm();
      return;
    }
    spin = spin?.due === due ? { due, count: spin.count + 1 } : { due, count: 1 };
    if (spin.count > SPIN_MAX) {
      const error = new Error(`invariant: ${options.name} asks for a deadline that moves`);
      stop();
      fatal(error);
      throw error;
    }
    take({ kind: "timeout" });
  }

  function stop(): void {
    isStopped = true;
    timer?.cancel();
    timer = undefined;
    queue.length = 0;
  }

  machine.check(state);
  arm();
  return {
    input: take,
    stop,
    get state() {
      return state;
    },
    report: () => ({
      name: options.name,
      deadline: machine.deadline(state),
      queued: queue.length,
      inputs: history.map(({ at, input }) => ({
        at,
        input: options.redact === undefined ? input : options.redact(input),
      })),
    }),
  };
}
