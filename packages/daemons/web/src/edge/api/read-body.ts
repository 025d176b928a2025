import { err, ok, type Result } from "@passerelle/result";
import type { Refusal } from "./answer.ts";
import { apiFault, badRequest } from "./faults.ts";

/** The text of a body, read no further than its limit whatever Content-Length promises. */
export async function readBody(
  request: Request,
  bytesMax: number,
): Promise<Result<string, Refusal>> {
  if (request.body === null) return ok("");
  const promised = Number(request.headers.get("content-length") ?? "0");
  const tooLarge = err({ fault: apiFault("body_too_large") });
  if (promised > bytesMax) return tooLarge;
  const reader = request.body.getReader();
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return ok(text + decoder.decode());
      length += value.length;
      if (length > bytesMax) {
        await reader.cancel();
        return tooLarge;
      }
      text += decoder.decode(value, { stream: true });
    }
  } catch {
    // Not UTF-8, or the connection broke in the middle of it.
    return err({ fault: apiFault("malformed_json") });
  }
}

/** JSON as the operations take it: of bounded depth, without keys that are traps in JavaScript. */
export function readJson(text: string): Result<unknown, Refusal> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return err({ fault: apiFault("malformed_json") });
  }
  const problem = trapIn(value, 0);
  if (problem === undefined) return ok(value);
  return err({ fault: badRequest, errors: [{ path: "", message: problem }] });
}

function trapIn(value: unknown, depth: number): string | undefined {
  if (depth > DEPTH_MAX) return `nested deeper than ${DEPTH_MAX}`;
  if (typeof value !== "object" || value === null) return undefined;
  for (const key of Object.keys(value)) {
    if (!Array.isArray(value) && TRAPS.has(key)) return `the key ${key} is refused`;
    const inner: unknown = Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
    const problem = trapIn(inner, depth + 1);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

const TRAPS: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);
/** As deep as the bus allows, less what wraps a body there. */
const DEPTH_MAX = 24;
