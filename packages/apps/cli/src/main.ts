import { createApiClient } from "@passerelle/api/client";
import type { Call, Command } from "./command.ts";
import { commands } from "./commands.ts";
import { jsonOnly } from "./door.ts";
import { EXIT } from "./exit.ts";
import { Failure, UsageError } from "./failure.ts";
import { helpText } from "./help.ts";
import { chooseLanguage, type Sentence } from "./language.ts";
import { parse } from "./parse.ts";
import { realWorld } from "./real-world.ts";
import { Screen } from "./screen.ts";
import { targetOf } from "./target.ts";
import type { World } from "./world.ts";

export type { World } from "./world.ts";

/** The command line of people: answers the exit code. What is wrong is said on standard error. */
export async function runCli(
  words: readonly string[],
  world: World = realWorld(),
): Promise<number> {
  const screen = screenOf(world, words);
  try {
    const { command, args, options, positionals } = parse(words, commands);
    if (options.help === true) return help(screen, positionals);
    if (command === undefined) throw new Error("invariant: no command without help");
    return await run(command, { args, options }, world, screen);
  } catch (thrown) {
    // The person ended it: whatever broke off because of that is no news.
    if (world.stopped.aborted) return EXIT.interrupted;
    if (thrown instanceof UsageError) return sayUsage(screen, thrown);
    if (thrown instanceof Failure) return sayFailure(screen, thrown, words.includes("--json"));
    throw thrown;
  }
}

async function run(
  command: Command,
  words: Call["words"],
  world: World,
  screen: Screen,
): Promise<number> {
  const door = world.openDoor(await targetOf(words.options, world));
  const api = createApiClient(jsonOnly(door.carry));
  return command.run({ words, api, door, world, screen, json: words.options.json === true });
}

function screenOf(world: World, words: readonly string[]): Screen {
  const { env } = world;
  const index = words.findIndex((word) => word === "--lang" || word.startsWith("--lang="));
  const word = words[index];
  const asked = word === "--lang" ? words[index + 1] : word?.slice("--lang=".length);
  const mayColour = (env.NO_COLOR ?? "") === "" && env.TERM !== "dumb";
  return new Screen({
    out: world.out,
    err: world.err,
    isColoured: mayColour && world.isTerminal,
    isErrColoured: mayColour && world.isErrTerminal,
    language: chooseLanguage(asked, env),
  });
}

function help(screen: Screen, positionals: readonly string[]): number {
  screen.page(helpText(positionals, commands, screen.language));
  return EXIT.ok;
}

function sayUsage(screen: Screen, { text, command }: UsageError): number {
  screen.note(`passerelle: ${screen.say(text)}`);
  const help = command === undefined ? "passerelle --help" : `passerelle help ${command}`;
  screen.note(screen.say({ fr: `Essayez ${help}.`, en: `Try ${help}.` }));
  return EXIT.usage;
}

/** One sentence, what exactly, what to do next, and the code that docs/errors.md explains. */
function sayFailure(screen: Screen, { problem, exit }: Failure, isJson: boolean): number {
  if (isJson) {
    screen.jsonNote(problem);
    return exit;
  }
  screen.note({ text: "passerelle: ", colour: "fault" }, `${screen.say(problem.text)} `, {
    text: `[${problem.code}]`,
    colour: "quiet",
  });
  for (const { path, message } of problem.errors ?? [])
    screen.note(`  ${path === "" ? "" : `${path}: `}${message}`);
  const next = NEXT_HERE.get(problem.code) ?? problem.next;
  if (next !== undefined) screen.note(`→ ${screen.say(next)}`);
  if (problem.retryAfter !== undefined)
    screen.note(
      screen.say({
        fr: `→ Attendez ${problem.retryAfter} s.`,
        en: `→ Wait ${problem.retryAfter} s.`,
      }),
    );
  return exit;
}

/** The box speaks of its page; on a terminal there is a command. */
const NEXT_HERE: ReadonlyMap<string, Sentence> = new Map([
  [
    "not_logged_in",
    {
      fr: "Ouvrez une session avec « passerelle login », puis recommencez.",
      en: 'Log in with "passerelle login", then do it again.',
    },
  ],
  [
    "step_up_required",
    {
      fr: "Prouvez que c'est vous avec « passerelle step-up », puis recommencez.",
      en: 'Prove that it is you with "passerelle step-up", then do it again.',
    },
  ],
]);
