import { type ChildProcess, spawn } from "node:child_process";
import { err, ok, type Result } from "@passerelle/result";
import type {
  Child,
  Command,
  Finished,
  ProcessError,
  Processes,
  RunOptions,
  StartOptions,
} from "./port.ts";

const LIMIT_MS = 10_000;
const OUTPUT_BYTES_MAX = 8 << 20;
const LINE_MAX = 4096;

export function createLinuxProcesses(): Processes {
  return { run, start };
}

function run(options: RunOptions): Promise<Result<Finished, ProcessError>> {
  return new Promise((resolve) => {
    const child = launch(options, "pipe");
    const max = options.outputBytesMax ?? OUTPUT_BYTES_MAX;
    const parts = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] };
    const sizes = { stdout: 0, stderr: 0 };
    let broken: ProcessError | undefined;
    const stop = (code: string, text: string): void => {
      broken ??= { code, text: `${options.argv[0]}: ${text}` };
      child.kill("SIGKILL");
      // A grandchild may hold the pipes open; we are not going to wait for it.
      child.stdout?.destroy();
      child.stderr?.destroy();
    };
    const limit = setTimeout(
      () => stop("time_limit", "took too long"),
      options.limitMs ?? LIMIT_MS,
    );
    for (const name of ["stdout", "stderr"] as const) {
      child[name]?.on("data", (part: Uint8Array) => {
        sizes[name] += part.length;
        if (sizes[name] > max) stop("output_limit", "printed too much");
        else parts[name].push(part);
      });
    }
    child.on("error", (error: NodeJS.ErrnoException) => {
      broken ??= { code: error.code ?? "EUNKNOWN", text: error.message };
      if (child.pid === undefined) finish(undefined, null);
    });
    let done = false;
    const finish = (code: number | undefined, signal: string | null): void => {
      if (done) return;
      done = true;
      clearTimeout(limit);
      if (broken !== undefined) {
        resolve(err(broken));
        return;
      }
      const [stdout, stderr] = [Buffer.concat(parts.stdout), Buffer.concat(parts.stderr)];
      resolve(ok({ code, signal: signal ?? undefined, stdout, stderr }));
    };
    child.on("close", (code, signal) => finish(code ?? undefined, signal));
    // The program may end without reading: that is its business, and its exit code tells.
    child.stdin?.on("error", () => {});
    child.stdin?.end(options.stdin ?? "");
  });
}

function start(options: StartOptions): Result<Child, ProcessError> {
  const child = launch(options, options.onLine === undefined ? "ignore" : "pipe");
  let ended = false;
  const exit = (code: number | undefined, signal: string | undefined, error?: string): void => {
    if (ended) return;
    ended = true;
    options.onExit({ code, signal, ...(error === undefined ? {} : { error }) });
  };
  child.on("error", (error: NodeJS.ErrnoException) => {
    if (child.pid === undefined) exit(127, undefined, error.code ?? "EUNKNOWN");
  });
  child.on("exit", (code, signal) => exit(code ?? undefined, signal ?? undefined));
  child.stdin?.end();
  const { onLine } = options;
  if (onLine !== undefined) {
    for (const stream of ["stdout", "stderr"] as const) {
      const lines = lineSplitter((line) => onLine(line, stream));
      child[stream]?.setEncoding("utf8");
      child[stream]?.on("data", lines.push);
      child[stream]?.on("end", lines.end);
    }
  }
  return ok({
    pid: child.pid ?? 0,
    signal(name) {
      if (!ended && child.pid !== undefined) child.kill(name);
    },
  });
}

function launch(command: Command, output: "pipe" | "ignore"): ChildProcess {
  const [program, ...words] = command.argv;
  return spawn(program, words, {
    env: { ...(command.env ?? { PATH: process.env.PATH ?? DEFAULT_PATH, LC_ALL: "C" }) },
    ...(command.cwd === undefined ? {} : { cwd: command.cwd }),
    stdio: ["pipe", output, output],
    shell: false,
  });
}

const DEFAULT_PATH = "/usr/sbin:/usr/bin:/sbin:/bin";

/** Text in pieces to whole lines. */
export function lineSplitter(onLine: (line: string) => void): {
  push: (text: string) => void;
  end: () => void;
} {
  let rest = "";
  return {
    push(text) {
      rest += text;
      for (;;) {
        const at = rest.indexOf("\n");
        if (at < 0 && rest.length <= LINE_MAX) return;
        const cut = at < 0 || at > LINE_MAX ? LINE_MAX : at;
        onLine(rest.slice(0, cut));
        rest = rest.slice(cut === at ? at + 1 : cut);
      }
    },
    end() {
      if (rest !== "") onLine(rest);
      rest = "";
    },
  };
}
