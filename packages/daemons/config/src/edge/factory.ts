import { DAEMONS } from "@passerelle/contract";
import { err, type Fault, ok, type Result } from "@passerelle/result";
import type { Entropy } from "@passerelle/service";
import type { Document, Sections } from "../core/document.ts";
import { faultOf } from "../core/faults.ts";
import { makePassword } from "../core/password.ts";
import { type DefaultsOverride, factoryDocument } from "../core/restore.ts";
import { type DefaultsError, readDefaultsOverride } from "./defaults.ts";

/** Makes the document of a new box, with new passwords each time. */
export type Factory = () => Result<Document, Fault>;

/**
 * `given` takes the place of the file that PASSERELLE_DEFAULTS names. The overrides are read when the values are made:
 * a file that is wrong does not stop a box that runs.
 */
export function createFactory(
  sections: Sections,
  entropy: Pick<Entropy, "bytes">,
  given: DefaultsOverride | undefined,
): Factory {
  const bytes = (length: number): Uint8Array => entropy.bytes(length);
  const password = (bits: number): string => makePassword(bits, bytes);
  return () => {
    const overrides = given === undefined ? overridesOfBoard() : ok(given);
    if (!overrides.ok) return err(faultOf("defaults_invalid", overrides.error.message));
    const stranger = Object.keys(overrides.value).find((name) => !DAEMON_NAMES.has(name));
    if (stranger !== undefined) return err(faultOf("defaults_invalid", `/${stranger}: no daemon`));
    const made = factoryDocument(sections, { bytes, password }, overrides.value);
    if (made.ok) return made;
    const problems = made.error.map((p) => `/${p.section}${p.path}: ${p.message}`);
    return err(faultOf("defaults_invalid", problems.join("\n")));
  };
}

function overridesOfBoard(): Result<DefaultsOverride, DefaultsError> {
  const path = process.env.PASSERELLE_DEFAULTS;
  return path === undefined || path === "" ? ok({}) : readDefaultsOverride(path);
}

const DAEMON_NAMES: ReadonlySet<string> = new Set(DAEMONS);
