import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openStore, StoreError, storeErrorCode } from "../src/index.ts";

const V1 = "CREATE TABLE lease (address TEXT PRIMARY KEY, mac TEXT NOT NULL) STRICT";
const V2 = "ALTER TABLE lease ADD COLUMN name TEXT";

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "store-"));
  path = join(directory, "test.db");
});
afterEach(() => rmSync(directory, { recursive: true }));

describe("openStore", () => {
  test("is durable, checked and alone by default", () => {
    const store = openStore({ path, migrations: [V1] });
    expect(store.opening).toEqual({ kind: "created" });
    expect(store.get("PRAGMA journal_mode")).toEqual({ journal_mode: "wal" });
    expect(store.get("PRAGMA synchronous")).toEqual({ synchronous: 2 });
    expect(store.get("PRAGMA foreign_keys")).toEqual({ foreign_keys: 1 });
    expect(store.get("PRAGMA locking_mode")).toEqual({ locking_mode: "exclusive" });
    store.close();
  });

  test("statistics may ask for less", () => {
    const store = openStore({ path, migrations: [V1], durable: false });
    expect(store.get("PRAGMA synchronous")).toEqual({ synchronous: 1 });
    store.close();
  });

  test("runs only the migrations that the file has not run, and keeps the rows", () => {
    const old = openStore({ path, migrations: [V1] });
    old.run("INSERT INTO lease VALUES (?, ?)", "192.168.1.2", "00:11:22:33:44:55");
    old.close();
    const fresh = openStore({ path, migrations: [V1, V2] });
    expect(fresh.opening).toEqual({ kind: "opened" });
    expect(fresh.all("SELECT * FROM lease")).toEqual([
      { address: "192.168.1.2", mac: "00:11:22:33:44:55", name: null },
    ]);
    expect(fresh.get("PRAGMA user_version")).toEqual({ user_version: 2 });
    fresh.close();
  });

  test("a migration that fails leaves the version before it, whole", () => {
    openStore({ path, migrations: [V1] }).close();
    const broken = `${V2}; INSERT INTO nowhere VALUES (1)`;
    expect(() => openStore({ path, migrations: [V1, broken] })).toThrow(StoreError);
    const store = openStore({ path, migrations: [V1] });
    expect(store.get("PRAGMA user_version")).toEqual({ user_version: 1 });
    expect(store.all("SELECT name FROM pragma_table_info('lease')")).toHaveLength(2);
    store.close();
  });

  test("moves a file that is no database aside, whole, and says so", () => {
    const rubbish = "this was never a database ".repeat(100);
    writeFileSync(path, rubbish);
    const store = openStore({ path, migrations: [V1] });
    expect(store.opening).toMatchObject({ kind: "replaced", movedTo: `${path}.corrupt-1` });
    expect(readFileSync(`${path}.corrupt-1`, "utf8")).toBe(rubbish);
    expect(store.all("SELECT * FROM lease")).toEqual([]);
    store.close();
    writeFileSync(path, rubbish);
    openStore({ path, migrations: [V1] }).close();
    expect(readdirSync(directory)).toContain("test.db.corrupt-2");
  });

  test("finds a damaged page inside a database", () => {
    const store = openStore({ path, migrations: [V1] });
    store.transaction(() => {
      for (let n = 0; n < 2000; n += 1) {
        store.run("INSERT INTO lease VALUES (?, ?)", `address ${n}`, "mac ".repeat(10));
      }
    });
    store.close();
    const bytes = readFileSync(path);
    bytes.fill(0xff, 4096 * 5, 4096 * 9);
    writeFileSync(path, bytes);
    const again = openStore({ path, migrations: [V1] });
    expect(again.opening.kind).toBe("replaced");
    again.close();
  });

  test("a folder that is not there is an error with its code, and nothing is moved", () => {
    const nowhere = join(directory, "no", "where.db");
    expect(codeOf(() => openStore({ path: nowhere, migrations: [V1] }))).toBe("store_io");
  });
});

describe("transaction and attempt", () => {
  test("all or nothing, and a savepoint inside another", () => {
    const store = openStore({ path, migrations: [V1] });
    expect(() =>
      store.transaction(() => {
        store.run("INSERT INTO lease VALUES ('a', 'm')");
        throw new Error("planted");
      }),
    ).toThrow("planted");
    expect(store.all("SELECT * FROM lease")).toEqual([]);
    store.transaction(() => {
      store.run("INSERT INTO lease VALUES ('a', 'm')");
      expect(store.attempt(() => store.run("INSERT INTO lease VALUES ('a', 'm')"))).toMatchObject({
        ok: false,
        error: { code: "store_constraint" },
      });
      store.run("INSERT INTO lease VALUES ('b', 'm')");
    });
    expect(store.all("SELECT address FROM lease")).toHaveLength(2);
    store.close();
  });

  test("wrong SQL is our mistake, with a code too", () => {
    const store = openStore({ path, migrations: [V1] });
    expect(codeOf(() => store.run("INSERT INTO nowhere VALUES (1)"))).toBe("store_failed");
    store.close();
  });
});

test.each([
  ["SQLITE_FULL", "store_full"],
  ["SQLITE_IOERR_SHMSIZE", "store_full"],
  ["SQLITE_IOERR_FSYNC", "store_io"],
  ["SQLITE_READONLY_DBMOVED", "store_io"],
  ["SQLITE_CANTOPEN", "store_io"],
  ["SQLITE_CORRUPT_INDEX", "store_corrupt"],
  ["SQLITE_NOTADB", "store_corrupt"],
  ["SQLITE_BUSY", "store_busy"],
  ["SQLITE_CONSTRAINT_PRIMARYKEY", "store_constraint"],
  ["SQLITE_ERROR", "store_failed"],
])("%s is %s", (sqlite, ours) => {
  expect(storeErrorCode(sqlite)).toBe(ours);
});

function codeOf(body: () => unknown): string | undefined {
  try {
    body();
  } catch (thrown) {
    return thrown instanceof StoreError ? thrown.code : undefined;
  }
  return undefined;
}
