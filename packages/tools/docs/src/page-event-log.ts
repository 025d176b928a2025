import type { EventLine } from "./event-lines.ts";

export function eventLogPage(lines: readonly EventLine[]): string {
  return [
    "# The event log",
    "",
    "Generated from the sources by `make docs`; do not edit. Each line has a stable code; `{actor}`, `{source}` and `{what}` are",
    "filled in by the case. A fault that a daemon says itself keeps its own code and sentence ([errors.md](errors.md)).",
    "",
    "| code | about | severity | français | English |",
    "|---|---|---|---|---|",
    ...lines.map(
      ({ code, category, severity, fr, en }) =>
        `| \`${code}\` | ${category} | ${severity} | ${cell(fr)} | ${cell(en)} |`,
    ),
    "",
  ].join("\n");
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}
