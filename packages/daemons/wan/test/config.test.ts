import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { section, type WanConfig } from "../src/config.ts";
import { storedLeaseSchema } from "../src/schema.ts";
import { storedLease } from "./fixtures.ts";

const defaults = section.defaults({ password: () => "", bytes: (n) => new Uint8Array(n) });
const orange: WanConfig = {
  ...defaults,
  profile: "orange-fr",
  credentials: { login: "fti/abcdefg", password: "secret" },
};

describe("the section", () => {
  it("has defaults that are valid", () => {
    expect(v.safeParse(section.schema, defaults).success).toBe(true);
    expect(section.validate(defaults)).toEqual([]);
  });

  it.each<[string, WanConfig, string[]]>([
    ["unknown profile", { ...defaults, profile: "nobody" }, ["/profile"]],
    ["a profile that is a property of objects", { ...defaults, profile: "toString" }, ["/profile"]],
    ["credentials are missing", { ...defaults, profile: "orange-fr" }, ["/credentials"]],
    ["credentials are there", orange, []],
    ["VLAN by profile", { ...orange, link: "profile" }, []],
    ["multicast MAC", { ...defaults, mac: "01:00:5e:00:00:01" as never }, ["/mac"]],
  ])("validates: %s", (_, config, paths) => {
    expect(section.validate(config).map((problem) => problem.path)).toEqual(paths);
  });

  it.each([
    ["a password that is not ASCII", { ...orange, credentials: { login: "a", password: "é" } }],
    [
      "a login that does not fit",
      { ...orange, credentials: { login: "a".repeat(200), password: "" } },
    ],
    ["a path for an interface", { ...defaults, interface: "../eth0" }],
    [
      "a header in the probe",
      {
        ...defaults,
        health: {
          names: ["a.test"],
          probe: {
            kind: "http",
            address: "192.0.2.1",
            port: 80,
            host: "a",
            path: "/ HTTP/1.1\r\nX: y",
          },
        },
      },
    ],
    ["no name to ask", { ...defaults, health: { names: [] } }],
  ])("refuses %s", (_, config) => {
    expect(v.safeParse(section.schema, config).success).toBe(false);
  });

  it("says what a change does", () => {
    expect(section.impact(defaults, orange)).toHaveLength(1);
    expect(section.impact(orange, { ...orange, health: { names: ["a.test"] } })).toEqual([]);
    expect(section.impact(orange, { ...orange })).toEqual([]);
  });
});

describe("the lease file", () => {
  const stored = { version: 1, bootId: "x", line: "y", lease: storedLease() };
  it("is believed only where it makes sense", () => {
    expect(v.safeParse(storedLeaseSchema, stored).success).toBe(true);
    for (const wrong of [
      undefined,
      { ...stored, version: 2 },
      { ...stored, lease: { ...stored.lease, address: 0 } },
      { ...stored, lease: { ...stored.lease, renewsAt: 9_999_999 } },
      { ...stored, lease: { ...stored.lease, prefixLength: 33 } },
      { ...stored, lease: { ...stored.lease, expiresAt: undefined } },
    ]) {
      expect(v.safeParse(storedLeaseSchema, wrong).success).toBe(false);
    }
  });
});
