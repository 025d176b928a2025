/** `make screenshots`: every page of the box in both languages and themes, from a gateway that runs, to docs/screenshots. */
import { mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { labelOf } from "../face/admin.ts";
import { Lab } from "../lab/lab.ts";
import { type Look, openBrowser, visit } from "./browser.ts";
import { livingHouse } from "./living-house.ts";
import { PLACES } from "./places.ts";
import { BOX, resident, settle } from "./resident.ts";

const OUT = join(import.meta.dirname, "../../docs/screenshots");
const LOOKS = (["en", "fr"] as const).flatMap((language) =>
  (["light", "dark"] as const).map((theme): Look => ({ language, theme })),
);
/** Charts have something to show, and figures something to say, when the house has lived for so long. */
const LIVED_MS = 45_000;

mkdirSync(OUT, { recursive: true });
for (const old of readdirSync(OUT).filter((name) => name.endsWith(".png"))) rmSync(join(OUT, old));
const lab = await Lab.up();
try {
  await lab.lease("udhcpc", "lan1");
  const browser = await openBrowser(lab);
  for (const look of LOOKS) {
    await using stranger = await visit(browser, look);
    await stranger.page.goto(`${BOX}/`);
    await settle(stranger.page);
    await shoot(stranger.page, "first-run", look);
  }
  await livingHouse(lab);
  await new Promise((resolve) => setTimeout(resolve, LIVED_MS));
  for (const look of LOOKS) {
    await using person = await resident(browser, labelOf(lab), look);
    for (const { name, path } of PLACES) {
      await person.page.goto(`${BOX}${path}`);
      await settle(person.page);
      await still(person.page);
      await shoot(person.page, name, look);
    }
    await person.page.setViewportSize({ width: 360, height: 740 });
    await person.page.goto(`${BOX}/`);
    await settle(person.page);
    await still(person.page);
    await shoot(person.page, "home-360", look);
  }
  await browser.close();
} finally {
  await lab.down();
}
const files = readdirSync(OUT).filter((name) => name.endsWith(".png"));
const bytes = files.reduce((sum, name) => sum + statSync(join(OUT, name)).size, 0);
console.log(`${files.length} pictures, ${(bytes / 1e6).toFixed(1)} MB, in docs/screenshots`);

/** Until live values have come and charts are drawn. */
async function still(page: Page): Promise<void> {
  await page.waitForLoadState("networkidle").catch(() => {});
  await page.waitForTimeout(1500);
}

async function shoot(page: Page, name: string, { language, theme }: Look): Promise<void> {
  // Home has the picture of the house below the tiles.
  const fullPage = name.startsWith("home");
  await page.screenshot({ path: join(OUT, `${name}-${language}-${theme}.png`), fullPage });
}
