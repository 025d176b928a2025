import { execFileSync } from "node:child_process";

/** A named network namespace that lives as long as one call: a second host for a lab test. Needs root. */
export interface Netns {
  readonly name: string;
  /** For the native addon's `networkNamespace`. */
  readonly path: string;
  /** Runs a program as that host and gives its output; throws where it fails. */
  exec(...argv: readonly [string, ...string[]]): string;
}

/** Makes the namespace with its loopback up, runs `use`, and always takes it away again. */
export async function withNetns<T>(name: string, use: (netns: Netns) => Promise<T>): Promise<T> {
  execFileSync("ip", ["netns", "add", name]);
  try {
    const exec = (...argv: readonly string[]): string =>
      execFileSync("ip", ["netns", "exec", name, ...argv]).toString();
    exec("ip", "link", "set", "lo", "up");
    return await use({ name, path: `/run/netns/${name}`, exec });
  } finally {
    execFileSync("ip", ["netns", "delete", name]);
  }
}
