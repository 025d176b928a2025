import type { Problem } from "@passerelle/api";
import type { Answer } from "@passerelle/api/client";
import { EXIT } from "./exit.ts";
import { type OwnFault, ownProblem } from "./faults.ts";
import type { Sentence } from "./language.ts";

/** Ends a command with what went wrong; the one place that prints it is main.ts. */
export class Failure extends Error {
  readonly problem: Problem;
  readonly exit: number;

  constructor(problem: Problem, exit: number = exitOf(problem)) {
    super(problem.code);
    this.problem = problem;
    this.exit = exit;
  }
}

/** The words were wrong: the box was not asked. */
export class UsageError extends Error {
  readonly text: Sentence;
  /** The command whose help says better; absent: the help of all. */
  readonly command: string | undefined;

  constructor(text: Sentence, command?: string) {
    super(text.en);
    this.text = text;
    this.command = command;
  }
}

export function ownFailure(code: OwnFault, details: readonly string[] = []): Failure {
  return new Failure(ownProblem(code, details), OWN_EXITS[code] ?? EXIT.refused);
}

/** What the box answered, or the end of the command. */
export async function got<T>(answer: Promise<Answer<T>>): Promise<T> {
  const settled = await answer;
  if (settled.ok) return settled.data;
  throw new Failure(settled.problem);
}

/** By the status of HTTP, which says what kind of "no" it is. */
export function exitOf(problem: Problem): number {
  if (problem.status === 401 || problem.status === 403) return EXIT.denied;
  if (LATER.has(problem.status) || problem.retryAfter !== undefined) return EXIT.later;
  if (problem.code === "unreadable_answer") return EXIT.unreachable;
  return EXIT.refused;
}

const LATER: ReadonlySet<number> = new Set([429, 502, 503, 504]);

const OWN_EXITS: Readonly<Partial<Record<OwnFault, number>>> = {
  box_unreachable: EXIT.unreachable,
  socket_denied: EXIT.denied,
  certificate_untrusted: EXIT.unreachable,
  file_unreadable: EXIT.file,
  file_unwritable: EXIT.file,
  draft_unreadable: EXIT.file,
  diagnosis_too_long: EXIT.later,
};
