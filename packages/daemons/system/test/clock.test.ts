import { wallTime } from "@passerelle/time";
import { describe, expect, test } from "vitest";
import { readSources, renderChrony, restoredClock } from "../src/core/clock.ts";

const settings = {
  servers: ["192.0.2.1"],
  networks: [{ prefix: "192.168.1.0/24", address: "192.168.1.1" }],
  directory: "/run/chrony",
  driftFile: "/var/lib/chrony/chrony.drift",
};

describe("chrony's configuration", () => {
  test("asks the servers, serves one network on its address, has no command port", () => {
    const lines = renderChrony(settings).split("\n");
    expect(lines).toContain("server 192.0.2.1 iburst");
    expect(lines).toContain("bindaddress 192.168.1.1");
    expect(lines).toContain("allow 192.168.1.0/24");
    expect(lines).toContain("cmdport 0");
    expect(lines).not.toContain("port 0");
  });
  test("listens nowhere where nobody may ask", () => {
    const lines = renderChrony({ ...settings, networks: [] }).split("\n");
    expect(lines).toContain("port 0");
    expect(lines.some((line) => /^(allow|bindaddress)/.test(line))).toBe(false);
  });
  test("with two networks the access list keeps others out", () => {
    const second = { prefix: "10.0.0.0/24", address: "10.0.0.1" };
    const lines = renderChrony({ ...settings, networks: [...settings.networks, second] }).split(
      "\n",
    );
    expect(lines.filter((line) => line.startsWith("allow"))).toHaveLength(2);
    expect(lines.some((line) => line.startsWith("bindaddress"))).toBe(false);
  });
});

describe("what chronyc says", () => {
  const now = wallTime(1_800_000_000_000);
  test("the source that is followed", () => {
    // As chrony 4.3 prints it, with another offset.
    const csv =
      "^,+,192.0.2.9,1,6,17,5,0.1,0.2,0.3\n^,*,192.0.2.1,2,6,17,16,0.000000380,-0.002853,0.000017\n";
    expect(readSources(csv, now)).toEqual({
      selected: { source: "192.0.2.1", offsetMs: -2.853, stratum: 2, at: now - 16_000 },
      reachable: 2,
    });
  });
  test("nobody answers, nobody is followed", () => {
    expect(readSources("^,?,192.0.2.1,0,6,0,4294967295,0,0,0\n", now)).toEqual({ reachable: 0 });
    expect(readSources("^,~,192.0.2.1,2,6,377,3,0,0,0\n", now)).toEqual({ reachable: 1 });
  });
  test.each(["", "506 Cannot talk to daemon", "^,*,a,b,c,d,e,f,g,h", "\0,\n,,,,,,,,,,"])(
    "nonsense %j is nothing",
    (text) => expect(readSources(text, now).selected).toBeUndefined(),
  );
});

describe("a board without a battery", () => {
  const known = 1_800_000_000_000;
  test("goes on from where it stopped, and never before its release", () => {
    expect(restoredClock(wallTime(0), [known, 5])).toBe(known);
    expect(restoredClock(wallTime(0), [undefined, 1_700_000_000_000])).toBe(1_700_000_000_000);
  });
  test("whose clock is later is left alone", () => {
    expect(restoredClock(wallTime(known + 1), [known])).toBeUndefined();
    expect(restoredClock(wallTime(0), [undefined])).toBeUndefined();
  });
  test("with a file of nonsense is not thrown into another century", () => {
    expect(restoredClock(wallTime(1), [9e15])).toBeUndefined();
    expect(restoredClock(wallTime(1), [Number.NaN])).toBeUndefined();
  });
});
