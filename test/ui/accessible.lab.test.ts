import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { labelOf } from "../face/admin.ts";
import { Lab } from "../lab/lab.ts";
import { axe } from "./axe.ts";
import { type Look, openBrowser, type Visit, visit } from "./browser.ts";
import { failedPicture } from "./failure.ts";
import { walk } from "./keyboard.ts";
import { livingHouse } from "./living-house.ts";
import { PLACES } from "./places.ts";
import { BOX, resident, settle, until } from "./resident.ts";

/** Who sees little, has no mouse, holds a phone, or speaks the other language uses the same page. */
let lab: Lab;
let browser: Browser;
beforeAll(async () => {
  lab = await Lab.up();
  await livingHouse(lab);
  browser = await openBrowser(lab);
});
afterAll(async () => {
  await browser?.close();
  await lab.down();
});

const LOOKS: readonly Look[] = (["en", "fr"] as const).flatMap((language) =>
  (["light", "dark"] as const).map((theme) => ({ language, theme })),
);

async function judge(page: Page, where: string): Promise<readonly string[]> {
  const wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
  // A chart is drawn anew a frame after the window has another width.
  await until(page, `${wider} <= 0`, 2000).catch(() => {});
  const wide = await page.evaluate<number>(wider);
  const violations = await axe(page);
  return [
    ...violations.map(({ id, nodes }) => `${where}: ${id}: ${nodes.slice(0, 3).join(" | ")}`),
    ...(wide > 0 ? [`${where}: ${wide} pixels wider than the window`] : []),
  ];
}

describe("every page, as axe and the width of a phone see it", () => {
  for (const look of LOOKS) {
    test(`${look.language}, ${look.theme}: no violation at 360 and at 1280`, async () => {
      await using person = await resident(browser, labelOf(lab), look);
      const { page, watch } = person;
      const found: string[] = [];
      for (const { name, path } of PLACES) {
        await page.goto(`${BOX}${path}`);
        await settle(page);
        for (const width of [1280, 360]) {
          await page.setViewportSize({ width, height: width === 360 ? 740 : 900 });
          found.push(...(await judge(page, `${name} ${width}`)));
        }
        // What stands behind the tabs of a page is a page as well.
        const tabs = page.locator('main [role="tablist"]').first().locator('[role="tab"]');
        for (const tab of (await tabs.all()).slice(1)) {
          await tab.click();
          await settle(page);
          found.push(...(await judge(page, `${name}, ${await tab.textContent()} 360`)));
        }
      }
      expect(found).toEqual([]);
      expect(await page.getAttribute("html", "lang")).toBe(look.language);
      expect(watch.problems()).toEqual([]);
    });
  }

  test("the door itself, in all four looks", async () => {
    for (const look of LOOKS) {
      await using stranger = await visit(browser, { ...look, width: 360 });
      await stranger.page.goto(`${BOX}/security`);
      await settle(stranger.page);
      expect(await judge(stranger.page, `login ${look.language} ${look.theme}`)).toEqual([]);
    }
  });
});

describe("with the keyboard alone", () => {
  let person: Visit;
  beforeAll(async () => {
    person = await visit(browser);
    // The log-in is a form like the others: no mouse here either.
    await person.page.goto(`${BOX}/`);
    await settle(person.page);
    await walk(person.page, { to: 'input[type="password"]' });
    await person.page.keyboard.type(labelOf(lab));
    await person.page.keyboard.press("Enter");
    await person.page.locator('input[type="password"]').waitFor({ state: "detached" });
  });
  afterAll(() => person[Symbol.asyncDispose]());

  for (const { name, path } of PLACES) {
    test(`${name}: everything that can be used is reached in order, is seen to be, and has a name`, async () => {
      const { page } = person;
      await using _ = failedPicture(page, `keyboard-${name}`);
      await page.goto(`${BOX}${path}`);
      await settle(page);
      const { missed, unseen, nameless } = await walk(page);
      expect({ missed, unseen, nameless }).toEqual({ missed: [], unseen: [], nameless: [] });
    });
  }

  test("every form that a device's page opens takes the focus, is left with Escape, and gives the focus back", async () => {
    const { page } = person;
    await using _ = failedPicture(page, "keyboard-dialogs");
    const device = PLACES.find(({ name }) => name === "device");
    await page.goto(`${BOX}${device?.path}`);
    await settle(page);
    for (const opener of ["Rename", "Open a port", "Forget"]) {
      const button = page.getByRole("button", { name: opener, exact: true });
      await button.focus();
      await page.keyboard.press("Enter");
      const dialog = page.getByRole("dialog");
      await dialog.waitFor();
      expect(await page.evaluate("document.activeElement.closest('dialog') !== null")).toBe(true);
      const { missed, nameless, escaped } = await walk(page, { within: "dialog" });
      expect({ opener, missed, nameless, escaped }).toEqual({
        ...{ opener, missed: [], nameless: [], escaped: [] },
      });
      await page.keyboard.press("Escape");
      await dialog.waitFor({ state: "detached" });
      await until(page, `document.activeElement.textContent === ${JSON.stringify(opener)}`, 2000);
    }
  });

  test("the rename form is filled in and sent", async () => {
    const { page } = person;
    const device = PLACES.find(({ name }) => name === "device");
    await page.goto(`${BOX}${device?.path}`);
    await settle(page);
    await page.getByRole("button", { name: "Rename", exact: true }).focus();
    await page.keyboard.press("Enter");
    await walk(page, { to: 'dialog input[name="name"]' });
    await page.keyboard.press("Control+A");
    await page.keyboard.type("By keys alone");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "By keys alone" }).waitFor();
  });
});
