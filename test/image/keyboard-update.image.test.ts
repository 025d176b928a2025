import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { labelOf } from "../face/admin.ts";
import { Lab } from "../lab/lab.ts";
import { openBrowser } from "../ui/browser.ts";
import { failedPicture } from "../ui/failure.ts";
import { expectFocus, type Hands, keyboardPerson, provedByKeys } from "../ui/hands.ts";
import { BOX, settledHouse } from "../ui/resident.ts";
import { BUILT } from "./built.ts";
import { makeReleaseBundle } from "./bundles.ts";

/** The form of updates by the keyboard alone: it stands only where a box has two systems. */
const NEWER = "99.0.0";
const PATIENCE_MS = 60_000;

const work = mkdtempSync(join(BUILT, "work/keyboard-update-"));
let lab: Lab;
let browser: Browser;
let hands: Hands;
let page: Page;
beforeAll(async () => {
  lab = await Lab.up();
  await settledHouse(lab);
  browser = await openBrowser(lab);
  const { hands: both, person } = await keyboardPerson(browser, labelOf(lab), `${BOX}/system`);
  hands = both;
  ({ page } = person);
  page.setDefaultTimeout(PATIENCE_MS);
});
afterAll(async () => {
  rmSync(work, { recursive: true });
  await browser?.close();
  await lab.down();
});

const updates = (): Locator => page.getByRole("region", { name: "Updates", exact: true });
const button = (name: string): Locator => updates().getByRole("button", { name, exact: true });
const field = (): Locator => updates().locator('[name="file"]');

async function choose(name: string, buffer: Buffer, key: "Enter" | "Space"): Promise<void> {
  const chooser = page.waitForEvent("filechooser");
  await hands.press(field(), key);
  await (await chooser).setFiles({ name, mimeType: "application/octet-stream", buffer });
}

test("a file is missed, refused, looked into and forgotten; the way back is left with Escape", async () => {
  await using _ = failedPicture(page, "keyboard-update");
  await hands.press(button("Look at this file"));
  await hands.refused(field(), "Choose a file.");

  await choose("update.raucb", Buffer.from("no update"), "Enter");
  await hands.press(button("Look at this file"));
  await provedByKeys(hands, labelOf(lab));
  await updates().getByText("This update was refused").waitFor();
  await hands.press(button("Understood"));

  // Signed and newer; what it would write is never read, because it is forgotten.
  const slot = join(work, "slot");
  writeFileSync(slot, randomBytes(1024 * 1024));
  const bundle = readFileSync(makeReleaseBundle({ kind: "good", version: NEWER, work, slot }));
  await choose("update.raucb", bundle, "Space");
  await hands.press(button("Look at this file"));
  await updates().getByText(`Ready: version ${NEWER}`).waitFor();
  for (const name of ["Install and restart", "Install, restart later"])
    await hands.to(button(name));
  await hands.press(button("Forget this file"));
  await field().waitFor();

  await hands.dialog(button("Go back to the other system"), "Go back to the other system?");
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await expectFocus(button("Go back to the other system"));

  expect(hands.ledger.lost).toEqual([]);
  expect([...hands.ledger.cheated]).toEqual([]);
});
