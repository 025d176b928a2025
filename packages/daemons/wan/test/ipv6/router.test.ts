import { beginExchange, RETRANSMISSION } from "@passerelle/dhcpv6";
import { PREFIX_FLAG } from "@passerelle/ndp";
import { transitionTable } from "@passerelle/testkit";
import { type Instant, instant } from "@passerelle/time";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkRouter, type Router, type RouterState } from "../../src/core/router/state.ts";
import {
  type RouterInput,
  routerDeadline,
  routerMachine,
  stepRouter,
} from "../../src/core/router/step.ts";
import { rng } from "../fixtures.ts";
import { type AdvertisedFields, advertisement, ip6 } from "./advertisements.ts";

const NOW = instant(1_000_000);
const HOUR = 3_600_000;
const machine = routerMachine(rng());

function router(some: Partial<Router> = {}): Router {
  return {
    ...{ address: ip6("fe80::a"), preference: "medium", managed: false, other: false },
    ...{ prefixes: [], routes: [], resolvers: [], domains: [] },
    ...some,
  };
}

function state(phase: RouterState["phase"], routers: readonly Router[] = []): RouterState {
  return { phase, routers, rng: rng(), malformed: 0 };
}

const looking = (at: Instant): RouterState["phase"] => ({
  kind: "looking",
  exchange: beginExchange(RETRANSMISSION.SOLICIT, at, rng()).value,
});

it("every state of router discovery meets every input", async () => {
  const found = router({ defaultUntil: instant(NOW + 900_000) });
  const ending = router({ defaultUntil: NOW });
  const inputs: Record<string, RouterInput> = {
    link_up: { kind: "link_up" },
    link_down: { kind: "link_down" },
    timeout: { kind: "timeout" },
    "a router": advertisement(),
    "another router": advertisement({ from: "fe80::b" }),
    "its last word": advertisement({ lifetime: 0 }),
    "a prefix without a router": advertisement({ lifetime: 0, prefix: "2001:db8:1::/64" }),
    "from far away": advertisement({ hopLimit: 254 }),
    "from no link-local address": advertisement({ from: "2001:db8::1" }),
    garbage: { ...advertisement(), payload: new Uint8Array(5) },
  };
  const table = transitionTable({
    machine,
    states: {
      down: state({ kind: "down" }),
      "down, remembers": state({ kind: "down" }, [found]),
      looking: state(looking(instant(NOW - 100))),
      "looking, due": state(looking(instant(NOW - 1200))),
      found: state({ kind: "found" }, [found]),
      "found, ends": state({ kind: "found" }, [ending]),
    },
    inputs,
    now: NOW,
    describeState: ({ phase, routers, malformed }) =>
      `${phase.kind} ${routers.map((one) => `${one.address}${one.defaultUntil === undefined ? " no default" : ""}`).join(" ")}${malformed > 0 ? " !" : ""}`.trim(),
    describeEffect: (effect) => `[${effect.kind}]`,
  });
  await expect(table).toMatchFileSnapshot("golden/router-transitions.txt");
});

/** Advertisements one after the other, each with its time in seconds. */
function after(...told: readonly (readonly [number, AdvertisedFields])[]): RouterState {
  let current = stepRouter(state({ kind: "down" }), { kind: "link_up" }, instant(0)).state;
  for (const [at, fields] of told) {
    current = stepRouter(current, advertisement(fields), instant(at * 1000)).state;
    checkRouter(current);
  }
  return current;
}

describe("what a router says is used as long as it says", () => {
  const prefix = "2001:db8:1::/64";
  const first = (of: RouterState) => of.routers[0];

  it("ends a default router with its lifetime, and looks for another", () => {
    const found = after([0, { lifetime: 1800 }]);
    expect(routerDeadline(found)).toBe(1_800_000);
    const lost = stepRouter(found, { kind: "timeout" }, instant(1_800_000));
    expect(lost.state.phase.kind).toBe("looking");
    expect(lost.effects).toEqual([{ kind: "solicit_routers" }]);
    expect(lost.state.routers).toEqual([]);
  });

  it("does not let a forged word end an address in less than two hours (RFC 4862 section 5.5.3 e)", () => {
    const forged = after([0, { prefix }], [10, { prefix, valid: 0, preferred: 0 }]);
    expect(first(forged)?.prefixes[0]).toMatchObject({
      preferredUntil: 10_000,
      validUntil: 10_000 + 2 * HOUR,
    });
    // What is left is less than that: it stays as it is.
    const soon = after([0, { prefix, valid: 3600 }], [10, { prefix, valid: 60, preferred: 0 }]);
    expect(first(soon)?.prefixes[0]?.validUntil).toBe(HOUR);
    const longer = after([0, { prefix, valid: 3600 }], [10, { prefix, valid: 7000 }]);
    expect(first(longer)?.prefixes[0]?.validUntil).toBe(7_010_000);
  });

  it("takes a prefix of no address at its word", () => {
    const flags = PREFIX_FLAG.L;
    const gone = after([0, { prefix, flags }], [10, { prefix, flags, valid: 0, preferred: 0 }]);
    expect(first(gone)?.prefixes).toEqual([]);
  });

  it.each<[string, AdvertisedFields]>([
    ["link-local", { prefix: "fe80::/64" }],
    ["preferred for longer than valid", { prefix, valid: 10, preferred: 20 }],
  ])("passes over a prefix that is %s", (_, fields) => {
    expect(first(after([0, fields]))?.prefixes).toEqual([]);
  });

  it("keeps resolvers and routes to their end, and no longer than they are wanted", () => {
    const resolver = "2001:db8::53";
    const told = after([0, { resolver, route: "2001:db8:2::/48", domain: "isp.example" }]);
    expect(first(told)).toMatchObject({
      resolvers: [{ value: resolver, until: HOUR }],
      routes: [{ until: HOUR }],
      domains: [{ value: "isp.example", until: HOUR }],
    });
    const taken = after(
      [0, { resolver, route: "2001:db8:2::/48" }],
      [5, { resolver, resolverLifetime: 0, route: "2001:db8:2::/48", routeLifetime: 0 }],
    );
    expect(first(taken)).toMatchObject({ resolvers: [], routes: [] });
  });

  it("believes no MTU that IPv6 does not know", () => {
    expect(first(after([0, { mtu: 1279 }]))?.mtu).toBeUndefined();
    expect(first(after([0, { mtu: 1492 }]))?.mtu).toBe(1492);
  });

  it("knows a few routers only, and forgets the least of them first", () => {
    const many = Array.from(
      { length: 20 },
      (_, i) => [i, { from: `fe80::${i + 1}`, lifetime: i === 3 ? 0 : 1800, prefix }] as const,
    );
    const { routers } = after(...many);
    expect(routers).toHaveLength(8);
    expect(routers.map(({ address }) => address)).not.toContain("fe80::4");
    expect(routers.at(-1)?.address).toBe("fe80::20");
  });
});

it("nothing advertised is used past its end, whatever is said and in whatever order", () => {
  const seconds = fc.integer({ min: 0, max: 20_000 });
  const word = fc.record(
    {
      from: fc.constantFrom("fe80::a", "fe80::b"),
      ...{ lifetime: fc.integer({ min: 0, max: 9000 }), valid: seconds, preferred: seconds },
      prefix: fc.constantFrom("2001:db8:1::/64", "2001:db8:2::/64"),
      flags: fc.constantFrom(0, PREFIX_FLAG.L, PREFIX_FLAG.A, PREFIX_FLAG.L | PREFIX_FLAG.A),
      ...{ resolver: fc.constant("2001:db8::53"), resolverLifetime: seconds },
      ...{ route: fc.constant("2001:db8:9::/48"), routeLifetime: seconds },
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 0, max: 5000 }), word), { maxLength: 40 }),
      (told) => {
        let at = 0;
        let current = stepRouter(state({ kind: "down" }), { kind: "link_up" }, instant(0)).state;
        for (const [wait, fields] of told) {
          at += wait * 1000;
          for (
            let due = routerDeadline(current);
            due !== undefined && due <= at;
            due = routerDeadline(current)
          ) {
            current = stepRouter(current, { kind: "timeout" }, due).state;
            checkRouter(current);
          }
          current = stepRouter(current, advertisement(fields), instant(at)).state;
          checkRouter(current);
          for (const one of current.routers) {
            const ends = [one.defaultUntil, ...one.prefixes.map((prefix) => prefix.validUntil)];
            for (const end of ends) expect(end ?? Number.POSITIVE_INFINITY).toBeGreaterThan(at);
          }
        }
      },
    ),
  );
});
