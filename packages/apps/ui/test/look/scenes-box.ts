import { asked, closed, lineDown, upgrades, whole } from "./fixtures-box.ts";
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
  {
    name: "diagnostics",
    path: "/diagnostics",
    fixture: asked.assistant,
    steps: async (page) => {
      await page.click(".assistants .button-primary");
      await page.click(".stack > .card:last-child button");
      await page.click(".fold summary");
    },
  },
  {
    name: "diagnostics-ping",
    path: "/diagnostics",
    fixture: asked.ping,
    steps: async (page) => {
      await page.fill("input[name=target]", "web.internet.test");
      await page.click("button[type=submit]");
    },
  },
  {
    name: "diagnostics-capture",
    path: "/diagnostics",
    fixture: asked.capture,
    steps: async (page) => {
      await page.check("input[value=capture]");
      await page.click("button[type=submit]");
    },
  },
  { name: "system", path: "/system", fixture: whole },
  ...["network", "settings", "history", "backup"].map(
    (part, n): Scene => ({
      name: `system-${part}`,
      path: "/system",
      fixture: whole,
      steps: async (page) => {
        await page.click(`[role=tab]:nth-child(${n + 2})`);
        if (part === "history") await page.click(".fold summary");
      },
    }),
  ),
  ...Object.entries(upgrades).map(
    ([phase, fixture]): Scene => ({ name: `system-update-${phase}`, path: "/system", fixture }),
  ),
  {
    name: "system-move",
    path: "/system",
    fixture: whole,
    steps: async (page) => {
      await page.click("[role=tab]:nth-child(2)");
      await page.fill("input[name=address]", "192.168.77.1");
      await page.click("button[type=submit]");
      await page.waitForSelector("dialog .button-primary");
    },
  },
  {
    name: "system-reset",
    path: "/system",
    fixture: whole,
    steps: async (page) => {
      await page.click("[role=tab]:nth-child(5)");
      await page.click(".button-danger");
      await page.fill("dialog input", "x");
      await page.click("dialog .button-danger");
    },
  },
  { name: "expert", path: "/expert", fixture: whole, steps: (page) => page.click("summary") },
  {
    name: "expert-api",
    path: "/expert",
    fixture: whole,
    steps: async (page) => {
      await page.click("[role=tab]:nth-child(2)");
      await page.fill("input[name=search]", "hosts");
      await page.click("summary:has-text('PATCH')");
    },
  },
  {
    name: "expert-config",
    path: "/expert",
    fixture: whole,
    steps: async (page) => {
      await page.click("[role=tab]:nth-child(3)");
      await page.click("summary");
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
