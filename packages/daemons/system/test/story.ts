import { instant, type WallTime, wallTime } from "@passerelle/time";
import { type SystemConfig, section } from "../src/config.ts";
import type { Effect, LogLine } from "../src/core/effect.ts";
import type { Input } from "../src/core/input.ts";
import { check, deadline, EMPTY_MEMORY, initial, type State } from "../src/core/state.ts";
import { step } from "../src/core/step.ts";
import { notificationsView } from "../src/core/view.ts";

export const EPOCH = 1_800_000_000_000;
export const NO_INTERNET = {
  code: "no_internet",
  text: { fr: "Internet ne répond pas.", en: "The Internet does not answer." },
};

export function configOf(change: Partial<SystemConfig> = {}): SystemConfig {
  const entropy = { password: () => "", bytes: (n: number) => new Uint8Array(n) };
  return { ...section.defaults(entropy), ...change };
}

/** Calendar time of a second of the story. */
export function at(second: number): WallTime {
  return wallTime(EPOCH + second * 1000);
}

/** Tells the machine what happens, second after second; rings its deadlines in between, as the driver does. */
export class Story {
  state: State;
  readonly effects: Effect[] = [];
  #now = 0;

  constructor(state: State = initial(configOf(), EMPTY_MEMORY)) {
    this.state = state;
    check(state);
  }

  /** Goes to this second; every deadline on the way is met. */
  go(second: number): this {
    const end = second * 1000;
    for (let rung = 0; rung < 10_000; rung += 1) {
      const due = deadline(this.state);
      if (due === undefined || due > end) break;
      this.#now = Math.max(this.#now, due);
      this.#feed({ kind: "timeout" });
    }
    this.#now = Math.max(this.#now, end);
    return this;
  }

  tell(second: number, input: Input): this {
    this.go(second);
    this.#feed(input);
    return this;
  }

  get lines(): readonly LogLine[] {
    return this.effects.flatMap((effect) => (effect.kind === "keep" ? effect.lines : []));
  }

  get codes(): readonly string[] {
    return this.lines.map(({ code }) => code);
  }

  get notices(): readonly string[] {
    return notificationsView(this.state).map(({ code }) => code);
  }

  #feed(input: Input): void {
    const next = step(this.state, input, instant(this.#now));
    check(next.state);
    this.state = next.state;
    this.effects.push(...next.effects);
  }
}

/** Short forms of what happens often. */
export const happens = {
  offline: (second: number): Input => ({
    kind: "reach",
    at: at(second),
    reach: { kind: "offline", since: at(second), fault: NO_INTERNET },
  }),
  online: (second: number): Input => ({
    kind: "reach",
    at: at(second),
    reach: { kind: "online" },
  }),
  device: (
    second: number,
    name: string,
    more: { network?: string; privateMac?: boolean } = {},
  ): Input => ({
    kind: "device",
    at: at(second),
    what: "new",
    device: { id: `id-${name}`, name, privateMac: false, mac: "02:00:00:00:00:01", ...more },
  }),
  alive: (second: number, daemon: string, online: boolean, pid = 1): Input => ({
    kind: "alive",
    at: at(second),
    daemon,
    online,
    ...(online ? { pid } : {}),
  }),
  measured: (second: number, freeShare: number, temperature = 50): Input => ({
    kind: "measured",
    at: at(second),
    storage: {
      totalBytes: 100_000_000,
      freeBytes: Math.round(freeShare * 100_000_000),
      ballast: true,
    },
    temperature,
  }),
  revision: (second: number, revision: number, trial = false): Input => ({
    kind: "revision",
    at: at(second),
    revision,
    ...(trial ? { trial: { author: "Paul" } } : {}),
  }),
  revisions: (second: number, revision: number, phase: "probation" | "confirmed"): Input => ({
    kind: "revisions",
    at: at(second),
    revisions: [
      { revision, at: at(second), author: "Paul", origin: "lan", sections: ["lan"], phase },
    ],
  }),
  openings: (second: number, ...texts: readonly string[]): Input => ({
    kind: "firewall",
    at: at(second),
    openings: texts.map((text) => ({ id: text, owner: "person", text })),
  }),
};
