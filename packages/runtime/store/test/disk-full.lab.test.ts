import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const child = fileURLToPath(new URL("./disk-full-child.ts", import.meta.url));

test("a full disk is a clear error; the file stays whole, is read, and works again once there is room", () => {
  const directory = mkdtempSync(join(tmpdir(), "store-full-"));
  const run = spawnSync("unshare", ["-m", process.execPath, child, directory], {
    encoding: "utf8",
  });
  rmSync(directory, { recursive: true });
  expect(run.stderr).toBe("");
  expect(JSON.parse(run.stdout)).toEqual({
    full: true,
    group: ["store_full", "store_full"],
    readable: ["before"],
    whole: { integrity_check: "ok" },
    reopened: ["opened", ["before"]],
    afterReopen: "store_full",
    afterFreeing: ["after", "before"],
    wholeAtTheEnd: { integrity_check: "ok" },
  });
});
