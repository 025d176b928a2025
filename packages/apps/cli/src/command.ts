import type { Operation } from "@passerelle/api";
import type { ApiClient } from "@passerelle/api/client";
import type { Door } from "./door.ts";
import type { Sentence } from "./language.ts";
import type { Screen } from "./screen.ts";
import type { World } from "./world.ts";

/** One command. Parsing, help, completion and docs/cli.md are all made from the table of these. */
export interface Command {
  /** Its words, e.g. devices, rename. */
  readonly path: readonly string[];
  /** What its group does when it is named alone: `devices` lists. */
  readonly isDefault?: true;
  readonly about: Sentence;
  readonly args?: readonly Argument[];
  readonly options?: Readonly<Record<string, Option>>;
  readonly examples: readonly Example[];
  /** Operations of the API that it calls. */
  readonly uses: readonly Operation[];
  /** Answers the exit code, see exit.ts. */
  readonly run: (call: Call) => Promise<number>;
}

/** What can be completed that is not a fixed list of words. */
export type Completes = "file" | "operation" | "command";

export interface Argument {
  readonly name: string;
  readonly about: Sentence;
  readonly isOptional?: true;
  readonly isRepeated?: true;
  readonly choices?: readonly string[];
  readonly completes?: Completes;
}

export interface Option {
  readonly short?: string;
  /** Name of its value; absent: it is on or off. */
  readonly value?: string;
  readonly about: Sentence;
  readonly choices?: readonly string[];
  readonly completes?: Completes;
}

export interface Example {
  /** After `passerelle `. */
  readonly words: string;
  readonly about: Sentence;
}

/** One run of one command. */
export interface Call {
  readonly words: Words;
  readonly api: ApiClient;
  readonly door: Door;
  readonly world: World;
  readonly screen: Screen;
  /** `--json`: exactly what the API answers. */
  readonly json: boolean;
}

/** The words of one run, after they were checked against the table. */
export interface Words {
  readonly args: readonly string[];
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
}

export function argument(call: Call, index: number): string {
  const word = call.words.args[index];
  if (word === undefined) throw new Error("invariant: the parser saw to the arguments");
  return word;
}

export function flag(call: Call, name: string): boolean {
  return call.words.options[name] === true;
}

export function option(call: Call, name: string): string | undefined {
  const value = call.words.options[name];
  return typeof value === "string" ? value : undefined;
}
