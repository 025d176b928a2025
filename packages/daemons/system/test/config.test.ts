import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { section } from "../src/config.ts";
import { configOf } from "./story.ts";

const parses = (change: unknown) =>
  v.safeParse(section.schema, { ...configOf(), ...(change as object) }).success;

describe("the section", () => {
  test("has defaults that are valid", () => {
    expect(parses({})).toBe(true);
    expect(section.validate(configOf())).toEqual([]);
  });
  test.each(["Europe/Paris", "UTC", "America/Argentina/Ushuaia"])("knows %s", (timezone) =>
    expect(parses({ timezone })).toBe(true),
  );
  test.each(["Europe/Nowhere", "", "+01:00", "../etc/passwd"])("refuses the zone %j", (timezone) =>
    expect(parses({ timezone })).toBe(false),
  );
  const ntp = (server: string) =>
    parses({ ntp: { enabled: true, servers: [server], serveLan: true } });
  test.each(["pool.ntp.org", "192.0.2.1", "2001:db8::1"])("takes the server %s", (server) =>
    expect(ntp(server)).toBe(true),
  );
  test.each(["-x", "a b", "a\nallow", "", "a;b", "x".repeat(300)])(
    "refuses %j, which is a word of chrony's configuration no more",
    (server) => expect(ntp(server)).toBe(false),
  );
  test("wants a server while the time is asked for", () => {
    const none = { enabled: true, servers: [], serveLan: false };
    expect(section.validate(configOf({ ntp: none }))).toHaveLength(1);
    expect(section.validate(configOf({ ntp: { ...none, enabled: false } }))).toEqual([]);
  });
});
