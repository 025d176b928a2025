import { type SourceText, STRING, unquote } from "./faults.ts";

/** A line that the event log can hold. */
export interface EventLine {
  readonly code: string;
  readonly severity: string;
  readonly category: string;
  readonly fr: string;
  readonly en: string;
}

/** Reads the table of `lines.ts`: `code: severity("category", "fr", "en")`. */
export function collectLines(sources: readonly SourceText[]): readonly EventLine[] {
  return sources
    .filter(({ path }) => path.endsWith("/lines.ts"))
    .flatMap(({ text }) =>
      [...text.matchAll(LINE)].map(
        ([, code = "", severity = "", category = "", fr = "", en = ""]) => ({
          code,
          severity,
          category: unquote(category),
          fr: unquote(fr),
          en: unquote(en),
        }),
      ),
    );
}

const LINE = new RegExp(
  String.raw`^\s*([a-z0-9_]+): (info|warning|fault)\(\s*${STRING},\s*${STRING},\s*${STRING},?\s*\)`,
  "gm",
);
