import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { placesOf } from "../../packages/tools/image/src/paths.ts";

/** The board that is looked at, and where `make image` put what it made of it. */
export const BOARD = process.env.BOARD ?? "qemu-virt-arm64";
export const BUILT = placesOf(BOARD).out;

/** The path of one thing that was built; without it there is nothing to test. */
export function built(name: string): string {
  const path = join(BUILT, name);
  if (!existsSync(path)) throw new Error(`${path} is not there: run make image BOARD=${BOARD}`);
  return path;
}

/** Runs a program to its end and returns what it printed; throws what it said where it fails. */
export function must(
  argv: readonly [string, ...string[]],
  env: Readonly<Record<string, string>> = {},
): string {
  const [program, ...words] = argv;
  const done = spawnSync(program, words, {
    env: { ...process.env, ...env },
    encoding: "utf8",
    maxBuffer: 64 << 20,
  });
  if (done.status !== 0) {
    throw new Error(`${argv.join(" ")} ended with ${done.status ?? done.error}\n${done.stderr}`);
  }
  return done.stdout;
}
