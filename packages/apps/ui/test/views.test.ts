import type { Host } from "@passerelle/api";
import type { WanState } from "@passerelle/contract";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { newAddresses } from "../src/core/addresses.ts";
import { expiryOf, WARN_MS } from "../src/core/expiry.ts";
import { itemsOf, queueOf, verdictOf } from "../src/core/home-view.ts";
import { addressRank, countsOf, DAY_MS, findHosts } from "../src/core/host-view.ts";
import { checkLine } from "../src/core/line-check.ts";
import { CHIP_HEIGHT, flowLevel, layOut } from "../src/core/map-layout.ts";
import { plainName, shorten } from "../src/core/plain-name.ts";
import { portOf } from "../src/core/port.ts";

const NOW = 1_800_000_000_000;

function host(id: string, more: Partial<Host> = {}): Host {
  return {
    ...{ id, name: id, nameSource: "dhcp", macs: [], privateMac: false, addresses: [] },
    ...{ network: "lan", online: true, firstSeen: 0, lastSeen: NOW, evidence: [] },
    ...{ blocked: false, portMappings: [] },
    ...more,
  };
}

const anyText = fc
  .array(fc.integer({ min: 0, max: 0x10ffff }), { maxLength: 200 })
  .map((points) => String.fromCodePoint(...points));

describe("a stranger's name", () => {
  test.each([
    ["a\nb\u0000c", "a b c"],
    ["\u202Egpj.exe\u202C", "gpj.exe"],
    ["   ", "?"],
    ["e\u0301\u0301\u0301\u0301\u0301", "e\u0301\u0301"],
    ["<b>x</b>", "<b>x</b>"],
    ["بيت", "بيت"],
  ])("%j", (name, shown) => {
    expect(plainName(name)).toBe(shown);
  });

  test("whatever it is, it is one short line that turns nothing around", () => {
    fc.assert(
      fc.property(anyText, (name) => {
        const shown = plainName(name);
        const turns = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/u.test(shown);
        return [...shown].length <= 80 && /\S/.test(shown) && !turns;
      }),
    );
  });

  test("is cut between characters", () => {
    expect(shorten("👩🏽👩🏽👩🏽", 3)).toBe("👩🏽…");
  });
});

describe("the list of devices", () => {
  const hosts = [
    host("a", { name: "Télé du salon", addresses: ["192.168.1.20"] }),
    host("b", { vendor: "Brother", online: false, addresses: ["fe80::1", "192.168.1.3"] }),
    host("c", { firstSeen: NOW - 1000, blocked: true }),
    host("d", { firstSeen: NOW - 1000, nameSource: "person" }),
  ];
  const ids = (filter: Parameters<typeof findHosts>[1], search = ""): string =>
    findHosts(hosts, filter, search, NOW)
      .map(({ id }) => id)
      .join("");

  test("filters", () => {
    expect([ids("all"), ids("online"), ids("new"), ids("blocked")]).toEqual([
      "abcd",
      "acd",
      "c",
      "c",
    ]);
    expect(countsOf(hosts, NOW)).toEqual({ all: 4, online: 3, new: 1, blocked: 1 });
    expect(countsOf(hosts, NOW + DAY_MS).new).toBe(0);
  });

  test("finds names without accents, makers and addresses", () => {
    expect([ids("all", "tele"), ids("all", "BROTH"), ids("all", "1.20"), ids("all", "zz")]).toEqual(
      ["a", "b", "a", ""],
    );
  });

  test("addresses are sorted as numbers", () => {
    const sorted = [...hosts].sort((a, b) => addressRank(a) - addressRank(b)).map(({ id }) => id);
    expect(sorted.slice(0, 2)).toEqual(["b", "a"]);
  });
});

describe("the picture of the home", () => {
  const home = (count: number, guests: number): readonly Host[] =>
    Array.from({ length: count }, (_, n) =>
      host(`d${n}`, { online: n % 4 !== 0, network: n < guests ? "guest" : "lan", downBytes: n }),
    );

  test("nothing lies on another or beyond the edge, and nobody is left out of the numbers", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 260 }),
        fc.integer({ min: 0, max: 80 }),
        fc.integer({ min: 260, max: 1400 }),
        (count, guests, width) => {
          const hosts = home(count, guests);
          const layout = layOut(hosts, ["guest"], width, NOW);
          const chips = layout.groups.flatMap((group) => group.chips);
          for (const [n, a] of chips.entries()) {
            expect(a.x).toBeGreaterThanOrEqual(0);
            expect(a.x + a.width).toBeLessThanOrEqual(width);
            expect(a.y + CHIP_HEIGHT).toBeLessThanOrEqual(layout.height);
            for (const b of chips.slice(0, n)) {
              const apart = a.x + a.width <= b.x || b.x + b.width <= a.x;
              expect(apart || Math.abs(a.y - b.y) >= CHIP_HEIGHT).toBe(true);
            }
          }
          const online = chips.reduce(
            (sum, { content }) =>
              sum + (content.kind === "device" ? 1 : content.kind === "more" ? content.count : 0),
            0,
          );
          expect(online).toBe(hosts.filter((one) => one.online).length);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("250 devices are at most 30 places on a wide page and 8 on a phone", () => {
    const hosts = home(250, 30);
    const places = (width: number): number =>
      layOut(hosts, ["guest"], width, NOW).groups.flatMap((group) => group.chips).length;
    expect(places(960)).toBeLessThanOrEqual(30);
    expect(places(300)).toBeLessThanOrEqual(8);
  });

  test("a new device has its place before the busiest", () => {
    const hosts = [...home(250, 0), host("new", { firstSeen: NOW - 1 })];
    const [group] = layOut(hosts, [], 300, NOW).groups;
    const shown = group?.chips.map(({ content }) =>
      content.kind === "device" ? content.host.id : content.kind,
    );
    expect(shown).toContain("new");
  });

  test("lines are livelier by the factor of ten", () => {
    const rates = [0, 7_999, 8_000, 199_999, 200_000, 2e6, 2e7, Number.NaN];
    expect(rates.map(flowLevel)).toEqual([0, 0, 1, 1, 2, 3, 4, 0]);
  });
});

describe("Home", () => {
  const line = (reach: WanState["reach"], more: Partial<WanState> = {}): WanState => ({
    ...{ interface: "wan", profile: "generic-dhcp", session: { kind: "idle" }, since: 5 },
    ...{
      port: "wan",
      link: { kind: "untagged" },
      ipv6: { kind: "off", routers: [], addresses: [], prefixes: [], resolvers: [] },
    },
    access: { kind: "up", since: 0 },
    reach,
    ...more,
  });
  const fault = { code: "no_answer", text: { fr: "x", en: "x" } };
  const notice = (severity: "info" | "warning" | "fault", at: number) => ({
    ...{ id: `${severity}${at}`, at, severity, code: "x_y", text: { fr: "x", en: "x" } },
  });

  test("one sentence at the top", () => {
    expect(verdictOf(undefined, []).kind).toBe("checking");
    expect(verdictOf(line({ kind: "unknown" }), []).kind).toBe("checking");
    expect(verdictOf(line({ kind: "unknown" }, { cause: fault }), [])).toEqual({
      kind: "line_down",
      since: 5,
    });
    expect(verdictOf(line({ kind: "online", since: 1 }), [notice("info", 1)]).kind).toBe("well");
    expect(verdictOf(line({ kind: "online", since: 1 }), [notice("fault", 1)])).toEqual({
      kind: "needs_you",
      count: 1,
    });
    expect(verdictOf(line({ kind: "offline", since: 9, fault }), [])).toEqual({
      kind: "line_down",
      since: 9,
    });
  });

  test("the heaviest notice first, then the newest", () => {
    const queue = queueOf([notice("info", 9), notice("fault", 1), notice("info", 10)]);
    expect(queue.map(({ id }) => id)).toEqual(["fault1", "info10", "info9"]);
  });

  test("newcomers share one line, behind what is urgent; one alone has its own", () => {
    const newcomer = (id: string) => ({ ...notice("info", 5), id: `device:${id}` });
    const kinds = (queue: Parameters<typeof itemsOf>[0]) => itemsOf(queue).map(({ kind }) => kind);
    expect(kinds([notice("fault", 1), newcomer("a")])).toEqual(["notice", "notice"]);
    const many = itemsOf([notice("fault", 1), newcomer("a"), newcomer("b"), newcomer("c")]);
    expect(many.map(({ kind }) => kind)).toEqual(["notice", "newcomers"]);
    expect(many[1]).toMatchObject({ notices: [{ id: "device:a" }, {}, {}] });
  });

  test("the first run asks for the operator only where one helps", () => {
    const broken = (code: string) =>
      checkLine(line({ kind: "unknown" }, { cause: { ...fault, code } }));
    expect(checkLine(undefined).kind).toBe("checking");
    expect(checkLine(line({ kind: "online", since: 1 })).kind).toBe("works");
    expect(broken("connecting").kind).toBe("checking");
    expect(broken("no_carrier")).toMatchObject({ kind: "broken", ask: false });
    expect(broken("no_answer")).toMatchObject({ kind: "broken", ask: true });
  });
});

test("where the box will be found after a change of the LAN", () => {
  const at = (path: string, after: unknown) =>
    newAddresses([{ section: "lan", path, after }]).join();
  expect(at("/networks/0/address", "192.168.2.1/24")).toBe("192.168.2.1");
  expect(at("/networks/0/dhcp/first", "192.168.2.1")).toBe("");
  expect(
    at("/networks", [
      { zone: "lan", address: "10.0.0.1/8" },
      { zone: "guest", address: "10.1.0.1/16" },
    ]),
  ).toBe("10.0.0.1");
  expect(at("/networks/0/address", "javascript:alert(1)/24")).toBe("");
  expect(
    newAddresses([{ section: "wan", path: "/networks/0/address", after: "1.2.3.4/8" }]),
  ).toEqual([]);
});

test("the end of a session is told to who was away, and put off for who was not", () => {
  const at = (leftMs: number, activeAt: number) =>
    expiryOf({ expiresAt: leftMs, renewedAt: -1000, activeAt, now: 0 }).kind;
  expect(at(WARN_MS + 1, -2000)).toBe("fine");
  expect(at(WARN_MS, -2000)).toBe("warn");
  expect(at(WARN_MS, -500)).toBe("renew");
  expect(at(0, -500)).toBe("over");
});

test("a port as people type it", () => {
  expect(["443", " 80 ", "0", "65536", "1e3", "-1", ""].map(portOf)).toEqual([
    443,
    80,
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});
