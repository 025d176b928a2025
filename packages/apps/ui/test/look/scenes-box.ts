import { lineDown, whole } from "./fixtures-box.ts";
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
];
