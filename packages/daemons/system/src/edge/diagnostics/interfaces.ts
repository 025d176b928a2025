import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Mac, parseMac } from "@passerelle/net";

/** What the kernel's files say of a network interface. */
export interface Interfaces {
  hardwareAddress(name: string): Promise<Mac | undefined>;
  counters(name: string): Promise<InterfaceCounters | undefined>;
}

export interface InterfaceCounters {
  readonly packets: number;
  /** Received and sent ones that were broken. */
  readonly errors: number;
}

/** @param root where the kernel shows interfaces; tests have their own */
export function createInterfaces(root = "/sys/class/net"): Interfaces {
  const read = async (name: string, file: string): Promise<string | undefined> => {
    // A name of the contract's shape has no slash; a caller's mistake must not become a path either.
    if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,14}$/.test(name)) return undefined;
    return await readFile(join(root, name, file), "ascii").then(
      (text) => text.trim(),
      () => undefined,
    );
  };
  return {
    hardwareAddress: async (name) => parseMac((await read(name, "address")) ?? ""),
    async counters(name) {
      const texts = await Promise.all(COUNTERS.map((file) => read(name, `statistics/${file}`)));
      const [received, sent, ...errors] = texts.map(Number);
      if (received === undefined || sent === undefined || texts.includes(undefined))
        return undefined;
      return { packets: received + sent, errors: errors.reduce((sum, count) => sum + count, 0) };
    },
  };
}

/** Not what was dropped: an interface drops whatever nobody here listens to, and is well. */
const COUNTERS = ["rx_packets", "tx_packets", "rx_errors", "tx_errors"];
