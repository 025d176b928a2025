import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { until } from "@passerelle/bus-broker/testing";
import { type CountedBus, connectBus } from "@passerelle/bus-client";
import { type Applied, appliedState, configRead, configState } from "@passerelle/contract";

const MAIN = fileURLToPath(new URL("./toy-main.ts", import.meta.url));
const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** The toy in a process of its own, with its log. */
export class ToyProcess {
  readonly lines: Record<string, unknown>[] = [];
  readonly child: ChildProcess;
  #rest = "";

  constructor(environment: Readonly<Record<string, string>>) {
    this.child = spawn(process.execPath, [MAIN], {
      env: { PATH: process.env.PATH ?? "", ...environment },
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.child.stderr?.on("data", (chunk: Buffer) => {
      const parts = (this.#rest + chunk.toString()).split("\n");
      this.#rest = parts.pop() ?? "";
      for (const line of parts) this.lines.push(parse(line));
    });
  }

  async logged(message: string, fields: Readonly<Record<string, unknown>> = {}): Promise<void> {
    const fits = (line: Record<string, unknown>) =>
      line.message === message && Object.entries(fields).every(([k, value]) => line[k] === value);
    await until(
      () => this.lines.some(fits),
      () => `${message} ${JSON.stringify(fields)} in ${JSON.stringify(this.lines, undefined, 1)}`,
      10_000,
    );
  }

  /** Exit code, or the signal that ended it. */
  async ended(): Promise<number | NodeJS.Signals> {
    await until(
      () => this.child.exitCode !== null || this.child.signalCode !== null,
      () => `the end: ${JSON.stringify(this.lines, undefined, 1)}`,
      10_000,
    );
    return this.child.exitCode ?? this.child.signalCode ?? -1;
  }

  kill(): void {
    this.child.kill("SIGKILL");
  }
}

function parse(line: string): Record<string, unknown> {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return { unparsed: line };
  }
}

/** Plays `config`: one section, and what the toy says about it. */
export class FakeConfig {
  readonly applied: Applied[] = [];
  readonly bus: CountedBus;
  #revision = 0;
  #value: unknown;

  constructor(socketPath: string) {
    this.bus = connectBus({ client: "config", socketPath, log: SILENT, validatePublish: true });
    this.bus.serve(configRead.iptv, () => ({
      ok: true,
      data: { revision: this.#revision, digest: `digest-${this.#revision}`, value: this.#value },
    }));
    this.bus.subscribe(appliedState.iptv, (applied) => void this.applied.push(applied));
  }

  set(value: unknown): void {
    this.#revision += 1;
    this.#value = value;
    this.bus.publish(configState, {
      revision: this.#revision,
      phase: { kind: "confirmed" },
      digests: { iptv: `digest-${this.#revision}` },
    });
  }

  async said(revision: number, kind: "running" | "refused"): Promise<Applied> {
    const find = () =>
      this.applied.findLast((a) => a.revision === revision && a.result.kind === kind);
    await until(
      () => find() !== undefined,
      () => `${kind} ${revision} in ${JSON.stringify(this.applied)}`,
    );
    return find() as Applied;
  }
}

/** Directories of one test. */
export function makeDirectories() {
  const root = mkdtempSync(join(tmpdir(), "psv-"));
  const state = join(root, "state");
  const runtime = join(root, "run");
  mkdirSync(state);
  mkdirSync(runtime);
  return { root, state, runtime, remove: () => rmSync(root, { recursive: true, force: true }) };
}
