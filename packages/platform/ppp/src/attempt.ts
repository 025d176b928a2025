import { isNativeError } from "@passerelle/native";
import { err, ok, type Result } from "@passerelle/result";
import type { PppError } from "./port.ts";

/** A refusal of the kernel is a value; anything else is our own mistake and throws. */
export function attempt<T>(call: () => T): Result<T, PppError> {
  try {
    return ok(call());
  } catch (thrown) {
    if (!isNativeError(thrown)) throw thrown;
    return err({ code: thrown.code, text: thrown.message });
  }
}
