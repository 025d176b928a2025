import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { type FirewallConfig, section } from "../src/config.ts";
import { configOf } from "./facts.ts";

type Forward = FirewallConfig["forwards"][number];
const forward = (change: Partial<Forward>): Forward => ({
  id: "a",
  enabled: true,
  protocol: "tcp",
  port: 80,
  to: "192.168.1.5",
  ...change,
});
const problems = (...forwards: Forward[]) =>
  section.validate(configOf({ forwards })).map((p) => p.path);

describe("the section", () => {
  test("the factory's values are valid", () => {
    expect(v.safeParse(section.schema, configOf()).success).toBe(true);
    expect(section.validate(configOf())).toEqual([]);
  });
  test("what would end up as syntax in the ruleset is refused", () => {
    const bad: unknown[] = [
      { forwards: [forward({ id: 'x" accept' })] },
      { forwards: [forward({ to: "192.168.1.5 accept" })] },
      { forwards: [forward({ source: "10.0.0.1/8" })] },
      { blocked: ["02:00:00:00:00:01, 02:00:00:00:00:02"] },
      { blocked: ["02:00:00:00:00:0A"] },
      { services: [{ name: "a;b", zone: "lan", protocol: "tcp", port: 22 }] },
      { services: [{ name: "a", zone: "wan", protocol: "tcp", port: 22 }] },
      { refusedSources: { ipv4: ["x/8"], ipv6: [] } },
      { refusedSources: { ipv4: [], ipv6: ["fc00::/129"] } },
      { unknown: 1 },
    ];
    for (const change of bad) {
      expect(v.safeParse(section.schema, { ...configOf(), ...(change as object) }).success).toBe(
        false,
      );
    }
  });
});

describe("forwards that can't be", () => {
  test("the same port twice collides, unless switched off, of another protocol or for others", () => {
    expect(problems(forward({}), forward({ id: "b" }))).toEqual(["/forwards/1/port"]);
    expect(problems(forward({}), forward({ id: "b", protocol: "both" }))).toHaveLength(1);
    expect(problems(forward({}), forward({ id: "b", port: 70, portLast: 90 }))).toHaveLength(1);
    expect(problems(forward({}), forward({ id: "b", enabled: false }))).toEqual([]);
    expect(problems(forward({}), forward({ id: "b", protocol: "udp" }))).toEqual([]);
    expect(problems(forward({}), forward({ id: "b", port: 81 }))).toEqual([]);
    const [near, far] = ["193.0.0.0/21", "194.0.0.0/21"];
    expect(problems(forward({ source: near }), forward({ id: "b", source: far }))).toEqual([]);
    expect(problems(forward({ source: near }), forward({ id: "b" }))).toHaveLength(1);
  });
  test("the router's own DHCP port, an id used twice, a range that runs back or moves", () => {
    expect(problems(forward({ protocol: "udp", port: 60, portLast: 70 }))).toEqual([
      "/forwards/0/port",
    ]);
    expect(problems(forward({}), forward({ port: 81 }))).toEqual(["/forwards/1/id"]);
    expect(problems(forward({ portLast: 79 }))).toEqual(["/forwards/0/portLast"]);
    expect(problems(forward({ portLast: 85, toPort: 90 }))).toEqual(["/forwards/0/toPort"]);
  });
});

describe("impact", () => {
  test("nothing changed, nothing said", () => {
    expect(section.impact(configOf(), configOf())).toEqual([]);
  });
  test("an opening that ends or moves cuts who uses it; a new one cuts nobody", () => {
    const severities = (before: object, after: object) =>
      section.impact(configOf(before), configOf(after)).map((i) => i.severity);
    const one = forward({});
    const moved = { ...one, to: "192.168.1.99" };
    expect(severities({}, { forwards: [one] })).toEqual(["none"]);
    expect(severities({ forwards: [one] }, { forwards: [one, forward({ id: "b" })] })).toEqual([
      "none",
    ]);
    expect(severities({ forwards: [one] }, {})).toEqual(["short_interruption"]);
    expect(severities({ forwards: [one] }, { forwards: [moved] })).toEqual(["short_interruption"]);
    expect(severities({ forwards: [{ ...one, enabled: false }] }, {})).toEqual(["none"]);
    expect(severities({ dmz: "192.168.1.9" }, {})).toEqual(["short_interruption"]);
  });
  test("S-02 the LAN reaches the page, the API and the clock of the box; an older section gets that too", () => {
    const ports = (services: unknown) =>
      (services as { zone: string; protocol: string; port: number }[]).map(
        ({ zone, protocol, port }) => `${zone} ${protocol} ${port}`,
      );
    const offered = ["lan tcp 80", "lan tcp 443", "lan udp 123"];
    expect(ports(configOf().services)).toEqual(offered);
    const ssh = { name: "ssh", zone: "lan", protocol: "tcp", port: 22 };
    const old = section.migrations[1]?.({ ...configOf(), services: [ssh] });
    expect(ports((old as { services: unknown }).services)).toEqual([...offered, "lan tcp 22"]);
  });
  test("a block, a DMZ and a lost service are said", () => {
    const before = configOf({
      services: [{ name: "ssh", zone: "lan", protocol: "tcp", port: 22 }],
    });
    const after = configOf({ blocked: ["02:00:00:00:00:01"], dmz: "192.168.1.9" });
    expect(section.impact(before, after).map((i) => i.severity)).toEqual([
      "short_interruption",
      "none",
      "may_cut_you_off",
    ]);
  });
});
