import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readLock } from "../src/lock.ts";
import { loadBoard, loadModules, ROOT } from "../src/paths.ts";
import { run } from "../src/run.ts";

const folder = join(ROOT, "board");
const BOARDS = readdirSync(folder).filter((name) => existsSync(join(folder, name, "board.ts")));

it("there are boards", () => expect(BOARDS).toContain("qemu-virt-arm64"));

describe.each(BOARDS)("the board %s", (name) => {
  it("has one way out, a home, and names that a kernel takes", async () => {
    const { ports } = await loadBoard(name);
    const names = ports.map((port) => port.name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((port) => !/^[a-z][a-z0-9.-]{0,14}$/.test(port))).toEqual([]);
    expect(ports.filter(({ role }) => role === "wan")).toHaveLength(1);
    expect(ports.filter(({ role }) => role === "lan").length).toBeGreaterThan(0);
    const places = ports.map(({ match }) => JSON.stringify(match));
    expect(new Set(places).size).toBe(places.length);
  });

  it("takes packages that are pinned, and a slot has room for them", async () => {
    const { packageGroups, flash, modules } = await loadBoard(name);
    const pinned = new Set(readLock().packages.flatMap(({ groups }) => groups));
    expect(packageGroups.filter((group) => group.endsWith("-boot") && !pinned.has(group))).toEqual(
      [],
    );
    expect(flash.slotMiB).toBeGreaterThanOrEqual(128);
    expect(modules.initramfs).toEqual(expect.arrayContaining(["squashfs", "overlay", "ext4"]));
  });
});

it("a board that is not there is told to the person, and no path gets through", async () => {
  await expect(loadBoard("nowhere")).rejects.toThrow(/there is no board "nowhere"/);
  await expect(loadBoard("../board/qemu-virt-arm64")).rejects.toThrow(/there is no board/);
});

it("no module is named twice", async () => {
  const names = await loadModules();
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

describe("a program of the build", () => {
  it("that is not installed, or fails, is named", () => {
    expect(() => run(["no-such-program-here"])).toThrow(/no-such-program-here is not installed/);
    expect(() => run(["ls", "/no/such/place"])).toThrow(/ls ended with 2[\s\S]*no\/such\/place/);
  });

  it("gets what is written to it, and the environment that is given", () => {
    expect(run(["cat"], { input: "text" })).toBe("text");
    expect(run(["env"], { env: { TZ: "Mars", HOME: undefined } })).toMatch(/^TZ=Mars$/m);
    expect(run(["env"], { env: { HOME: undefined } })).not.toMatch(/^HOME=/m);
  });
});
