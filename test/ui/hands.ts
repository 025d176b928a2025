import type { Browser, Locator, Page } from "playwright-core";
import { expect } from "vitest";
import { axe } from "./axe.ts";
import { type Visit, visit } from "./browser.ts";
import { walk } from "./keyboard.ts";
import { Ledger } from "./ledger.ts";
import { BOX, settle, until } from "./resident.ts";

const STEPS_MAX = 250;
const NOWHERE = "document.activeElement === null || document.activeElement === document.body";

/** A person without a mouse, who came in by the keyboard. */
export async function keyboardPerson(
  browser: Browser,
  password: string,
  at = `${BOX}/`,
): Promise<{ readonly hands: Hands; readonly person: Visit }> {
  const person = await visit(browser);
  const hands = await Hands.on(person.page);
  await hands.open(at);
  await hands.type(person.page.locator('input[name="password"]'), password);
  await person.page.keyboard.press("Enter");
  await person.page.locator('input[name="password"]').waitFor({ state: "detached" });
  await settle(person.page);
  return { hands, person };
}

/** Two hands on a keyboard. No mouse, no focus and no value that a script sets: the ledger would say so. */
export class Hands {
  readonly page: Page;
  readonly ledger: Ledger;
  #last = "nothing yet";

  private constructor(page: Page, ledger: Ledger) {
    this.page = page;
    this.ledger = ledger;
  }

  static async on(page: Page): Promise<Hands> {
    return new Hands(page, await Ledger.of(page));
  }

  /** Loads a page anew; there the focus is nowhere, and that is right. */
  async open(url: string): Promise<void> {
    await this.page.goto(url);
    await settle(this.page);
    this.#last = "";
  }

  /** Goes to something with Tab, or with Shift and Tab where it lies behind. */
  async to(target: Locator): Promise<void> {
    await target.waitFor();
    const { page } = this;
    if (this.#last !== "") await this.#hasFocus();
    const focused = target.and(page.locator(":focus"));
    for (let step = 0; step < STEPS_MAX; step += 1) {
      if ((await focused.count()) > 0) return;
      await page.keyboard.press((await this.#isBehind(target)) ? "Shift+Tab" : "Tab");
    }
    throw new Error(`Tab never reaches ${target}`);
  }

  /** Goes to a button or a fold and presses it. */
  async press(target: Locator, key: "Enter" | "Space" = "Enter"): Promise<void> {
    await this.to(target);
    this.#last = `${key} on ${target}`;
    await this.page.keyboard.press(key);
  }

  /** Writes into a field, in the place of what stands there. */
  async type(target: Locator, text: string): Promise<void> {
    await this.to(target);
    await this.page.keyboard.press("Control+A");
    if (text === "") await this.page.keyboard.press("Delete");
    else await this.page.keyboard.type(text);
    this.#last = `typing in ${target}`;
  }

  /** A value of a list. Where it is chosen already: away and back. */
  async select(list: Locator, value: string): Promise<void> {
    await this.to(list);
    const { keyboard } = this.page;
    await keyboard.press((await list.inputValue()) === value ? "End" : "Home");
    await keyboard.press("Home");
    for (let step = 0; (await list.inputValue()) !== value; step += 1) {
      if (step > STEPS_MAX) throw new Error(`no ${value} in ${list}`);
      await keyboard.press("ArrowDown");
    }
    this.#last = `choosing in ${list}`;
  }

  /** A value of a long list, by the first letters of its words. */
  async selectByTyping(list: Locator, words: string, value: string): Promise<void> {
    await this.to(list);
    await this.page.keyboard.type(words);
    expect(await list.inputValue()).toBe(value);
    this.#last = `choosing in ${list}`;
  }

  /** One of a group of choices, by its value; the way there is once around where it is chosen already. */
  async choose(group: string, value: string, within: Locator | Page = this.page): Promise<void> {
    const radio = (more: string): Locator =>
      within.locator(`input[type="radio"][name="${group}"]${more}`);
    await this.to(radio(":checked"));
    for (let step = 0; step < 10; step += 1) {
      await this.page.keyboard.press("ArrowRight");
      if (await radio(`[value="${value}"]`).isChecked()) return;
    }
    throw new Error(`no ${value} among ${group}`);
  }

  /** A part of a page, by the arrows of its row of tabs. */
  async tab(name: string, within: Locator | Page = this.page): Promise<void> {
    const named = this.page.getByRole("tab", { name, exact: true });
    const row = within.getByRole("tablist").filter({ has: named });
    const tab = row.getByRole("tab", { name, exact: true });
    await this.to(row.locator('[aria-selected="true"]'));
    const isChosen = async () => (await tab.getAttribute("aria-selected")) === "true";
    for (let step = 0; step < 10 && !(await isChosen()); step += 1)
      await this.page.keyboard.press("ArrowRight");
    expect(await isChosen()).toBe(true);
    expect(await row.locator(":focus").textContent()).toBe(await tab.textContent());
    this.#last = `the arrows to the tab ${name}`;
    await settle(this.page);
  }

  /**
   * Opens a dialog, looks it over as axe and a keyboard do, leaves it with Escape to where one was, and opens it again.
   */
  async dialog(opener: Locator, title: string | RegExp): Promise<Locator> {
    const { page } = this;
    const dialog = page.getByRole("dialog", { name: title });
    await this.press(opener);
    await this.looked(dialog);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    await expectFocus(opener);
    await this.press(opener);
    await this.#settled(dialog);
    return dialog;
  }

  /** Its plan is made; a change on probation, which shows how long it has, looks for the box as long as it takes. */
  async #settled(dialog: Locator): Promise<void> {
    await dialog.waitFor();
    const busy = dialog.locator(".status-working");
    await expect
      .poll(
        async () => (await dialog.locator("progress").count()) > 0 || (await busy.count()) === 0,
        {
          timeout: 15_000,
        },
      )
      .toBe(true);
  }

  /** A dialog that has come holds the focus, and everything in it is reached, seen and named. */
  async looked(dialog: Locator): Promise<void> {
    const { page } = this;
    await this.#settled(dialog);
    await until(page, 'document.activeElement?.closest("dialog") !== null', 2000);
    const found = await walk(page, { within: "dialog[open]" });
    expect({ ...found, axe: await axe(page) }).toEqual({
      ...{ missed: [], unseen: [], nameless: [], escaped: [], axe: [] },
    });
  }

  /** After a form was refused: the field has the focus, is marked as wrong, and its error is read with it. */
  async refused(field: Locator, text: string | RegExp): Promise<void> {
    await expectFocus(field);
    expect(await field.getAttribute("aria-invalid")).toBe("true");
    const ids = (await field.getAttribute("aria-describedby"))?.split(" ") ?? [];
    const words = await Promise.all(
      ids.map((id) => this.page.locator(`[id="${id}"]`).textContent()),
    );
    expect(words.join(" ")).toMatch(text);
    await this.page.locator('[role="alert"]').filter({ hasText: text }).first().waitFor();
  }

  /** What is done is read out where messages stand. */
  async told(text: string | RegExp): Promise<void> {
    await this.page.locator('[aria-live="polite"]').getByText(text).first().waitFor();
    await this.#hasFocus();
  }

  async #hasFocus(): Promise<void> {
    // The browser says so a moment after the page was drawn.
    await until(this.page, `!(${NOWHERE})`, 1000).catch(() => {
      if (!this.ledger.lost.includes(this.#last)) this.ledger.lost.push(this.#last);
    });
  }

  async #isBehind(target: Locator): Promise<boolean> {
    // 4: what has the focus follows the target in the document.
    return target.evaluate((element) => {
      const at = element.ownerDocument.activeElement;
      if (at === null || at === element.ownerDocument.body) return false;
      return (element.compareDocumentPosition(at) & 4) !== 0;
    });
  }
}

/** How these tests name what stands on the page that is open by then. */
export function partsOf(page: () => Page) {
  return {
    button: (name: string | RegExp, within: Page | Locator = page()): Locator =>
      within.getByRole("button", { name, exact: true }),
    card: (name: string): Locator => page().getByRole("region", { name, exact: true }),
    field: (name: string, within: Page | Locator = page()): Locator =>
      within.locator(`[name="${name}"]`),
    dialog: (): Locator => page().getByRole("dialog"),
  };
}

export async function expectFocus(target: Locator): Promise<void> {
  await target.and(target.page().locator(":focus")).waitFor({ state: "attached", timeout: 5000 });
}

/** The box asks once an hour who is there. */
export async function provedByKeys(hands: Hands, password: string): Promise<void> {
  const asked = hands.page.getByRole("dialog", { name: "Is it really you?" });
  await asked.waitFor();
  await hands.type(asked.locator('input[name="password"]'), password);
  await hands.page.keyboard.press("Enter");
  await asked.waitFor({ state: "detached" });
}

/** A change that could cut its author off stays in sight, whatever is pressed, until it is kept or taken back. */
export async function keptByKeys(
  hands: Hands,
  answer: "Keep the change" | "Take it back now" = "Keep the change",
): Promise<void> {
  const { page } = hands;
  const probation = page.getByRole("dialog", { name: "Does it still work?" });
  await hands.looked(probation);
  for (let time = 0; time < 3; time += 1) await page.keyboard.press("Escape");
  await probation.waitFor();
  await hands.press(probation.getByRole("button", { name: answer }));
  await probation.waitFor({ state: "detached" });
}

/** What the box may ask between "Apply" and the end of a change: who is there, and whether it still works. */
export async function carriedThrough(
  hands: Hands,
  password: string,
  done: string | RegExp,
): Promise<void> {
  const named = (name: string): Locator => hands.page.getByRole("dialog", { name });
  const asked = named("Is it really you?");
  const probation = named("Does it still work?");
  const end = hands.page.locator('[aria-live="polite"]').getByText(done);
  for (let step = 0; step < 4; step += 1) {
    await asked.or(probation).or(end).first().waitFor();
    if (await asked.isVisible()) await provedByKeys(hands, password);
    else if (await probation.isVisible()) await keptByKeys(hands);
    else return hands.told(done);
  }
  throw new Error(`the change never ends with ${done}`);
}
