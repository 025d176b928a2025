import { createFakeSlots, type FakeSlots } from "@passerelle/slots";
import { type Instant, instant, wallTime } from "@passerelle/time";
import type { UpgradeEffect, UpgradeInput } from "../../src/core/upgrade/input.ts";
import {
  check,
  deadline,
  initial,
  type Lack,
  NOTHING_REMEMBERED,
  type Release,
  type UpgradeMemory,
  type UpgradeState,
} from "../../src/core/upgrade/state.ts";
import { step } from "../../src/core/upgrade/step.ts";

/** What is in each slot, by its version; a version that is not here is healthy. */
export interface Versions {
  readonly [version: string]: { readonly dies?: true; readonly lacks?: readonly Lack[] };
}

/** A board that starts again and again: its slots, what it remembers, and what it was told. */
export class Box {
  readonly slots: FakeSlots = createFakeSlots("passerelle-test");
  readonly told: string[] = [];
  memory: UpgradeMemory = NOTHING_REMEMBERED;
  state: UpgradeState;
  reboots = 0;
  /** What the health check finds now; undefined: what the version lacks. */
  lacks: readonly Lack[] | undefined;
  lives = "first";
  readonly #versions: Versions;
  /** What each slot holds. */
  readonly #held: Record<string, string>;
  #boots = 0;
  #now = 0;

  constructor(version = "0.1.0", versions: Versions = {}) {
    this.#versions = versions;
    this.#held = { A: version, B: version };
    this.state = initial({ version }, this.memory, "");
  }

  get phase(): string {
    return this.state.phase.kind;
  }

  get booted(): string {
    return this.state.slots?.booted ?? "?";
  }

  /** The boot loader chooses; systems that die at once are tried again until one does not. */
  async boot(): Promise<void> {
    const status = await this.slots.status();
    if (status.ok) {
      for (const { name, version } of status.value.slots) {
        if (version !== undefined) this.#held[name] = version;
      }
    }
    let slot = this.slots.boot();
    for (let tries = 0; this.#versions[this.#held[slot] ?? ""]?.dies === true; tries += 1) {
      if (tries > 9) throw new Error("nothing boots");
      slot = this.slots.boot();
    }
    this.#boots += 1;
    this.#now = 30_000;
    await this.live();
  }

  /** The daemon starts, in the boot that is. */
  async live(): Promise<void> {
    const status = await this.slots.status();
    const slot = status.ok ? status.value.booted : "A";
    const release: Release = { version: this.#held[slot] ?? "?", board: "test" };
    this.state = initial(release, this.memory, `boot ${this.#boots}`);
    await this.say({ kind: "start" });
  }

  async say(input: UpgradeInput): Promise<void> {
    const waiting: UpgradeInput[] = [input];
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const done = step(this.state, next, this.now);
      check(done.state);
      this.state = done.state;
      for (const effect of done.effects) {
        const answer = await this.#answer(effect);
        if (answer !== undefined) waiting.push(answer);
      }
    }
  }

  /** Time goes on; every deadline is met. */
  async go(seconds: number): Promise<void> {
    const end = this.#now + seconds * 1000;
    for (let rung = 0; rung < 10_000; rung += 1) {
      const due = deadline(this.state);
      if (due === undefined || due > end) break;
      this.#now = Math.max(this.#now, due);
      await this.say({ kind: "timeout" });
    }
    this.#now = end;
  }

  get now(): Instant {
    return instant(this.#now);
  }

  async #answer(effect: UpgradeEffect): Promise<UpgradeInput | undefined> {
    const at = wallTime(1_800_000_000_000 + this.#now);
    switch (effect.kind) {
      case "look_slots": {
        const seen = await this.slots.status();
        return seen.ok
          ? { kind: "slots", status: seen.value, at }
          : { kind: "slots_failed", error: seen.error };
      }
      case "inspect": {
        const seen = await this.slots.inspect(effect.file);
        return seen.ok
          ? { kind: "inspected", bundle: seen.value }
          : { kind: "inspect_failed", error: seen.error };
      }
      case "begin": {
        const begun = await this.slots.install(effect.file);
        return begun.ok ? { kind: "begun" } : { kind: "begin_failed", error: begun.error };
      }
      case "look_progress": {
        const seen = await this.slots.progress();
        return seen.ok
          ? { kind: "progress", progress: seen.value }
          : { kind: "progress_failed", error: seen.error };
      }
      case "activate_other": {
        const made = await this.slots.activate("other");
        return made.ok ? { kind: "activated" } : { kind: "activate_failed", error: made.error };
      }
      case "check_health": {
        const { version } = this.state.release;
        const missing = this.lacks ?? this.#versions[version]?.lacks ?? [];
        return { kind: "health", missing, lives: this.lives };
      }
      case "mark_good": {
        if (effect.first) await this.slots.activate("booted");
        const made = await this.slots.markGood();
        return made.ok ? { kind: "marked", at } : { kind: "mark_failed", error: made.error };
      }
      case "remember":
        this.memory = effect.memory;
        return undefined;
      case "reboot":
        this.reboots += 1;
        return undefined;
      case "tell": {
        const { news } = effect;
        this.told.push(news.kind === "ended" ? news.outcome.kind : news.kind);
        return undefined;
      }
    }
  }
}
