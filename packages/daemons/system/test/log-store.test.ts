import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SystemLogEntry } from "@passerelle/contract";
import { err } from "@passerelle/result";
import { ManualClock, recordingLogger } from "@passerelle/service/testing";
import { openStore, type Store, StoreError } from "@passerelle/store";
import { milliseconds, seconds, wallTime } from "@passerelle/time";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { LogLine } from "../src/core/effect.ts";
import { EMPTY_MEMORY, type Memory } from "../src/core/state.ts";
import { LINES_MAX, LogStore } from "../src/edge/log-store.ts";
import { readMemory } from "../src/schema.ts";

let directory: string;
let clock: ManualClock;
let logged: SystemLogEntry[];
let failing: boolean[];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "passerelle-log-"));
  clock = new ManualClock();
  logged = [];
  failing = [];
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const options = () => ({
  directory,
  clock,
  log: recordingLogger(),
  logged: (entry: SystemLogEntry) => void logged.push(entry),
  failing: (is: boolean) => void failing.push(is),
});

function open(): LogStore {
  return new LogStore(options());
}

const line = (code: string, category: LogLine["category"] = "system"): LogLine => ({
  at: wallTime(1_800_000_000_000),
  category,
  severity: "info",
  code,
  text: { fr: code, en: code },
});

const path = () => join(directory, "events.db");

describe("the event log", () => {
  test("tells of a line when it is on the disk, with a number that only grows", async () => {
    const store = open();
    store.keep([line("a"), line("b")], undefined);
    expect(logged).toEqual([]);
    await clock.advance(milliseconds(60));
    expect(logged.map(({ id, code }) => [id, code])).toEqual([
      [1, "a"],
      [2, "b"],
    ]);
    store.close();
    const again = open();
    again.keep([line("c")], undefined);
    again.flush();
    expect(logged.at(-1)?.id).toBe(3);
    again.close();
  });
  test("pages newest first, by category, and says whether there is more", () => {
    const store = open();
    store.keep(
      Array.from({ length: 25 }, (_, i) => line(`n${i + 1}`, i % 2 === 0 ? "line" : "home")),
      undefined,
    );
    store.flush();
    const first = store.page({ limit: 10 });
    expect(first.entries.map(({ id }) => id)).toEqual([25, 24, 23, 22, 21, 20, 19, 18, 17, 16]);
    expect(first.more).toBe(true);
    const last = store.page({ limit: 10, before: 6 });
    expect(last.entries.map(({ id }) => id)).toEqual([5, 4, 3, 2, 1]);
    expect(last.more).toBe(false);
    const line1 = store.page({ limit: 200, category: "home" }).entries;
    expect(line1).toHaveLength(12);
    store.close();
  });
  test("keeps its newest ten thousand lines, and no number twice", () => {
    const store = open();
    for (let i = 0; i < 25; i += 1) {
      store.keep(
        Array.from({ length: 450 }, () => line("x")),
        undefined,
      );
      store.flush();
    }
    const rows = store.page({ limit: 20_000 }).entries;
    expect(rows).toHaveLength(LINES_MAX);
    expect(rows[0]?.id).toBe(25 * 450);
    store.close();
  });
  test("a disk that is full keeps lines in memory, and takes them when there is room", async () => {
    const disk = { full: false };
    const store = new LogStore({ ...options(), open: (given) => fillable(openStore(given), disk) });
    disk.full = true;
    store.keep([line("while full")], undefined);
    await clock.advance(seconds(6));
    expect(failing).toEqual([true]);
    expect(store.page({ limit: 10 }).entries.map(({ code }) => code)).toEqual(["while full"]);
    expect(logged).toEqual([]);
    disk.full = false;
    await clock.advance(seconds(11));
    expect(failing).toEqual([true, false]);
    expect(logged.map(({ code }) => code)).toEqual(["while full"]);
    store.close();
  });
  test("what must be known after a restart is written with the lines that it belongs to", () => {
    const memory: Memory = { ...EMPTY_MEMORY, revision: 7, openings: { a: "tcp 80" } };
    const store = open();
    store.keep([line("a")], memory);
    store.close();
    const again = open();
    expect(again.remembered(readMemory)).toEqual(memory);
    expect(again.isNew).toBe(false);
    again.close();
  });
  test("a memory of another release is none, and nothing dies of it", () => {
    const store = open();
    store.set("memory", '{"notifications":"?"}');
    expect(store.remembered(readMemory)).toEqual(EMPTY_MEMORY);
    store.set("memory", "{");
    expect(store.remembered(readMemory)).toEqual(EMPTY_MEMORY);
    store.close();
  });
  test("a damaged file is put aside, and the daemon says so", () => {
    open().close();
    writeFileSync(path(), "this is no database".repeat(1000));
    rmSync(`${path()}-wal`, { force: true });
    const store = open();
    expect(store.wasReplaced).toBe(true);
    store.keep([line("a")], undefined);
    store.flush();
    expect(logged).toHaveLength(1);
    store.close();
  });
  test("without a file at all it still runs", () => {
    mkdirSync(path());
    const store = open();
    store.keep([line("a")], undefined);
    expect(store.page({ limit: 5 }).entries).toHaveLength(1);
    expect(failing).toEqual([true]);
    store.close();
  });
});

/** A store on a disk that can be filled. */
function fillable(store: Store, disk: { readonly full: boolean }): Store {
  return {
    ...store,
    attempt: (body) =>
      disk.full ? err(new StoreError("store_full", "no room")) : store.attempt(body),
  };
}
