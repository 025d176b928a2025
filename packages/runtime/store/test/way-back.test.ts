import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { keptPath, moveNewerAside } from "../src/aside.ts";
import type { Migration } from "../src/index.ts";
import { forgetAside, openStore, StoreError } from "../src/index.ts";

/** A release that does not prove itself is left again: the one before opens what the newer one changed. */
const V1 = "CREATE TABLE lease (address TEXT PRIMARY KEY, mac TEXT NOT NULL) STRICT";
const OTHER = "ALTER TABLE lease RENAME COLUMN mac TO hardware";
const MORE = { additive: "ALTER TABLE lease ADD COLUMN name TEXT" };

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "store-"));
  path = join(directory, "test.db");
});
afterEach(() => rmSync(directory, { recursive: true }));

function write(migrations: readonly Migration[], address: string): void {
  const store = openStore({ path, migrations });
  store.run("INSERT INTO lease VALUES (?, ?)", address, "m");
  store.close();
}

function addresses(migrations: readonly Migration[]): { kind: string; addresses: unknown[] } {
  const store = openStore({ path, migrations });
  const rows = store.all<{ address: string }>("SELECT address FROM lease ORDER BY address");
  store.close();
  return { kind: store.opening.kind, addresses: rows.map(({ address }) => address) };
}

test("the older release has what it had before the step, and what the newer wrote is not deleted", () => {
  write([V1], "a");
  write([V1, OTHER], "b");
  expect(addresses([V1])).toEqual({ kind: "went_back", addresses: ["a"] });
  expect(addresses([V1])).toEqual({ kind: "opened", addresses: ["a"] });
  path = `${path}.newer`;
  expect(addresses([V1, OTHER]).addresses).toEqual(["a", "b"]);
});

test("and the newer one, when it comes again, takes the step again", () => {
  for (const address of ["a", "b", "c"]) {
    write([V1], address);
    write([V1, OTHER], "trial");
    expect(addresses([V1]).kind).toBe("went_back");
  }
  expect(addresses([V1, OTHER]).addresses).toEqual(["a", "b", "c"]);
  expect(readdirSync(directory).filter((name) => name.includes(".newer"))).toHaveLength(1);
});

test("with an additive step the older release goes on with the file, and writes it", () => {
  write([V1], "a");
  const newer = openStore({ path, migrations: [V1, MORE] });
  newer.run("INSERT INTO lease VALUES ('b', 'm', 'name')");
  newer.close();
  const older = openStore({ path, migrations: [V1] });
  older.run("INSERT INTO lease (address, mac) VALUES ('c', 'm')");
  older.close();
  expect(older.opening).toEqual({ kind: "opened" });
  expect(addresses([V1, MORE]).addresses).toEqual(["a", "b", "c"]);
  expect(readdirSync(directory)).toEqual(["test.db"]);
});

test("so it does where the file is of the first releases, which said nothing of needed steps", () => {
  write([V1], "a");
  const first = openStore({ path, migrations: [V1] });
  first.run("PRAGMA application_id = 0");
  first.close();
  openStore({ path, migrations: [V1, MORE] }).close();
  expect(addresses([V1])).toEqual({ kind: "opened", addresses: ["a"] });
});

test("an additive step above one that is not still needs the copy", () => {
  write([V1], "a");
  openStore({ path, migrations: [V1, OTHER, MORE] }).close();
  expect(addresses([V1, OTHER]).kind).toBe("opened");
  expect(addresses([V1]).kind).toBe("went_back");
});

test("of two steps in two releases the last copy stays: the release before the last begins empty", () => {
  write([V1], "a");
  write([V1, OTHER], "b");
  openStore({ path, migrations: [V1, OTHER, "DELETE FROM lease"] }).close();
  expect(readdirSync(directory).filter((name) => name.includes("before"))).toEqual([
    "test.db.before-3",
  ]);
  expect(addresses([V1])).toEqual({ kind: "replaced", addresses: [] });
  expect(existsSync(`${path}.newer`)).toBe(true);
});

test("statistics keep no copy", () => {
  openStore({ path, migrations: [V1], durable: false }).close();
  openStore({ path, migrations: [V1, OTHER], durable: false }).close();
  expect(readdirSync(directory)).toEqual(["test.db"]);
  expect(addresses([V1])).toEqual({ kind: "replaced", addresses: [] });
});

test("a copy that was cut off by a power cut is made again, and is nobody's way back", () => {
  write([V1], "a");
  writeFileSync(`${path}.before-2.new`, "half");
  write([V1, OTHER], "b");
  expect(addresses([V1])).toEqual({ kind: "went_back", addresses: ["a"] });
});

test("a step that fails leaves the file and the release before it as they were", () => {
  write([V1], "a");
  expect(() => openStore({ path, migrations: [V1, "INSERT INTO nowhere VALUES (1)"] })).toThrow(
    StoreError,
  );
  expect(addresses([V1])).toEqual({ kind: "opened", addresses: ["a"] });
});

test("a log that could not be closed goes with its file, and is not written into the older one", () => {
  writeFileSync(path, "newer");
  writeFileSync(`${path}-wal`, "its log");
  writeFileSync(keptPath(path, 1), "older");
  expect(moveNewerAside(path, keptPath(path, 1))).toBe(`${path}.newer`);
  const files = readdirSync(directory).sort();
  expect(files.map((name) => [name, readFileSync(join(directory, name), "utf8")])).toEqual([
    ["test.db", "older"],
    ["test.db.newer", "newer"],
    ["test.db.newer-wal", "its log"],
  ]);
});

test("an owner who wants to be forgotten leaves nothing beside the file", () => {
  write([V1], "a");
  write([V1, OTHER], "b");
  addresses([V1]);
  openStore({ path, migrations: [V1, OTHER] }).close();
  writeFileSync(`${path}.corrupt-1`, "damaged");
  forgetAside(path);
  expect(readdirSync(directory)).toEqual(["test.db"]);
});
