import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DEFENCES } from "./defences.ts";

const ROOT = join(import.meta.dirname, "../..");
const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");

test("what `make red` takes away is there to be taken away, once", () => {
  const lost = DEFENCES.flatMap(({ row, edits }) =>
    edits
      .filter(({ file, text }) => read(file).split(text).length !== 2)
      .map(({ file, text }) => `${row}: ${file}: ${text}`),
  );
  expect(lost).toEqual([]);
});

test("the tests that must fail then are there", () => {
  const lost = DEFENCES.filter(
    ({ judge }) => !read(judge.file).includes(judge.name.split(": ").at(-1) ?? ""),
  );
  expect(lost.map(({ judge }) => `${judge.file}: ${judge.name}`)).toEqual([]);
});

test("every row of the door and of traces is taken away at least once", () => {
  const rows = new Set(DEFENCES.map(({ row }) => row));
  const wanted = [11, 13, 14, 15, 16, 17, 18, 20, 21, 22, 23, 24, 25, 26, 33, 34, 35];
  expect(wanted.filter((row) => !rows.has(`S-${row}`))).toEqual([]);
});
