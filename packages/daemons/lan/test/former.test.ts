import { formatCidr4 } from "@passerelle/net";
import { transitionTable } from "@passerelle/testkit";
import { after, hours, instant, minutes, seconds } from "@passerelle/time";
import { describe, expect, test } from "vitest";
import {
  afterMove,
  type Former,
  type Kept,
  keptOf,
  type Place,
} from "../src/core/former/former.ts";
import {
  type FormerInput,
  type FormerState,
  formerAddresses,
  type HeldLease,
  type StoredPlaces,
} from "../src/core/former/index.ts";
import { cidr, ip } from "./dhcp-support.ts";

const NOW = instant(hours(1));
const OLD = "192.168.1.1/24";
const place = (address: string, parts: Partial<Place> = {}): Place => ({
  ...{ name: "lan", address: cidr(address), served: true },
  ...parts,
});
const lease = (
  address: string,
  expires = after(NOW, hours(2)),
  granted = instant(NOW - minutes(1)),
): HeldLease => ({
  ...{ network: "lan", address: ip(address), granted, expires },
});
const former = (address: string, parts: Partial<Former> = {}): Former => ({
  ...{ network: "lan", address: cidr(address), from: instant(NOW - minutes(30)), since: NOW },
  leasesUntil: after(NOW, hours(3)),
  ...parts,
});
const placed = (one: Place) => ({ ...one, since: instant(0) });
const { from: _, ...REBOOTED } = former(OLD);
/** What is kept, with the minutes it has from now on. */
const told = (kept: readonly Kept[]): readonly string[] =>
  kept.map(({ network, address, until }) => {
    const left = (until - NOW) / minutes(1);
    return `${network} ${formatCidr4(address)} ${Number(left.toFixed(2))}`;
  });

describe("which addresses of before are kept, and for how many minutes", () => {
  const NEW = place("192.168.77.1/24");
  const later = after(NOW, minutes(10));
  const none = { places: [NEW], leases: [], probationUntil: undefined, line: undefined };
  test.each<[string, Former[], Partial<Parameters<typeof keptOf>[1]>, string[], number?]>([
    ["nobody has a lease: a minute for who is about to ask", [former(OLD)], {}, [`lan ${OLD} 1`]],
    ["the minute is over", [former(OLD)], {}, [], 1],
    [
      "as long as the last lease of its network",
      [former(OLD)],
      { leases: [lease("192.168.1.50", later), lease("192.168.1.51"), lease("192.168.77.50")] },
      [`lan ${OLD} 120`],
    ],
    [
      "leases of another network are none of its",
      [former(OLD)],
      { leases: [{ ...lease("192.168.1.50"), network: "guest" }] },
      [`lan ${OLD} 1`],
    ],
    [
      "while the change may be undone, and until it is",
      [former(OLD)],
      { probationUntil: after(NOW, seconds(90)) },
      [`lan ${OLD} 1.67`],
    ],
    [
      "without DHCP nobody is told to move: as long as leases of the day ran",
      [former(OLD)],
      { places: [{ ...NEW, served: false }] },
      [`lan ${OLD} 180`],
    ],
    [
      "another address in the same network: leases given while the box was at the old one",
      [former(OLD)],
      {
        places: [place("192.168.1.254/24")],
        leases: [
          lease("192.168.1.50", later),
          // Extended since, and given before the box came to the old address.
          lease("192.168.1.51", after(NOW, hours(2)), after(NOW, minutes(1))),
          lease("192.168.1.52", after(NOW, hours(2)), instant(NOW - minutes(31))),
        ],
      },
      [`lan ${OLD} 10`],
    ],
    [
      "the same after a reboot: nobody knows what was given when",
      [REBOOTED],
      { places: [place("192.168.1.254/24")], leases: [lease("192.168.1.50", later)] },
      [`lan ${OLD} 180`],
    ],
    ["a network that is no more has no address", [former(OLD)], { places: [] }, []],
    [
      "another network of the home needs the range",
      [former(OLD)],
      { places: [NEW, place("192.168.1.129/25", { name: "guest" })] },
      [],
    ],
    [
      "the line needs the range",
      [former(OLD)],
      { line: cidr("192.168.1.17/24"), leases: [lease("192.168.1.50")] },
      [],
    ],
    [
      "the line has another range",
      [former(OLD)],
      { line: cidr("192.168.2.17/24") },
      [`lan ${OLD} 1`],
    ],
    [
      "two networks were in one range: the one that left last",
      [
        former("192.168.1.9/24", { since: instant(0) }),
        former(OLD, { network: "guest", since: instant(1) }),
      ],
      {
        places: [NEW, place("192.168.79.1/24", { name: "guest", served: false })],
        leases: [lease("192.168.1.50")],
      },
      [`guest ${OLD} 180`],
    ],
  ])("%s", (_, addresses, parts, expected, wait = 0) => {
    const kept = keptOf(addresses, { ...none, ...parts }, after(NOW, minutes(wait)));
    expect(told(kept)).toEqual(expected);
  });
});

describe("what is left behind", () => {
  const moved = (
    before: Place[],
    next: Place[],
    known: Former[] = [],
    leases: HeldLease[] = [],
  ): readonly string[] =>
    afterMove(known, before.map(placed), next, leases, NOW).map(
      ({ network, address, leasesUntil }) =>
        `${network} ${formatCidr4(address)} ${(leasesUntil - NOW) / minutes(1)}`,
    );
  const old = place(OLD);
  test.each<[string, readonly string[], readonly string[]]>([
    ["nothing where nothing moves", moved([old], [old]), []],
    ["nothing of a network that is new", moved([], [old]), []],
    [
      "the old address, with the end of its last lease",
      moved([old], [place("10.0.0.1/8")], [], [lease("192.168.1.50"), lease("10.0.0.50")]),
      [`lan ${OLD} 120`],
    ],
    [
      "back at the old address the one between",
      moved([place("10.0.0.1/8")], [old], [former(OLD)]),
      ["lan 10.0.0.1/8 0"],
    ],
    ["nothing where the network only grew", moved([old], [place("192.168.1.1/16")]), []],
    ["the network that became smaller", moved([old], [place("192.168.1.1/25")]), [`lan ${OLD} 0`]],
    [
      "another address in the same network",
      moved([old], [place("192.168.1.254/24")]),
      [`lan ${OLD} 0`],
    ],
    [
      "the last four of one network",
      moved(
        [old],
        [place("10.0.0.1/8")],
        [2, 3, 4, 5].map((n) => former(`192.168.${n}.1/24`)),
      ),
      [`lan ${OLD} 0`, ...[2, 3, 4].map((n) => `lan 192.168.${n}.1/24 180`)],
    ],
  ])("%s", (_, left, expected) => {
    expect(left).toEqual(expected);
  });
});

const start: FormerInput = {
  ...{ kind: "start", places: [place(OLD)], stored: undefined, leases: [], bootId: "one" },
};
const move: FormerInput = {
  ...{ kind: "configured", places: [place("192.168.77.1/24")] },
  leases: [lease("192.168.1.50")],
};

/** A state is the story that leads to it. */
function story(...inputs: readonly (readonly [number, FormerInput])[]) {
  let state = formerAddresses.initial;
  const effects: string[] = [];
  for (const [at, input] of inputs) {
    const step = formerAddresses.step(state, input, after(NOW, minutes(at)));
    ({ state } = step);
    formerAddresses.check(state);
    effects.push(...step.effects.map(({ kind }) => kind));
  }
  return { state, effects };
}

/** A start with what the disk gives back. */
function stored(state: FormerState, bootId: string): FormerInput {
  if (state.kind === "idle") throw new Error("nothing to store");
  const { places, former: left } = state;
  const of = places.map(({ name, address, since }) => ({ name, address, since }));
  const record: StoredPlaces = { places: of, former: left, bootId: state.bootId };
  return {
    ...{ kind: "start", places, leases: [lease("192.168.1.50")], bootId },
    stored: JSON.parse(JSON.stringify(record)) as StoredPlaces,
  };
}

const describeState = (state: FormerState): string =>
  state.kind === "idle" ? "idle" : `following [${told(state.kept).join(", ")}]`;

test("every state meets every input", () => {
  const probation: FormerInput = { kind: "probation", until: after(NOW, minutes(5)) };
  const table = transitionTable({
    machine: formerAddresses,
    now: after(NOW, minutes(2)),
    states: {
      idle: formerAddresses.initial,
      settled: story([0, start]).state,
      moved: story([0, start], [0, move]).state,
      "on probation": story([0, start], [0, probation], [0, move]).state,
      "on probation, nobody had a lease": story(
        [0, start],
        [0, probation],
        [0, { ...move, leases: [] }],
      ).state,
    },
    inputs: {
      start,
      "start elsewhere": { ...start, places: [place("10.0.0.1/8")] },
      moved: move,
      back: {
        ...{ kind: "configured", places: [place(OLD)] },
        leases: [lease("192.168.1.50"), lease("192.168.77.60", after(NOW, hours(4)))],
      },
      refused: { kind: "refused", before: story([0, start]).state },
      "everybody followed": { kind: "leases", leases: [lease("192.168.77.50")] },
      "on probation": probation,
      "no probation": { kind: "probation", until: undefined },
      "line in the way": { kind: "line", network: cidr("192.168.1.17/24") },
      "line elsewhere": { kind: "line", network: cidr("10.9.0.17/24") },
      timeout: { kind: "timeout" },
    },
    describeState,
    describeEffect: ({ kind }) => `[${kind}]`,
  });
  return expect(table).toMatchFileSnapshot("former-transitions.txt");
});

test("a restart in the middle goes on; a reboot gives the whole time again; a move nobody told of is seen", () => {
  const { state } = story([0, start], [0, move]);
  const restarted = story([30, stored(state, "one")]);
  expect(describeState(restarted.state)).toBe(`following [lan ${OLD} 120]`);
  expect(restarted.effects).toEqual([]);
  const unserved = [place("192.168.77.1/24", { served: false })];
  const booted = story([30, { ...stored(state, "two"), places: unserved } as FormerInput]);
  expect(describeState(booted.state)).toBe(`following [lan ${OLD} 150]`);
  expect(booted.effects).toEqual(["store"]);
  // Killed before it was told: the configuration of the start is another than that of the last life.
  const elsewhere = { ...stored(story([0, start]).state, "one"), places: [place("10.0.0.1/8")] };
  expect(describeState(story([0, elsewhere as FormerInput]).state)).toBe(
    `following [lan ${OLD} 120]`,
  );
});

test("an instant of another boot says nothing of when leases of this one were given", () => {
  const booted = formerAddresses.step(
    formerAddresses.initial,
    stored(story([0, start]).state, "two"),
    instant(minutes(1)),
  );
  const inside: FormerInput = {
    ...{ kind: "configured", places: [place("192.168.1.254/24")] },
    leases: [lease("192.168.1.50", NOW, instant(minutes(5)))],
  };
  const { state } = formerAddresses.step(booted.state, inside, instant(minutes(10)));
  expect(describeState(state)).toBe(`following [lan ${OLD} 0]`);
});

test("the address goes when the last lease ends, or earlier with the last device, and is forgotten", () => {
  const { state } = story([0, start], [0, move]);
  expect(formerAddresses.deadline(state)).toBe(after(NOW, hours(2)));
  const over = story([0, start], [0, move], [120, { kind: "timeout" }]);
  expect(describeState(over.state)).toBe("following []");
  expect(over.effects.slice(-2)).toEqual(["store", "follow"]);
  expect(formerAddresses.deadline(over.state)).toBeUndefined();
  const all: FormerInput = { kind: "leases", leases: [] };
  const early = story([0, start], [0, move], [0.5, all], [1, { kind: "timeout" }]);
  expect(describeState(early.state)).toBe("following []");
});

test("a confirmation leaves the leases their time; what is undone is not left before the old networks are back", () => {
  const probation: FormerInput = { kind: "probation", until: after(NOW, minutes(5)) };
  const ended: FormerInput = { kind: "probation", until: undefined };
  const kept = story([0, start], [0, probation], [0, move], [2, ended]);
  expect(describeState(kept.state)).toBe(`following [lan ${OLD} 120]`);
  const nobody = { ...move, leases: [] };
  const undone = story([0, start], [0, probation], [0, nobody], [5, ended]);
  expect(describeState(undone.state)).toBe(`following [lan ${OLD} 5.17]`);
});
