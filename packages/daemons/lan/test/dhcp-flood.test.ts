import { MESSAGE_TYPE, messageTypeOf } from "@passerelle/dhcpv4";
import { IPV4_ANY, type Ipv4, ipv4 } from "@passerelle/net";
import { instant, seconds } from "@passerelle/time";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  checkEverything,
  type DhcpEffect,
  type DhcpInput,
  type DhcpState,
  dhcpServer,
} from "../src/core/dhcp/index.ts";
import { config, ip, mac, message, network, type Said } from "./dhcp-support.ts";

const FIRST = 0xc0a80132;
const POOL = 64;
const KNOWN = mac("00:aa:00:00:00:01");
const RESERVED = mac("00:aa:00:00:00:02");
const SERVER = ip("192.168.1.1");

/** A server whose disk takes everything at once. */
class Home {
  state: DhcpState = dhcpServer.initial;
  now = 0;

  constructor() {
    const networks = [network({ last: ipv4(FIRST + POOL - 1), leaseTime: seconds(86_400) })];
    const reservations = [
      { address: ip("192.168.1.60"), match: { kind: "mac" as const, mac: RESERVED } },
    ];
    this.feed({
      kind: "start",
      config: config({ networks: networks.map((one) => ({ ...one, probe: false })), reservations }),
      leases: [],
      bootId: "boot",
    });
  }

  feed(input: DhcpInput): readonly DhcpEffect[] {
    const step = dhcpServer.step(this.state, input, instant(this.now));
    this.state = step.state;
    const more = step.effects.flatMap((effect) =>
      effect.kind === "store_lease"
        ? this.feed({ kind: "lease_stored", commit: effect.commit, durable: true })
        : [],
    );
    return [...step.effects, ...more];
  }

  /** DISCOVER and REQUEST; the address acknowledged. */
  dora(said: Omit<Said, "type">): Ipv4 | undefined {
    const offered = yiaddrOf(this.feed(message({ ...said, type: "DHCPDISCOVER" })), "DHCPOFFER");
    if (offered === undefined) return undefined;
    const request = { ...said, type: "DHCPREQUEST" as const, requested: offered, server: SERVER };
    return yiaddrOf(this.feed(message(request)), "DHCPACK");
  }

  statistic(name: string): number {
    const counters = this.state.kind === "serving" ? this.state.counters.lan : undefined;
    return counters?.statistics[name] ?? 0;
  }

  get used(): number {
    return this.state.kind === "serving" ? (this.state.counters.lan?.used ?? 0) : 0;
  }
}

function yiaddrOf(
  effects: readonly DhcpEffect[],
  type: keyof typeof MESSAGE_TYPE,
): Ipv4 | undefined {
  for (const effect of effects) {
    if (effect.kind !== "send" || messageTypeOf(effect.message) !== MESSAGE_TYPE[type]) continue;
    if (effect.message.yiaddr !== IPV4_ANY) return effect.message.yiaddr;
  }
  return undefined;
}

function madeUp(i: number): Said["mac"] {
  const hex = (0x1000000 + i).toString(16).slice(1);
  return mac(`00:0c:29:${hex.slice(0, 2)}:${hex.slice(2, 4)}:${hex.slice(4)}`);
}

test("10 000 made-up globally administered MACs: the known and the reserved still get a lease", () => {
  const home = new Home();
  expect(home.dora({ mac: KNOWN })).toBeDefined();
  home.now += 3_700_000;
  home.feed(message({ type: "DHCPRELEASE", mac: KNOWN, ciaddr: addressOfKnown(home) }));
  for (let i = 0; i < 10_000; i += 1) {
    home.now += 5;
    home.dora({ mac: madeUp(i) });
  }
  checkEverything(home.state);
  expect(home.used).toBe(POOL - POOL / 8);
  expect(home.statistic("pool_kept")).toBeGreaterThan(9000);
  expect(home.dora({ mac: KNOWN })).toBeDefined();
  expect(home.dora({ mac: RESERVED })).toBe(ip("192.168.1.60"));
});

function addressOfKnown({ state }: Home): Ipv4 {
  if (state.kind !== "serving") throw new Error("serving");
  return state.addresses.get(`lan mac:${KNOWN}`) ?? IPV4_ANY;
}

test("one hardware address with ever new identifiers gets few addresses, and others are served", () => {
  const home = new Home();
  const got = new Set<Ipv4>();
  for (let i = 0; i < 1000; i += 1) {
    home.now += 200;
    const address = home.dora({ mac: madeUp(1), id: `00${(0x10000 + i).toString(16).slice(1)}` });
    if (address !== undefined) got.add(address);
  }
  expect(got.size).toBe(8);
  expect(home.statistic("hardware_limited")).toBe(992);
  expect(home.dora({ mac: madeUp(2) })).toBeDefined();
  checkEverything(home.state);
});

test("whatever newcomers do, an eighth of the pool is left and whoever had a lease gets one", () => {
  const step = fc.record({
    who: fc.nat(300),
    wait: fc.constantFrom(0, 10, 100, 1000),
    type: fc.constantFrom("dora", "DHCPDISCOVER", "DHCPREQUEST", "DHCPRELEASE"),
    at: fc.nat(POOL),
    id: fc.option(fc.nat(5), { nil: undefined }),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 50, maxLength: 400, size: "max" }), (steps) => {
      const home = new Home();
      home.dora({ mac: KNOWN });
      home.now += 3_700_000;
      home.feed(message({ type: "DHCPRELEASE", mac: KNOWN, ciaddr: addressOfKnown(home) }));
      for (const { who, wait, type, at, id } of steps) {
        home.now += wait;
        const said = { mac: madeUp(who), ...(id === undefined ? {} : { id: `000${id}` }) };
        const address = ipv4(FIRST + at);
        if (type === "dora") home.dora(said);
        else if (type === "DHCPRELEASE") {
          home.feed(message({ ...said, type: "DHCPRELEASE", ciaddr: address }));
        } else home.feed(message({ ...said, type: type as Said["type"], requested: address }));
        expect(home.used).toBeLessThanOrEqual(POOL - POOL / 8);
      }
      checkEverything(home.state);
      expect(home.dora({ mac: KNOWN })).toBeDefined();
    }),
    // Shrinking four hundred steps would take longer than it tells.
    { numRuns: 50, endOnFailure: true },
  );
});
