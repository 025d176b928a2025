import { execFileSync, spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { addVethPair, enterPrivateNetwork, isNativeError, native } from "@passerelle/native";
import type { Mac } from "@passerelle/net";
import { createLinuxPpp, openPppoeDiscovery } from "@passerelle/platform-ppp";
import { encodePppoe, PPPOE_CODE } from "@passerelle/ppp";
import { createLinuxSockets } from "@passerelle/sockets";
import { CONTRACT, type World } from "../../../packages/platform/ppp/test/contract.ts";

/**
 * The contract of platform/ppp on the kernel that this runs on, in a network namespace of its own: one JSON line a case,
 * with the files that it left open. It stops at the first that fails.
 */
const HERE = { name: "here", mac: "02:00:5e:00:53:01" as Mac };
const THERE = { name: "there", mac: "02:00:5e:00:53:02" as Mac };
/** The program of a holder: then its sessions are held. */
const [HOLDER_PROGRAM] = process.argv.slice(2);
const HOLDER_SOCKET = `/run/holder-${process.pid}.sock`;
const HOLDER = HOLDER_PROGRAM === undefined ? {} : { holder: HOLDER_SOCKET };
const UNTIL_MS = 20_000;
const LOOK_MS = 20;

function linuxWorld(): World {
  return {
    ...{ platform: createLinuxPpp(HOLDER), here: HERE, there: THERE },
    holds: HOLDER.holder !== undefined,
    async until(what, isSo) {
      const end = Date.now() + UNTIL_MS;
      while (!isSo()) {
        if (Date.now() > end) throw new Error(`never: ${what}`);
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      }
    },
    hangUp(sessionId) {
      const opened = openPppoeDiscovery(createLinuxSockets(), {
        interface: THERE.name,
        address: THERE.mac,
      });
      if (!opened.ok) throw new Error(opened.error.text);
      opened.value.send(HERE.mac, encodePppoe({ code: PPPOE_CODE.PADT, sessionId, tags: [] }));
      opened.value.close();
    },
    has(name) {
      try {
        return native().interfaceIndex(name) > 0;
      } catch (thrown) {
        if (isNativeError(thrown) && thrown.code === "ENODEV") return false;
        throw thrown;
      }
    },
  };
}

enterPrivateNetwork();
const holder =
  HOLDER_PROGRAM === undefined
    ? undefined
    : spawn(HOLDER_PROGRAM, [HOLDER_SOCKET], { stdio: "inherit" });
while (holder !== undefined && !existsSync(HOLDER_SOCKET)) {
  await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
}
addVethPair(HERE.name, THERE.name);
for (const { name, mac } of [HERE, THERE]) {
  execFileSync("ip", ["link", "set", name, "address", mac]);
}
const files = () => readdirSync("/proc/self/fd").length;
for (const { name, run } of CONTRACT) {
  const before = files();
  let error: string | undefined;
  try {
    await run(linuxWorld());
  } catch (thrown) {
    error = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  }
  // What a failed case left open is not to fail the next one.
  console.log(JSON.stringify({ name, error, files: files() - before }));
  // What it left open would fail the next one, and keep us.
  if (error !== undefined) process.exit(1);
}
holder?.kill();
