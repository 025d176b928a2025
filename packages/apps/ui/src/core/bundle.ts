import { visible } from "./json-value.ts";

/** One part of a document that a person looks through before it leaves the box. */
export interface Part {
  readonly name: string;
  readonly bytes: number;
  /** Indented, cut where it is long. */
  readonly text: string;
  readonly isCut: boolean;
}

const TEXT_MAX = 20_000;
const PARTS_MAX = 60;

/** The first level of a JSON document, each part as text; undefined where it is none. */
export function partsOf(document: string): readonly Part[] | undefined {
  const value = parse(document);
  if (typeof value !== "object" || value === null) return undefined;
  return Object.entries(value)
    .slice(0, PARTS_MAX)
    .map(([name, part]) => {
      const text = JSON.stringify(part, undefined, 2) ?? "";
      return {
        name,
        bytes: text.length,
        text: visible(text.slice(0, TEXT_MAX)),
        isCut: text.length > TEXT_MAX,
      };
    });
}

/** Lines of the event log as a table for a spreadsheet (RFC 4180). */
export function csvOf(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}

/** A cell that begins like a formula would be run by a spreadsheet: strangers' names stand in here. */
function cell(text: string): string {
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
