import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { ManualClock, recordingLogger } from "@passerelle/service/testing";
import { seconds } from "@passerelle/time";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FIVES, SECONDS, SERIES, TENS } from "../src/core/series.ts";
import { History } from "../src/edge/history.ts";

let root: string;
let clock: ManualClock;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "passerelle-history-"));
  clock = new ManualClock({ now: 300_000 });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function open(at: ManualClock = clock): History {
  return new History({
    stateDirectory: root,
    runtimeDirectory: root,
    clock: at,
    log: recordingLogger(),
  });
}

async function measure(history: History, readings: number, at: ManualClock = clock): Promise<void> {
  for (let i = 0; i < readings; i += 1) {
    history.add(SERIES.map(() => at.now() / 1000));
    await at.advance(seconds(1));
  }
}

const count = (mean: readonly (number | null)[]) => mean.filter((value) => value !== null).length;

describe("the rings", () => {
  test("hold seconds, tens and fives", async () => {
    const history = open();
    await measure(history, 700);
    expect(count(history.grid("cpu", SECONDS).mean)).toBe(600);
    const tens = history.grid("cpu", TENS);
    expect(tens.mean.slice(0, 2)).toEqual([304.5, 314.5]);
    expect(tens.peak[0]).toBe(309);
    expect(count(tens.mean)).toBe(70);
    expect(history.grid("cpu", FIVES).mean).toEqual([449.5, 749.5]);
    history.close();
  });
  test("survive a restart whole", async () => {
    const first = open();
    await measure(first, 650);
    const before = first.grid("latency", TENS);
    first.close();
    const second = open();
    expect(second.grid("latency", TENS)).toEqual(before);
    expect(count(second.grid("latency", SECONDS).mean)).toBe(600);
    second.close();
  });
  test("survive a kill: what was not on flash is made again from the seconds", async () => {
    const killed = open();
    await measure(killed, 455);
    // Nothing is closed: as after SIGKILL. SQLite's lock is of the process, so the test reads copies.
    const copy = mkdtempSync(join(tmpdir(), "passerelle-history-copy-"));
    const { cpSync } = await import("node:fs");
    cpSync(root, copy, { recursive: true });
    const second = new History({
      stateDirectory: copy,
      runtimeDirectory: copy,
      clock,
      log: recordingLogger(),
    });
    // 5 readings were not in the file yet.
    expect(count(second.grid("cpu", SECONDS).mean)).toBe(450);
    expect(count(second.grid("cpu", TENS).mean)).toBe(45);
    await measure(second, 10);
    expect(count(second.grid("cpu", TENS).mean)).toBe(46);
    second.close();
    killed.close();
    rmSync(copy, { recursive: true });
  });
  test("a period that was whole on flash is not replaced by a part of it", async () => {
    const first = open();
    await measure(first, 300 + 300 + 50);
    first.close();
    const second = open();
    await measure(second, 300);
    second.flush();
    expect(second.grid("cpu", FIVES).mean.slice(0, 2)).toEqual([449.5, 749.5]);
    second.close();
  });
  test("a reboot: other boots keep their calendar, this one's is learnt", async () => {
    const first = open();
    await measure(first, 100);
    first.close();
    rmSync(join(root, "recent.db"));
    // The board has no battery: it starts in 1970 and is set right a minute later.
    const reborn = new ManualClock({ now: 20_000, wall: 0, bootId: "other" });
    const second = open(reborn);
    await measure(second, 60, reborn);
    second.flush();
    reborn.setWall(clock.wall() + 300_000);
    const grid = second.grid("cpu", TENS);
    expect(count(grid.mean)).toBe(10 + 6);
    expect(grid.mean.length).toBeLessThan(60);
    second.close();
    const third = open(reborn);
    expect(count(third.grid("cpu", TENS).mean)).toBe(16);
    third.close();
  });
  test.each([10 * 365 * 86_400_000, -86_400_000])(
    "a jump of %i ms neither loses a point nor makes one twice",
    async (jump) => {
      const history = open();
      await measure(history, 100);
      clock.setWall(clock.wall() + jump);
      await measure(history, 100);
      expect(count(history.grid("cpu", SECONDS).mean)).toBe(200);
      history.flush();
      expect(count(history.grid("cpu", TENS).mean)).toBe(20);
      clock.setWall(clock.wall() - jump);
      expect(count(history.grid("cpu", TENS).mean)).toBe(20);
      history.close();
    },
  );
  test("a row of an earlier release, which counted fewer series, is read as what it was", async () => {
    const first = open();
    await measure(first, 20);
    first.close();
    const file = new DatabaseSync(join(root, "history.db"));
    const six = Float32Array.from([1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15, 16]);
    file.prepare("UPDATE points SET data = ?").run(new Uint8Array(six.buffer));
    file.close();
    rmSync(join(root, "recent.db"));
    const second = open();
    const grid = second.grid("latency", TENS);
    expect([grid.mean[0], grid.peak[0]]).toEqual([6, 16]);
    expect(second.grid("dsl_margin_down", TENS).mean[0]).toBeNull();
    second.close();
  });
  test("a timer that rang twice in one second is one reading", async () => {
    const history = open();
    history.add(SERIES.map(() => 1));
    history.add(SERIES.map(() => 3));
    await clock.advance(seconds(1));
    expect(history.grid("cpu", SECONDS).mean).toEqual([3]);
    history.close();
  });
});
