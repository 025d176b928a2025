import type { Argument, Command, Option } from "./command.ts";
import { developerCommands } from "./developer.ts";
import { EXIT, EXIT_MEANINGS } from "./exit.ts";
import type { Language } from "./language.ts";
import { GLOBAL_OPTIONS } from "./parse.ts";
import { columnsOf } from "./visible.ts";

/** Help on a command, on a group, or on everything. Unknown words get the help of everything. */
export function helpText(
  words: readonly string[],
  commands: readonly Command[],
  language: Language,
): string {
  const asked = words[0] === "help" ? words.slice(1) : words;
  const exact = commands.find(({ path }) => path.join(" ") === asked.join(" "));
  if (asked.length > 0 && exact !== undefined) return helpOfOne(exact, language);
  const members = commands.filter(({ path }) => asked.every((word, n) => path[n] === word));
  if (asked.length > 0 && members.length > 0)
    return members.map((command) => helpOfOne(command, language)).join("\n\n");
  return helpOfAll(commands, language);
}

/** `devices rename ID NAME [--json]`, without the program's name. */
export function usageOf(command: Command): string {
  const options = Object.entries(command.options ?? {}).map(
    ([name, { value }]) => `[--${name}${value === undefined ? "" : ` ${value}`}]`,
  );
  return [...command.path, ...(command.args ?? []).map(argumentText), ...options].join(" ");
}

export function argumentText({ name, isOptional, isRepeated }: Argument): string {
  const text = isRepeated === true ? `${name}...` : name;
  return isOptional === true ? `[${text}]` : text;
}

export function optionText(name: string, { short, value }: Option): string {
  return `${short === undefined ? "" : `-${short}, `}--${name}${value === undefined ? "" : ` ${value}`}`;
}

const HEADINGS = {
  fr: {
    title: "passerelle : la box en ligne de commande",
    more: "passerelle help COMMANDE dit le reste, avec des exemples.",
    global: "Options de toutes les commandes",
    examples: "Exemples",
    choices: "parmi",
    exits: "Codes de sortie",
    developers: "Outils de développement, sur le bus interne",
  },
  en: {
    title: "passerelle: the box on the command line",
    more: "passerelle help COMMAND says the rest, with examples.",
    global: "Options of every command",
    examples: "Examples",
    choices: "one of",
    exits: "Exit codes",
    developers: "Tools of developers, on the internal bus",
  },
} as const;

function helpOfAll(commands: readonly Command[], language: Language): string {
  const words = HEADINGS[language];
  return [
    words.title,
    "",
    ...twoColumns(
      commands.map((command) => [
        [...command.path, ...(command.args ?? []).map(argumentText)].join(" "),
        command.about[language],
      ]),
    ),
    "",
    words.more,
    "",
    `${words.global}:`,
    ...optionLines(GLOBAL_OPTIONS, language),
    "",
    `${words.exits}:`,
    ...twoColumns(
      Object.entries(EXIT_MEANINGS).map(([name, meaning]) => [
        String(EXIT[name as keyof typeof EXIT]),
        meaning[language],
      ]),
    ),
    "",
    `${words.developers}:`,
    ...twoColumns(
      developerCommands.map(({ usage, about }) => [`passerelle ${usage}`, about[language]]),
    ),
  ].join("\n");
}

function helpOfOne(command: Command, language: Language): string {
  const words = HEADINGS[language];
  const args = (command.args ?? []).map((argument): readonly [string, string] => [
    argumentText(argument),
    withChoices(argument.about[language], argument.choices, language),
  ]);
  const options = Object.entries(command.options ?? {}).map(
    ([name, known]): readonly [string, string] => [
      optionText(name, known),
      withChoices(known.about[language], known.choices, language),
    ],
  );
  return [
    `passerelle ${usageOf(command)}`,
    `    ${command.about[language]}`,
    ...(args.length + options.length === 0 ? [] : ["", ...twoColumns([...args, ...options])]),
    "",
    `${words.examples}:`,
    ...command.examples.flatMap(({ words: example, about }) => [
      `  passerelle ${example}`,
      `      ${about[language]}`,
    ]),
  ].join("\n");
}

function optionLines(
  options: Readonly<Record<string, Option>>,
  language: Language,
): readonly string[] {
  return twoColumns(
    Object.entries(options).map(([name, known]) => [
      optionText(name, known),
      withChoices(known.about[language], known.choices, language),
    ]),
  );
}

function withChoices(
  about: string,
  choices: readonly string[] | undefined,
  language: Language,
): string {
  if (choices === undefined) return about;
  return `${about} (${HEADINGS[language].choices}: ${choices.join(", ")})`;
}

function twoColumns(rows: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.min(LEFT_MAX, Math.max(...rows.map(([left]) => columnsOf(left))));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}

const LEFT_MAX = 44;
