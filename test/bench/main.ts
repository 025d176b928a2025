/** Runs every bench and writes bench/results.md: `node test/bench/main.ts [nat|dns|dhcp|page|image …]`; named ones print only. */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { join } from "node:path";
import type { BenchSection } from "./section.ts";

const SECTIONS: Readonly<Record<string, () => Promise<BenchSection>>> = {
  dns: async () => (await import("./dns.ts")).benchDns(),
  nat: async () => (await import("./nat.ts")).benchNat(),
  box: async () => (await import("./box.ts")).benchBox(),
  page: async () => (await import("./page.ts")).benchPage(),
  image: async () => (await import("./image.ts")).benchImage(),
  dhcp: async () => (await import("./dhcp.ts")).benchDhcp(),
};

const RESULTS = join(import.meta.dirname, "../../bench/results.md");

/** What a figure means depends on this; nothing here names the machine's owner or place. */
function machine(): string {
  const model = cpus()[0]?.model.trim() ?? "unknown processor";
  const memory = Math.round(totalmem() / 2 ** 30);
  return (
    `Machine: ${model}, ${cpus().length} cores, ${memory} GiB, shared with other work; ` +
    `Linux ${kernel()}, Node ${process.version}, ${version(["nft", "--version"])}.`
  );
}

function kernel(): string {
  return /^\d+\.\d+/.exec(release())?.[0] ?? release();
}

function version(argv: readonly [string, ...string[]]): string {
  const [file, ...words] = argv;
  const said = execFileSync(file, words, { encoding: "utf8" }).split("\n", 1)[0] ?? "";
  return said.replace(/ \(.*$/, "");
}

const names = process.argv.slice(2);
const wanted = names.length > 0 ? names : Object.keys(SECTIONS);
const parts = [
  "# Measurements",
  "",
  "Made by `test/bench/main.ts`. Programs are alternated in one run; compare within a table, not between machines.",
  "",
  machine(),
];
for (const name of wanted) {
  const bench = SECTIONS[name];
  if (bench === undefined)
    throw new Error(`no bench "${name}": ${Object.keys(SECTIONS).join(", ")}`);
  const { title, markdown } = await bench();
  parts.push("", `## ${title}`, "", markdown.trim());
  console.error(`${name}: done`);
}
const text = `${parts.join("\n")}\n`;
if (names.length > 0) process.stdout.write(text);
else {
  mkdirSync(join(RESULTS, ".."), { recursive: true });
  writeFileSync(RESULTS, text);
}
