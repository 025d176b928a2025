import { ipv4 } from "@passerelle/net";
import fc from "fast-check";
import { expect, test } from "vitest";
import { chooseNames, dnsLabel } from "../src/core/names.ts";

test.each([
  ["Téléphone de Zoé", "telephone-de-zoe"],
  ["nas.home.arpa", "nas"],
  ["--x--", "x"],
  ["<img onerror=alert(1)>", "img-onerror-alert-1"],
  ["\u202e\n", undefined],
  ["", undefined],
])("%j becomes %j", (text, label) => {
  expect(dnsLabel(text)).toBe(label);
});

test("whatever a device calls itself, a label is one (RFC 1123 section 2.1)", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
      const label = dnsLabel(text);
      return label === undefined || /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(label);
    }),
  );
});

test("reserved names come first, nobody becomes the gateway, the second of a name has none", () => {
  const names = chooseNames([
    { address: ipv4(1), wishes: ["nas"], rank: 2 },
    { address: ipv4(2), wishes: ["nas"], rank: 0 },
    { address: ipv4(3), wishes: ["passerelle", "wpad"], rank: 2 },
    { address: ipv4(4), wishes: [undefined, "Tele", "x"], rank: 2 },
  ]);
  expect([...names]).toEqual([
    [2, "nas"],
    [4, "tele"],
  ]);
});
