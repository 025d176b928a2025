import { err, ok, type Result } from "@passerelle/result";
import type { GenericSchema } from "valibot";
import * as v from "valibot";

/** One thing that is wrong with a request. */
export interface InputProblem {
  /** Where: "name", "changes.0.section". */
  readonly path: string;
  readonly message: string;
}

/** Reads what anybody may have sent. The value itself is never repeated: it may be a secret, or an attack. */
export function readInput<T>(
  schema: GenericSchema<unknown, T>,
  value: unknown,
): Result<T, readonly InputProblem[]> {
  const parsed = v.safeParse(schema, value, { abortPipeEarly: true });
  if (parsed.success) return ok(parsed.output);
  return err(
    parsed.issues.slice(0, PROBLEMS_MAX).map((issue) => ({
      path: (v.getDotPath(issue) ?? "").slice(0, 200),
      message: messageOf(issue),
    })),
  );
}

function messageOf(issue: v.BaseIssue<unknown>): string {
  // A message of our own says what is wanted; the library's would repeat what it received.
  const isOwn = !issue.message.startsWith("Invalid ");
  if (isOwn) return issue.message.slice(0, MESSAGE_CHARACTERS_MAX);
  return `expected ${issue.expected ?? issue.type}`.slice(0, MESSAGE_CHARACTERS_MAX);
}

const PROBLEMS_MAX = 16;
const MESSAGE_CHARACTERS_MAX = 200;
