import type { Command, Option } from "./command.ts";
import { developerCommands } from "./developer.ts";
import type { Language } from "./language.ts";
import { GLOBAL_OPTIONS } from "./parse.ts";

/** What may be typed where, for any shell. */
export interface CompletionModel {
  /** The next plain word after these plain words. */
  readonly places: readonly Place[];
  /** Options of one command, beside those of all. */
  readonly options: readonly { readonly after: After; readonly options: readonly Candidate[] }[];
  readonly globalOptions: readonly Candidate[];
  /** Options that take the next word as their value. */
  readonly valued: readonly Valued[];
}

export interface Place {
  readonly after: After;
  readonly candidates: readonly Candidate[];
  readonly isFile: boolean;
}

/** The plain words so far: this path, and then `more` others (undefined: any number of them). */
export interface After {
  readonly path: readonly string[];
  readonly more: number | undefined;
}

export interface Candidate {
  readonly word: string;
  readonly about: string;
}

export interface Valued {
  readonly words: readonly string[];
  readonly choices: readonly string[];
  readonly isFile: boolean;
}

export function completionModel(
  commands: readonly Command[],
  apiPaths: readonly string[],
  language: Language,
): CompletionModel {
  const model: CompletionModel = {
    places: [
      ...wordsOfCommands(commands, language),
      ...commands.flatMap((command) => placesOfArguments(command, commands, apiPaths, language)),
    ],
    options: commands.flatMap((command) => optionsOf(command, language)),
    globalOptions: candidatesOf(GLOBAL_OPTIONS, language),
    valued: valuedOf([GLOBAL_OPTIONS, ...commands.map(({ options }) => options ?? {})]),
  };
  // These words go into scripts unquoted.
  for (const word of wordsOf(model))
    if (!/^[a-zA-Z0-9/_.-]+$/.test(word)) throw new Error(`invariant: "${word}" is a plain word`);
  return model;
}

/** The first words, and those after the name of a group. */
function wordsOfCommands(commands: readonly Command[], language: Language): readonly Place[] {
  const names = [...new Set(commands.map(({ path }) => path[0] ?? ""))];
  const first = names.map((word) => {
    const own = commands.find(
      ({ path, isDefault }) => path[0] === word && (path.length === 1 || isDefault),
    );
    const members = commands.filter(({ path }) => path[0] === word).map(({ path }) => path[1]);
    return { word, about: own?.about[language] ?? members.join(", ") };
  });
  const developers = developerCommands.map(({ name, about }) => ({
    word: name,
    about: about[language],
  }));
  const groups = names.map((name): Place => {
    const members = commands.filter(({ path }) => path[0] === name && path.length > 1);
    return {
      after: { path: [name], more: 0 },
      candidates: members.map(({ path, about }) => ({
        word: path[1] ?? "",
        about: about[language],
      })),
      isFile: false,
    };
  });
  return [
    { after: { path: [], more: 0 }, candidates: [...first, ...developers], isFile: false },
    ...groups.filter(({ candidates }) => candidates.length > 0),
  ];
}

function placesOfArguments(
  command: Command,
  commands: readonly Command[],
  apiPaths: readonly string[],
  language: Language,
): readonly Place[] {
  return (command.args ?? []).flatMap((argument, n): Place[] => {
    const words =
      argument.choices ??
      (argument.completes === "operation"
        ? prefixesOf(apiPaths)
        : argument.completes === "command"
          ? [...new Set(commands.map(({ path }) => path[0] ?? ""))]
          : []);
    const isFile = argument.completes === "file";
    if (words.length === 0 && !isFile) return [];
    const candidates = words.map((word) => ({ word, about: argument.about[language] }));
    const place = { candidates, isFile };
    return [
      { after: { path: command.path, more: n }, ...place },
      ...(argument.isRepeated === true
        ? [{ after: { path: command.path, more: undefined }, ...place }]
        : []),
    ];
  });
}

/** Up to the first part that only the person knows: `/hosts/{id}` → `/hosts/`. */
function prefixesOf(paths: readonly string[]): readonly string[] {
  return [...new Set(paths.map((path) => path.replace(/\{.*$/, "")))].sort();
}

function optionsOf(command: Command, language: Language): CompletionModel["options"] {
  const options = candidatesOf(command.options ?? {}, language);
  if (options.length === 0) return [];
  const after = { path: command.path, more: undefined };
  return [
    { after: { ...after, more: 0 }, options },
    { after, options },
  ];
}

function candidatesOf(
  options: Readonly<Record<string, Option>>,
  language: Language,
): readonly Candidate[] {
  return Object.entries(options).flatMap(([name, { short, about }]) => [
    { word: `--${name}`, about: about[language] },
    ...(short === undefined ? [] : [{ word: `-${short}`, about: about[language] }]),
  ]);
}

function valuedOf(sets: readonly Readonly<Record<string, Option>>[]): readonly Valued[] {
  const valued = new Map<string, Valued>();
  for (const [name, option] of sets.flatMap((set) => Object.entries(set)))
    if (option.value !== undefined)
      valued.set(name, {
        words: [`--${name}`, ...(option.short === undefined ? [] : [`-${option.short}`])],
        choices: option.choices ?? [],
        isFile: option.completes === "file",
      });
  return [...valued.values()];
}

function wordsOf({ places, options, globalOptions, valued }: CompletionModel): readonly string[] {
  return [
    ...places.flatMap(({ candidates }) => candidates),
    ...options.flatMap((one) => one.options),
    ...globalOptions,
  ]
    .map(({ word }) => word)
    .concat(valued.flatMap(({ words, choices }) => [...words, ...choices]));
}
