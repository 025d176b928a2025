import { type InputProblem, type Route, statusOf } from "@passerelle/api";
import type { Fault } from "@passerelle/result";
import { problemOf } from "../../core/problem.ts";
import { internalError } from "./faults.ts";

/** What was refused, beyond its code. */
export interface Refusal {
  readonly fault: Fault;
  readonly errors?: readonly InputProblem[];
  /** Seconds. */
  readonly retryAfter?: number | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** RFC 9457. What the system said (`raw`) stays inside, but for the problems of a configuration. */
export function problemAnswer({ fault, errors, retryAfter, headers }: Refusal): Response {
  const status = statusOf(fault.code);
  const details = errors ?? configProblems(fault);
  const wait = retryAfter ?? (status === 503 || status === 429 ? RETRY_SECONDS : undefined);
  const problem = {
    ...problemOf(fault, wait === undefined ? undefined : Math.ceil(wait)),
    ...(details.length === 0 ? {} : { errors: details }),
  };
  return new Response(JSON.stringify(problem), {
    status,
    headers: {
      ...headers,
      ...COMMON_HEADERS,
      "content-type": "application/problem+json",
      ...(wait === undefined ? {} : { "retry-after": String(Math.ceil(wait)) }),
    },
  });
}

export function dataAnswer(
  route: Route,
  data: unknown,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const shared = { ...COMMON_HEADERS, ...headers };
  if (route.reply === undefined) return new Response(null, { status: 204, headers: shared });
  const status = route.status ?? 200;
  if (route.media !== undefined && typeof data === "string") {
    return new Response(data, { status, headers: { ...shared, "content-type": route.media } });
  }
  return Response.json(data, { status, headers: shared });
}

/** The number finds the line of the log; the caller learns nothing else. */
export function brokenAnswer(number: string): Response {
  return problemAnswer({
    fault: internalError,
    errors: [{ path: "", message: `number ${number} in the log of web` }],
  });
}

/** `config` says one line a problem: "/section/path: message". */
function configProblems(fault: Fault): readonly InputProblem[] {
  if (fault.code !== "config_invalid" || fault.raw === undefined) return [];
  return fault.raw
    .split("\n")
    .slice(0, PROBLEMS_MAX)
    .map((line) => {
      const colon = line.indexOf(": ");
      return colon === -1
        ? { path: "", message: line }
        : { path: line.slice(0, colon), message: line.slice(colon + 2) };
    });
}

/** Nothing of the API is kept by a browser or anything on the way. */
const COMMON_HEADERS = { "cache-control": "no-store" } as const;
const RETRY_SECONDS = 2;
const PROBLEMS_MAX = 32;
