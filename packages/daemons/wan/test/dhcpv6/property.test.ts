import { MESSAGE_TYPE } from "@passerelle/dhcpv6";
import fc from "fast-check";
import { expect, it } from "vitest";
import type { Dhcpv6Input } from "../../src/core/dhcpv6/input.ts";
import { CHALLENGE } from "../fixtures.ts";
import { ADDRESS, BOTH, machine6, PREFIX, storedLease6 } from "./fixtures.ts";
import { type Fate, World } from "./world.ts";

const lifetime = fc.constantFrom("0", "1", "4", "5", "7", "30", "600", "inf");
const lifetimes = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom("60-120", "1800-3600") },
  { weight: 2, arbitrary: fc.tuple(lifetime, lifetime).map(([p, v]) => `${p}-${v}`) },
);
const status = fc.constantFrom(
  "NoAddrsAvail",
  "NoPrefixAvail",
  "NoBinding",
  "NotOnLink",
  "UnspecFail",
);
const address = fc.constantFrom("2001:db8:1::10", "2001:db8:1::11", "fe80::1", "ff02::1", "::");
const prefix = fc.constantFrom(
  ...["2001:db8:100::/56", "2001:db8:200::/60", "2001:db8:300::/64", "2001:db8:400::/65", "::/0"],
);
const word = fc.oneof(
  fc.tuple(address, lifetimes).map(([one, ends]) => `na=${one}@${ends}`),
  fc.tuple(prefix, lifetimes).map(([one, ends]) => `pd=${one}@${ends}`),
  status.map((one) => `na=${one}`),
  status.map((one) => `pd=${one}`),
  status.map((one) => `status=${one}`),
  lifetime.map((one) => `t1=${one}`),
  lifetime.map((one) => `t2=${one}`),
  fc.constantFrom("pref=255", "rapid", "iaid=2", "server=b", "server=none", "client=other"),
  fc.constantFrom("solmaxrt=60", "solmaxrt=600", "solmaxrt=5", "infmaxrt=60", "refresh=1"),
);
const fate: fc.Arbitrary<Fate> = fc.record({
  kind: fc.constantFrom("answered", "answered", "silent", "hostile", "hostile", "hostile"),
  answerLost: fc.boolean(),
  twice: fc.boolean(),
  delayMs: fc.constantFrom(0, 3, 100, 1500, 20_000, 400_000),
  lie: fc.record({
    msgType: fc.constantFrom(MESSAGE_TYPE.ADVERTISE, MESSAGE_TYPE.REPLY, MESSAGE_TYPE.RECONFIGURE),
    words: fc.array(word, { maxLength: 8 }),
  }),
  flips: fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 4 }) },
  ),
});

const poke = fc.oneof(
  fc.constantFrom<Dhcpv6Input>(
    { kind: "link_up", challenge: CHALLENGE },
    { kind: "challenge", challenge: new Uint8Array(16) },
    { kind: "link_down" },
    { kind: "reconnect" },
    { kind: "address_conflict", address: ADDRESS },
    { kind: "datagram", payload: new Uint8Array(3) },
  ),
  fc
    .record({ address: fc.boolean(), prefix: fc.boolean(), information: fc.boolean() })
    .map((wanted): Dhcpv6Input => ({ kind: "wanted", wanted })),
);
type Event =
  | { readonly kind: "run"; readonly ms: number }
  | { readonly kind: "poke"; readonly input: Dhcpv6Input }
  | { readonly kind: "forget" };
const event: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("run" as const),
      ms: fc.oneof(fc.nat(3000), fc.nat(120_000), fc.nat(1_500_000)),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("poke" as const), input: poke }) },
  { weight: 1, arbitrary: fc.constant({ kind: "forget" as const }) },
);

const LINE: readonly Dhcpv6Input[] = [
  { kind: "wanted", wanted: BOTH },
  { kind: "link_up", challenge: CHALLENGE },
];

it.each([
  ["asks for rapid commit", true],
  ["does not", false],
])("holds in every story, and is bound when the network is good: %s", (_, rapidCommit) => {
  fc.assert(
    fc.property(
      fc.constantFrom("nothing", "held", "remembered"),
      fc.array(fate, { minLength: 1, maxLength: 20 }),
      fc.array(event, { maxLength: 20 }),
      (start, fates, story) => {
        const remembered =
          start === "nothing" ? undefined : { lease: storedLease6(), inUse: start === "held" };
        const world = new World(machine6({ rapidCommit }, remembered), fates);
        for (const input of LINE) world.poke(input);
        for (const one of story) {
          if (one.kind === "run") world.run(one.ms);
          else if (one.kind === "forget") world.operator.forget();
          else world.poke(one.input);
        }
        world.isGood = true;
        for (const input of LINE) world.poke(input);
        world.run(patience(world), ({ phase }) => phase.kind === "bound");
        expect(world.state.phase.kind).toBe("bound");
        // And what it has then is what was wanted, once a hostile lease was renewed or is over.
        world.run(3_600_000);
        if (world.state.held?.renewsAt !== undefined) {
          // Beside it a lie may live on that has no end.
          const { addresses, prefixes } = world.state.held;
          expect(addresses.map((one) => one.address)).toContain(ADDRESS);
          expect(prefixes.map((one) => one.prefix)).toContainEqual(PREFIX);
        }
      },
    ),
    { numRuns: 150 },
  );
});

/** The longest wait that the client may be in, and what comes after it: a server that is gone is asked until T2. */
function patience({ state, now }: World): number {
  const untilT2 = Math.max(0, (state.held?.rebindsAt ?? 0) - now);
  return untilT2 + 1.1 * Math.max(state.solMaxRt, 600_000) + 200_000;
}
