import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** A process that cannot be mistaken for a later one with the same number. */
export interface ProcessId {
  readonly pid: number;
  /** Clock ticks since boot, field 22 of /proc/PID/stat. */
  readonly start: string;
}

export function identify(pid: number): ProcessId | undefined {
  const fields = statFields(pid);
  const start = fields?.[19];
  return start === undefined ? undefined : { pid, start };
}

export function isAlive(id: ProcessId): boolean {
  const fields = statFields(id.pid);
  return fields !== undefined && fields[19] === id.start && fields[0] !== "Z";
}

/** Kills only the very process that was noted, never another that got its number. */
export function killExactly(id: ProcessId, signal: NodeJS.Signals): void {
  if (!isAlive(id)) return;
  try {
    process.kill(id.pid, signal);
  } catch {
    // It ended by itself in between.
  }
}

export function childrenOf(parent: number): number[] {
  return processNumbers().filter((pid) => statFields(pid)?.[1] === String(parent));
}

export function processNumbers(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

export function commandLine(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, -1);
  } catch {
    return [];
  }
}

/** Fields from the third on (state, ppid, …): the second may hold blanks and brackets. */
function statFields(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}

export interface Outcome {
  /** Exit code; 128 + signal number where a signal ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string | Uint8Array;
  readonly timeoutMs?: number;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

/** Longest output kept of one program, octets; more is cut, never buffered. */
const OUTPUT_MAX = 16 * 1024 * 1024;
/** How many times longer everything may take: in an emulated machine, more than once. */
const PATIENCE = Number(process.env.LAB_PATIENCE ?? 1);
const SIGNAL_NUMBER: Readonly<Record<string, number>> = { SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };

/** Runs a program to its end. Resolves with its exit code, also a bad one; rejects if it cannot start. */
export function run(argv: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const [file, ...rest] = argv;
  if (file === undefined) throw new Error("run: no program given");
  return new Promise((resolve, reject) => {
    const child = spawn(file, rest, {
      stdio: ["pipe", "pipe", "pipe"],
      ...(options.env ? { env: options.env } : {}),
      ...(options.cwd ? { cwd: options.cwd } : {}),
    });
    const out = collector(child.stdout);
    const err = collector(child.stderr);
    let timedOut = false;
    const timer =
      options.timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            timedOut = true;
            child.kill("SIGKILL");
          }, options.timeoutMs * PATIENCE);
    child.on("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    const finish = (code: number | null, signal: NodeJS.Signals | null) => {
      clearTimeout(timer);
      const note = timedOut ? `\n(lab: killed after ${options.timeoutMs} ms)` : "";
      resolve({
        code: code ?? 128 + (SIGNAL_NUMBER[signal ?? ""] ?? 0),
        stdout: out(),
        stderr: err() + note,
      });
    };
    // A program may leave a daemon behind that keeps the pipes: its own end is what counts.
    child.on("exit", (code, signal) => setTimeout(() => finish(code, signal), 20 * PATIENCE));
    child.on("close", finish);
    child.stdin.on("error", () => {});
    child.stdin.end(options.input ?? "");
  });
}

/** Like `run`, but a bad exit is an error that says what the program said. */
export function must(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  return ok(argv, run(argv, options));
}

/** What a program wrote, where its end was a good one. */
export async function ok(argv: readonly string[], end: Promise<Outcome>): Promise<string> {
  const outcome = await end;
  if (outcome.code !== 0) {
    const said = outcome.stderr.trim() || outcome.stdout.trim();
    throw new Error(`${argv.join(" ")} ended with ${outcome.code}: ${said}`);
  }
  return outcome.stdout;
}

function collector(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = [];
  let size = 0;
  stream.on("data", (chunk: Buffer) => {
    if (size < OUTPUT_MAX) chunks.push(chunk);
    size += chunk.length;
  });
  return () => Buffer.concat(chunks).toString("utf8");
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Asks again until the answer is neither undefined nor false. Every wait of the lab has a limit. */
export async function waitFor<T>(
  what: string,
  ask: () => T | undefined | false | Promise<T | undefined | false>,
  timeoutMs: number,
  everyMs = 50,
): Promise<T> {
  const end = performance.now() + timeoutMs * PATIENCE;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > end) throw new Error(`${what}: not within ${timeoutMs} ms`);
    await sleep(everyMs);
  }
}
