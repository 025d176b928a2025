import type { Language, Sentence } from "./language.ts";
import { columnsOf, visible, visibleJson } from "./visible.ts";

export type Colour = "good" | "warning" | "fault" | "quiet" | "strong";

/** A piece of a line. Whatever is in it is made harmless when it is shown: nobody can forget to. */
export type Cell = string | { readonly text: string; readonly colour: Colour };

export interface ScreenOptions {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly isColoured: boolean;
  readonly isErrColoured: boolean;
  readonly language: Language;
}

/** The one way to the terminal. */
export class Screen {
  readonly language: Language;
  readonly #options: ScreenOptions;

  constructor(options: ScreenOptions) {
    this.language = options.language;
    this.#options = options;
  }

  /** In the person's language. */
  say(sentence: Sentence): string {
    return sentence[this.language];
  }

  line(...cells: readonly Cell[]): void {
    this.#options.out(`${cells.map((cell) => shown(cell, this.#options.isColoured)).join("")}\n`);
  }

  /** Of our own text, such as a page of help; its line feeds are lines. */
  page(text: string): void {
    for (const line of text.trimEnd().split("\n")) this.line(line);
  }

  /** To standard error: what is not the answer itself. */
  note(...cells: readonly Cell[]): void {
    this.#options.err(
      `${cells.map((cell) => shown(cell, this.#options.isErrColoured)).join("")}\n`,
    );
  }

  json(value: unknown, indent?: number): void {
    this.#options.out(`${visibleJson(value, indent)}\n`);
  }

  jsonNote(value: unknown): void {
    this.#options.err(`${visibleJson(value)}\n`);
  }

  /** A generated file, such as a completion script, exactly as it is. */
  raw(text: string): void {
    this.#options.out(text);
  }

  table(rows: readonly (readonly Cell[])[], heading?: readonly Sentence[]): void {
    const head = heading?.map((sentence): Cell => ({ text: this.say(sentence), colour: "quiet" }));
    const all = head === undefined ? rows : [head, ...rows];
    const widths: number[] = [];
    for (const row of all)
      for (const [n, cell] of row.entries())
        widths[n] = Math.max(widths[n] ?? 0, Math.min(widthOf(cell), COLUMN_MAX));
    for (const row of all) {
      const last = row.findLastIndex((cell) => textOf(cell) !== "");
      this.line(
        ...row
          .slice(0, last + 1)
          .flatMap((cell, n) =>
            n === last
              ? [cell]
              : [cell, " ".repeat(Math.max(2, (widths[n] ?? 0) - widthOf(cell) + 2))],
          ),
      );
    }
  }
}

/** One long name doesn't push every other column off the screen. */
const COLUMN_MAX = 40;

const CODES: Readonly<Record<Colour, string>> = {
  good: "32",
  warning: "33",
  fault: "31",
  quiet: "2",
  strong: "1",
};

function textOf(cell: Cell): string {
  return typeof cell === "string" ? cell : cell.text;
}

function widthOf(cell: Cell): number {
  return columnsOf(visible(textOf(cell)));
}

function shown(cell: Cell, isColoured: boolean): string {
  const text = visible(textOf(cell));
  if (!isColoured || typeof cell === "string" || text === "") return text;
  return `\u001b[${CODES[cell.colour]}m${text}\u001b[0m`;
}
