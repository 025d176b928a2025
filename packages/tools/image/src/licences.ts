import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { BundledPackage } from "./bundle.ts";
import { BuildError } from "./fail.ts";
import type { LockedPackage } from "./lock.ts";

/** The terms of one part of the image, as its authors wrote them. */
export interface LicenceText {
  /** "debian: bash 5.2", "npm: mqtt 5.16.0" */
  readonly of: string;
  readonly text: string;
}

/** Debian's copyright files, read before the tree is pruned, and the texts that they refer to. */
export function debianLicences(
  tree: string,
  packages: readonly LockedPackage[],
): readonly LicenceText[] {
  const own = packages.map(({ name, version }) => {
    const path = join(tree, "usr/share/doc", name, "copyright");
    if (!existsSync(path)) throw new BuildError(`${name} has no copyright file`);
    return { of: `debian: ${name} ${version}`, text: readFileSync(path, "utf8") };
  });
  const common = join(tree, "usr/share/common-licenses");
  const texts = existsSync(common) ? readdirSync(common).sort() : [];
  return [
    ...own,
    ...texts.map((name) => ({
      of: `debian: /usr/share/common-licenses/${name}`,
      text: readFileSync(join(common, name), "utf8"),
    })),
  ];
}

/** The licence file of each npm package whose code is in the image. One that has none is named with what it declares. */
export function npmLicences(packages: readonly BundledPackage[]): readonly LicenceText[] {
  return packages.map(({ name, version, licence, directory }) => {
    const file = readdirSync(directory)
      .sort()
      .find((entry) => /^(licen[cs]e|copying)(\.|$|-)/i.test(entry));
    const text =
      file === undefined
        ? `${licence} (its package.json; it has no file)\n`
        : readFileSync(join(directory, file), "utf8");
    return { of: `npm: ${name} ${version}`, text };
  });
}

/** One text a licence, with the names of all that it is of: most of Debian's libraries come in several packages. */
export function licencePage(texts: readonly LicenceText[]): string {
  const byText = new Map<string, { names: string[]; text: string }>();
  for (const { of, text } of texts) {
    const key = createHash("sha256").update(text).digest("hex");
    const known = byText.get(key);
    if (known === undefined) byText.set(key, { names: [of], text });
    else known.names.push(of);
  }
  const parts = [...byText.values()].map(
    ({ names, text }) => `${RULE}\n${names.join("\n")}\n${RULE}\n\n${text.trimEnd()}\n`,
  );
  return `${HEAD}\n${parts.join("\n")}`;
}

const RULE = "=".repeat(78);
const HEAD =
  "The licences of everything in this image. Where a text names /usr/share/common-licenses, that text is here too.\n";
