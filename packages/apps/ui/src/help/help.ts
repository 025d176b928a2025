import type { PageName } from "../core/page-name.ts";

/** Parts of a help text: a question of the reader, and paragraphs. */
export type Help = readonly { readonly title: string; readonly text: readonly string[] }[];
export type HelpTexts = Readonly<Record<PageName, Help>>;

/** The pages of the line and of the box itself; the others are of the home. */
export type BoxHelpTexts = Pick<
  HelpTexts,
  "internet" | "security" | "diagnostics" | "system" | "expert"
>;
