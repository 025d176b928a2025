import { readdirSync, writeFileSync } from "node:fs";
import { wasReset } from "@passerelle/service";
import type { Boot } from "../core/input.ts";
import { readPendingBoot } from "../schema.ts";
import { readText } from "./files.ts";
import type { LogStore } from "./log-store.ts";

export interface BootOptions {
  readonly stateDirectory: string;
  readonly runtimeDirectory: string;
  readonly bootId: string;
  readonly store: LogStore;
}

/** Why the box can be going to start again. */
export type BootCause = "person" | "upgrade" | "fallback";

/** Why the box started, remembered for as long as it runs. */
export interface Boots {
  /** Present where the box started, absent where only this daemon did. */
  readonly boot: Boot | undefined;
  readonly cause: string;
  /** Writes why the box is going to start, before it does. False where it can't be written. */
  expect(cause: BootCause, actor?: string): boolean;
  /** It turned out why this boot was. */
  correct(cause: BootCause): void;
  /** This daemon ends as it should: what follows is no power cut. */
  ended(): void;
}

/** The runtime directory is emptied by a boot: what is in it says that this is still the same one. */
export function openBoots(options: BootOptions): Boots {
  const { stateDirectory, runtimeDirectory, bootId, store } = options;
  const sign = `${runtimeDirectory}/booted`;
  const isBoot = readText(sign)?.trim() !== bootId;
  const boot = isBoot ? bootOf(store, stateDirectory) : undefined;
  if (boot !== undefined) {
    store.set("boot-cause", boot.cause);
    store.set("boot-expected", undefined);
    writeFileSync(sign, `${bootId}\n`, { mode: 0o600 });
  }
  store.set("running", "yes");
  return {
    boot,
    cause: boot?.cause ?? store.setting("boot-cause") ?? "unknown",
    expect: (cause, actor) => store.set("boot-expected", JSON.stringify({ cause, actor })),
    correct: (cause) => void store.set("boot-cause", cause),
    ended: () => void store.set("running", undefined),
  };
}

function bootOf(store: LogStore, stateDirectory: string): Boot {
  // The reset erased our own file, too: what it left is its number.
  if (store.isNew) return { cause: wasReset(stateDirectory) ? "factory_reset" : "unknown" };
  const expected = store.setting("boot-expected");
  const pending = expected === undefined ? undefined : readPendingBoot(expected);
  if (pending !== undefined) return pending;
  const failure = failureOf();
  if (failure !== undefined) return { cause: failure };
  return { cause: store.setting("running") === undefined ? "unknown" : "power" };
}

/** What the machine itself knows of its last end; nothing, mostly. */
function failureOf(): "watchdog" | "crash" | undefined {
  const status = Number(readText("/sys/class/watchdog/watchdog0/bootstatus") ?? "0");
  if ((status & WDIOF_CARDRESET) !== 0) return "watchdog";
  try {
    const kept = readdirSync("/sys/fs/pstore");
    return kept.some((name) => name.startsWith("dmesg-")) ? "crash" : undefined;
  } catch {
    return undefined;
  }
}

/** include/uapi/linux/watchdog.h: the card reset the machine. */
const WDIOF_CARDRESET = 0x20;
