import type { Netlink } from "@passerelle/netlink";
import { type Processes, textOf } from "@passerelle/process";
import type { Logger } from "@passerelle/service";
import {
  clearingCommands,
  isOtherRate,
  MAKE_TURN,
  SHAPERS,
  type ShaperKind,
  type Shaping,
  type ShapingSettings,
  shapingCommands,
  TURN,
  type Words,
} from "../core/shaping.ts";
import { LinkWatch } from "./link-watch.ts";
import { WorkQueue } from "./work-queue.ts";

export interface ShaperOptions {
  readonly netlink: Netlink;
  readonly processes: Processes;
  /** What the addresses of the line are on. */
  readonly interface: string;
  /**
   * Absent: nothing is shaped, and what an earlier life shaped is not any more. "later": `shape` will say; until then
   * what an earlier life made stands.
   */
  readonly settings?: ShapingSettings | "later";
  readonly log: Logger;
  /** What came of it, each time the interface came anew. */
  readonly told: (shaping: Shaping) => void;
}

/** Queues of the line in the kernel, by `tc`; they stay while the daemon is away. */
export class Shaper {
  readonly #options: ShaperOptions;
  readonly #queue: WorkQueue;
  readonly #watch: LinkWatch;
  #index: number | undefined;
  #settings: ShapingSettings | undefined;

  constructor(options: ShaperOptions) {
    this.#options = options;
    this.#settings = options.settings === "later" ? undefined : options.settings;
    this.#queue = new WorkQueue(options.log);
    this.#watch = new LinkWatch(options.netlink, options.interface, (_, index) =>
      this.#seen(index),
    );
  }

  async start(): Promise<void> {
    if (this.#options.settings === undefined) {
      this.#queue.add(() => this.#clearLeft());
      return;
    }
    await this.#watch.start();
    await this.#watch.tell();
  }

  /** The line has these rates now. */
  shape(settings: ShapingSettings): void {
    if (this.#settings !== undefined && !isOtherRate(this.#settings, settings)) return;
    this.#settings = settings;
    if (this.#index !== undefined) this.#queue.add(() => this.#shape(settings));
  }

  stop(): Promise<void> {
    this.#watch.stop();
    // A modem may speak while another line is being made: nothing is shaped any more.
    this.#index = undefined;
    return this.#queue.idle();
  }

  /** After `stop`: another line comes. */
  clear(): Promise<void> {
    this.#queue.add(() => this.#clearLeft());
    return this.#queue.idle();
  }

  /** An interface that came anew has no queue of ours. */
  #seen(index: number | undefined): void {
    const settings = this.#settings;
    if (index === this.#index) return;
    this.#index = index;
    if (index !== undefined && settings !== undefined) this.#queue.add(() => this.#shape(settings));
  }

  async #shape(settings: ShapingSettings): Promise<void> {
    const { download, upload } = settings;
    await this.#run(MAKE_TURN);
    for (const kind of SHAPERS) {
      if (await this.#make(kind, settings)) {
        this.#options.log.info("wan_shaped", { kind, download, upload });
        return this.#options.told({ kind, download, upload });
      }
    }
    await this.#clear();
    this.#options.log.error("wan_not_shaped", { download, upload });
    this.#options.told({ kind: "refused", download, upload });
  }

  async #make(kind: ShaperKind, settings: ShapingSettings): Promise<boolean> {
    for (const words of shapingCommands(kind, settings, this.#options.interface)) {
      const refusal = await this.#run(words);
      if (refusal === undefined) continue;
      this.#options.log.debug("wan_shaper", { kind, words: words.join(" "), refusal });
      return false;
    }
    return true;
  }

  /** Nothing is done where nothing is left: each command that fails would say so in the kernel's log. */
  async #clearLeft(): Promise<void> {
    const listed = await this.#options.netlink.links();
    if (listed.ok && listed.value.some(({ name }) => name === TURN)) await this.#clear();
  }

  async #clear(): Promise<void> {
    for (const words of clearingCommands(this.#options.interface)) await this.#run(words);
  }

  /** What the program said against it; undefined: it is done. */
  async #run(argv: Words): Promise<string | undefined> {
    const done = await this.#options.processes.run({ argv });
    if (!done.ok) return done.error.text;
    return done.value.code === 0 ? undefined : textOf(done.value.stderr).trim();
  }
}
