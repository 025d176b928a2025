import { type ParseArgsConfig, parseArgs } from "node:util";
import type { Command, Option, Words } from "./command.ts";
import { UsageError } from "./failure.ts";
import { LANGUAGES } from "./language.ts";

/** Hold for every command, anywhere on the line. */
export const GLOBAL_OPTIONS: Readonly<Record<string, Option>> = {
  json: {
    about: { fr: "la réponse de l'API, exactement", en: "the answer of the API, exactly" },
  },
  lang: {
    value: "LANG",
    choices: LANGUAGES,
    about: {
      fr: "langue des phrases (sinon celle de l'environnement)",
      en: "language of the sentences (else that of the environment)",
    },
  },
  url: {
    value: "URL",
    about: {
      fr: "passerelle à joindre par le réseau (ou PASSERELLE_URL), sinon la prise locale",
      en: "box to reach over the network (or PASSERELLE_URL), else the local socket",
    },
  },
  "token-file": {
    value: "FILE",
    completes: "file",
    about: {
      fr: "fichier du jeton de session (ou PASSERELLE_TOKEN), sinon celui de « login »",
      en: 'file with the token of the session (or PASSERELLE_TOKEN), else that of "login"',
    },
  },
  "ca-file": {
    value: "FILE",
    completes: "file",
    about: {
      fr: "certificat de l'autorité de la passerelle, pour https",
      en: "certificate of the box's own authority, for https",
    },
  },
  help: { short: "h", about: { fr: "l'aide de cette commande", en: "help for this command" } },
};

export interface Parsed extends Words {
  /** Undefined: the line names no command (and asks for help, then). */
  readonly command: Command | undefined;
  /** The words before they were told apart: for help on a group. */
  readonly positionals: readonly string[];
}

/** Reads a command line against the table. Throws UsageError, whose text says what is wrong. */
export function parse(words: readonly string[], commands: readonly Command[]): Parsed {
  const { values, positionals } = readWords(words, commands);
  const command = find(positionals, commands);
  if (values.help === true) return { command, args: [], options: values, positionals };
  if (command === undefined) throw unknownCommand(positionals, commands);
  const used = command.path.every((word, n) => positionals[n] === word) ? command.path.length : 1;
  const args = positionals.slice(used);
  checkOptions(values, command);
  checkArguments(args, command);
  return { command, args, options: values, positionals };
}

/** One set of options for all commands: so `--url X devices` reads the same as `devices --url X`. */
function readWords(words: readonly string[], commands: readonly Command[]) {
  const options: NonNullable<ParseArgsConfig["options"]> = {};
  for (const known of [GLOBAL_OPTIONS, ...commands.map((command) => command.options ?? {})])
    for (const [name, { short, value }] of Object.entries(known))
      options[name] = {
        type: value === undefined ? "boolean" : "string",
        ...(short === undefined ? {} : { short }),
      };
  try {
    const { values, positionals } = parseArgs({
      args: [...words],
      options,
      allowPositionals: true,
      strict: true,
    });
    return { values: values as Words["options"], positionals };
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    throw new UsageError({ fr: `option mal écrite : ${message}`, en: message });
  }
}

/** The longest path that the words begin with; a group alone is its default. */
function find(positionals: readonly string[], commands: readonly Command[]): Command | undefined {
  const fitting = commands.filter(({ path }) => path.every((word, n) => positionals[n] === word));
  const [longest] = fitting.toSorted((a, b) => b.path.length - a.path.length);
  if (longest !== undefined) return longest;
  if (positionals.length !== 1) return undefined;
  return commands.find(({ path, isDefault }) => isDefault === true && path[0] === positionals[0]);
}

function unknownCommand(positionals: readonly string[], commands: readonly Command[]): UsageError {
  const [group] = positionals;
  if (group === undefined)
    return new UsageError({ fr: "quelle commande ?", en: "no command given" });
  const members = commands.filter(({ path }) => path[0] === group && path.length > 1);
  if (members.length === 0)
    return new UsageError({
      fr: `la commande « ${group} » n'existe pas`,
      en: `no command "${group}"`,
    });
  const names = members.map(({ path }) => path.slice(1).join(" ")).join(", ");
  return new UsageError(
    { fr: `« ${group} » attend : ${names}`, en: `"${group}" wants one of: ${names}` },
    group,
  );
}

function checkOptions(values: Words["options"], command: Command): void {
  const name = command.path.join(" ");
  for (const [key, value] of Object.entries(values)) {
    const known = GLOBAL_OPTIONS[key] ?? command.options?.[key];
    if (known === undefined)
      throw new UsageError(
        { fr: `« ${name} » n'a pas d'option --${key}`, en: `"${name}" has no option --${key}` },
        name,
      );
    if (typeof value === "string") checkChoice(`--${key}`, value, known.choices, name);
  }
}

function checkArguments(args: readonly string[], command: Command): void {
  const name = command.path.join(" ");
  const wanted = command.args ?? [];
  const missing = wanted.slice(args.length).find(({ isOptional }) => isOptional !== true);
  if (missing !== undefined)
    throw new UsageError(
      { fr: `il manque ${missing.name}`, en: `${missing.name} is missing` },
      name,
    );
  const last = wanted.at(-1);
  const surplus = args[wanted.length];
  if (surplus !== undefined && last?.isRepeated !== true)
    throw new UsageError(
      { fr: `« ${surplus} » est de trop`, en: `"${surplus}" is one word too many` },
      name,
    );
  for (const [n, word] of args.entries()) {
    const known = wanted[n] ?? last;
    if (known !== undefined) checkChoice(known.name, word, known.choices, name);
  }
}

function checkChoice(
  what: string,
  word: string,
  choices: readonly string[] | undefined,
  command: string,
): void {
  if (choices === undefined || choices.includes(word)) return;
  const list = choices.join(", ");
  throw new UsageError(
    {
      fr: `${what} : « ${word} » n'est pas parmi ${list}`,
      en: `${what}: "${word}" is none of ${list}`,
    },
    command,
  );
}

/** A whole number of an option or argument, within its bounds. */
export function wholeNumber(
  what: string,
  word: string | undefined,
  min: number,
  max: number,
): number | undefined {
  if (word === undefined) return undefined;
  const value = /^[0-9]{1,15}$/.test(word) ? Number(word) : Number.NaN;
  if (!(value >= min && value <= max))
    throw new UsageError({
      fr: `${what} : un nombre entier de ${min} à ${max}, et non « ${word} »`,
      en: `${what}: a whole number from ${min} to ${max}, not "${word}"`,
    });
  return value;
}
