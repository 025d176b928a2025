import { rmSync } from "node:fs";
import { join } from "node:path";
import { enterArguments, killAll, startHost } from "../holder.ts";
import { holderOf } from "../host.ts";
import { must, type ProcessId, run, sleep } from "../process.ts";
import { pathsOf, readState, writeState } from "../state.ts";
import { DISK, LINKS, WIRES } from "../topology.ts";
import { startGateway } from "./gateway.ts";

/**
 * The gateway loses power. Every process of it dies in the same instant, its kernel state (addresses, routes, rules,
 * connections) is lost with its network namespace, its cables go dark; its disk stays as it was. What was written
 * but not synced stays too: this is a reset, not a lying disk.
 */
export async function powerCut(lab: string, seconds: number): Promise<undefined> {
  const gw = holderOf(lab, "gw");
  const wires = holderOf(lab, WIRES);
  await run([...enterArguments(gw, {}), "kill", "-KILL", "--", "-1"]);
  // The cables hang in another namespace meanwhile: the homes' ends stay and lose their carrier.
  await moveCables(gw, wires);
  await killAll([gw]);
  await sleep(seconds * 1000);

  const state = readState(lab);
  const disk = state?.holders[DISK];
  if (state === undefined || disk === undefined) throw new Error(`the lab "${lab}" has no disk`);
  rmSync(join(pathsOf(lab).gateway, "run"), { recursive: true, force: true });
  const reborn = await startHost(lab, "gw", disk);
  writeState({ ...state, holders: { ...state.holders, gw: reborn } });
  await moveCables(wires, reborn);
  if (state.gateway === "namespace") await startGateway(lab, state.allInOne);
}

async function moveCables(from: ProcessId, to: ProcessId): Promise<void> {
  const ends = LINKS.flatMap(({ a, b }) => [a, b]).filter((end) => end.host === "gw");
  const lines = ends.map((end) => `link set ${end.interface} netns ${to.pid}`);
  // Only the network namespace is entered, so that the process number means what it means here.
  await must(["nsenter", "--target", `${from.pid}`, "--net", "--", "ip", "-batch", "-"], {
    input: `${lines.join("\n")}\n`,
  });
}
