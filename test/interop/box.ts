import { createInterface } from "node:readline";
import type { Lab } from "../lab/lab.ts";

/** The gateway of a lab as its owner sees it: states read and commands called on its bus, by its own program. */
export class Box {
  readonly #lab: Lab;

  constructor(lab: Lab) {
    this.#lab = lab;
  }

  /** The retained value of a state, e.g. `wan/state`; undefined while there is none. */
  async get<T>(topic: string): Promise<T | undefined> {
    const run = await this.#passerelle("get", topic);
    return run.code === 0 ? (JSON.parse(run.stdout) as T) : undefined;
  }

  /** Calls a command; a fault is a value, as it is for every caller. */
  async call<R>(command: string, request: unknown): Promise<CallOutcome<R>> {
    const run = await this.#passerelle("call", command, JSON.stringify(request));
    try {
      return JSON.parse(run.stdout) as CallOutcome<R>;
    } catch {
      throw new Error(`${command}: exit ${run.code}: ${run.stdout}${run.stderr}`);
    }
  }

  /** Waits until a state is as wanted, and answers it. */
  until<T>(
    topic: string,
    what: string,
    wanted: (value: T) => boolean,
    timeoutMs = 20_000,
  ): Promise<T> {
    let last: T | undefined;
    // In a machine one program hears every change: starting one for each look would be most of its work.
    const watch = this.#lab.patience > 1 ? this.#watch<T>(topic) : undefined;
    return this.#lab
      .waitFor(
        what,
        async () => {
          last = watch === undefined ? await this.get<T>(topic) : watch.last();
          return last !== undefined && wanted(last) ? last : undefined;
        },
        timeoutMs,
      )
      .catch((error: unknown) => {
        throw new Error(`${String(error)}; ${topic} was ${JSON.stringify(last)}`);
      })
      .finally(() => watch?.end());
  }

  #watch<T>(topic: string): { last(): T | undefined; end(): void } {
    const child = this.#lab.spawn("gw", [...this.#lab.places.program, "watch", topic]);
    let last: T | undefined;
    if (child.stdout === null) throw new Error("invariant: stdout is a pipe");
    createInterface({ input: child.stdout }).on("line", (line) => {
      const said = JSON.parse(line) as { readonly topic: string; readonly value: T };
      if (said.topic.endsWith(`/${topic}`)) last = said.value;
    });
    return { last: () => last, end: () => child.kill("SIGTERM") };
  }

  #passerelle(...words: readonly string[]): ReturnType<Lab["exec"]> {
    return this.#lab.passerelle(words, { timeoutMs: 20_000 });
  }
}

export type CallOutcome<R> =
  | { readonly ok: true; readonly data: R }
  | {
      readonly ok: false;
      readonly fault: { readonly code: string; readonly text: { readonly en: string } };
    };

/** What these tests read of wan/state. */
export interface WanView {
  readonly access: { readonly kind: string };
  readonly session: { readonly kind: string; readonly address?: string };
  readonly reach: { readonly kind: string };
  readonly cause?: {
    readonly code: string;
    readonly text: { readonly fr: string; readonly en: string };
  };
}

export interface LeasesView {
  readonly leases: readonly {
    readonly address: string;
    readonly mac: string;
    readonly hostname?: string;
    readonly dnsName?: string;
  }[];
}
