import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Section } from "@passerelle/contract";
import * as v from "valibot";
import { replaceFile } from "./files.ts";
import type { Logger } from "./port.ts";

/** A section as `config` handed it over. */
export interface SectionRevision<Config> {
  readonly revision: number;
  /** SHA-256 of its canonical JSON. */
  readonly digest: string;
  readonly config: Config;
}

/** The last section that this service ran: with it, it starts without `config` and without a bus. */
export interface SectionCache<Config> {
  /** Undefined where there is none, or none that this release understands. */
  read(): SectionRevision<Config> | undefined;
  /** A failure is logged: a full disk stops nobody from running. */
  write(section: SectionRevision<Config>): void;
}

const FILE = "section.json";

const stored = v.strictObject({
  revision: v.pipe(v.number(), v.integer(), v.minValue(0)),
  digest: v.string(),
  value: v.unknown(),
});

export function createSectionCache<Config>(
  section: Section<Config>,
  stateDirectory: string,
  log: Logger,
): SectionCache<Config> {
  const path = join(stateDirectory, FILE);
  return {
    read() {
      try {
        const { revision, digest, value } = v.parse(stored, JSON.parse(readFileSync(path, "utf8")));
        return { revision, digest, config: v.parse(section.schema, value) };
      } catch (thrown) {
        if (!isMissing(thrown)) log.warn("section_cache_unusable", { reason: reasonOf(thrown) });
        return undefined;
      }
    },
    write({ revision, digest, config }) {
      try {
        replaceFile(path, JSON.stringify({ revision, digest, value: config }));
      } catch (thrown) {
        log.warn("section_cache_not_written", { reason: reasonOf(thrown) });
      }
    },
  };
}

/** Without the values: they may be secrets. */
function reasonOf(thrown: unknown): string {
  if (v.isValiError(thrown)) return `not valid at ${v.getDotPath(thrown.issues[0]) ?? "(root)"}`;
  if (thrown instanceof SyntaxError) return "not JSON";
  return thrown instanceof Error ? thrown.message : String(thrown);
}

function isMissing(thrown: unknown): boolean {
  return thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT";
}
