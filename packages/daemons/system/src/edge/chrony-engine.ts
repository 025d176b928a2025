import { chmodSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { type Processes, Supervisor } from "@passerelle/process";
import type { Clock, Logger } from "@passerelle/service";
import { seconds } from "@passerelle/time";
import { readText } from "./files.ts";
import { endOrphan } from "./orphan.ts";

/** What runs chronyd: this process, or the board's init. */
export interface Engine {
  /** Starts it, or starts it anew with another configuration; the same again does nothing. */
  run(configuration: string): void;
  /** Nobody wants the time any more. */
  end(): Promise<void>;
  /** This process ends. */
  leave(): Promise<void>;
  dump(): string;
}

export interface ChronyPlaces {
  /** Its socket for commands and its number are there. */
  readonly directory: string;
  readonly programs: { readonly daemon: string; readonly client: string };
}

interface EngineOptions {
  readonly processes: Processes;
  readonly clock: Clock;
  readonly log: Logger;
  readonly places: ChronyPlaces;
  /** Where its configuration is written. */
  readonly file: string;
}

export const CHRONYC_LIMIT_MS = 5000;

/** Words of chronyc that reach the engine over its socket, as nobody but root and its group can. */
export function chronyc(
  { directory, programs }: ChronyPlaces,
  ...words: readonly string[]
): readonly [string, ...string[]] {
  return [programs.client, "-c", "-n", "-h", `${directory}/chronyd.sock`, ...words];
}

/** A child, supervised; it sets the clock with a right of this process, or only observes it (`-x`). */
export class ChildEngine implements Engine {
  readonly #options: EngineOptions & { readonly observe: boolean };
  #supervisor: Supervisor | undefined;
  #written: string | undefined;
  #isBeginning = false;

  constructor(options: EngineOptions & { readonly observe: boolean }) {
    this.#options = options;
  }

  run(configuration: string): void {
    if (configuration === this.#written) return;
    this.#written = configuration;
    writeFileSync(this.#options.file, configuration, { mode: 0o600 });
    if (this.#supervisor !== undefined) this.#supervisor.restart();
    else void this.#begin();
  }

  async end(): Promise<void> {
    this.#written = undefined;
    const supervisor = this.#supervisor;
    this.#supervisor = undefined;
    await supervisor?.stop();
  }

  leave(): Promise<void> {
    return this.end();
  }

  dump(): string {
    return this.#supervisor?.state.kind ?? "off";
  }

  async #begin(): Promise<void> {
    const { processes, log, observe, clock, places, file } = this.#options;
    if (this.#isBeginning) return;
    this.#isBeginning = true;
    // A daemon that was killed left its engine behind, which holds the port and the socket.
    await endOrphan({ pidFile: `${places.directory}/chronyd.pid`, belongsTo: file, clock });
    this.#isBeginning = false;
    if (this.#written === undefined) return;
    this.#supervisor = new Supervisor(processes, {
      argv: [places.programs.daemon, "-d", ...(observe ? ["-x"] : []), ...asUser(), "-f", file],
      onLine: (line) => log.info("chronyd", { line }),
      onState: (state) => {
        if (state.kind === "waiting") log.warn("chronyd_ended", { code: state.exit.code });
      },
    });
    this.#supervisor.start();
  }
}

/** Where this process is not root (a board gives it the one right that chrony needs) chrony is told so, and stays who it is. */
function asUser(): readonly string[] {
  return process.getuid?.() === 0 ? [] : ["-U", "-u", userInfo().username];
}

/** Its group reads it: chrony is another user. */
const CONFIGURATION_MODE = 0o640;
const TRY_AGAIN = seconds(1);
const TRIES_MAX = 10;

/**
 * A unit of the init, with a user of its own and the right over the clock that this process does without. It runs while
 * there is a configuration, and begins anew when it ends. It goes on while this process is away.
 */
export class UnitEngine implements Engine {
  readonly #options: EngineOptions;
  #again: { cancel(): void } | undefined;
  #hasLeft = false;

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  run(configuration: string): void {
    const { file } = this.#options;
    const before = readText(file);
    if (configuration === before) {
      // An earlier life was killed between writing and telling.
      if (this.#isStale()) void this.#shutDown(TRIES_MAX);
      return;
    }
    writeFileSync(`${file}.new`, configuration, { mode: CONFIGURATION_MODE });
    chmodSync(`${file}.new`, CONFIGURATION_MODE);
    renameSync(`${file}.new`, file);
    // The first one starts it.
    if (before !== undefined) void this.#shutDown(TRIES_MAX);
  }

  end(): Promise<void> {
    const { file } = this.#options;
    if (readText(file) === undefined) return Promise.resolve();
    rmSync(file, { force: true });
    return this.#shutDown(TRIES_MAX);
  }

  leave(): Promise<void> {
    this.#hasLeft = true;
    this.#again?.cancel();
    return Promise.resolve();
  }

  dump(): string {
    return "unit";
  }

  #isStale(): boolean {
    const { places, file } = this.#options;
    const started = modifiedAt(`${places.directory}/chronyd.pid`);
    const written = modifiedAt(file);
    return started !== undefined && written !== undefined && started < written;
  }

  /** One that is starting reads what was, and can't be spoken to yet: asked again until it heard. */
  async #shutDown(tries: number): Promise<void> {
    const { processes, clock, log, places } = this.#options;
    this.#again?.cancel();
    const done = await processes.run({
      argv: chronyc(places, "shutdown"),
      limitMs: CHRONYC_LIMIT_MS,
    });
    if (this.#hasLeft || (done.ok && done.value.code === 0)) return;
    if (tries <= 1) log.warn("chronyd_not_told", {});
    else this.#again = clock.later(TRY_AGAIN, () => void this.#shutDown(tries - 1));
  }
}

function modifiedAt(path: string): number | undefined {
  try {
    return statSync(path).mtimeMs;
  } catch {
    return undefined;
  }
}
