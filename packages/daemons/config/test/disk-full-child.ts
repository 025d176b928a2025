// Run by disk-full.lab.test.ts in a mount namespace of its own: the service on a small tmpfs that fills up.
import { spawnSync } from "node:child_process";
import { rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { configApply, configConfirm, configRollback } from "@passerelle/contract";
import { milliseconds } from "@passerelle/time";
import { lanAuthor } from "./home.ts";
import { startRig } from "./rig.ts";

const [directory = ""] = process.argv.slice(2);
const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", directory]);
if (mounted.status !== 0) throw new Error(`mount: ${mounted.stderr.toString()}`);
const ballast = join(directory, "ballast");
const fill = () => {
  const free = statfsSync(directory);
  writeFileSync(ballast, new Uint8Array(free.bavail * free.bsize));
};
const author = lanAuthor;
const lan = (patch: Record<string, unknown>) => ({
  changes: [{ section: "lan" as const, patch }],
  author,
});
// A change that needs more pages than the log has left.
const people = Array.from({ length: 8 }, (_, n) => ({ id: `${n}`, password: "x".repeat(2000) }));
const told: [string, unknown][] = [];
let rig = await startRig({ stateDirectory: directory });
const tell = (name: string, code: unknown) => {
  const { revision, phase } = rig.state();
  told.push([name, `${code} ${phase.kind} ${revision}`]);
};

fill();
tell("apply on a full disk", await rig.code(configApply, lan({ people })));
rmSync(ballast);
tell("the same with room", await rig.code(configApply, lan({ people })));
await rig.call(configApply, lan({ address: "192.168.2.1" }));
fill();
tell("a wrong token", await rig.code(configConfirm, { token: "wrong", author }));
tell("undo on a full disk", await rig.code(configRollback, { author }));
rmSync(ballast);
await rig.context.clock.advance(milliseconds(10_000));
rig = await rig.restart();
tell("restarted with room", "");
fill();
rig = await rig.restart();
tell("restarted on a full disk", "");
await rig.stop();
process.stdout.write(JSON.stringify(told));
process.exit(0);
