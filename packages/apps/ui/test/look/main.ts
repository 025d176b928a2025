import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { axe } from "../../../../../test/ui/axe.ts";
import { ORIGIN, standIn } from "./box.ts";
import { NOW } from "./fixtures.ts";
import { type Scene, scenes } from "./scenes.ts";

/**
 * Pictures of every scene with made-up values into build/look/, and what axe, the content security policy and the width
 * of a phone say about it. To look at what one draws: `node packages/apps/ui/test/look/main.ts [SCENE…] [--all]`.
 */
const OUT = join(import.meta.dirname, "../../../../../build/look");
const names = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const isAll = process.argv.includes("--all");
const LOOKS = [
  { width: 360, theme: "light", language: "fr" },
  { width: 1280, theme: "light", language: "en" },
  { width: 1280, theme: "dark", language: "fr" },
  { width: 768, theme: "dark", language: "en" },
  { width: 360, theme: "dark", language: "en" },
] as const;

mkdirSync(OUT, { recursive: true });
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});
let problems = 0;
try {
  for (const scene of scenes.filter((one) => names.length === 0 || names.includes(one.name))) {
    for (const look of isAll ? LOOKS : LOOKS.slice(0, 3))
      problems += await shoot(browser, scene, look);
  }
} finally {
  await browser.close();
}
process.stdout.write(`${problems} problems\n`);
process.exitCode = problems === 0 ? 0 : 1;

async function shoot(on: Browser, scene: Scene, look: (typeof LOOKS)[number]): Promise<number> {
  const context = await on.newContext({
    locale: look.language === "fr" ? "fr-FR" : "en-GB",
    colorScheme: look.theme,
    viewport: { width: look.width, height: look.width < 640 ? 740 : 900 },
    reducedMotion: "reduce",
    timezoneId: "Europe/Paris",
  });
  const found: string[] = [];
  try {
    await standIn(context, scene.fixture);
    const page = await context.newPage();
    page.setDefaultTimeout(5_000);
    // Timers go on; only the hour is fixed.
    await page.clock.setFixedTime(NOW);
    await page.addInitScript('localStorage.setItem("passerelle.inside", "1")');
    page.on("console", (message) => {
      if (message.type() === "error" && !/status of [45]\d\d/.test(message.text()))
        found.push(message.text());
    });
    page.on("pageerror", (error) => found.push(error.message));
    await page.goto(`${ORIGIN}${scene.path}`);
    await page.waitForSelector("h1");
    await page.waitForTimeout(300);
    await scene.steps?.(page);
    const over = await page.evaluate<number>("document.documentElement.scrollWidth - innerWidth");
    if (over > 0) found.push(`wider than the window by ${over} px`);
    for (const violation of await axe(page)) {
      found.push(`axe ${violation.id}: ${violation.help}\n    ${violation.nodes.join("\n    ")}`);
    }
    const name = `${scene.name}-${look.width}-${look.theme}-${look.language}.png`;
    await page.screenshot({ path: join(OUT, name), fullPage: true });
  } catch (error) {
    found.push(error instanceof Error ? error.message : String(error));
  } finally {
    await context.close();
  }
  for (const text of found) {
    process.stdout.write(`${scene.name} ${look.width} ${look.theme} ${look.language}: ${text}\n`);
  }
  return found.length;
}
