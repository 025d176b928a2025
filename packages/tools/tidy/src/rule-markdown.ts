import type { ProjectFile, Rule, Violation } from "./tree.ts";

export const markdownRule: Rule = {
  name: "markdown",
  about: "One title a page, and links that lead somewhere in the tree.",
  check: (files) => {
    const known = new Set(files.flatMap((file) => foldersAndFile(file.path)));
    return files
      .filter((file) => file.path.endsWith(".md"))
      .flatMap((file) => checkPage(file, known));
  },
};

function checkPage(page: ProjectFile, known: ReadonlySet<string>): Violation[] {
  const violations: Violation[] = [];
  const prose = page.text.replace(/```[\s\S]*?```/g, (block) => block.replace(/[^\n]/g, " "));
  const lines = prose.split("\n");
  const titles = lines.filter((line) => line.startsWith("# ")).length;
  if (titles !== 1) {
    violations.push({
      rule: "markdown",
      path: page.path,
      line: 1,
      message: `has ${titles} titles; one`,
    });
  }
  for (const [index, line] of lines.entries()) {
    for (const [, target = ""] of line.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
      if (/^[a-z]+:/.test(target) || /\.(png|svg|jpe?g)$/.test(target)) continue;
      if (!known.has(resolve(page.path, target))) {
        violations.push({
          rule: "markdown",
          path: page.path,
          line: index + 1,
          message: `links to ${target}, which is not there`,
        });
      }
    }
  }
  return violations;
}

function resolve(from: string, target: string): string {
  const parts = from.split("/").slice(0, -1);
  for (const part of target.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "." && part !== "") parts.push(part);
  }
  return parts.join("/");
}

function foldersAndFile(path: string): string[] {
  const parts = path.split("/");
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}
