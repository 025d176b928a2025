import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { decodeLabel, drawLabel, encodeLabel, LABEL_SECTORS, labelOfDisk } from "../src/label.ts";
import { provision } from "../src/provision.ts";

const root = mkdtempSync(join(tmpdir(), "passerelle-provision-"));
const disk = join(root, "disk");
const out = join(root, "defaults.json");
afterAll(() => rmSync(root, { recursive: true, force: true }));

beforeEach(() => {
  rmSync(out, { force: true });
  rmSync(disk, { force: true });
  writeFileSync(disk, "");
  truncateSync(disk, 2048 * 512);
});

function spoil(sector: number): void {
  const file = openSync(disk, "r+");
  writeSync(file, "spoiled", sector * 512 + 100);
  closeSync(file);
}

const other = () => ({ password: "another-one-drawn" });

describe("the label of a disk", () => {
  test("is drawn once", () => {
    const first = labelOfDisk(disk);
    expect(labelOfDisk(disk, other)).toEqual(first);
  });
  test("outlives one spoiled copy, whichever, and the copy is made anew", () => {
    const first = labelOfDisk(disk);
    for (const sector of [...LABEL_SECTORS, ...LABEL_SECTORS]) {
      spoil(sector);
      expect(labelOfDisk(disk, other)).toEqual(first);
    }
  });
  test("is drawn anew where both copies are spoiled", () => {
    labelOfDisk(disk);
    LABEL_SECTORS.forEach(spoil);
    expect(labelOfDisk(disk, other)).toEqual(other());
  });
  test("touches nothing but its two sectors", () => {
    labelOfDisk(disk);
    const bytes = readFileSync(disk);
    for (const sector of LABEL_SECTORS) bytes.fill(0, sector * 512, sector * 512 + 512);
    expect(bytes.every((octet) => octet === 0)).toBe(true);
  });
  test("cut at every octet is no label", () => {
    const whole = encodeLabel({ password: "abcd-efgh-jkmn-pqrs" });
    for (let length = 0; length < whole.length; length += 1)
      expect(decodeLabel(whole.subarray(0, length))).toBeUndefined();
    expect(decodeLabel(whole)).toEqual({ password: "abcd-efgh-jkmn-pqrs" });
    expect(decodeLabel(new Uint8Array(512))).toBeUndefined();
  });
});

test("S-11: a thousand boxes have a thousand passwords, and every letter is as likely", () => {
  const all = Array.from({ length: 1000 }, () => drawLabel().password);
  expect(new Set(all).size).toBe(1000);
  for (const password of all)
    expect(password).toMatch(/^([a-hjkmnp-z2-9]{4}-){3}[a-hjkmnp-z2-9]{4}$/);
  const counts = new Map<string, number>();
  for (const letter of all.join("").replaceAll("-", ""))
    counts.set(letter, (counts.get(letter) ?? 0) + 1);
  expect(counts.size).toBe(31);
  const expected = 16_000 / 31;
  const chi = [...counts.values()].reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
  // 30 degrees of freedom: once in ten million runs.
  expect(chi).toBeLessThan(90);
});

describe("passerelle provision", () => {
  const run = (...words: string[]) =>
    provision(["--disk", disk, "--out", out, "--board", join(root, "board.json"), ...words]);
  const made = () => JSON.parse(readFileSync(out, "utf8")) as Record<string, unknown>;

  test("hands over the board's values with the label, for the group of config alone", async () => {
    writeFileSync(join(root, "board.json"), '{"wan":{"interface":"wan0"}}');
    expect(await run()).toBe(0);
    const { password } = labelOfDisk(disk, other);
    expect(made()).toEqual({ wan: { interface: "wan0" }, web: { labelPassword: password } });
    expect(statSync(out).mode & 0o777).toBe(0o640);
  });
  test("what the firmware says goes over the board's values, its label too", async () => {
    writeFileSync(join(root, "board.json"), '{"wan":{"interface":"wan0","mac":"own"}}');
    const firmware = join(root, "firmware.json");
    writeFileSync(firmware, '{"wan":{"mac":"x"},"web":{"labelPassword":"given-by-the-lab"}}');
    await run("--defaults", firmware);
    expect(made()).toEqual({
      wan: { interface: "wan0", mac: "x" },
      web: { labelPassword: "given-by-the-lab" },
    });
    expect(labelOfDisk(disk, other)).toEqual(other());
  });
  test("without a board's file, and with a broken one of the firmware, there is a label", async () => {
    rmSync(join(root, "board.json"), { force: true });
    const firmware = join(root, "firmware.json");
    writeFileSync(firmware, '{"web":');
    await run("--defaults", firmware);
    expect(made()).toEqual({ web: { labelPassword: labelOfDisk(disk, other).password } });
  });
  test("a disk that refuses stops nothing", async () => {
    rmSync(disk);
    expect(await run()).toBe(0);
    expect(made()).toHaveProperty("web.labelPassword");
  });
});
