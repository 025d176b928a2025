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

function withModem(from: string, address = "192.168.100.1"): WanConfig {
  const place = { address, from } as never as { address: never; from: never };
  return { ...defaults, modem: { driver: "draytek", ...place, user: "", password: "" } };
}

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
    ["a box in the modem's network", withModem("192.168.100.2/24"), []],
    ["the modem's own address", withModem("192.168.100.1/24"), ["/modem/from"]],
    ["the address of a network", withModem("192.168.100.0/24"), ["/modem/from"]],
    ["the address of all", withModem("192.168.100.255/24"), ["/modem/from"]],
    ["another network than the modem's", withModem("192.168.10.2/24"), ["/modem/from"]],
    ["a network of one", withModem("192.168.100.1/32"), ["/modem/from"]],
    ["the whole Internet", withModem("192.168.100.2/1"), ["/modem/from"]],
    ["a public network", withModem("198.51.100.2/24", "198.51.100.1"), ["/modem/from"]],
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
