import type { Page } from "playwright-core";
import type { Fixture } from "./box.ts";
import { but, hostileHosts, manyHosts, moves, wanDown, welcome, well } from "./fixtures.ts";
import { boxScenes } from "./scenes-box.ts";
import { dslScenes } from "./scenes-dsl.ts";

/** One page in one state, worth a look. */
export interface Scene {
  readonly name: string;
  readonly path: string;
  readonly fixture: Fixture;
  /** What a person does before the picture is taken. */
  readonly steps?: (page: Page) => Promise<void>;
}

const stranger = { status: 401, code: "not_logged_in", text: { fr: "", en: "" } };

/** A new page adds its scenes here. */
export const scenes: readonly Scene[] = [
  {
    name: "login",
    path: "/devices",
    fixture: but({}, {}, { "GET /sessions/current": [401, stranger] }),
  },
  {
    name: "first-run",
    path: "/",
    fixture: but(
      {},
      { "GET /welcome": { ...welcome, firstRunDone: false } },
      { "GET /sessions/current": [401, stranger] },
    ),
  },
  {
    name: "first-run-line",
    path: "/",
    fixture: but({ wan: wanDown }, { "GET /welcome": { ...welcome, firstRunDone: false } }),
    steps: async (page) => {
      await page.locator("select").selectOption("orange-fr");
    },
  },
  {
    name: "probation",
    path: "/",
    fixture: but(
      { wan: wanDown },
      {
        "GET /welcome": { ...welcome, firstRunDone: false },
        "POST /config/plan": moves,
        "POST /config/apply": {
          revision: 8,
          plan: moves,
          probation: { token: "t", seconds: 120 },
        },
      },
    ),
    steps: async (page) => {
      await page.locator("select").selectOption("sfr-fr");
      await page.getByRole("button", { name: /^(Use this operator|Utiliser cet op)/ }).click();
      await page.getByRole("button", { name: /^(Apply|Appliquer)$/ }).click();
      await page
        .getByText(/192\.168\.2\.1/)
        .first()
        .waitFor();
      await page.waitForTimeout(2_500);
    },
  },
  {
    name: "step-up",
    path: "/devices/d3",
    fixture: but(
      {},
      {},
      { "POST /nat/port-mappings": [403, { ...stranger, status: 403, code: "step_up_required" }] },
    ),
    steps: async (page) => {
      await page.getByRole("button", { name: /^(Open a port|Ouvrir un port)$/ }).click();
      const dialog = page.getByRole("dialog");
      await dialog.locator("input").first().fill("x");
      await dialog.locator("input").nth(1).fill("8080");
      await dialog.getByRole("button", { name: /^(Go on|Continuer)$/ }).click();
      await dialog.getByRole("button", { name: /^(Open a port|Ouvrir un port)$/ }).click();
      await dialog.locator("input[type=password]").waitFor();
    },
  },
  {
    name: "first-run-done",
    path: "/",
    fixture: but({}, { "GET /welcome": { ...welcome, firstRunDone: false } }),
    steps: (page) => page.getByRole("button", { name: /^(Go on|Continuer)$/ }).click(),
  },
  {
    name: "unreachable",
    path: "/",
    fixture: but({}, {}, { "GET /welcome": [599, {}] }),
  },
  { name: "home", path: "/", fixture: well },
  { name: "home-down", path: "/", fixture: but({ wan: wanDown, hosts: { hosts: [] } }) },
  { name: "home-250", path: "/", fixture: but({ hosts: { hosts: manyHosts(250) } }) },
  { name: "home-hostile", path: "/", fixture: but({ hosts: { hosts: hostileHosts } }) },
  { name: "devices", path: "/devices", fixture: well },
  { name: "devices-250", path: "/devices", fixture: but({ hosts: { hosts: manyHosts(250) } }) },
  { name: "devices-hostile", path: "/devices", fixture: but({ hosts: { hosts: hostileHosts } }) },
  { name: "device", path: "/devices/d3", fixture: well },
  {
    name: "device-hostile",
    path: "/devices/d3",
    fixture: but({ hosts: { hosts: hostileHosts } }),
  },
  {
    name: "device-block",
    path: "/devices/d3",
    fixture: well,
    steps: async (page) => {
      await page.getByRole("button", { name: /^(Block|Bloquer)$/ }).click();
      await page
        .getByRole("dialog")
        .getByRole("button", { name: /^(Block|Bloquer)$/ })
        .waitFor();
    },
  },
  {
    name: "device-port",
    path: "/devices/d3",
    fixture: well,
    steps: async (page) => {
      await page.getByRole("button", { name: /^(Open a port|Ouvrir un port)$/ }).click();
      await page
        .getByRole("dialog")
        .getByRole("button", { name: /^(Go on|Continuer)$/ })
        .click();
    },
  },
  {
    name: "help",
    path: "/",
    fixture: well,
    steps: async (page) => {
      await page.getByRole("button", { name: /Help for|Aide de/ }).click();
      await page.locator("dialog h3").first().waitFor();
    },
  },
  {
    name: "menu",
    path: "/",
    fixture: well,
    steps: (page) => page.getByRole("button", { name: /Settings of|Réglages de/ }).click(),
  },
  {
    name: "more",
    path: "/devices",
    fixture: well,
    steps: async (page) => {
      const more = page.getByRole("button", { name: /^(More|Plus)$/ });
      if (await more.isVisible()) await more.click();
    },
  },
  ...boxScenes,
  ...dslScenes,
];
