import { type Ipv4, ipv4 } from "@passerelle/net";
import fc from "fast-check";
import { expect, test } from "vitest";
import { NameTable } from "../src/core/name-table.ts";
import { chooseNames, dnsLabel, type NameWish } from "../src/core/names.ts";

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
    { address: ipv4(3), wishes: ["passerelle", "box", "wpad"], rank: 2 },
    { address: ipv4(4), wishes: [undefined, "Tele", "x"], rank: 2 },
  ]);
  expect([...names]).toEqual([
    [2, "nas"],
    [4, "tele"],
  ]);
});

const someWish = fc.record({
  address: fc.integer({ min: 1, max: 8 }).map(ipv4),
  rank: fc.integer({ min: 0, max: 2 }),
  wishes: fc.array(fc.constantFrom(undefined, "nas", "Tele", "x", "wpad"), { maxLength: 3 }),
});

test("one change at a time comes to the same names as all of them together", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(someWish, fc.boolean()), { maxLength: 60 }), (steps) => {
      const table = new NameTable();
      const wishes = new Map<Ipv4, NameWish>();
      const told = new Map<Ipv4, string>();
      for (const [wish, isThere] of steps) {
        if (isThere) wishes.set(wish.address, wish);
        else wishes.delete(wish.address);
        for (const change of table.set(wish.address, isThere ? wish : undefined)) {
          expect(told.get(change.address)).toBe(change.before);
          if (change.after === undefined) told.delete(change.address);
          else told.set(change.address, change.after);
        }
        const whole = chooseNames([...wishes.values()]);
        expect(new Map(table.names)).toEqual(new Map(whole));
        expect(told).toEqual(new Map(whole));
      }
    }),
  );
});

test("the same again changes nothing", () => {
  const table = new NameTable();
  const wish: NameWish = { address: ipv4(1), wishes: ["nas"], rank: 2 };
  expect(table.set(wish.address, wish)).toEqual([{ address: 1, before: undefined, after: "nas" }]);
  expect(table.set(wish.address, { ...wish })).toEqual([]);
});
