import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./paths.ts";
import { run } from "./run.ts";

/** What this image is: /usr/share/passerelle/release.json, and beside the image. */
export interface Release {
  readonly board: string;
  readonly version: string;
  /** Of the last commit, so that the same sources say the same. ISO 8601, UTC. */
  readonly builtAt: string;
  /** The same in seconds since 1970: every time in the image. */
  readonly epochSeconds: number;
}

/** `PASSERELLE_VERSION` and `SOURCE_DATE_EPOCH` win over what the repository says. */
export function releaseOf(board: string): Release {
  const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    version: string;
  };
  const version = process.env.PASSERELLE_VERSION ?? manifest.version;
  if (!/^\d+\.\d+\.\d+[0-9a-z.+-]{0,20}$/.test(version)) throw new Error(`version: ${version}`);
  const given = process.env.SOURCE_DATE_EPOCH;
  const epochSeconds = Number(
    given ?? run(["git", "-C", ROOT, "log", "-1", "--format=%ct"]).trim(),
  );
  return { board, version, builtAt: new Date(epochSeconds * 1000).toISOString(), epochSeconds };
}

/** Without the seconds: daemons and RAUC's handlers read `version` and `board`. */
export function releaseText({ board, version, builtAt }: Release): string {
  return `${JSON.stringify({ board, version, builtAt }, undefined, 2)}\n`;
}
