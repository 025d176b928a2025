import type { Child, Exit, Processes, StartOptions } from "./port.ts";

/** Timers as an argument, so that a test turns the clock. */
export interface Timers {
  now(): number;
  /** Calls once after `ms`; what it returns ends it. */
  after(ms: number, call: () => void): () => void;
}

export interface SupervisorOptions extends Omit<StartOptions, "onExit"> {
  /** First wait before a restart; doubles with each exit. Default 500 ms. */
  readonly backOffMs?: number;
  readonly backOffMsMax?: number;
  /** A run of this length makes the wait short again. Default 30 000 ms. */
  readonly stableMs?: number;
  /** From SIGTERM to SIGKILL. Default 5000 ms. */
  readonly graceMs?: number;
  readonly onState?: (state: SupervisorState) => void;
}

export type SupervisorState =
  | { readonly kind: "running"; readonly pid: number }
  | { readonly kind: "waiting"; readonly ms: number; readonly exit: Exit }
  | { readonly kind: "stopping"; readonly pid: number }
  | { readonly kind: "stopped" };

/** Keeps one program running: restarts it with growing waits, and stops it for good when told. */
export class Supervisor {
  readonly #processes: Processes;
  readonly #options: SupervisorOptions;
  readonly #timers: Timers;
  #state: SupervisorState = { kind: "stopped" };
  #child: Child | undefined;
  #startedAt = 0;
  #wait: number;
  #cancel: (() => void) | undefined;
  #stopped: (() => void)[] = [];

  constructor(processes: Processes, options: SupervisorOptions, timers: Timers = systemTimers()) {
    this.#processes = processes;
    this.#options = options;
    this.#timers = timers;
    this.#wait = options.backOffMs ?? BACK_OFF_MS;
  }

  get state(): SupervisorState {
    return this.#state;
  }

  start(): void {
    if (this.#state.kind === "stopped") this.#launch();
  }

  /** Ends the run and starts the next at once, e.g. with a new configuration file. */
  restart(): void {
    if (this.#state.kind === "running") this.#child?.signal("SIGTERM");
    if (this.#state.kind !== "waiting") return;
    this.#cancel?.();
    this.#launch();
  }

  /** Resolves when the program is gone. */
  stop(): Promise<void> {
    const { kind } = this.#state;
    if (kind === "stopped") return Promise.resolve();
    return new Promise((resolve) => {
      this.#stopped.push(resolve);
      if (kind === "waiting") {
        this.#cancel?.();
        this.#end();
      } else if (kind === "running") {
        this.#enter({ kind: "stopping", pid: this.#child?.pid ?? 0 });
        this.#child?.signal("SIGTERM");
        const grace = this.#options.graceMs ?? GRACE_MS;
        this.#cancel = this.#timers.after(grace, () => this.#child?.signal("SIGKILL"));
      }
    });
  }

  #launch(): void {
    this.#startedAt = this.#timers.now();
    const started = this.#processes.start({
      argv: this.#options.argv,
      ...(this.#options.env === undefined ? {} : { env: this.#options.env }),
      ...(this.#options.cwd === undefined ? {} : { cwd: this.#options.cwd }),
      ...(this.#options.onLine === undefined ? {} : { onLine: this.#options.onLine }),
      onExit: (exit) => this.#exited(exit),
    });
    if (!started.ok) {
      this.#exited({ code: 127, signal: undefined, error: started.error.code });
      return;
    }
    this.#child = started.value;
    this.#enter({ kind: "running", pid: started.value.pid });
  }

  #exited(exit: Exit): void {
    this.#cancel?.();
    this.#child = undefined;
    if (this.#state.kind === "stopping") {
      this.#end();
      return;
    }
    const first = this.#options.backOffMs ?? BACK_OFF_MS;
    const lasted = this.#timers.now() - this.#startedAt;
    if (lasted >= (this.#options.stableMs ?? STABLE_MS)) this.#wait = first;
    const ms = this.#wait;
    this.#wait = Math.min(ms * 2, this.#options.backOffMsMax ?? BACK_OFF_MS_MAX);
    this.#cancel = this.#timers.after(ms, () => this.#launch());
    this.#enter({ kind: "waiting", ms, exit });
  }

  #end(): void {
    this.#wait = this.#options.backOffMs ?? BACK_OFF_MS;
    this.#enter({ kind: "stopped" });
    for (const resolve of this.#stopped.splice(0)) resolve();
  }

  #enter(state: SupervisorState): void {
    this.#state = state;
    this.#options.onState?.(state);
  }
}

const BACK_OFF_MS = 500;
const BACK_OFF_MS_MAX = 30_000;
const STABLE_MS = 30_000;
const GRACE_MS = 5000;

export function systemTimers(): Timers {
  return {
    now: () => performance.now(),
    after(ms, call) {
      const timer = setTimeout(call, ms);
      return () => clearTimeout(timer);
    },
  };
}
