import * as v from "valibot";
import { expect, test } from "vitest";
import { LABEL_PASSWORD_BITS, section, type WebConfig } from "../src/config.ts";

const asked: number[] = [];
const defaults = section.defaults({
  password: (bits) => {
    asked.push(bits);
    return "drawn-password";
  },
  bytes: (length) => new Uint8Array(length),
});

test("S-11 each box draws its own password, of 60 bits and more, and shows it to nobody", () => {
  expect(asked).toEqual([LABEL_PASSWORD_BITS]);
  expect(LABEL_PASSWORD_BITS).toBeGreaterThanOrEqual(60);
  expect(defaults.labelPassword).toBe("drawn-password");
  expect(section.secrets).toEqual(["/labelPassword"]);
});

test("names are host names or addresses, as a browser says them", () => {
  const takes = (names: readonly string[]) =>
    v.safeParse(section.schema, { ...defaults, names }).success;
  expect(takes(["box.example.net", "localhost", "127.0.0.1"])).toBe(true);
  for (const name of ["", "Box", "a b", "-a", "a..b", "*.a", "a/b", "box:80", "1.2.3", "é.fr"])
    expect(takes([name]), name).toBe(false);
});

test("what could cut people off from the page is said before", () => {
  const severities = (change: Partial<WebConfig>) =>
    section
      .impact(
        { ...defaults, names: ["old.example"] },
        { ...defaults, names: ["old.example"], ...change },
      )
      .map(({ severity }) => severity);
  expect(severities({})).toEqual([]);
  expect(severities({ httpPort: 8080 })).toEqual(["may_cut_you_off"]);
  expect(severities({ https: "required" })).toEqual(["may_cut_you_off"]);
  expect(severities({ names: [] })).toEqual(["may_cut_you_off"]);
  expect(severities({ names: ["old.example", "new.example"] })).toEqual([]);
  expect(severities({ firstRunDone: true, language: "fr" })).toEqual([]);
  expect(section.validate({ ...defaults, httpsPort: defaults.httpPort })).toMatchObject([
    { path: "/httpsPort" },
  ]);
});
