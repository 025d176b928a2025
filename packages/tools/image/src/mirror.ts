import { readdirSync, readFileSync } from "node:fs";
import { BuildError } from "./fail.ts";

/** The two archives of Debian this machine takes its own packages from, without a slash at the end. */
export interface Mirror {
  readonly main: string;
  readonly security: string;
}

/** No host is written in this repository: an image is built from where this machine gets its Debian. */
export function hostMirror(): Mirror {
  const texts: string[] = [];
  const directory = "/etc/apt/sources.list.d";
  for (const path of [
    "/etc/apt/sources.list",
    ...safeList(directory).map((name) => `${directory}/${name}`),
  ]) {
    if (!/\.(list|sources)$/.test(path)) continue;
    try {
      texts.push(readFileSync(path, "utf8"));
    } catch {
      // A machine has one kind or the other.
    }
  }
  const mirror = mirrorOf(texts);
  if (mirror === undefined) {
    throw new BuildError("this machine's apt names no Debian mirror: /etc/apt/sources.list.d");
  }
  return mirror;
}

/** Reads both forms, one-line and deb822. The security archive is beside the main one where none is named. */
export function mirrorOf(sources: readonly string[]): Mirror | undefined {
  const uris = sources.flatMap((text) =>
    text
      .split("\n")
      .filter((line) => /^(deb\s|URIs:)/.test(line))
      .flatMap((line) => line.match(/\bhttps?:\/\/[^\s\]]+/g) ?? [])
      .map((uri) => uri.replace(/\/+$/, "")),
  );
  const main = uris.find((uri) => uri.endsWith("/debian"));
  if (main === undefined) return undefined;
  return {
    main,
    security: uris.find((uri) => uri.endsWith("/debian-security")) ?? `${main}-security`,
  };
}

function safeList(directory: string): readonly string[] {
  try {
    return readdirSync(directory).sort();
  } catch {
    return [];
  }
}
