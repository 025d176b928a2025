import { closeSync, constants, existsSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Logger } from "@passerelle/service";
import { MEANINGS, type Meaning, type Pattern } from "../core/panel/lights.ts";
import type { Light } from "../core/panel/names.ts";
import { readText } from "./files.ts";

export interface LightsOptions {
  readonly lights: readonly Light[];
  readonly log: Logger;
  /** Absent: the kernel's folder. */
  readonly root?: string | undefined;
}

/**
 * The lights of the box, through the kernel's class of them (Documentation/leds/leds-class.rst). The trigger `timer` is
 * never left: its two files say all of our patterns, and a change of the trigger would make them anew, as root's. The board's
 * rule of udev sets it and gives us those two (packages/tools/image/src/panel.ts).
 */
export class Lights {
  readonly #options: LightsOptions;
  readonly #root: string;
  readonly #shown = new Map<Meaning, Pattern>();
  readonly #complained = new Set<string>();

  constructor(options: LightsOptions) {
    this.#options = options;
    this.#root = options.root ?? "/sys/class/leds";
  }

  /** Writes where something changed. A light that can't be written is told of once, and tried again with the next change. */
  show(patterns: ReadonlyMap<Meaning, Pattern>): void {
    for (const [meaning, pattern] of patterns) {
      if (this.#shown.get(meaning) === pattern) continue;
      if (this.#write(meaning, pattern)) this.#shown.set(meaning, pattern);
      else this.#shown.delete(meaning);
    }
  }

  #write(meaning: Meaning, pattern: Pattern): boolean {
    const candidates = this.#options.lights.filter(({ shows }) => shows === meaning);
    const light = candidates.find(({ name }) => existsSync(join(this.#root, name)));
    if (light === undefined) {
      this.#complain("light_missing", candidates.map(({ name }) => name).join(" "));
      return false;
    }
    const folder = join(this.#root, light.name);
    try {
      const isTimer = readText(join(folder, "trigger"))?.includes("[timer]") === true;
      if (!isTimer) put(join(folder, "trigger"), "timer");
      for (const [file, milliseconds] of writesOf(pattern)) put(join(folder, file), milliseconds);
      return true;
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      this.#complain("light_not_written", light.name, code);
      return false;
    }
  }

  #complain(message: string, name: string, code?: unknown): void {
    if (this.#complained.has(name)) return;
    this.#complained.add(name);
    this.#options.log.warn(message, { name, code });
  }
}

export function meaningsOf(lights: readonly Light[]): ReadonlySet<Meaning> {
  return new Set(MEANINGS.filter((meaning) => lights.some(({ shows }) => shows === meaning)));
}

/**
 * Milliseconds of light and of dark. Zero is never or for ever, but both zero is the kernel's own second of each
 * (led_blink_setup): so what is not zero is written first.
 */
const TIMES: Readonly<Record<Pattern, readonly [on: number, off: number]>> = {
  on: [1000, 0],
  off: [0, 1000],
  slow: [1000, 1000],
  fast: [100, 100],
  flash: [100, 1900],
};

function writesOf(pattern: Pattern): readonly (readonly [string, string])[] {
  const [on, off] = TIMES[pattern];
  const writes = [
    ["delay_on", `${on}`],
    ["delay_off", `${off}`],
  ] as const;
  return on === 0 ? writes.toReversed() : writes;
}

/** A file that is not there is not made. */
function put(path: string, text: string): void {
  const file = openSync(path, constants.O_WRONLY | constants.O_TRUNC);
  try {
    writeSync(file, `${text}\n`);
  } finally {
    closeSync(file);
  }
}
