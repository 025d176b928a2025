import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { commands } from "../src/commands.ts";
import { FixtureBox } from "./support/fixture-box.ts";
import { TestWorld } from "./support/test-world.ts";

/** The script of `passerelle completion bash`, sourced and asked by a real bash. */
let directory: string;
let script: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "pscc-"));
  script = join(directory, "passerelle.bash");
  const world = new TestWorld(() => new FixtureBox().door());
  await world.run("completion", "bash");
  writeFileSync(script, world.out);
  writeFileSync(join(directory, "notes.txt"), "");
  writeFileSync(
    join(directory, "ask.bash"),
    `source "$1" || exit 1
shift
COMP_WORDS=(passerelle "$@")
COMP_CWORD=$#
_passerelle passerelle "\${COMP_WORDS[COMP_CWORD]}" "\${COMP_WORDS[COMP_CWORD-1]}"
printf '%s\\n' "\${COMPREPLY[@]}"
`,
  );
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** What bash offers for the last of these words. */
function complete(...words: readonly string[]): readonly string[] {
  const out = execFileSync("bash", ["--norc", "ask.bash", script, ...words], {
    cwd: directory,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
  return out.split("\n").filter((line) => line !== "");
}

test("the script is one that bash takes without a word", () => {
  expect(execFileSync("bash", ["-n", script], { encoding: "utf8", stdio: "pipe" })).toBe("");
});

test("the first word: every command, those of developers too", () => {
  const first = new Set(commands.map(({ path }) => path[0] ?? ""));
  expect(new Set(complete(""))).toEqual(
    new Set([...first, "run", "bus-config", "watch", "get", "call"]),
  );
  expect(complete("dev")).toEqual(["devices"]);
  expect(complete("zzz")).toEqual([]);
});

test("the second word: the members of the group", () => {
  for (const group of new Set(
    commands.filter(({ path }) => path.length > 1).map(({ path }) => path[0] ?? ""),
  )) {
    const members = commands
      .filter(({ path }) => path[0] === group)
      .map(({ path }) => path[1] ?? "");
    expect([group, complete(group, "")]).toEqual([group, members]);
  }
});

describe("further words", () => {
  test.each([
    [["events", "no"], ["notifications"]],
    [["events", "wan", "ho"], ["hosts"]],
    [["events", "-f", "--json", "wan", "hosts", "lo"], ["log"]],
    [
      ["api", ""],
      ["GET", "POST", "PUT", "PATCH", "DELETE"],
    ],
    [
      ["api", "GET", "/ho"],
      ["/hosts", "/hosts/"],
    ],
    [
      ["--lang", ""],
      ["fr", "en"],
    ],
    [["--lang", "fr", "dia"], ["diag"]],
    [["--url", "http://x", "ports", "o"], ["open"]],
    [["--url", ""], []],
    [
      ["log", "--category", "s"],
      ["security", "system"],
    ],
    [
      ["diag", "dns", "example.org", "--type", "A"],
      ["A", "AAAA"],
    ],
    [["apps", "allow", "r-1", "read", "de"], ["devices"]],
    [["apps", "allow", ""], []],
    [
      ["completion", ""],
      ["bash", "zsh", "fish"],
    ],
    [["help", "con"], ["config"]],
    [["config", "import", "no"], ["notes.txt"]],
    [["support-bundle", "-o", "no"], ["notes.txt"]],
    [
      ["config", "apply", "--"],
      ["--json", "--lang", "--url", "--token-file", "--ca-file", "--help", "--confirm", "--note"],
    ],
    [["devices", "--f"], []],
    [["events", "--f"], ["--follow"]],
    [["events", "wan", "--f"], ["--follow"]],
  ])("%j", (words, offered) => {
    expect(complete(...words)).toEqual(offered);
  });
});

test("what stands on the line already is never run", () => {
  const canary = join(directory, "canary");
  for (const word of [
    `$(touch ${canary})`,
    `\`touch ${canary}\``,
    `"; touch ${canary}; "`,
    "*",
    "'",
  ])
    complete("devices", "show", word, "", word);
  expect(complete("api", "GET", "$(touch canary)")).toEqual([]);
  expect(() => execFileSync("test", ["-e", canary], { stdio: "ignore" })).toThrow();
});

test("the scripts of zsh and fish name every command and option, and quote what people read", async () => {
  const world = new TestWorld(() => new FixtureBox().door());
  for (const shell of ["zsh", "fish"]) {
    await world.run("completion", shell, "--lang", "fr");
    for (const { path, options = {} } of commands) {
      for (const word of path) expect(world.out).toContain(word);
      for (const name of Object.keys(options)) expect(world.out).toContain(name);
    }
  }
});
