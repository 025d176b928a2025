import { rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Bus, Subscription } from "@passerelle/bus-client";
import {
  systemUpgrade,
  systemUpgradeForget,
  systemUpgradeInspect,
  systemUpgradeInstall,
  systemUpgradeRollback,
} from "@passerelle/contract";
import type { Fault, Result } from "@passerelle/result";
import type { Clock, Driver, Logger, ServiceContext } from "@passerelle/service";
import type { Slots, SlotsError } from "@passerelle/slots";
import type { Input } from "../../core/input.ts";
import type { News, UpgradeEffect, UpgradeInput } from "../../core/upgrade/input.ts";
import { refusalOf } from "../../core/upgrade/refusal.ts";
import type { Phase, Release, UpgradeState } from "../../core/upgrade/state.ts";
import { upgradeMachine } from "../../core/upgrade/step.ts";
import { upgradeView } from "../../core/upgrade/view.ts";
import { readUpgradeMemory } from "../../schema.ts";
import type { BootCause } from "../boot.ts";
import type { LogStore } from "../log-store.ts";
import { followHealth, type Health } from "./health.ts";

export interface UpgradeOptions {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Logger;
  readonly drive: ServiceContext<unknown>["drive"];
  readonly stateDirectory: string;
  readonly runtimeDirectory: string;
  readonly store: LogStore;
  readonly slots: Slots;
  readonly release: Release;
  /** Absent: the real page is asked. */
  readonly health?: Health;
  /** A change of the configuration waits to be confirmed. */
  readonly onProbation: () => boolean;
  /** For the event log. */
  readonly feed: (input: Input) => void;
  /** It turned out that this boot is a return to the old version. */
  readonly fellBack: () => void;
  readonly restart: (cause: BootCause, actor?: string) => void;
  /** What it is at, whenever it goes on: the lights say so. */
  readonly phase: (kind: Phase["kind"]) => void;
}

export interface Upgrade {
  readonly subscriptions: readonly Subscription[];
  /** Why the box starts again, now that somebody restarts it. */
  leaving(): BootCause;
  dump(): unknown;
}

/** The systems of the board: what is asked on the bus, what RAUC says, what the boot loader is told. */
export function startUpgrade(options: UpgradeOptions): Upgrade {
  const { bus, clock, release, store, onProbation } = options;
  const health = options.health ?? followHealth(bus);
  const memory = readUpgradeMemory(store.setting("upgrade"));
  const machine = upgradeMachine(release, memory, clock.bootId);
  // Of an earlier life in this boot: it is written again after a proof of this one.
  rmSync(join(options.runtimeDirectory, "slot-good"), { force: true });
  const publish = createPublish(options);
  const driver: Driver<UpgradeState, UpgradeInput> = options.drive(machine, {
    name: "upgrade",
    run: (effect: UpgradeEffect) => act(options, health, effect, (input) => driver.input(input)),
    changed: (state) => {
      publish(state);
      options.phase(state.phase.kind);
    },
  });
  type Wish = Parameters<typeof refusalOf>[1];
  const ask = (wish: Wish, input: UpgradeInput) => {
    const fault = refusalOf(driver.state, wish, onProbation());
    if (fault !== undefined) return { ok: false as const, fault: plain(fault) };
    driver.input(input);
    return { ok: true as const, data: {} };
  };
  const subscriptions = [
    { close: () => driver.stop() },
    ...health.subscriptions,
    bus.serve(systemUpgradeInspect, ({ file, author }) =>
      ask("inspect", { kind: "inspect", file, author }),
    ),
    bus.serve(systemUpgradeInstall, ({ restart, author }) =>
      ask("install", { kind: "install", restart, author }),
    ),
    bus.serve(systemUpgradeRollback, ({ author }) => ask("rollback", { kind: "rollback", author })),
    bus.serve(systemUpgradeForget, () => ask("forget", { kind: "forget" })),
  ];
  driver.input({ kind: "start" });
  return {
    subscriptions,
    leaving() {
      const isNext = driver.state.phase.kind === "installed";
      driver.input({ kind: "restarting" });
      return isNext ? "upgrade" : "person";
    },
    dump: () => ({ phase: driver.state.phase.kind, proof: driver.state.proof.kind }),
  };
}

/** Publishes what is seen where it changed. */
function createPublish({ bus, clock }: UpgradeOptions): (state: UpgradeState) => void {
  let shown = "";
  return (state) => {
    const view = upgradeView(state, clock.now());
    if (view === undefined) return;
    const text = JSON.stringify(view);
    if (text === shown) return;
    shown = text;
    bus.publish(systemUpgrade, view);
  };
}

/** What is asked is answered by an input, later; the rest is done at once. */
function act(
  options: UpgradeOptions,
  health: Health,
  effect: UpgradeEffect,
  feed: (input: UpgradeInput) => void,
): void {
  switch (effect.kind) {
    case "check_health":
      void health.check().then((seen) => feed({ kind: "health", ...seen }));
      break;
    case "remember":
      if (!options.store.set("upgrade", JSON.stringify(effect.memory)))
        options.log.error("upgrade_not_noted");
      break;
    case "reboot":
      options.restart(effect.cause, effect.actor);
      break;
    case "tell":
      tell(options, effect.news);
      break;
    default:
      void ask(options, effect).then(feed);
  }
}

/** What the engine answers. */
async function ask(
  options: UpgradeOptions,
  effect: Exclude<UpgradeEffect, { kind: "check_health" | "remember" | "reboot" | "tell" }>,
): Promise<UpgradeInput> {
  const { slots, clock, log } = options;
  const failed = <Kind extends string>(kind: Kind, error: SlotsError) => {
    log.warn("slots", { what: kind, code: error.code, text: error.text });
    return { kind, error };
  };
  switch (effect.kind) {
    case "look_slots": {
      const seen = await slots.status();
      if (!seen.ok) return failed("slots_failed", seen.error);
      return { kind: "slots", status: seen.value, at: clock.wall() };
    }
    case "inspect": {
      const seen = await slots.inspect(uploaded(options, effect.file));
      if (!seen.ok) return failed("inspect_failed", seen.error);
      return { kind: "inspected", bundle: seen.value };
    }
    case "begin": {
      const begun = await slots.install(uploaded(options, effect.file));
      return begun.ok ? { kind: "begun" } : failed("begin_failed", begun.error);
    }
    case "look_progress": {
      const seen = await slots.progress();
      if (!seen.ok) return failed("progress_failed", seen.error);
      return { kind: "progress", progress: seen.value };
    }
    case "activate_other": {
      const made = await slots.activate("other");
      return made.ok ? { kind: "activated" } : failed("activate_failed", made.error);
    }
    case "mark_good": {
      const kept = await keep(options, effect.first);
      return kept.ok ? { kind: "marked", at: clock.wall() } : failed("mark_failed", kept.error);
    }
  }
}

function tell({ log, clock, fellBack, feed }: UpgradeOptions, news: News): void {
  log.info("upgrade", { news });
  if (news.kind === "ended" && news.outcome.kind === "fell_back") fellBack();
  feed({ kind: "upgrade", at: clock.wall(), news });
}

/** Tells the boot loader, then the board's own timer. */
async function keep(
  { slots, runtimeDirectory }: UpgradeOptions,
  first: boolean,
): Promise<Result<void, SlotsError>> {
  if (first) {
    const made = await slots.activate("booted");
    if (!made.ok) return made;
  }
  const marked = await slots.markGood();
  if (marked.ok) writeFileSync(join(runtimeDirectory, "slot-good"), "", { mode: 0o644 });
  return marked;
}

/** `web` owns the directory, and its name is all that crosses the bus; the contract bounds the file's. */
function uploaded({ stateDirectory }: UpgradeOptions, file: string): string {
  return join(dirname(stateDirectory), "web", "upload", file);
}

function plain({ code, text, next, raw }: Fault) {
  return {
    code,
    text: { ...text },
    ...(next === undefined ? {} : { next: { ...next } }),
    ...(raw === undefined ? {} : { raw }),
  };
}
