import type { Page } from "playwright-core";

export interface Walk {
  /** Can be used with a mouse, and Tab does not get there. */
  readonly missed: readonly string[];
  /** Had the focus and did not show it. */
  readonly unseen: readonly string[];
  /** Would be read out as "button" and nothing more. */
  readonly nameless: readonly string[];
  /** Of a walk within a dialog: where the focus left it. */
  readonly escaped: readonly string[];
}

const STEPS_MAX = 250;
const WALKS_MAX = 3;

/**
 * Presses Tab through the whole page, as somebody without a mouse does. `to` stops at an element and fails if it is
 * never reached; `within` looks at the things of one part only.
 */
export async function walk(page: Page, options: WalkOptions = {}): Promise<Walk> {
  for (let turn = 1; ; turn += 1) {
    const { grown, ...walked } = await walkOnce(page, options);
    // What came while one walked may lie behind: once more, and of a list that never ends its beginning counts.
    if (walked.missed.length === 0 || grown.length === 0) return walked;
    if (turn === WALKS_MAX)
      return { ...walked, missed: walked.missed.filter((name) => !grown.includes(name)) };
  }
}

interface WalkOptions {
  readonly to?: string;
  readonly within?: string;
}

async function walkOnce(
  page: Page,
  options: WalkOptions,
): Promise<Walk & { readonly grown: readonly string[] }> {
  const root = options.within ?? "body";
  await page.evaluate(PREPARE);
  const usable = () =>
    page.evaluate<readonly Usable[]>(`window.__walk.all(${JSON.stringify(root)})`);
  const before = new Set((await usable()).map(({ number }) => number));
  const reached = new Set<number>();
  const unseen: string[] = [];
  const escaped: string[] = [];
  for (let step = 0; step < STEPS_MAX; step += 1) {
    if (
      options.to !== undefined &&
      (await page.evaluate(`document.activeElement.matches(${JSON.stringify(options.to)})`))
    )
      return { missed: [], unseen, nameless: [], escaped, grown: [] };
    await page.keyboard.press("Tab");
    const at = await page.evaluate<Focus>(`window.__walk.at(${JSON.stringify(root)})`);
    if (at.number < 0) continue;
    if (reached.has(at.number) && !at.isChoice) break;
    reached.add(at.number);
    if (!at.isShown) unseen.push(at.name);
    if (!at.isInside) escaped.push(at.name);
  }
  if (options.to !== undefined) throw new Error(`Tab never reaches ${options.to}`);
  const all = await usable();
  return {
    missed: all.filter(({ number }) => !reached.has(number)).map(({ name }) => name),
    unseen,
    nameless: all.filter(({ isNamed }) => !isNamed).map(({ name }) => name),
    escaped: options.within === undefined ? [] : escaped,
    grown: all.filter(({ number }) => !before.has(number)).map(({ name }) => name),
  };
}

interface Focus {
  readonly number: number;
  readonly name: string;
  readonly isShown: boolean;
  readonly isInside: boolean;
  /** One of a group of which Tab reaches only the one that is chosen. */
  readonly isChoice: boolean;
}

interface Usable {
  readonly number: number;
  readonly name: string;
  readonly isNamed: boolean;
}

/** In the page: numbers what can be used, and looks whether a focus is to be seen. */
const PREPARE = `(() => {
  const numbers = new WeakMap();
  let last = 0;
  const numberOf = (element) => {
    if (!numbers.has(element)) numbers.set(element, last++);
    return numbers.get(element);
  };
  const text = (element) => {
    const labelled = (element.getAttribute("aria-labelledby") ?? "").split(" ").map((id) => document.getElementById(id)?.textContent ?? "").join(" ");
    return [element.getAttribute("aria-label") ?? "", labelled, element.textContent ?? "", ...[...(element.labels ?? [])].map((one) => one.textContent),
      element.getAttribute("title") ?? ""].map((one) => one.trim()).find((one) => one !== "") ?? "";
  };
  const describe = (element) => element.tagName.toLowerCase() + (element.name ? "[" + element.name + "]" : "") + " " + text(element).slice(0, 40);
  const isUsable = (element) => {
    if (element.disabled || element.closest("[inert]") || element.getAttribute("aria-hidden") === "true") return false;
    if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: false })) return false;
    if (element.tagName === "INPUT" && element.type === "hidden") return false;
    const open = document.querySelector("dialog[open]");
    if (open !== null && !open.contains(element)) return false;
    // Of a group of radio buttons and of tabs the arrows choose; Tab reaches the chosen one.
    if (element.type === "radio") {
      const group = [...document.querySelectorAll('input[type="radio"]')].filter((one) => one.name === element.name && one.form === element.form);
      const chosen = group.find((one) => one.checked);
      return chosen === undefined ? group[0] === element : chosen === element;
    }
    return element.tabIndex >= 0;
  };
  const look = (element) => {
    const style = getComputedStyle(element);
    return [style.outlineStyle, style.outlineWidth, style.boxShadow, style.borderColor, style.backgroundColor, style.textDecorationLine, style.stroke, style.strokeWidth].join();
  };
  window.__walk = {
    all: (root) => [...document.querySelector(root).querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")]
      .filter(isUsable).map((element) => ({ number: numberOf(element), name: describe(element), isNamed: text(element) !== "" })),
    at: (root) => {
      const element = document.activeElement;
      if (element === null || element === document.body || element === document.documentElement) return { number: -1, name: "", isShown: true, isInside: true, isChoice: false };
      // The mark may be on what stands around the input, or on a shape in a link.
      const holders = [element, element.parentElement, element.closest("label"), element.parentElement?.parentElement,
        ...[...element.querySelectorAll("rect, circle, path")].slice(0, 4)].filter((one) => one);
      const focused = holders.map(look).join();
      element.blur();
      const plain = holders.map(look).join();
      element.focus({ preventScroll: true, focusVisible: true });
      return { number: numberOf(element), name: describe(element), isShown: focused !== plain,
        isInside: element.closest(root) !== null, isChoice: element.type === "radio" };
    },
  };
})()`;
