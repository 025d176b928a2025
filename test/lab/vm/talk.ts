import type { Namespaces } from "../holder.ts";
import type { HolderName } from "../topology.ts";

/** The words of a talk with the agent in the lab's machine (frames.ts has its form, agent.ts its other end). */

/** A program as a host of the lab. */
export interface ProgramStart {
  readonly argv: readonly string[];
  readonly host: HolderName;
  readonly namespaces?: Namespaces;
  readonly cwd?: string;
  /** Instead of the agent's own. */
  readonly env?: NodeJS.ProcessEnv;
}

/** Something that the lab does as a whole. */
export interface CallStart {
  readonly call: string;
  readonly words: readonly unknown[];
}

export type Start = ProgramStart | CallStart;

/** The last word: how a program ended, what a call answers, or a sentence why there is neither. */
export type End =
  | { readonly code: number }
  | { readonly value: unknown }
  | { readonly problem: string };
