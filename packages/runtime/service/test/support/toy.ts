import { section } from "@passerelle/contract";
import type { Machine } from "@passerelle/machine";
import { ok } from "@passerelle/result";
import { after, type Instant, milliseconds } from "@passerelle/time";
import * as v from "valibot";
import type { Service } from "../../src/index.ts";

export interface ToyConfig {
  readonly greeting: string;
  /** Breaks the machine's own invariant after this many ticks. */
  readonly breakAfter?: number | undefined;
  /** Never ends. */
  readonly isStubborn?: boolean | undefined;
}

interface ToyState {
  readonly ticks: number;
  readonly next: Instant | undefined;
}
type ToyInput =
  | { readonly kind: "begin"; readonly breakAfter: number }
  | { readonly kind: "timeout" };

function toyMachine(breakAfter: number): Machine<ToyState, ToyInput, never> {
  return {
    initial: { ticks: 0, next: undefined },
    step: (state, _input, now) => ({
      state: { ticks: state.ticks + 1, next: after(now, milliseconds(2)) },
      effects: [],
    }),
    deadline: (state) => state.next,
    check(state) {
      if (!(state.ticks <= breakAfter)) throw new Error("invariant: ticks stay below the limit");
    },
  };
}

/** The smallest service that shows everything the runtime does. */
export const toy: Service<ToyConfig> = {
  name: "iptv",
  section: section<ToyConfig>({
    name: "iptv",
    version: 1,
    migrations: {},
    schema: v.strictObject({
      greeting: v.string(),
      breakAfter: v.optional(v.number()),
      isStubborn: v.optional(v.boolean()),
    }),
    defaults: () => ({ greeting: "hello" }),
    secrets: [],
    impact: () => [],
    validate: () => [],
  }),
  async start(context) {
    let { config } = context;
    const breakAfter = config.breakAfter ?? Number.POSITIVE_INFINITY;
    const driver = context.drive<ToyState, ToyInput, never>(toyMachine(breakAfter), {
      name: "toy",
      run: () => undefined,
    });
    driver.input({ kind: "begin", breakAfter });
    context.log.info("toy_runs", { greeting: config.greeting });
    return {
      async reconfigure(next) {
        if (next.greeting === "refuse me")
          return { ok: false, error: { code: "no_greeting", text: { fr: "Non.", en: "No." } } };
        config = next;
        context.log.info("toy_runs", { greeting: config.greeting });
        return ok(undefined);
      },
      stop: () => (config.isStubborn ? new Promise(() => undefined) : Promise.resolve()),
      dump: () => ({ greeting: config.greeting, isTicking: driver.state.ticks > 0 }),
    };
  },
};
