import { readFileSync } from "node:fs";
import { isJsonObject } from "@passerelle/json";
import { err, ok, type Result } from "@passerelle/result";
import { asJson } from "../core/json.ts";
import type { DefaultsOverride } from "../core/restore.ts";

/** The factory's values can't be made: a mistake of whoever installed the box. The process exits with 78 (EX_CONFIG). */
export class DefaultsError extends Error {
  readonly exitCode = 78;

  constructor(message: string) {
    super(message);
    this.name = "DefaultsError";
  }
}

/** Reads the file that PASSERELLE_DEFAULTS names: a JSON object, section name → merge patch (RFC 7396). */
export function readDefaultsOverride(path: string): Result<DefaultsOverride, DefaultsError> {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, "utf8"));
  } catch (thrown) {
    return err(new DefaultsError(`PASSERELLE_DEFAULTS: ${path}: ${String(thrown)}`));
  }
  const json = asJson(value);
  if (!json.ok || !isJsonObject(value)) {
    return err(new DefaultsError(`PASSERELLE_DEFAULTS: ${path}: not an object of sections`));
  }
  return ok(value);
}
