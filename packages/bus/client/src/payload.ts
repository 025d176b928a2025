import { err, ok, type Result } from "@passerelle/result";
import type { GenericSchema } from "valibot";
import * as v from "valibot";

/** Octets of one payload; the brokers refuse more than this and the packet's own head. */
export const PAYLOAD_BYTES_MAX = 1_048_576;

/** Arrays and objects inside each other. No schema of the contract comes near it. */
export const JSON_DEPTH_MAX = 32;

/** JSON octets, or undefined where they are too many. */
export function encodePayload(value: unknown): Uint8Array | undefined {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  return bytes.length <= PAYLOAD_BYTES_MAX ? bytes : undefined;
}

/** Reads what anybody on the bus may have sent. Never throws. */
export function decodePayload<T>(
  bytes: Uint8Array,
  schema: GenericSchema<unknown, T>,
): Result<T, string> {
  if (bytes.length > PAYLOAD_BYTES_MAX) return err("larger than a payload may be");
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    if (!isShallow(text)) return err(`nested deeper than ${JSON_DEPTH_MAX}`);
    return validate(JSON.parse(text), schema);
  } catch (thrown) {
    return err(thrown instanceof Error ? thrown.message : "not JSON");
  }
}

export function validate<T>(value: unknown, schema: GenericSchema<unknown, T>): Result<T, string> {
  const parsed = v.safeParse(schema, value, { abortPipeEarly: true });
  if (parsed.success) return ok(parsed.output);
  // The messages name keys and types; a value that may be secret is left out.
  const problems = parsed.issues.slice(0, 8).map((issue) => {
    const path = v.getDotPath(issue) ?? "(root)";
    return `${path.slice(0, 200)}: expected ${(issue.expected ?? issue.type).slice(0, 200)}`;
  });
  return err(problems.join("; "));
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, at) => octet === b[at]);
}

/** Counts brackets outside of strings: the depth of any valid JSON text, before it is parsed. */
function isShallow(text: string): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (inString) {
      if (code === BACKSLASH) at += 1;
      else if (code === QUOTE) inString = false;
    } else if (code === QUOTE) inString = true;
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      depth += 1;
      if (depth > JSON_DEPTH_MAX) return false;
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) depth -= 1;
  }
  return true;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
