import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { openStore } from "../src/index.ts";

const child = fileURLToPath(new URL("./kill-child.ts", import.meta.url));

test("what was acknowledged is there after kill -9, and the file is whole", async () => {
  const directory = mkdtempSync(join(tmpdir(), "store-kill-"));
  const path = join(directory, "test.db");
  let acknowledged = 0;
  for (let round = 0; round < 6; round += 1) {
    const last = await writeUntilKilled(path, 20 + round * 13);
    expect(last).toBeGreaterThan(acknowledged);
    acknowledged = last;
    const store = openStore({ path, migrations: ["-- as the child made it"] });
    expect(store.opening).toEqual({ kind: "opened" });
    expect(store.get("PRAGMA integrity_check")).toEqual({ integrity_check: "ok" });
    const found = store.get<{ n: number; last: number }>(
      "SELECT count(*) AS n, max(n) AS last FROM item",
    );
    expect(found?.last).toBeGreaterThanOrEqual(acknowledged);
    // Written in order, so nothing may be missing between.
    expect(found?.n).toBe(found?.last);
    store.close();
  }
  rmSync(directory, { recursive: true });
});

/** Kills the writer so long after its first acknowledgement; returns the last number it acknowledged. */
async function writeUntilKilled(path: string, afterMs: number): Promise<number> {
  const writer = spawn(process.execPath, [child, path], { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  writer.stdout.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  await once(writer.stdout, "data");
  await sleep(afterMs);
  writer.kill("SIGKILL");
  await once(writer, "close");
  // The last line may be cut.
  const lines = text.split("\n").slice(0, -1);
  expect(lines.filter((line) => !/^\d+$/.test(line))).toEqual([]);
  return Number(lines.at(-1));
}
