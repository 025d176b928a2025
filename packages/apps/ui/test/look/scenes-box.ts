import { closed, lineDown, whole } from "./fixtures-box.ts";
import type { Scene } from "./scenes.ts";

/** Internet, Security, Diagnostics, System, Expert. */
export const boxScenes: readonly Scene[] = [
  { name: "internet", path: "/internet", fixture: whole },
  {
    name: "internet-down",
    path: "/internet",
    fixture: lineDown,
    steps: async (page) => {
      await page.click(".stack > .card:last-child button");
      await page.waitForSelector("select");
    },
  },
  { name: "security", path: "/security", fixture: whole },
  {
    name: "security-closed",
    path: "/security",
    fixture: closed,
    steps: async (page) => {
      await page.click(".split:last-of-type .card:first-child button");
    },
  },
  {
    name: "security-new",
    path: "/security",
    fixture: whole,
    steps: async (page) => {
      await page.click(".card-head button");
      await page.selectOption("dialog select", { index: 2 });
      await page.fill("dialog input[name=port]", "8443");
      await page.click("dialog summary");
    },
  },
  {
    name: "security-rights",
    path: "/security",
    fixture: whole,
    steps: async (page) => {
      await page.click(".notice .button-primary");
    },
  },
];
