import { type Duration, milliseconds } from "@passerelle/time";
import { afterEach, describe, expect, test } from "vitest";
import { createGroupCommit, openStore, type Store } from "../src/index.ts";

/** A clock that a test winds by hand. */
function fakeLater() {
  const armed: { wait: Duration; callback: () => void; cancelled: boolean }[] = [];
  return {
    armed,
    later: (wait: Duration, callback: () => void) => {
      const timer = { wait, callback, cancelled: false };
      armed.push(timer);
      return {
        cancel: () => {
          timer.cancelled = true;
        },
      };
    },
    ring: () => {
      for (const timer of armed.splice(0)) if (!timer.cancelled) timer.callback();
    },
  };
}

let store: Store;
afterEach(() => store.close());

function setUp(options: { writesMax?: number } = {}) {
  store = openStore({
    path: ":memory:",
    migrations: ["CREATE TABLE item (name TEXT PRIMARY KEY) STRICT"],
  });
  const clock = fakeLater();
  const group = createGroupCommit({ store, later: clock.later, ...options });
  const told: string[] = [];
  const insert = (name: string): void =>
    group.enqueue(
      () => void store.run("INSERT INTO item VALUES (?)", name),
      (result) => told.push(result.ok ? `${name} ok` : `${name} ${result.error.code}`),
    );
  const stored = (): unknown[] =>
    store.all<{ name: string }>("SELECT name FROM item").map((row) => row.name);
  return { clock, group, told, insert, stored };
}

describe("GroupCommit", () => {
  test("tells nobody before the commit, and everybody after it, in order", () => {
    const { clock, told, insert, stored } = setUp();
    insert("a");
    insert("b");
    expect(clock.armed.map((timer) => timer.wait)).toEqual([milliseconds(3)]);
    expect([told, stored()]).toEqual([[], []]);
    clock.ring();
    expect(told).toEqual(["a ok", "b ok"]);
    expect(stored()).toEqual(["a", "b"]);
  });

  test("a full group does not wait, and its timer is cancelled", () => {
    const { clock, group, told, insert } = setUp({ writesMax: 2 });
    insert("a");
    insert("b");
    expect(told).toEqual(["a ok", "b ok"]);
    expect(clock.armed.map((timer) => timer.cancelled)).toEqual([true]);
    insert("c");
    expect(group.waiting).toBe(1);
    clock.ring();
    expect(told).toEqual(["a ok", "b ok", "c ok"]);
  });

  test("a write that the schema refuses fails alone", () => {
    const { clock, told, insert, stored } = setUp();
    for (const name of ["a", "a", "b"]) insert(name);
    clock.ring();
    expect(told).toEqual(["a ok", "a store_constraint", "b ok"]);
    expect(stored()).toEqual(["a", "b"]);
  });

  test("a write with a mistake of ours fails alone, undone", () => {
    const { clock, group, told, insert, stored } = setUp();
    insert("a");
    group.enqueue(
      () => {
        store.run("INSERT INTO item VALUES ('half')");
        throw new TypeError("planted");
      },
      (result) => told.push(result.ok ? "ok" : result.error.message),
    );
    clock.ring();
    expect(told).toEqual(["a ok", "TypeError: planted"]);
    expect(stored()).toEqual(["a"]);
  });

  test("a disk without room fails all with its code, and the next group works", () => {
    const { clock, told, insert, stored } = setUp();
    insert("before");
    clock.ring();
    const pages = store.get<{ page_count: number }>("PRAGMA page_count")?.page_count ?? 0;
    store.get(`PRAGMA max_page_count = ${pages}`);
    insert("small");
    insert("x".repeat(100_000));
    insert("after");
    clock.ring();
    expect(told.map((line) => line.replace(/x+/, "big"))).toEqual([
      "before ok",
      "small store_full",
      "big store_full",
      "after store_full",
    ]);
    expect(stored()).toEqual(["before"]);
    store.get("PRAGMA max_page_count = 1000000");
    insert("again");
    clock.ring();
    expect(stored()).toEqual(["before", "again"]);
  });

  test("one who throws when told does not keep the others from being told", () => {
    const { clock, group, told, insert } = setUp();
    group.enqueue(
      () => undefined,
      () => {
        throw new Error("planted");
      },
    );
    insert("a");
    expect(() => clock.ring()).toThrow("planted");
    expect(told).toEqual(["a ok"]);
  });

  test("what is enqueued while being told is in the next group", () => {
    const { clock, group, told, insert } = setUp();
    group.enqueue(
      () => undefined,
      () => insert("later"),
    );
    clock.ring();
    expect([told, group.waiting]).toEqual([[], 1]);
    group.flush();
    expect(told).toEqual(["later ok"]);
  });
});
