import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Admin, labelOf, must } from "../face/admin.ts";
import { Lab } from "../lab/lab.ts";
import { openBrowser, type Visit, visit } from "./browser.ts";
import { failedPicture } from "./failure.ts";
import { expectFocus, Hands, partsOf, provedByKeys } from "./hands.ts";
import { BOX, settledHouse, until } from "./resident.ts";

/** What stands around every page, by the keyboard alone: the door, the menu, the proof of who one is, the end of a session. */
let lab: Lab;
let admin: Admin;
let browser: Browser;
let person: Visit;
let hands: Hands;
let page: Page;
beforeAll(async () => {
  lab = await Lab.up();
  admin = await settledHouse(lab);
  browser = await openBrowser(lab);
  person = await visit(browser);
  ({ page } = person);
  await page.clock.install();
  hands = await Hands.on(page);
});
afterAll(async () => {
  await browser?.close();
  await lab.down();
});
afterEach(({ task }) =>
  failedPicture(page, `keyboard-frame-${task.name.slice(0, 12)}`)[Symbol.asyncDispose](),
);

const { button } = partsOf(() => page);
const password = () => page.locator('input[name="password"]');

test("the door: another language, refused while empty and when wrong, then open", async () => {
  await hands.open(`${BOX}/devices`);
  await hands.choose("language", "fr");
  await page.getByRole("heading", { level: 1, name: "Se connecter" }).waitFor();
  await hands.choose("language", "en");
  await hands.press(button("Log in"));
  await hands.refused(password(), "Please fill this in.");
  await hands.type(password(), "not the password");
  await hands.press(page.getByRole("checkbox", { name: "Show the password" }), "Space");
  // On and off again: a session that is remembered for 30 days ends in no test.
  await hands.press(page.getByRole("switch"), "Space");
  await hands.press(page.getByRole("switch"), "Space");
  await page.keyboard.press("Shift+Tab");
  await hands.press(button("Log in"));
  await hands.refused(password(), "This is not the password.");
  await hands.type(password(), labelOf(lab));
  // The box makes everybody wait after a wrong guess: the person sends it again.
  const sent = async () => {
    await hands.press(button("Log in"));
    return password()
      .waitFor({ state: "detached", timeout: 1500 })
      .then(
        () => true,
        () => false,
      );
  };
  await lab.waitFor("in", sent, 15_000);
  // One is where one wanted to be, and the focus is there, too.
  await page.getByRole("heading", { level: 1, name: "Devices" }).waitFor();
  await until(page, 'document.activeElement?.closest("main") !== null');
});

test("the first Tab of a page skips to its content", async () => {
  await hands.open(`${BOX}/devices`);
  await page.keyboard.press("Tab");
  const skip = page.getByRole("link", { name: "Skip to the content" });
  await expectFocus(skip);
  await page.keyboard.press("Enter");
  await expectFocus(page.locator("main#content"));
});

test("a page is gone to by its link, and its heading is read", async () => {
  await hands.press(page.getByRole("navigation").getByRole("link", { name: "Internet" }));
  await page.waitForURL("**/internet");
  await expectFocus(page.locator("main h1"));
});

test("the menu: language, appearance; Escape gives the focus back", async () => {
  const menu = button("Settings of this page");
  const header = page.getByRole("banner");
  await hands.press(menu);
  await hands.choose("language", "fr", header);
  await page.getByRole("group", { name: "Langue" }).waitFor();
  await hands.choose("language", "en", header);
  await hands.choose("theme", "dark", header);
  await until(
    page,
    'matchMedia("(prefers-color-scheme: dark)").matches || document.documentElement.dataset.theme === "dark"',
  );
  await hands.choose("theme", "auto", header);
  await page.keyboard.press("Escape");
  await expectFocus(menu);
  expect(await menu.getAttribute("aria-expanded")).toBe("false");
});

test("who one is: refused, left undone with Escape, waited for the button, and proved", async () => {
  await hands.open(`${BOX}/security`);
  const asked = page.getByRole("dialog", { name: "Is it really you?" });
  const begin = async () => {
    await hands.press(button("Open a port"));
    const form = page.getByRole("dialog");
    await hands.select(form.locator('[name="to"]'), await lan1());
    await hands.type(form.locator('[name="port"]'), "7000");
    await page.keyboard.press("Enter");
    await hands.press(button("Open a port", page.getByRole("dialog")));
    await asked.waitFor();
  };
  await begin();
  await hands.looked(asked);
  await page.keyboard.press("Escape");
  await asked.waitFor({ state: "detached" });
  // The change says that it was not made, and is left.
  await page.getByRole("dialog").locator('[role="alert"]').waitFor();
  await hands.press(button("Close", page.getByRole("dialog")).last());
  await expectFocus(button("Open a port"));
  expect(must(await admin.api.call("GET /nat/port-mappings")).portMappings).toEqual([]);

  await begin();
  await hands.press(button("I press the button of the box", asked));
  await asked.getByText("Waiting for the button…").waitFor();
  await until(page, 'document.activeElement?.closest("dialog") !== null');
  await hands.press(button("Cancel", asked));
  await hands.press(button("Go on", asked));
  await hands.refused(asked.locator('input[name="password"]'), "Please fill this in.");
  await hands.press(asked.getByRole("checkbox"), "Space");
  await hands.press(asked.getByRole("checkbox"), "Space");
  await provedByKeys(hands, labelOf(lab));
  await hands.told("The port is open.");
  await lab.waitFor(
    "open",
    async () => must(await admin.api.call("GET /nat/port-mappings")).portMappings[0]?.port === 7000,
    5000,
  );
});

async function lan1(): Promise<string> {
  const { hosts } = must(await admin.api.call("GET /hosts"));
  return hosts.flatMap((host) => host.addresses).find((one) => one.includes(".")) ?? "";
}

test("the end of a session is told before, and put off", async () => {
  await hands.open(`${BOX}/security`);
  const warned = page.getByRole("dialog", { name: "Are you still there?" });
  const opener = button("Help for this page");
  await hands.to(opener);
  let now = Date.now();
  for (const answer of ["Escape", "Enter"]) {
    // Who has just pressed something is let stay once without a word; then nobody is there.
    const isWarned = async () => {
      now += 28.5 * 60_000;
      await page.clock.setSystemTime(now);
      return warned.waitFor({ timeout: 8000 }).then(
        () => true,
        () => false,
      );
    };
    await lab.waitFor("the warning", isWarned, 40_000);
    if (answer === "Escape") await hands.looked(warned);
    else await hands.to(button("Stay logged in", warned));
    await page.keyboard.press(answer);
    await warned.waitFor({ state: "detached" });
    await expectFocus(opener);
  }
});

test("a message stays while the keyboard is on it, and goes when it has left", async () => {
  await hands.press(button(/^Switch off: /));
  await hands.press(button("Switch off", page.getByRole("dialog")));
  await hands.told("The opening is off.");
  const messages = page.locator(".toasts");
  await hands.to(messages.getByRole("button", { name: "Dismiss" }).last());
  await page.clock.runFor(60_000);
  await expectFocus(messages.getByRole("button", { name: "Dismiss" }).last());
  await hands.to(button("Open a port"));
  await page.clock.runFor(60_000);
  await messages.getByRole("button").first().waitFor({ state: "detached" });
});

test("out again by the menu, to the door", async () => {
  await hands.press(button("Settings of this page"));
  await hands.press(button("Log out"));
  await password().waitFor();
  await until(page, "document.activeElement !== document.body");
});

test("nothing of all this was left out, and the focus was never lost", () => {
  const mine = /^(frame|Log in|dialog Is it really you\?|dialog Are you still there\?): /;
  const untouched = hands.ledger.untouched().filter((key) => mine.test(key));
  expect(untouched).toEqual([]);
  expect(hands.ledger.lost).toEqual([]);
  expect([...hands.ledger.cheated]).toEqual([]);
  expect(person.watch.problems(/status of 4(0[139]|29)/)).toEqual([]);
});
