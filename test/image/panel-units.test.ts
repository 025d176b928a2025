import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readLightNames } from "../../packages/daemons/system/src/core/panel/names.ts";
import { panelFiles } from "../../packages/tools/image/src/panel.ts";
import { loadBoard } from "../../packages/tools/image/src/paths.ts";
import { complaints, exposureOf, makeTree } from "./units-support.ts";

/**
 * What the builder adds to `system` for a board's lights and button, as systemd sees it: its sandbox stays what
 * unit-security.json says, PrivateDevices included.
 */
const UNIT = "passerelle@system.service";
const BOARDS = readdirSync(join(import.meta.dirname, "../../board"), {
  recursive: true,
  encoding: "utf8",
}).flatMap((path) => /^([a-z0-9-]+)\/board\.ts$/.exec(path)?.[1] ?? []);

let tree: string;
beforeAll(() => {
  tree = makeTree();
});
afterAll(() => rmSync(tree, { recursive: true, force: true }));

it("there is a board with lights and a button", async () => {
  const boards = await Promise.all(BOARDS.map(loadBoard));
  expect(boards.some(({ leds, buttons }) => leds.length > 0 && buttons.length > 0)).toBe(true);
});

describe.each(BOARDS)("the board %s", (name) => {
  it("names its lights in words that `system` takes", async () => {
    const board = await loadBoard(name);
    const texts = [...panelFiles(board).values()].join("");
    const named = /^Environment=PASSERELLE_LEDS=(.*)$/m.exec(texts)?.[1];
    expect(readLightNames(named)).toEqual({ lights: board.leds, refused: [] });
  });
  it("exposes no more of `system` than a board without a face, and systemd has nothing to say", async () => {
    const bare = exposureOf(tree, UNIT);
    const files = [...panelFiles(await loadBoard(name))];
    for (const [path, text] of files) {
      mkdirSync(dirname(join(tree, path)), { recursive: true });
      writeFileSync(join(tree, path), text);
    }
    expect(complaints(tree, UNIT)).toEqual([]);
    expect(exposureOf(tree, UNIT)).toEqual(bare);
    for (const [path] of files) rmSync(join(tree, path));
  });
});
