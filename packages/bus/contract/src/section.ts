import type { Sentence } from "@passerelle/result";
import type { GenericSchema } from "valibot";
import type { DaemonName } from "./define.ts";

/**
 * A daemon's part of the configuration. Each daemon defines its own in `config.ts`; the composition
 * root hands all of them to `config`, which stores, plans and serves them without knowing any.
 */
export interface Section<Config> {
  readonly name: DaemonName;
  /** Version of the shape; a stored section of an older one goes through `migrations` in order. */
  readonly version: number;
  /** `migrations[n]` turns a stored value of version n into one of version n + 1. */
  readonly migrations: Readonly<Record<number, (old: unknown) => unknown>>;
  readonly schema: GenericSchema<unknown, Config>;
  /** The factory's values. `entropy` makes what must differ on each device. */
  readonly defaults: (entropy: FactoryEntropy) => Config;
  /** JSON pointers of secrets, `*` for any array item or key: masked in show, diff and plain export. */
  readonly secrets: readonly string[];
  /** What going from one value to the other does to people. Empty: nothing they would notice. */
  impact(before: Config, after: Config): readonly SectionImpact[];
  /** Rules that need the whole document, e.g. LAN and guest networks that overlap. Empty: valid. */
  validate(config: Config): readonly SectionProblem[];
}

export interface SectionImpact {
  readonly severity: "none" | "short_interruption" | "devices_reconnect" | "may_cut_you_off";
  readonly text: Sentence;
}

export interface SectionProblem {
  /** JSON pointer inside the section. */
  readonly path: string;
  readonly message: string;
}

export interface FactoryEntropy {
  /** A password a person can type: at least `bits` of entropy, no ambiguous characters. */
  readonly password: (bits: number) => string;
  readonly bytes: (length: number) => Uint8Array;
}

/** A section of any shape, as `config` sees it. Any `Section<T>` is one, because its functions are methods. */
export type AnySection = Section<unknown>;

export function section<Config>(definition: Section<Config>): Section<Config> {
  return definition;
}
