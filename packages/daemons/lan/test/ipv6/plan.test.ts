import { contains6, formatCidr6, overlaps6 } from "@passerelle/net";
import { instant } from "@passerelle/time";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Plan, planPrefixes, prefixTooSmall, settlePlaces } from "../../src/core/ipv6/plan.ts";
import {
  GLOBAL_ID_LENGTH,
  uniqueLocalPrefix,
  uniqueLocalProblem,
} from "../../src/core/ipv6/unique-local.ts";
import { cidr6, homePrefix } from "./support.ts";

const NOW = instant(1000);
const NAMES = ["lan", "guest"];

function plan(prefixes: readonly string[], names = NAMES, places = { lan: 0, guest: 1 }): Plan {
  const parsed = prefixes.map((text) => homePrefix(text, NOW));
  return planPrefixes(names, places, parsed, NOW);
}

function told({ subnets, unserved }: Plan): string {
  const parts = Object.entries(subnets).map(
    ([name, list]) => `${name} ${list.map(({ prefix }) => formatCidr6(prefix)).join(" ") || "-"}`,
  );
  return `${parts.join(", ")}${unserved.length === 0 ? "" : `; unserved ${unserved.join(" ")}`}`;
}

test("L-2: one /64 of every prefix for each network, the guests' another one, ours is ::1 of each", () => {
  const both = plan(["2a01:cb00:1:100::/56", "fd12:3456:789a::/48"]);
  expect(told(both)).toBe(
    "lan 2a01:cb00:1:100::/64 fd12:3456:789a::/64, guest 2a01:cb00:1:101::/64 fd12:3456:789a:1::/64",
  );
  expect(both.subnets.guest?.map(({ address }) => address)).toEqual([
    "2a01:cb00:1:101::1",
    "fd12:3456:789a:1::1",
  ]);
});

test("L-2: the place stays when networks before it go and when another prefix comes", () => {
  const first = settlePlaces({}, ["lan", "guest", "office"]);
  const later = settlePlaces(first, ["lan", "office"]);
  expect(later).toEqual({ lan: 0, office: 2 });
  expect(settlePlaces(later, ["new", "lan", "office"])).toEqual({ lan: 0, office: 2, new: 1 });
  const served = planPrefixes(["lan", "office"], later, [homePrefix("2a01:9::/56", NOW)], NOW);
  expect(told(served)).toBe("lan 2a01:9::/64, office 2a01:9:0:2::/64");
});

test("WPD-8: nothing of the excluded part is used (RFC 6603)", () => {
  expect(told(plan(["2a01:cb00:1:100::/56-2a01:cb00:1:100::/64"]))).toBe(
    "lan 2a01:cb00:1:102::/64, guest 2a01:cb00:1:101::/64",
  );
  expect(told(plan(["2a01:1::/62-2a01:1::/63"]))).toBe(
    "lan 2a01:1:0:2::/64, guest 2a01:1:0:3::/64",
  );
});

test("L-2: a prefix too small for all serves the first networks, and it is said", () => {
  expect(told(plan(["2a01:1:2:3::/64"]))).toBe("lan 2a01:1:2:3::/64, guest -; unserved guest");
  expect(told(plan(["2a01:1:2:3::/64"], NAMES, { lan: 1, guest: 0 }))).toBe(
    "lan 2a01:1:2:3::/64, guest -; unserved guest",
  );
  expect(told(plan(["2a01:1:2:3::/65"]))).toBe("lan -, guest -; unserved lan guest");
  const fault = prefixTooSmall(["guest"]);
  expect([fault.code, fault.text.en]).toEqual([
    "ipv6_prefix_too_small",
    "The operator's IPv6 prefix is too small: no IPv6 for guest.",
  ]);
});

test("without any prefix of the operator nothing is too small; with our own alone neither", () => {
  expect(told(plan([]))).toBe("lan -, guest -");
  expect(told(plan(["fd12:3456:789a::/48"]))).toBe(
    "lan fd12:3456:789a::/64, guest fd12:3456:789a:1::/64",
  );
});

test("a prefix that is over is not used, nor one inside another", () => {
  expect(told(plan(["2a01:1::/56~0!0", "2a01:2::/56", "2a01:2:0:10::/60"]))).toBe(
    "lan 2a01:2::/64, guest 2a01:2:0:1::/64",
  );
});

test("no two networks share an address, whatever the prefix; all of it lies in the prefix", () => {
  const networks = fc.uniqueArray(fc.constantFrom(..."abcdefgh"), { minLength: 1, maxLength: 8 });
  const places = fc.dictionary(fc.constantFrom(..."abcdefgh"), fc.nat(20), {
    noNullPrototype: true,
  });
  fc.assert(
    fc.property(
      ...([networks, places, fc.integer({ min: 48, max: 68 }), fc.option(fc.nat(3))] as const),
      (names, known, length, out) => {
        const settled = settlePlaces(known, names);
        const excluded =
          out === null || length > 62 ? {} : { excluded: cidr6(`2a01:1:2:${out}::/64`) };
        const prefix = cidr6(`2a01:1:2::/${length}`);
        const { subnets, pools } = planPrefixes(names, settled, [{ prefix, ...excluded }], NOW);
        const all = Object.values(subnets).flat();
        for (const [i, one] of all.entries()) {
          expect(contains6(prefix, one.address)).toBe(true);
          expect(contains6(one.prefix, one.address)).toBe(true);
          const others = [...all.slice(0, i).map((other) => other.prefix)];
          if (excluded.excluded !== undefined) others.push(excluded.excluded);
          expect(others.some((other) => overlaps6(other, one.prefix))).toBe(false);
        }
        const room = length > 64 ? 0 : 2 ** (64 - length) - (excluded.excluded ? 1 : 0);
        expect(all.length).toBe(Math.min(names.length, room));
        expect(pools[0]?.taken.length).toBe(all.length + (excluded.excluded ? 1 : 0));
      },
    ),
  );
});

test("ULA-1, ULA-3: our own prefix is made of 40 random bits; another one is looked at", () => {
  const globalId = Uint8Array.of(0x12, 0x34, 0x56, 0x78, 0x9a);
  expect(formatCidr6(uniqueLocalPrefix(globalId))).toBe("fd12:3456:789a::/48");
  expect(() => uniqueLocalPrefix(new Uint8Array(GLOBAL_ID_LENGTH + 1))).toThrow("40 bits");
  const problems = ["fd12:3456:789a::/48", "fc12:3456:789a::/48", "2a01:1:2::/48"]
    .concat("fd12:3456:789a::/56", "fd12:3456:789a:1::/48", "fd00::/48")
    .map((text) => uniqueLocalProblem(cidr6(text)));
  expect(problems).toEqual([
    undefined,
    "not_unique_local",
    "not_unique_local",
    "not_48_bits",
    "host_bits",
    "not_random",
  ]);
});
