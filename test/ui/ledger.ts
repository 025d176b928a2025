import type { Page } from "playwright-core";

/**
 * What a page offered and what was done with it, by the keyboard alone: every form, field, button, tab and dialog that
 * stood on it, beside those that were really used. A form that nobody drives shows up as one that was only seen.
 */
export class Ledger {
  readonly #seen = new Set<string>();
  readonly #used = new Set<string>();
  readonly #focused = new Set<string>();
  /** What a mouse or a script did in the place of a person with a keyboard. */
  readonly cheated = new Set<string>();
  /** After which act the focus was nowhere. */
  readonly lost: string[] = [];

  /** Begins to write down; before the page is loaded. */
  static async of(page: Page): Promise<Ledger> {
    const ledger = new Ledger();
    await page.exposeBinding("__ledger", (_, kind: string, key: string) => ledger.#note(kind, key));
    await page.addInitScript(SCRIPT);
    return ledger;
  }

  /**
   * Everything that was offered and never used. `onlyReached` are last steps that no test takes: they must have had the
   * focus. `elsewhere` is driven by another file.
   */
  untouched(
    rest: { readonly onlyReached?: readonly string[]; readonly elsewhere?: RegExp } = {},
  ): readonly string[] {
    const { onlyReached = [], elsewhere } = rest;
    return [...this.#seen]
      .filter((key) => !this.#used.has(key) && elsewhere?.test(key) !== true)
      .filter((key) => !(onlyReached.includes(key) && this.#focused.has(key)))
      .sort();
  }

  #note(kind: string, key: string): void {
    if (kind === "seen") this.#seen.add(key);
    else if (kind === "used") this.#used.add(key);
    else if (kind === "focused") this.#focused.add(key);
    else this.cheated.add(`${kind}: ${key}`);
  }
}

/** In the page: gives each thing a name, "where: what", the same whatever is counted in it, and tells the test of it once. */
const SCRIPT = `(() => {
  const said = new Set();
  const tell = (kind, key) => {
    // The words of one language are the names.
    if (key === undefined || document.documentElement.lang !== "en" || said.has(kind + key)) return;
    said.add(kind + key);
    window.__ledger(kind, key);
  };
  const text = (element) => (element?.textContent ?? "").replace(/\\d+/g, "#").replace(/\\s+/g, " ").trim();
  const heading = (part) => text(part.querySelector("h1, h2, h3"));
  const placeOf = (element) => {
    const dialog = element.closest("dialog");
    if (dialog !== null) return "dialog " + heading(dialog);
    if (element.closest(".toasts") !== null) return "messages";
    if (element.closest("header, nav") !== null) return "frame";
    const part = element.closest("section[aria-labelledby], main.alone");
    return part === null ? "page" : heading(part);
  };
  // Every dialog has these two.
  const LEAVE = ["Close", "Cancel"];
  const nameOf = (element) => {
    const place = placeOf(element);
    const { tagName, type } = element;
    // What every table, plan and refused form has is the same thing everywhere.
    if (element.matches(".sort")) return "table: sort";
    if (element.closest(".error-summary") !== null) return "form: way to what is wrong";
    if (tagName === "SUMMARY") {
      // A fold matters where something to be filled in or pressed is behind it.
      const holds = element.parentElement.querySelector("button, input, select, textarea") !== null;
      return (element.closest(".impacts") !== null ? "plan" : holds ? place : "page") + ": fold";
    }
    if (tagName === "FORM") return place + ": form";
    if (tagName === "DIALOG") return "dialog " + heading(element) + ": left";
    const label = text(element.labels?.[0]);
    if (tagName !== "BUTTON") return place + ": " + (type === "checkbox" ? label : element.name || label);
    const words = text(element) || element.getAttribute("aria-label");
    if (element.getAttribute("role") === "tab") return place + ": tab " + words;
    return element.closest("dialog") !== null && LEAVE.includes(words) ? "dialog: " + words : place + ": " + words;
  };
  const THINGS = "button, input, select, textarea, summary, form, dialog[open]";
  const isOffered = (element) => !element.hidden && !element.disabled && element.ariaDisabled !== "true" &&
    (element.checkVisibility() || element.closest("details:not([open])") !== null);
  const look = () => {
    for (const element of document.querySelectorAll(THINGS)) {
      if (!isOffered(element)) continue;
      tell("seen", nameOf(element));
      if (element.getAttribute("aria-selected") === "true") tell("used", nameOf(element));
    }
  };
  let waiting = false;
  const soon = () => {
    if (waiting) return;
    waiting = true;
    setTimeout(() => { waiting = false; look(); }, 20);
  };
  const on = (name, listen) => document.addEventListener(name, listen, true);
  const used = (element) => { look(); tell("used", nameOf(element)); };
  on("click", (event) => {
    if (!event.isTrusted) return;
    const thing = event.target.closest("button, summary, a");
    if (event.pointerType === "mouse" || event.detail > 0) tell("mouse", text(event.target));
    if (thing !== null && thing.tagName !== "A") used(thing);
  });
  for (const name of ["input", "change"]) on(name, (event) => {
    if (!event.isTrusted && event.target.type !== "file") tell("script", nameOf(event.target));
    else used(event.target);
  });
  on("submit", (event) => used(event.target));
  on("cancel", (event) => { if (event.target.tagName === "DIALOG") used(event.target); });
  on("focusin", (event) => { if (event.target.matches(THINGS)) tell("focused", nameOf(event.target)); });
  new MutationObserver(soon).observe(document, { childList: true, subtree: true, attributes: true });
})()`;
