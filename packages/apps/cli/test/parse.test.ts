import { describe, expect, test } from "vitest";
import type { Option } from "../src/command.ts";
import { commands } from "../src/commands.ts";
import { UsageError } from "../src/failure.ts";
import { chooseLanguage } from "../src/language.ts";
import { GLOBAL_OPTIONS, parse } from "../src/parse.ts";
import { parsePorts } from "../src/ports.ts";
import { FixtureBox } from "./support/fixture-box.ts";
import { TestWorld } from "./support/test-world.ts";

describe("wrong words end with 64, ask the box nothing and say which help says more", () => {
  test.each([
    [[], "no command given", "Try passerelle --help."],
    [["nonsense"], 'no command "nonsense"', "Try passerelle --help."],
    [["devices", "nonsense"], '"devices" wants one of: list, show', "Try passerelle help devices."],
    [["config"], '"config" wants one of: get, set', "Try passerelle help config."],
    [["devices", "show"], "ID is missing", "Try passerelle help devices show."],
    [
      ["devices", "show", "a", "b"],
      '"b" is one word too many',
      "Try passerelle help devices show.",
    ],
    [["devices", "--follow"], '"devices list" has no option --follow', "Try"],
    [["devices", "--nonsense"], "Unknown option '--nonsense'", "Try"],
    [["devices", "--lang", "de"], '--lang: "de" is none of fr, en', "Try"],
    [["events", "nonsense"], 'CHANNEL: "nonsense" is none of wan', "Try"],
    [["log", "--limit", "0"], "--limit: a whole number from 1 to 200", "Try"],
    [["log", "--limit"], "--limit", "Try"],
    [["ports", "open", "x", "y"], '"x" is no port', "Try"],
    [["system", "reboot"], "add --yes", "Try passerelle help system reboot."],
    [["system", "factory-reset"], "add --yes", "Try passerelle help system factory-reset."],
    [["api", "GET", "hosts"], '"hosts" is no path', "Try passerelle help api."],
    [["api", "GET", "/ho sts"], "is no path", "Try"],
    [["api", "GET", "/hosts\r\nx: y"], "is no path", "Try"],
    [["api", "TRACE", "/hosts"], '"TRACE" is none of GET', "Try"],
    [["api", "POST", "/hosts", "{"], "not JSON", "Try"],
    [["config", "rollback", "x"], "no number of a revision", "Try"],
    [["devices", "--url", "ftp://x"], "is no address", "Try"],
    [["devices", "--url", "http://x/path"], "is no address", "Try"],
  ])("%j", async (words, says, help) => {
    const box = new FixtureBox();
    const world = new TestWorld(() => box.door());
    expect(await world.run(...words)).toBe(64);
    expect(world.out).toBe("");
    expect(world.err).toContain(says);
    expect(world.err.split("\n").at(-2)).toContain(help);
    expect(box.requests).toEqual([]);
  });
});

test("options stand anywhere, also before the command", () => {
  const parsed = parse(
    ["--url", "http://x", "devices", "--json", "show", "--", "-odd-name"],
    commands,
  );
  expect(parsed).toMatchObject({ args: ["-odd-name"], options: { url: "http://x", json: true } });
  expect(parsed.command?.path).toEqual(["devices", "show"]);
});

test("a command that is no command of JavaScript's objects either", () => {
  for (const word of ["__proto__", "constructor", "toString"])
    expect(() => parse([word], commands)).toThrow(UsageError);
});

describe("the table", () => {
  test("an option means one kind of thing wherever it stands, and its letter is its own", () => {
    const kinds = new Map<string, string>();
    const sets: readonly Readonly<Record<string, Option>>[] = [
      GLOBAL_OPTIONS,
      ...commands.map(({ options }) => options ?? {}),
    ];
    for (const set of sets)
      for (const [name, { value, short, completes }] of Object.entries(set)) {
        const kind = `${value === undefined} ${short} ${completes}`;
        expect([name, kinds.get(name) ?? kind]).toEqual([name, kind]);
        kinds.set(name, kind);
      }
  });

  test("every command has an example, and every example is a command line of it that parses", () => {
    for (const command of commands) {
      expect(command.examples.length).toBeGreaterThan(0);
      for (const { words } of command.examples) {
        const parts = words.replace(/ > .*$/, "").match(/"[^"]*"|\S+/g) ?? [];
        const parsed = parse(
          parts.map((part) => part.replace(/^"|"$/g, "")),
          commands,
        );
        expect([words, parsed.command]).toEqual([words, command]);
      }
    }
  });

  test("what is repeated or may be missing comes last", () => {
    for (const { args = [] } of commands)
      for (const [n, { isOptional, isRepeated }] of args.entries())
        if (isOptional === true || isRepeated === true) expect(n).toBe(args.length - 1);
  });

  test("both languages say everything, and not the same", () => {
    for (const { about, args = [], options = {}, examples } of commands)
      for (const sentence of [
        about,
        ...args.map((a) => a.about),
        ...Object.values(options).map((o) => o.about),
        ...examples.map((e) => e.about),
      ]) {
        expect(sentence.fr).not.toBe("");
        expect(sentence.en).not.toBe("");
      }
  });
});

test.each([
  ["fr", {}, "fr"],
  [undefined, { LANG: "fr_FR.UTF-8" }, "fr"],
  [undefined, { LANG: "fr" }, "fr"],
  [undefined, { LANG: "fry_NL" }, "en"],
  [undefined, { LANG: "fr_FR", LC_ALL: "C" }, "en"],
  [undefined, { LANG: "en_US", LC_MESSAGES: "fr_CA" }, "fr"],
  [undefined, { LANG: "de_DE" }, "en"],
  ["en", { LANG: "fr_FR" }, "en"],
  [undefined, {}, "en"],
])("--lang %s and %j speak %s", (flag, env, language) => {
  expect(chooseLanguage(flag, env)).toBe(language);
});

test.each([
  ["8080", { protocol: "tcp", port: 8080 }],
  ["53/udp", { protocol: "udp", port: 53 }],
  ["5000-5010/both", { protocol: "both", port: 5000, portLast: 5010 }],
])("port %s", (word, ports) => {
  expect(parsePorts(word)).toEqual(ports);
});

test.each(["", "-1", "80/sctp", "80-", "1.5", "123456", "80 81"])("%j is no port", (word) => {
  expect(() => parsePorts(word)).toThrow(UsageError);
});
