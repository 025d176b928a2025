import type { Clock } from "@passerelle/service";
import { milliseconds } from "@passerelle/time";
import { readText } from "./files.ts";

export interface OrphanOptions {
  /** Where the program wrote its number. */
  readonly pidFile: string;
  /** A word of its command line that only a program of ours has. */
  readonly belongsTo: string;
  readonly clock: Clock;
}

const LOOKS_MAX = 30;
const LOOK_EVERY = milliseconds(100);

/** Ends the program that an earlier life of this daemon started and could not end; nobody else's. */
export async function endOrphan(options: OrphanOptions): Promise<void> {
  const pid = Number(readText(options.pidFile)?.trim() ?? Number.NaN);
  if (!Number.isInteger(pid) || pid <= 1) return;
  for (let look = 0; look < LOOKS_MAX; look += 1) {
    // Looked at each time: the number may be another program's by now.
    const words = (readText(`/proc/${pid}/cmdline`) ?? "").split("\0");
    if (!words.includes(options.belongsTo)) return;
    try {
      process.kill(pid, look < LOOKS_MAX / 2 ? "SIGTERM" : "SIGKILL");
    } catch {
      return;
    }
    await new Promise<void>((resolve) => options.clock.later(LOOK_EVERY, resolve));
  }
}
