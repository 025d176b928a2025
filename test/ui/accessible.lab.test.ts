import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { labelOf } from "../face/admin.ts";
import { Lab } from "../lab/lab.ts";
import { axe } from "./axe.ts";
import { type Look, openBrowser, type Visit, visit } from "./browser.ts";
import { failedPicture } from "./failure.ts";
import { type Hands, keyboardPerson } from "./hands.ts";
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

/** The page as it is, then what stands behind each of its tabs, which is a page as well. */
async function* parts(page: Page): AsyncGenerator<string> {
  yield "";
  // A row within a part of another is gone through first: it goes with its part.
  for (const row of (await page.locator('main [role="tablist"]').all()).reverse()) {
    for (const tab of (await row.locator('[role="tab"]').all()).slice(1)) {
      await tab.click();
      await settle(page);
      yield `, ${await tab.textContent()}`;
    }
  }
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
        for await (const part of parts(page)) {
          for (const width of [1280, 360]) {
            await page.setViewportSize({ width, height: width === 360 ? 740 : 900 });
            found.push(...(await judge(page, `${name}${part} ${width}`)));
          }
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

/** What forms do when they are filled in and sent is in keyboard-*.lab.test.ts. */
describe("with the keyboard alone", () => {
  let hands: Hands;
  let person: Visit;
  beforeAll(async () => {
    ({ hands, person } = await keyboardPerson(browser, labelOf(lab)));
  });
  afterAll(() => person[Symbol.asyncDispose]());

  for (const { name, path } of PLACES) {
    test(`${name}: everything that can be used is reached in order, is seen to be, and has a name`, async () => {
      const { page } = person;
      await using _ = failedPicture(page, `keyboard-${name}`);
      await hands.open(`${BOX}${path}`);
      const found: string[] = [];
      const look = async (part: string) => {
        const { missed, unseen, nameless } = await walk(page);
        for (const [what, names] of Object.entries({ missed, unseen, nameless }))
          found.push(...names.map((one) => `${name}${part}: ${what}: ${one}`));
      };
      await look("");
      const row = page.locator('main [role="tablist"]').first();
      for (const tab of (await row.locator('[role="tab"]').allTextContents()).slice(1)) {
        await hands.tab(tab);
        await look(`, ${tab}`);
      }
      expect(found).toEqual([]);
    });
  }
});
