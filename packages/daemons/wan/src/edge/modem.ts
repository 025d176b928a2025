import { join } from "node:path";
import type { LineDriver, LineError, LinePlatform, ModemSettings } from "@passerelle/platform-line";
import { err, type Result } from "@passerelle/result";
import type { Driver, ServiceContext } from "@passerelle/service";
import { type BinsState, type LineSpectrum, readBins } from "@passerelle/xdsl";
import type { WanConfig } from "../config.ts";
import type { DslState } from "../core/dsl/state.ts";
import { type DslEffect, type DslInput, dslMachine } from "../core/dsl/step.ts";
import type { ModemObstacle } from "../core/dsl/way.ts";
import { readJson, writeFileAtomic } from "./file.ts";
import { lineDigest } from "./line-digest.ts";

export interface ModemOptions {
  readonly context: ServiceContext<WanConfig>;
  readonly platform: LinePlatform;
  readonly settings: ModemSettings;
  /** What stands between us and the modem, looked at before each question. */
  readonly obstacle: () => Promise<ModemObstacle | undefined>;
  readonly changed: (state: DslState) => void;
}

/** Why a question was not answered, or not asked. */
export interface ModemError {
  readonly code: LineError["code"] | ModemObstacle;
  readonly text: string;
}

/** One modem that is watched. What was counted of it is in `dsl.json`, written at the first look and as each quarter of an hour ends. */
export class Modem {
  readonly settings: ModemSettings;
  readonly #driver: LineDriver;
  readonly #obstacle: ModemOptions["obstacle"];
  readonly #machine: Driver<DslState, DslInput>;
  readonly #context: ServiceContext<WanConfig>;
  readonly #path: string;
  readonly #digest: string;

  constructor({ context, platform, settings, obstacle, changed }: ModemOptions) {
    this.settings = settings;
    this.#obstacle = obstacle;
    this.#context = context;
    this.#path = join(context.stateDirectory, "dsl.json");
    this.#digest = digestOf(settings);
    this.#driver = platform.open(settings);
    const { clock } = context;
    this.#machine = context.drive<DslState, DslInput, DslEffect>(
      dslMachine(clock.now(), this.#recall()),
      { name: "wan-dsl", run: (effect) => this.#run(effect), changed },
    );
    this.#driver.onState((state, rawState) =>
      this.#machine.input({ kind: "told", state, rawState }),
    );
  }

  get state(): DslState {
    return this.#machine.state;
  }

  get abilities(): LineDriver["abilities"] {
    return this.#driver.abilities;
  }

  spectrum(): Promise<Result<LineSpectrum, ModemError>> {
    return this.#reached(() => this.#driver.spectrum());
  }

  resync(): Promise<Result<void, ModemError>> {
    return this.#reached(() => this.#driver.resync());
  }

  stop(): void {
    this.#machine.stop();
    this.#driver.close();
    this.#store(this.#machine.state.bins);
  }

  #run(effect: DslEffect): void {
    switch (effect.kind) {
      case "ask":
        void this.#ask();
        return;
      case "store_bins":
        this.#store(effect.bins);
        return;
      case "word":
        this.#context.log.info("wan_dsl", { from: effect.from, to: effect.to });
    }
  }

  async #ask(): Promise<void> {
    const answer = await this.#reached(() => this.#driver.snapshot());
    if (answer.ok) {
      const at = this.#context.clock.wall();
      return this.#machine.input({ kind: "snapshot", snapshot: answer.value, at });
    }
    const { code, text } = answer.error;
    if (code === "closed") return;
    this.#context.log.debug("wan_dsl_failed", { code, text });
    this.#machine.input({ kind: "failed", failure: { reason: code, text } });
  }

  async #reached<T>(ask: () => Promise<Result<T, LineError>>): Promise<Result<T, ModemError>> {
    const code = await this.#obstacle();
    return code === undefined ? ask() : err({ code, text: "" });
  }

  /** What was counted of another modem is not this one's. */
  #recall(): BinsState | undefined {
    const stored = readJson(this.#path);
    if (typeof stored !== "object" || stored === null || !("modem" in stored)) return undefined;
    if (stored.modem !== this.#digest || !("bins" in stored)) return undefined;
    const bins = readBins(stored.bins);
    return bins.ok ? bins.value : undefined;
  }

  #store(bins: BinsState): void {
    try {
      writeFileAtomic(this.#path, JSON.stringify({ modem: this.#digest, bins }));
    } catch (error) {
      this.#context.log.warn("wan_dsl_file", { text: String(error) });
    }
  }
}

/** Which modem it is; a new password does not make it another. */
function digestOf(settings: ModemSettings): string {
  const { driver } = settings;
  const where = "address" in settings ? [settings.address, settings.port ?? 0] : [];
  return lineDigest([driver, ...where]);
}
