import { ok } from "@passerelle/result";
import { describe, expect, test } from "vitest";
import { refusalOf } from "../../src/core/upgrade/refusal.ts";
import { upgradeView } from "../../src/core/upgrade/view.ts";
import { Box } from "./box.ts";

const bundle = (version: string, more: object = {}) => ({
  compatible: "passerelle-test",
  version,
  ...more,
});

/** A box that proved itself, with one bundle at hand. */
async function ready(version = "0.2.0", versions = {}, more: object = {}): Promise<Box> {
  const box = new Box("0.1.0", versions);
  box.slots.bundles.set("new.raucb", bundle(version, more));
  await box.boot();
  await box.go(60);
  await box.say({ kind: "inspect", file: "new.raucb", author: "Anna" });
  return box;
}

async function installed(box: Box, restart = true): Promise<void> {
  await box.say({ kind: "install", restart, author: "Anna" });
  await box.go(30);
}

describe("a start", () => {
  test("is proved by twenty good seconds in a row, and then kept", async () => {
    const box = new Box();
    box.lacks = ["page"];
    await box.boot();
    await box.go(30);
    box.lacks = [];
    await box.go(15);
    expect(box.slots.calls).toEqual([]);
    // Somebody died and began anew: from the start.
    box.lives = "second";
    await box.go(15);
    expect(box.slots.calls).toEqual([]);
    await box.go(10);
    expect(box.slots.calls).toEqual(["good A"]);
    expect(box.state.proof.kind).toBe("proven");
  });
  test("that is nobody's first is never ended for want of a proof", async () => {
    const box = new Box("0.1.0", { "0.1.0": { lacks: ["lan"] } });
    await box.boot();
    await box.go(3600);
    expect([box.reboots, box.slots.calls]).toEqual([0, []]);
  });
  test("of a machine without slots says so, and asks nothing of it", async () => {
    const box = new Box();
    box.slots.fault = "absent";
    await box.boot();
    await box.go(600);
    expect(upgradeView(box.state, box.now)?.phase).toEqual({ kind: "unsupported" });
    expect(refusalOf(box.state, "inspect", false)?.code).toBe("upgrade_unsupported");
  });
  test("of a board whose engine comes late: people hear of none meanwhile, and it is found", async () => {
    const box = new Box();
    box.slots.fault = "failed";
    await box.boot();
    await box.go(25);
    expect(upgradeView(box.state, box.now)).toBeUndefined();
    await box.go(60);
    expect(upgradeView(box.state, box.now)?.phase).toEqual({ kind: "unsupported" });
    await box.go(600);
    box.slots.fault = undefined;
    await box.go(120);
    expect([box.phase, box.slots.calls]).toEqual(["idle", ["good A"]]);
  });
  test("is kept as soon as a boot loader that failed can be told", async () => {
    const box = new Box();
    await box.boot();
    box.slots.fault = "failed";
    await box.go(60);
    expect(box.state.proof.kind).toBe("marking");
    box.slots.fault = undefined;
    await box.go(10);
    expect(box.slots.calls).toEqual(["good A"]);
  });
});

describe("a bundle is refused before anything is written", () => {
  test.each([
    ["older", bundle("0.0.9"), "upgrade_not_newer"],
    ["the same", bundle("0.1.0"), "upgrade_not_newer"],
    ["without a version", bundle(""), "upgrade_unknown_version"],
    ["of another board", { ...bundle("0.2.0"), compatible: "other" }, "upgrade_wrong_board"],
    [
      "by somebody else",
      { ...bundle("0.2.0"), wrong: "wrong_signature" },
      "upgrade_wrong_signature",
    ],
    ["cut", { ...bundle("0.2.0"), wrong: "damaged" }, "upgrade_damaged"],
  ] as const)("%s", async (_, offered, code) => {
    const box = new Box();
    box.slots.bundles.set("new.raucb", offered);
    await box.boot();
    await box.say({ kind: "inspect", file: "new.raucb", author: "Anna" });
    expect(box.state.phase).toMatchObject({ kind: "refused", fault: { code } });
    await box.say({ kind: "install", restart: true, author: "Anna" });
    expect([box.slots.calls, box.told]).toEqual([[], ["refused"]]);
    await box.say({ kind: "forget" });
    expect(box.phase).toBe("idle");
  });
  test("while a change of the configuration waits to be confirmed", async () => {
    const box = await ready();
    expect(refusalOf(box.state, "install", true)?.code).toBe("upgrade_probation");
    expect(refusalOf(box.state, "rollback", true)?.code).toBe("upgrade_probation");
    expect(refusalOf(box.state, "install", false)).toBe(undefined);
  });
});

describe("an upgrade", () => {
  test("is written, started, proves itself and is kept", async () => {
    const box = await ready();
    expect(box.state.phase).toMatchObject({ kind: "ready", bundle: { version: "0.2.0" } });
    await installed(box);
    expect([box.phase, box.reboots]).toEqual(["restarting", 1]);
    await box.boot();
    expect([box.phase, box.booted, box.state.release.version]).toEqual(["trial", "B", "0.2.0"]);
    await box.go(60);
    expect([box.phase, box.state.proof.kind, box.reboots]).toEqual(["idle", "proven", 1]);
    expect(box.told).toEqual(["installed", "kept"]);
    expect(box.memory).toMatchObject({
      pending: undefined,
      home: { slot: "B", version: "0.2.0" },
      last: { kind: "kept", version: "0.2.0", from: "0.1.0" },
    });
    await box.boot();
    expect(box.booted).toBe("B");
  });
  test("waits for the restart of a person where they want that", async () => {
    const box = await ready();
    await installed(box, false);
    expect([box.phase, box.reboots]).toEqual(["installed", 0]);
    expect(refusalOf(box.state, "inspect", false)?.code).toBe("upgrade_waits");
    // A daemon that dies meanwhile knows it.
    await box.live();
    expect(box.phase).toBe("installed");
  });
  test.each([["page"], ["lan"], ["daemons"], ["configuration"]] as const)(
    "without %s goes back by itself in four minutes at most, and says so",
    async (lack) => {
      const box = await ready("0.2.0", { "0.2.0": { lacks: [lack] } });
      await installed(box);
      for (let tries = 0; tries < 3; tries += 1) {
        await box.boot();
        expect([box.booted, box.phase]).toEqual(["B", "trial"]);
        await box.go(211);
        expect([box.phase, box.reboots]).toEqual(["restarting", 2 + tries]);
      }
      await box.boot();
      expect([box.booted, box.phase]).toEqual(["A", "idle"]);
      expect(box.told.filter((code) => code === "fell_back")).toEqual(["fell_back"]);
      expect(upgradeView(box.state, box.now)?.last).toMatchObject({
        kind: "fell_back",
        version: "0.2.0",
        from: "0.1.0",
        missing: [lack],
      });
      await box.go(60);
      expect(box.state.proof.kind).toBe("proven");
      await box.boot();
      expect([box.booted, box.told.at(-1)]).toEqual(["A", "fell_back"]);
    },
  );
  test("that panics never gets as far as us: the old version tells of it", async () => {
    const box = await ready("0.2.0", { "0.2.0": { dies: true } });
    await installed(box);
    await box.boot();
    expect([box.booted, box.phase, box.told.at(-1)]).toEqual(["A", "idle", "fell_back"]);
    expect(upgradeView(box.state, box.now)?.other?.bootable).toBe(false);
    expect(refusalOf(box.state, "rollback", false)?.code).toBe("upgrade_no_other");
  });
  test("whose writing fails leaves what runs as it is", async () => {
    const box = await ready("0.2.0", {}, { breaks: "no_room" });
    await installed(box);
    expect(box.state.phase).toMatchObject({ kind: "failed", fault: { code: "upgrade_no_room" } });
    expect([box.memory.pending, box.told]).toEqual([undefined, ["failed"]]);
    await box.boot();
    expect([box.booted, box.phase]).toEqual(["A", "idle"]);
  });
  test("cut while it is written leaves what runs as it is", async () => {
    const box = await ready();
    await box.say({ kind: "install", restart: true, author: "Anna" });
    await box.go(1);
    expect(box.phase).toBe("installing");
    await box.boot();
    expect([box.booted, box.phase, box.told.at(-1)]).toEqual(["A", "idle", "failed"]);
    expect(box.memory.last).toBe(undefined);
  });
  test("goes on when this daemon dies while it is written", async () => {
    const box = await ready();
    await box.say({ kind: "install", restart: true, author: "Anna" });
    await box.live();
    // The engine is busy.
    expect(box.phase).toBe("starting");
    box.slots.finish();
    await box.go(10);
    expect([box.phase, box.memory.pending?.whole]).toEqual(["installed", true]);
    await box.boot();
    expect([box.booted, box.phase]).toEqual(["B", "trial"]);
  });
  test("whose engine says neither yes nor no is not waited for, and what it says of another is not believed", async () => {
    const box = await ready();
    await box.say({ kind: "install", restart: true, author: "Anna" });
    // RAUC calls itself idle in the middle, where somebody asked it for a second one.
    const { progress } = box.slots;
    box.slots.progress = async () => ok({ kind: "idle", percent: 40 });
    await box.go(10);
    expect(box.phase).toBe("installing");
    box.slots.progress = progress;
    await box.go(10);
    expect(box.phase).toBe("restarting");
    const stuck = await ready();
    await stuck.say({ kind: "install", restart: true, author: "Anna" });
    stuck.slots.progress = async () => ok({ kind: "idle", percent: 40 });
    await stuck.go(60);
    expect(stuck.state.phase).toMatchObject({ kind: "failed", fault: { code: "upgrade_failed" } });
  });
  test("whose engine dies is not waited for for ever", async () => {
    const box = await ready();
    await box.say({ kind: "install", restart: true, author: "Anna" });
    box.slots.fault = "absent";
    await box.go(60);
    expect(box.state.phase).toMatchObject({
      kind: "failed",
      fault: { code: "upgrade_engine_away" },
    });
  });
});

describe("a person goes back", () => {
  test("to the other system, which proves itself as any other", async () => {
    const box = await ready();
    await installed(box);
    await box.boot();
    await box.go(60);
    await box.say({ kind: "rollback", author: "Anna" });
    expect([box.phase, box.reboots]).toEqual(["restarting", 2]);
    await box.boot();
    expect([box.booted, box.phase]).toEqual(["A", "trial"]);
    await box.go(60);
    expect([box.phase, box.told.at(-1)]).toEqual(["idle", "went_back"]);
  });
  test("and stays where the boot loader can't be told", async () => {
    const box = await ready();
    box.slots.fault = "failed";
    await box.say({ kind: "rollback", author: "Anna" });
    expect([box.phase, box.reboots, box.memory.pending]).toEqual(["refused", 0, undefined]);
  });
});
