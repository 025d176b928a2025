import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLinuxProcesses, type Processes } from "@passerelle/process";
import { fixture } from "./fixtures.ts";

/** A program `ubus` in a folder of its own, for the real processes of this machine. */
export class UbusModem {
  readonly #folder = mkdtempSync(join(tmpdir(), "ubus-"));
  readonly processes: Processes;
  #reached: (() => void) | undefined;
  #now = 0;
  asked = 0;
  busiest = 0;

  constructor() {
    const real = createLinuxProcesses();
    const env = { PATH: `${this.#folder}:/usr/bin:/bin`, LC_ALL: "C" };
    this.processes = {
      start: (options) => real.start(options),
      run: async (options) => {
        this.asked += 1;
        this.#now += 1;
        this.busiest = Math.max(this.busiest, this.#now);
        this.#reached?.();
        const finished = await real.run({ ...options, env });
        this.#now -= 1;
        return finished;
      },
    };
  }

  /** What it does when it is asked, by the name of the method. */
  install(script: Readonly<Record<string, string>>): void {
    const cases = Object.entries(script).map(
      ([method, body]) => `"call dsl ${method}") ${body} ;;`,
    );
    const text = [
      "#!/bin/sh",
      'case "$*" in',
      ...cases,
      "*) echo unexpected: $*; exit 99 ;;",
      "esac",
    ];
    writeFileSync(join(this.#folder, "ubus"), text.join("\n"), { mode: 0o755 });
  }

  /** As Lantiq's daemon with a line that is up. */
  installFixtures(): void {
    this.install({
      metrics: `cat ${this.#file("metrics", fixture("ubus-metrics-vdsl2.txt"))}`,
      statistics: `cat ${this.#file("statistics", fixture("ubus-statistics.txt"))}`,
    });
  }

  #file(name: string, text: string): string {
    const path = join(this.#folder, name);
    writeFileSync(path, text);
    return path;
  }

  mute(): Promise<void> {
    this.install({ metrics: 'while [ -e "$0" ]; do sleep 0.05; done' });
    return new Promise((resolve) => {
      this.#reached = resolve;
    });
  }

  async close(): Promise<void> {
    rmSync(this.#folder, { recursive: true });
  }
}
