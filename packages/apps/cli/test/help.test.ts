import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { commands } from "../src/commands.ts";
import { LANGUAGES } from "../src/language.ts";
import { cliPage } from "../src/page.ts";
import { FixtureBox } from "./support/fixture-box.ts";
import { TestWorld } from "./support/test-world.ts";

const box = new FixtureBox();
const world = new TestWorld(() => box.door());
const golden = (name: string): string => join(import.meta.dirname, "golden", name);

let zone: string | undefined;
beforeAll(() => {
  zone = process.env.TZ;
  process.env.TZ = "Europe/Paris";
});
afterAll(() => {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
});

test.each(LANGUAGES)("the help of everything, and of every command: %s", async (language) => {
  const parts: string[] = [];
  await world.run("--help", "--lang", language);
  parts.push(world.out);
  for (const { path } of commands) {
    await world.run("help", ...path, "--lang", language);
    parts.push(world.out);
  }
  await expect(parts.join("\n")).toMatchFileSnapshot(golden(`help.${language}.txt`));
});

test.each(LANGUAGES)("the screens of a home: %s", async (language) => {
  const parts: string[] = [];
  for (const words of [
    ["status"],
    ["devices"],
    ["devices", "show", "d-1"],
    ["ports"],
    ["log"],
    ["config", "history"],
    ["sessions"],
    ["apps"],
  ]) {
    await world.run(...words, "--lang", language);
    parts.push(`$ passerelle ${words.join(" ")}\n${world.out}`);
  }
  await expect(parts.join("\n")).toMatchFileSnapshot(golden(`screens.${language}.txt`));
});

test("help is asked for in four ways, and the group has that of its members", async () => {
  box.requests.length = 0;
  const texts = new Set<string>();
  for (const words of [
    ["help", "devices", "show"],
    ["devices", "show", "--help"],
    ["--help", "devices", "show"],
    ["devices", "show", "-h"],
  ]) {
    expect(await world.run(...words)).toBe(0);
    texts.add(world.out);
  }
  expect(texts.size).toBe(1);
  await world.run("diag", "--help");
  expect(world.out).toContain("passerelle diag ping TARGET");
  expect(world.out).toContain("passerelle diag slow");
  expect(box.requests).toEqual([]);
});

test("no line of help is wider than a wide terminal, and the page has every command", async () => {
  for (const { path } of commands) {
    await world.run("help", ...path);
    for (const line of world.out.split("\n")) expect(line.length).toBeLessThan(200);
    expect(cliPage()).toContain(`### ${path.join(" ")}\n`);
  }
});
