import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const child = fileURLToPath(new URL("./disk-full-child.ts", import.meta.url));

test("a full disk refuses a change and keeps the old one, undoes a probation all the same, and heals", () => {
  const directory = mkdtempSync(join(tmpdir(), "config-full-"));
  const run = spawnSync("unshare", ["-m", process.execPath, child, directory], {
    encoding: "utf8",
  });
  rmSync(directory, { recursive: true });
  expect(run.stderr).toBe("");
  expect(JSON.parse(run.stdout)).toEqual([
    ["apply on a full disk", "store_full confirmed 1"],
    ["the same with room", "ok confirmed 2"],
    ["a wrong token", "wrong_token probation 3"],
    ["undo on a full disk", "undo_not_saved confirmed 2"],
    ["restarted with room", " confirmed 2"],
    ["restarted on a full disk", " confirmed 2"],
  ]);
});
