import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { configRead, configRollback } from "@passerelle/contract";
import { ManualClock } from "@passerelle/service/testing";
import { seconds } from "@passerelle/time";
import { expect, test } from "vitest";
import { lanAuthor } from "./home.ts";
import { startRig } from "./rig.ts";

const child = fileURLToPath(new URL("./kill-child.ts", import.meta.url));

interface Line {
  readonly step: string;
  readonly reply?: { readonly ok: boolean; readonly data: { readonly revision: number } };
  readonly effects?: number;
}

/** The whole section of lan in each revision of the child's story. */
const STORY: Readonly<Record<number, unknown>> = {
  1: { address: "192.168.1.1", domain: "home", people: [] },
  2: { address: "192.168.1.1", domain: "two", people: [] },
  3: { address: "192.168.3.1", domain: "two", people: [] },
  4: { address: "192.168.4.1", domain: "two", people: [] },
  5: { address: "192.168.1.1", domain: "home", people: [] },
};
/** The revision that must be in force once a step was acknowledged and no window is open. */
const KEPT: Readonly<Record<string, number>> = {
  renamed: 2,
  moved: 2,
  confirmed: 3,
  "moved-again": 3,
  undone: 3,
  reset: 5,
};

test("kill -9 before every single effect leaves the old or the new revision, whole", async () => {
  const whole = await live("never");
  const effects = whole.lines.at(-1)?.effects ?? 0;
  expect(whole.lines.map((line) => line.step)).toEqual([...Object.keys(KEPT), "end"]);
  rmSync(whole.directory, { recursive: true });
  // 1 published at start; 5 writes with their publish and answer, and a roll-back that publishes first.
  expect(effects).toBeGreaterThanOrEqual(18);
  const outcomes = new Set<string>();
  for (let death = 0; death < effects; death += 1) {
    const { directory, lines } = await live(String(death));
    expect(lines.every((line) => line.reply?.ok === true)).toBe(true);
    outcomes.add(await inspect(directory, lines.at(-1)?.step));
    rmSync(directory, { recursive: true });
  }
  // Every revision of the story was met after some death, on probation and not.
  expect([...outcomes].sort()).toEqual([
    "confirmed 1",
    "confirmed 2",
    "confirmed 3",
    "confirmed 5",
    "probation 3",
    "probation 4",
  ]);
}, 120_000);

async function live(
  death: string,
): Promise<{ readonly directory: string; readonly lines: readonly Line[] }> {
  const directory = mkdtempSync(join(tmpdir(), "config-kill-"));
  const life = spawn(process.execPath, [child, directory, death], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  life.stdout.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  const [code, signal] = await once(life, "close");
  expect([code, signal]).toEqual(death === "never" ? [0, null] : [null, "SIGKILL"]);
  const lines = text.split("\n").filter((line) => line !== "");
  return { directory, lines: lines.map((line) => JSON.parse(line) as Line) };
}

/** A new process in the same boot, five seconds later: what is in force, and what remains when the window is over. */
async function inspect(stateDirectory: string, acknowledged: string | undefined): Promise<string> {
  const rig = await startRig({ stateDirectory, clock: new ManualClock({ now: 6000 }) });
  const lan = rig.context.hub.client("lan");
  const read = async () => {
    const { revision, value } = await rig.call(configRead.lan, {}, lan);
    expect(value).toEqual(STORY[revision]);
    return revision;
  };
  const revision = await read();
  const { kind } = rig.state().phase;
  if (kind === "probation") {
    await rig.context.clock.advance(seconds(90));
    expect(await rig.code(configRollback, { author: lanAuthor })).toBe("no_probation");
  }
  const kept = KEPT[acknowledged ?? ""] ?? 1;
  // What was acknowledged is there; the next step of the story may be as well.
  const next = Object.values(KEPT)[Object.keys(KEPT).indexOf(acknowledged ?? "") + 1];
  expect([kept, next]).toContain(await read());
  await rig.stop();
  await rig.context.dispose();
  return `${kind} ${revision}`;
}
