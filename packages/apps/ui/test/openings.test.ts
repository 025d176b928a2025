import type { PortMapping } from "@passerelle/api";
import { describe, expect, test } from "vitest";
import { browserName } from "../src/core/browser-name.ts";
import {
  conflictOf,
  type OpeningForm,
  openingErrors,
  openingOf,
  portsText,
} from "../src/core/openings.ts";

const form: OpeningForm = {
  ...{ to: "192.168.1.53", name: "", protocol: "tcp", port: "443", portLast: "", toPort: "" },
  source: "",
};

describe("a new opening", () => {
  test.each<[string, Partial<OpeningForm>, object]>([
    ["one port", {}, { to: "192.168.1.53", protocol: "tcp", port: 443 }],
    [
      "a name is trimmed, an equal port at the device is none",
      { name: " Web ", toPort: "443" },
      { to: "192.168.1.53", protocol: "tcp", port: 443, name: "Web" },
    ],
    [
      "a range",
      { port: "27015", portLast: "27030", protocol: "both" },
      { to: "192.168.1.53", protocol: "both", port: 27_015, portLast: 27_030 },
    ],
    [
      "one address is a network of one",
      { source: "203.0.113.8" },
      { to: "192.168.1.53", protocol: "tcp", port: 443, source: "203.0.113.8/32" },
    ],
  ])("%s", (_, change, expected) => {
    expect(openingOf({ ...form, ...change })).toEqual(expected);
  });

  test.each<[string, Partial<OpeningForm>, string]>([
    ["no device", { to: "" }, "to"],
    ["port 0", { port: "0" }, "port"],
    ["a port in words", { port: "4e3" }, "port"],
    ["a range upside down", { portLast: "80" }, "portLast"],
    ["a range that moves", { portLast: "450", toPort: "8443" }, "toPort"],
    ["a source that is none", { source: "203.0.113" }, "source"],
    ["octets beyond", { source: "203.0.113.300" }, "source"],
    ["a length beyond", { source: "203.0.113.0/33" }, "source"],
  ])("%s is refused beside its field", (_, change, field) => {
    expect(openingErrors({ ...form, ...change })).toEqual([field]);
    expect(openingOf({ ...form, ...change })).toBeUndefined();
  });
});

function mapping(more: Partial<PortMapping>): PortMapping {
  return {
    ...{ id: "p1", enabled: true, protocol: "tcp", port: 443, to: "192.168.1.9", active: true },
    ...more,
  };
}

describe("two openings for one port", () => {
  const wanted = { protocol: "tcp", port: 443 } as const;
  test.each<[string, Partial<PortMapping>, boolean]>([
    ["the same port", {}, true],
    ["the other protocol", { protocol: "udp" }, false],
    ["both protocols", { protocol: "both" }, true],
    ["inside of a range", { port: 400, portLast: 500 }, true],
    ["at the last port of a range", { port: 400, portLast: 443 }, true],
    ["beside a range", { port: 444, portLast: 500 }, false],
    ["one that is switched off", { enabled: false }, false],
    ["one for some sources", { source: "203.0.113.0/24" }, true],
  ])("%s", (_, more, meets) => {
    expect(conflictOf(wanted, [mapping(more)]) !== undefined).toBe(meets);
  });

  test("ports as people read them", () => {
    expect(portsText({ port: 443 })).toBe("443");
    expect(portsText({ port: 400, portLast: 500 })).toBe("400–500");
  });
});

describe("a browser as a person would name it", () => {
  test.each([
    [
      "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/148.0 Safari/537.36",
      "Chrome, Linux",
    ],
    ["Mozilla/5.0 (Windows NT 10.0) Chrome/148.0 Safari/537.36 Edg/148.0", "Edge, Windows"],
    [
      "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604",
      "Safari, iPhone",
    ],
    ["Mozilla/5.0 (Android 16; Mobile; rv:150.0) Gecko/150.0 Firefox/150.0", "Firefox, Android"],
    ["<script>alert(1)</script>", undefined],
    [undefined, undefined],
  ])("%s", (userAgent, name) => {
    expect(browserName(userAgent)).toBe(name);
  });
});
