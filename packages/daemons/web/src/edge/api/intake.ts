import { createHash } from "node:crypto";
import { type InputProblem, type Route, readInput } from "@passerelle/api";
import { err, type Fault, ok, type Result } from "@passerelle/result";
import type { Refusal } from "./answer.ts";
import { apiFault, badRequest } from "./faults.ts";
import type { Caller } from "./port.ts";
import { readBody, readJson } from "./read-body.ts";
import type { LooseCall } from "./router.ts";
import type { Upload } from "./uploads.ts";

/** Whether this caller may do this at all; undefined: yes. */
export function admit(route: Route, caller: Caller): Fault | undefined {
  if (route.access !== "public") {
    if (caller.kind === "anyone") return apiFault("not_logged_in");
    if (!caller.capabilities.has(route.access)) return apiFault("not_allowed");
  }
  if (route.stepUp === true && !caller.steppedUp) return apiFault("step_up_required");
  return undefined;
}

export interface Intake {
  readonly key: string;
  readonly route: Route;
  readonly request: Request;
  readonly caller: Caller;
  readonly params: Readonly<Record<string, string>>;
}

/** Reads and validates everything an operation is given. */
export async function readCall(
  intake: Intake,
): Promise<Result<{ readonly call: LooseCall; readonly body: string }, Refusal>> {
  const { key, route, request, caller, params } = intake;
  // What can't be an id is an address that does not exist.
  if (!Object.values(params).every(isPathPart)) return err({ fault: apiFault("not_found") });
  const query = readQuery(route, new URL(request.url).searchParams);
  if (!query.ok) return query;
  const ifMatch = readIfMatch(request.headers.get("if-match"));
  if (!ifMatch.ok) return ifMatch;
  const text = await readBody(request, BODY_BYTES_MAX[key] ?? BODY_BYTES_DEFAULT);
  if (!text.ok) return text;
  const body = parseBody(route, request.headers.get("content-type"), text.value);
  if (!body.ok) return body;
  const call: LooseCall = {
    input: {
      ...(Object.keys(params).length === 0 ? {} : { params }),
      ...(route.query === undefined ? {} : { query: query.value }),
      ...(route.body === undefined ? {} : { body: body.value }),
    },
    caller,
    ...(ifMatch.value === undefined ? {} : { ifMatch: ifMatch.value }),
  };
  return ok({ call, body: text.value });
}

/** A file: its kind and its size are known before a single octet of it is read. */
export function readUpload(
  request: Request,
  { media, bytesMax }: NonNullable<Route["upload"]>,
): Result<Upload, Refusal> {
  const query = new URL(request.url).searchParams;
  for (const [name] of query)
    return refused([{ path: shortened(name), message: "expected never" }]);
  const type = request.headers.get("content-type")?.trim().toLowerCase();
  if (type !== media) return err({ fault: apiFault("unsupported_media_type") });
  const length = /^[0-9]{1,15}$/.exec(request.headers.get("content-length") ?? "")?.[0];
  const { body } = request;
  if (length === undefined && body !== null) return err({ fault: apiFault("length_required") });
  if (Number(length ?? 0) > bytesMax) return err({ fault: apiFault("body_too_large") });
  return ok({ stream: body ?? new ReadableStream(), length: body === null ? 0 : Number(length) });
}

/** One short text for some parts, none of which can pass for another's. */
export function fingerprintOf(...parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("base64");
}

function readQuery(route: Route, given: URLSearchParams): Result<unknown, Refusal> {
  const names = [...given.keys()];
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) return refused([{ path: shortened(twice), message: "is there twice" }]);
  if (route.query === undefined) {
    const [first] = names;
    return first === undefined
      ? ok(undefined)
      : refused([{ path: shortened(first), message: "expected never" }]);
  }
  const read = readInput(route.query, Object.fromEntries(given));
  return read.ok ? read : refused(read.error);
}

function parseBody(
  route: Route,
  contentType: string | null,
  text: string,
): Result<unknown, Refusal> {
  if (text === "" && route.body === undefined) return ok(undefined);
  if (contentType === null || !JSON_MEDIA.test(contentType)) {
    return err({ fault: apiFault("unsupported_media_type") });
  }
  const json = readJson(text);
  if (!json.ok) return json;
  if (route.body === undefined) {
    const isEmpty = JSON.stringify(json.value) === "{}";
    return isEmpty ? ok(undefined) : refused([{ path: "", message: "expected no body" }]);
  }
  // Every body is an object; to the schemas an empty list would be one without members.
  if (Array.isArray(json.value)) return refused([{ path: "", message: "expected Object" }]);
  const read = readInput(route.body, json.value);
  return read.ok ? read : refused(read.error);
}

/** `"12"`, `12` or `*`, which means any. */
function readIfMatch(header: string | null): Result<number | undefined, Refusal> {
  if (header === null || header.trim() === "*") return ok(undefined);
  const digits = /^\s*(?:W\/)?"?([0-9]{1,15})"?\s*$/.exec(header)?.[1];
  if (digits === undefined) return refused([{ path: "If-Match", message: "expected a revision" }]);
  return ok(Number(digits));
}

function isPathPart(text: string): boolean {
  return text.length > 0 && text.length <= PATH_PART_MAX && !/[/\\\p{Cc}]/u.test(text);
}

function refused(errors: readonly InputProblem[]): Result<never, Refusal> {
  return err({ fault: badRequest, errors });
}

function shortened(name: string): string {
  return name.slice(0, 64);
}

const JSON_MEDIA = /^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i;
const PATH_PART_MAX = 128;
const BODY_BYTES_DEFAULT = 65_536;
/** As much as the bus carries: a backup, or a change of every section. */
const BODY_BYTES_MAX: Readonly<Record<string, number>> = {
  "POST /config/plan": 1_048_576,
  "POST /config/apply": 1_048_576,
  "POST /config/import": 1_048_576,
};
