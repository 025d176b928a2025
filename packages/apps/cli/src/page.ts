import type { Command } from "./command.ts";
import { commands } from "./commands.ts";
import { EXIT, EXIT_MEANINGS } from "./exit.ts";
import { argumentText, optionText, usageOf } from "./help.ts";
import { GLOBAL_OPTIONS } from "./parse.ts";

/** docs/cli.md, from the table of commands. */
export function cliPage(): string {
  return [
    "# The command line",
    "",
    "Generated from the table of commands by `make docs`; do not edit. `passerelle help` says the same in French or English.",
    "",
    "`passerelle` is a thin client of the box's own API: on the box over a socket that only root may use, from another computer",
    "with `--url` after `passerelle login`. What it can do is what the API can do; `passerelle api` reaches all of it.",
    "",
    "`--json` prints exactly what the API answers, on one line; what a terminal could act on stands as JSON's own escapes. Errors",
    "go to standard error: one sentence, what to do next, and a code of [errors.md](errors.md); with `--json` the problem document.",
    "A name that a device gave itself is shown with its control, escape and bidirectional characters as visible escapes.",
    "Colours are for terminals, and `NO_COLOR` is honoured. A person's draft of settings and the tokens are in",
    "`$XDG_STATE_HOME/passerelle`, for that person alone.",
    "",
    "## Exit codes",
    "",
    "| code | meaning |",
    "|---|---|",
    ...Object.entries(EXIT_MEANINGS).map(
      ([name, { en }]) => `| ${EXIT[name as keyof typeof EXIT]} | ${en} |`,
    ),
    "",
    "## Options of every command",
    "",
    "| option | |",
    "|---|---|",
    ...Object.entries(GLOBAL_OPTIONS).map(
      ([name, known]) =>
        `| \`${optionText(name, known)}\` | ${cell(known.about.en, known.choices)} |`,
    ),
    "",
    "## Commands",
    ...commands.flatMap(sectionOf),
    "",
  ].join("\n");
}

function sectionOf(command: Command): readonly string[] {
  const rows = [
    ...(command.args ?? []).map((argument) => [
      argumentText(argument),
      cell(argument.about.en, argument.choices),
    ]),
    ...Object.entries(command.options ?? {}).map(([name, known]) => [
      optionText(name, known),
      cell(known.about.en, known.choices),
    ]),
  ];
  return [
    "",
    `### ${command.path.join(" ")}`,
    "",
    `${sentence(command.about.en)}${command.isDefault === true ? ` The same as \`passerelle ${command.path[0]}\`.` : ""}`,
    "",
    `    passerelle ${usageOf(command)}`,
    "",
    ...(rows.length === 0
      ? []
      : ["| | |", "|---|---|", ...rows.map(([left, right]) => `| \`${left}\` | ${right} |`), ""]),
    ...command.examples.map(({ words, about }) => `* \`passerelle ${words}\`: ${about.en}`),
    ...(command.uses.length === 0
      ? []
      : ["", `API: ${command.uses.map((key) => `\`${key}\``).join(", ")}`]),
  ];
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function cell(about: string, choices: readonly string[] | undefined): string {
  const list = choices === undefined ? "" : ` (${choices.join(", ")})`;
  return `${about}${list}`.replaceAll("|", "\\|");
}
