import { spawnSync } from "node:child_process";
import { BuildError } from "./fail.ts";

interface RunOptions {
  readonly input?: string | Buffer;
  /** Beside the build's own; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
}

/** Runs a program to its end. A failure says which program and what it wrote. Returns what it printed. */
export function run(argv: readonly [string, ...string[]], options: RunOptions = {}): string {
  return runBytes(argv, options).toString("utf8");
}

export function runBytes(argv: readonly [string, ...string[]], options: RunOptions = {}): Buffer {
  const [program, ...words] = argv;
  const done = spawnSync(program, words, {
    // /usr/sbin: mke2fs, depmod and sfdisk are there, and a plain user's PATH has it not.
    env: {
      ...process.env,
      LC_ALL: "C.UTF-8",
      TZ: "UTC",
      PATH: `${process.env.PATH}:${SBIN}`,
      ...options.env,
    },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.input === undefined ? {} : { input: options.input }),
    maxBuffer: OUTPUT_BYTES_MAX,
  });
  if (done.error !== undefined) {
    const code = (done.error as NodeJS.ErrnoException).code;
    throw new BuildError(
      code === "ENOENT"
        ? `${program} is not installed: run bin/setup`
        : `${program}: ${done.error}`,
    );
  }
  if (done.status !== 0) {
    const said = `${done.stderr}${done.stdout}`.trim().split("\n").slice(-LINES_MAX).join("\n");
    throw new BuildError(`${program} ended with ${done.status ?? done.signal}\n${said}`);
  }
  return done.stdout;
}

const SBIN = "/usr/sbin:/sbin";
const OUTPUT_BYTES_MAX = 256 << 20;
const LINES_MAX = 20;
