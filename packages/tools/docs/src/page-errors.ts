import { statusOf } from "@passerelle/api";
import type { DocumentedFault } from "./faults.ts";

export function errorsPage(faults: readonly DocumentedFault[]): string {
  return [
    "# Error codes",
    "",
    "Generated from the sources by `make docs`; do not edit. A code is stable and never translated; the sentence is what a",
    'person reads, in French or English, and "…" is filled in by the case. Where the web API answers it, it has that status.',
    "",
    "| code | said by | HTTP | français | English | what to do |",
    "|---|---|---|---|---|---|",
    ...faults.map(
      ({ code, owner, fr, en, next }) =>
        `| \`${code}\` | ${owner} | ${statusOf(code)} | ${cell(fr)} | ${cell(en)} | ${cell(next ?? "")} |`,
    ),
    "",
  ].join("\n");
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}
