import type { Page } from "playwright-core";
import { dsl } from "./fixtures-dsl.ts";
import type { Scene } from "./scenes.ts";

const TAB = { values: 1, errors: 2, history: 3, spectrum: 4 } as const;

async function tab(page: Page, name: keyof typeof TAB): Promise<void> {
  await page.click(`.dsl-saying + .tabs > [role=tablist] > [role=tab]:nth-child(${TAB[name]})`);
}

/** The card of a DSL line. */
export const dslScenes: readonly Scene[] = [
  { name: "dsl-adsl", path: "/internet", fixture: dsl.adsl },
  {
    name: "dsl-vdsl",
    path: "/internet",
    fixture: dsl.vdsl,
    steps: (page) => page.click(".dsl-saying + .tabs .fold summary"),
  },
  {
    name: "dsl-errors",
    path: "/internet",
    fixture: dsl.adsl,
    steps: async (page) => {
      await tab(page, "errors");
      await page.waitForSelector(".dsl-saying + .tabs .uplot");
    },
  },
  {
    name: "dsl-errors-days",
    path: "/internet",
    fixture: dsl.adsl,
    steps: async (page) => {
      await tab(page, "errors");
      await page.click(".dsl-saying + .tabs .tabs [role=tab]:nth-child(2)");
      await page.waitForTimeout(300);
    },
  },
  {
    name: "dsl-history",
    path: "/internet",
    fixture: dsl.vdsl,
    steps: async (page) => {
      await tab(page, "history");
      await page.waitForTimeout(500);
    },
  },
  ...["bits", "snr", "qln", "hlog"].map(
    (kind): Scene => ({
      name: `dsl-spectrum-${kind}`,
      path: "/internet",
      fixture: dsl.vdsl,
      steps: async (page) => {
        await tab(page, "spectrum");
        await page.click(".dsl-saying + .tabs .actions button");
        await page.check(`input[name=spectrum][value=${kind}]`);
        await page.waitForSelector(".dsl-saying + .tabs .uplot");
        // One of them as its table.
        if (kind === "hlog") await page.click(".dsl-saying + .tabs .chart > button");
      },
    }),
  ),
  {
    name: "dsl-resync",
    path: "/internet",
    fixture: dsl.vdsl,
    steps: async (page) => {
      await page.click(".card:has(.dsl-saying) .card-head button");
      await page.waitForSelector("dialog .button-primary");
    },
  },
  { name: "dsl-training", path: "/internet", fixture: dsl.training },
  { name: "dsl-unreachable", path: "/internet", fixture: dsl.unreachable },
  {
    name: "dsl-hostile",
    path: "/internet",
    fixture: dsl.hostile,
    steps: (page) => page.click(".dsl-saying + .tabs .fold summary"),
  },
  {
    name: "dsl-settings",
    path: "/internet",
    fixture: dsl.vdsl,
    steps: async (page) => {
      await page.click(".stack > .card:last-child button");
      await page.selectOption("select[name=modem]", "draytek");
      await page.click("button[type=submit]");
    },
  },
];
