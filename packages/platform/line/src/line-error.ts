import type { DecodeError } from "@passerelle/result";
import type { LineError, LineErrorCode } from "./port.ts";

export type LineFailure = { readonly ok: false; readonly error: LineError };

/** A failure; what was said is cut, because it may be anything. */
export function lineFailure(code: LineErrorCode, text: string): LineFailure {
  return { ok: false, error: { code, text: text.slice(0, TEXT_LENGTH_MAX) } };
}

/** An answer was whole, and no decoder of this modem could read it. */
export function notUnderstood(what: string, { code, at }: DecodeError): LineFailure {
  return lineFailure("not_understood", `${what}: ${code} at ${at}`);
}

export function closed(): LineFailure {
  return lineFailure("closed", "the modem is closed");
}

const TEXT_LENGTH_MAX = 200;
