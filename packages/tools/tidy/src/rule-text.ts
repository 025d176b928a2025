import { isSource, isTest, type ProjectFile, type Rule, type Violation } from "./tree.ts";

/** A rule that forbids a pattern in the lines of some files. */
function forbids(options: {
  readonly name: string;
  readonly about: string;
  readonly pattern: RegExp;
  readonly message: string;
  readonly in: (path: string) => boolean;
}): Rule {
  return {
    name: options.name,
    about: options.about,
    check: (files) =>
      files.filter((file) => options.in(file.path)).flatMap((file) => findLines(file, options)),
  };
}

function findLines(
  file: ProjectFile,
  options: { readonly name: string; readonly pattern: RegExp; readonly message: string },
): Violation[] {
  return file.text
    .split("\n")
    .flatMap((text, index) =>
      options.pattern.test(text)
        ? [{ rule: options.name, path: file.path, line: index + 1, message: options.message }]
        : [],
    );
}

const isCode = (path: string): boolean => isSource(path) || (isTest(path) && path.endsWith(".ts"));
const isTidy = (path: string): boolean => path.startsWith("packages/tools/tidy/");

export const topicsRule = forbids({
  name: "topics",
  about: "A topic string is written in bus/contract and nowhere else.",
  pattern: /["'`]gw\/v\d/,
  message: "a topic string: import the topic from @passerelle/contract",
  in: (path) => isSource(path) && !path.startsWith("packages/bus/contract/") && !isTidy(path),
});

export const shellRule = forbids({
  name: "no-shell",
  about: "No shell, ever: argv arrays.",
  pattern:
    /shell:\s*true|\bexec(Sync)?\b[^;]*from "node:child_process"|["'](?:\/bin\/)?(?:ba)?sh["'],\s*(?:\[\s*)?["']-c/,
  message: "a shell: pass an argv array to platform/process",
  in: (path) => isSource(path) && !isTidy(path),
});

export const notesRule = forbids({
  name: "notes",
  about: "No unfinished note without its issue.",
  pattern: /\b(TODO|FIXME|XXX|HACK)\b(?!.*issue \d)/,
  message: "an unfinished note: finish it, or name the issue",
  in: (path) => isCode(path) && !isTidy(path),
});

export const privacyRule = forbids({
  name: "privacy",
  about: "No path of a developer's machine and no registry host in what we publish.",
  pattern: new RegExp(
    ["/wo", "rk/(main|shared)|/ro", "ot/|registry\\.", "npmjs|deb\\.debian"].join(""),
  ),
  message: "names a machine's path or a registry",
  in: (path) => !isTidy(path),
});

/** Each suppression carries its reason, and their number only goes down. */
export const SUPPRESSIONS_MAX = 12;
const SUPPRESSION = /biome-ignore|@ts-expect-error|@ts-ignore|oxlint-disable|eslint-disable/;

export const suppressionsRule: Rule = {
  name: "suppressions",
  about: `A suppression says why; at most ${SUPPRESSIONS_MAX} in the whole tree.`,
  check: (files) => {
    const found: { path: string; line: number; text: string }[] = [];
    for (const file of files.filter((f) => isCode(f.path) && !isTidy(f.path))) {
      for (const [index, text] of file.text.split("\n").entries()) {
        if (SUPPRESSION.test(text)) found.push({ path: file.path, line: index + 1, text });
      }
    }
    const violations: Violation[] = found
      .filter(({ text }) => !/: \S+ \S+/.test(text.slice(text.search(SUPPRESSION))))
      .map(({ path, line }) => ({
        rule: "suppressions",
        path,
        line,
        message: "a suppression without a reason after a colon",
      }));
    if (found.length > SUPPRESSIONS_MAX) {
      violations.push({
        rule: "suppressions",
        path: ".",
        line: 0,
        message: `${found.length} suppressions, at most ${SUPPRESSIONS_MAX}: mend the code instead`,
      });
    }
    return violations;
  },
};
