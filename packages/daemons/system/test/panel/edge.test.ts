import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { recordingLogger } from "@passerelle/service/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Meaning, Pattern } from "../../src/core/panel/lights.ts";
import type { Light } from "../../src/core/panel/names.ts";
import { Lights } from "../../src/edge/lights.ts";

/** A folder that stands in for /sys/class/leds. */
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "passerelle-leds-"));
});
afterEach(() => rmSync(root, { recursive: true }));

function plant(name: string, trigger = "none [timer] heartbeat"): void {
  mkdirSync(join(root, name));
  const files = { trigger, brightness: "0", delay_on: "500", delay_off: "500" };
  for (const [file, text] of Object.entries(files))
    writeFileSync(join(root, name, file), `${text}\n`);
}
const read = (name: string, file: string): string =>
  readFileSync(join(root, name, file), "utf8").trim();
const times = (name: string): readonly string[] => [
  read(name, "delay_on"),
  read(name, "delay_off"),
];
const one = (pattern: Pattern, meaning: Meaning = "power"): ReadonlyMap<Meaning, Pattern> =>
  new Map([[meaning, pattern]]);

function open(...lights: Light[]): { lights: Lights; log: ReturnType<typeof recordingLogger> } {
  const log = recordingLogger();
  return { lights: new Lights({ lights, log, root }), log };
}
const ACT: Light = { name: "ACT", shows: "power" };
const PWR: Light = { name: "PWR", shows: "power" };

describe("the lights", () => {
  it.each([
    ["on", "1000", "0"],
    ["off", "0", "1000"],
    ["slow", "1000", "1000"],
    ["fast", "100", "100"],
    ["flash", "100", "1900"],
  ] as const)("%s: %s ms of light, %s of dark; the trigger stays", (pattern, on, off) => {
    plant("ACT");
    const { lights, log } = open(ACT);
    lights.show(one(pattern));
    expect(times("ACT")).toEqual([on, off]);
    expect(read("ACT", "trigger")).toBe("none [timer] heartbeat");
    expect(read("ACT", "brightness")).toBe("0");
    expect(log.lines).toEqual([]);
  });

  it.each([
    ["on", "delay_on", "1000"],
    ["off", "delay_off", "1000"],
    ["slow", "delay_on", "1000"],
    ["fast", "delay_on", "100"],
    ["flash", "delay_on", "100"],
  ] as const)(
    "%s writes %s first, which is not zero: both zero is half a second of each to the kernel",
    (...row) => {
      const [pattern, first, text] = row;
      plant("ACT");
      // What is written first is seen where the second can't be written.
      const second = first === "delay_on" ? "delay_off" : "delay_on";
      rmSync(join(root, "ACT", second));
      open(ACT).lights.show(one(pattern));
      expect(read("ACT", first)).toBe(text);
    },
  );

  it("take the trigger where it is another's", () => {
    plant("ACT", "none timer [heartbeat]");
    open(ACT).lights.show(one("slow"));
    expect(read("ACT", "trigger")).toBe("timer");
    expect(times("ACT")).toEqual(["1000", "1000"]);
  });

  it("are not written where nothing changed", () => {
    plant("ACT");
    const { lights } = open(ACT);
    lights.show(one("on"));
    writeFileSync(join(root, "ACT", "delay_on"), "as it was\n");
    lights.show(one("on"));
    expect(read("ACT", "delay_on")).toBe("as it was");
    lights.show(one("fast"));
    expect(read("ACT", "delay_on")).toBe("100");
  });

  it("are the first of their meaning that this model has", () => {
    plant("PWR");
    open(ACT, PWR).lights.show(one("slow"));
    expect(times("PWR")).toEqual(["1000", "1000"]);
    plant("ACT");
    open(ACT, PWR).lights.show(one("fast"));
    expect([times("ACT"), times("PWR")]).toEqual([
      ["100", "100"],
      ["1000", "1000"],
    ]);
  });

  it("that are not there are told of once, harm no other, and are tried again with the next change", () => {
    plant("WAN");
    const { lights, log } = open(ACT, PWR, { name: "WAN", shows: "internet" });
    const both = (power: Pattern): ReadonlyMap<Meaning, Pattern> =>
      new Map([
        ["power", power],
        ["internet", "on"],
      ]);
    lights.show(both("fast"));
    lights.show(both("slow"));
    lights.show(both("fast"));
    expect(log.lines.map(({ message, fields }) => [message, fields.name])).toEqual([
      ["light_missing", "ACT PWR"],
    ]);
    expect(times("WAN")).toEqual(["1000", "0"]);
    plant("ACT");
    lights.show(both("fast"));
    expect(times("ACT")).toEqual(["100", "100"]);
  });

  it("that can't be written are told of once", () => {
    plant("ACT");
    rmSync(join(root, "ACT", "delay_on"));
    mkdirSync(join(root, "ACT", "delay_on"));
    const { lights, log } = open(ACT);
    for (const pattern of ["on", "off", "on"] as const) lights.show(one(pattern));
    expect(log.lines).toMatchObject([
      { message: "light_not_written", fields: { name: "ACT", code: "EISDIR" } },
    ]);
  });

  it("without the files of the trigger are told of once, and no file is made", () => {
    plant("ACT");
    rmSync(join(root, "ACT", "delay_on"));
    const { lights, log } = open(ACT);
    for (const pattern of ["on", "slow", "on"] as const) lights.show(one(pattern));
    expect(log.lines).toMatchObject([
      { message: "light_not_written", fields: { name: "ACT", code: "ENOENT" } },
    ]);
    expect(() => read("ACT", "delay_on")).toThrow(/ENOENT/);
  });
});
