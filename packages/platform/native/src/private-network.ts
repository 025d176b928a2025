import { execFileSync } from "node:child_process";
import { native } from "./load.ts";

/**
 * For lab tests: the calling thread, and every child it spawns from now on, lives in a new network
 * namespace with only a loopback (up). It ends with the process, so there is nothing to clean up.
 * Needs root. /sys still shows the old namespace; files under /proc/sys/net must be read synchronously.
 */
export function enterPrivateNetwork(): void {
  native().networkNamespace(undefined);
  execFileSync("ip", ["link", "set", "lo", "up"]);
}

/** A pair of joined Ethernet interfaces, both up, for the tests of one namespace. */
export function addVethPair(a: string, b: string): void {
  execFileSync("ip", ["link", "add", a, "type", "veth", "peer", "name", b]);
  for (const name of [a, b]) execFileSync("ip", ["link", "set", name, "up"]);
}
