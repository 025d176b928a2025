import { describe, expect, test } from "vitest";
import type { HomeSituation } from "../../src/core/diagnostics/home-steps.ts";
import type { JobStep } from "../../src/core/diagnostics/input.ts";
import { decideNoInternet, type LineSituation } from "../../src/core/diagnostics/no-internet.ts";
import { decideSlow, type SlowSituation } from "../../src/core/diagnostics/slow.ts";

const fault = (code: string) => ({
  code,
  text: { fr: `dit ${code}`, en: `says ${code}` },
  next: { fr: "faites ceci", en: "do this" },
});
const LINE: LineSituation = {
  access: "up",
  address: "81.250.0.100",
  gateway: { address: "81.250.0.1", answers: true },
  resolvers: [{ address: "81.253.149.10", answers: true }],
  name: "resolves",
  server: { address: "93.184.216.34", answers: true },
  reach: "online",
};
const HOME: HomeSituation = {
  clock: "synchronised",
  lan: {
    kind: "serving",
    faults: [],
    pools: [{ network: "lan", leased: 10, free: 191 }],
  },
  blocked: [],
};
/** What differs from a line and a home where all is well; or all of it, where something is not known. */
const wholeLine = (line: Partial<LineSituation>): LineSituation =>
  isWholeLine(line) ? line : { ...LINE, ...line };
const wholeHome = (home: Partial<HomeSituation>): HomeSituation =>
  home === NO_LAN ? NO_LAN : { ...HOME, ...home };
const isWholeLine = (line: Partial<LineSituation>): line is LineSituation =>
  line.reach !== undefined && line.resolvers !== undefined;
const SILENT: LineSituation = { resolvers: [], reach: "unknown" };
const NO_ADDRESS: LineSituation = { access: "up", resolvers: [], reach: "offline" };
const NO_LAN: HomeSituation = { clock: "synchronised", blocked: [] };

/** One letter a step: o, w, f or s (skipped). */
function letters(steps: readonly JobStep[]): string {
  return steps.map((step) => step.verdict.charAt(0)).join("");
}

const CODES = [
  "cable",
  "address",
  "account",
  "gateway",
  "resolvers",
  "name",
  "server",
  "clock",
  "dhcp_pool",
  "home_network",
  "blocked",
  "conclusion",
];

type Case = readonly [
  situation: string,
  line: Partial<LineSituation> | LineSituation,
  home: Partial<HomeSituation>,
  verdicts: string,
  conclusion: RegExp,
];

describe("no Internet", () => {
  const cases: readonly Case[] = [
    ["all well", {}, {}, "ooooooo oooo o", /works from the box/],
    ["the line's service is silent", SILENT, {}, "wssssss oooo w", /runs the line/],
    [
      "no port",
      { ...NO_ADDRESS, access: "absent", cause: fault("no_interface") },
      {},
      "fssssss oooo f",
      /says no_interface/,
    ],
    [
      "no cable",
      { ...NO_ADDRESS, access: "no_carrier", cause: fault("no_carrier") },
      {},
      "fssssss oooo f",
      /says no_carrier/,
    ],
    [
      "no cable, and the cause is not known",
      { ...NO_ADDRESS, access: "no_carrier" },
      {},
      "fssssss oooo f",
      /no signal/,
    ],
    [
      "connecting",
      { ...NO_ADDRESS, cause: fault("connecting") },
      {},
      "owsssss oooo w",
      /waiting for an address/,
    ],
    [
      "nobody answers DHCP",
      { ...NO_ADDRESS, cause: fault("no_answer") },
      {},
      "ofsssss oooo f",
      /says no_answer/,
    ],
    [
      "refused",
      { ...NO_ADDRESS, cause: fault("refused_nak") },
      {},
      "ofsssss oooo f",
      /says refused_nak/,
    ],
    [
      "same addresses on both sides",
      { cause: fault("wan_lan_overlap") },
      {},
      "ofsssss oooo f",
      /says wan_lan_overlap/,
    ],
    ["parked", { cause: fault("refused_parked") }, {}, "oofssss oooo f", /says refused_parked/],
    [
      "the gateway is silent, all else works",
      { gateway: { address: "81.250.0.1", answers: false } },
      {},
      "ooooooo oooo o",
      /works/,
    ],
    [
      "gateway and resolver are silent, a server answers",
      {
        gateway: { address: "81.250.0.1", answers: false },
        resolvers: [{ address: "81.253.149.10", answers: false }],
        name: "error",
      },
      {},
      "ooooffo oooo f",
      /81\.253\.149\.10/,
    ],
    [
      "the gateway is dead",
      {
        gateway: { address: "81.250.0.1", answers: false },
        resolvers: [{ address: "81.253.149.10", answers: false }],
        name: "error",
        server: { address: "93.184.216.34", answers: false },
      },
      {},
      "oooffff oooo f",
      /81\.250\.0\.1\) does not answer, nor/,
    ],
    [
      "the only resolver is dead",
      { resolvers: [{ address: "81.253.149.10", answers: false }], name: "error" },
      {},
      "ooooffo oooo f",
      /name server 81\.253\.149\.10 does not answer/,
    ],
    [
      "one of two resolvers is dead",
      {
        resolvers: [
          { address: "81.253.149.10", answers: true },
          { address: "81.253.149.11", answers: false },
        ],
      },
      {},
      "oooowoo oooo w",
      /81\.253\.149\.11/,
    ],
    ["no resolver given", { resolvers: [], name: "error" }, {}, "ooooffo oooo f", /no name server/],
    ["our own forwarder is silent", { name: "silent" }, {}, "ooooofo oooo f", /own name service/],
    ["our own forwarder fails", { name: "error" }, {}, "ooooofo oooo f", /does not find names/],
    [
      "behind the resolvers nothing",
      { server: { address: "93.184.216.34", answers: false } },
      {},
      "oooooof oooo f",
      /No server/,
    ],
    ["the clock is wrong", {}, { clock: "unsynchronised" }, "ooooooo wooo w", /clock is not set/],
    ["the clock is not known yet", {}, { clock: "unknown" }, "ooooooo sooo o", /works/],
    [
      "no address left",
      {},
      { lan: { kind: "serving", faults: [], pools: [{ network: "lan", leased: 200, free: 0 }] } },
      "ooooooo ofoo f",
      /"lan" has no free address/,
    ],
    [
      "few addresses left",
      {},
      { lan: { kind: "serving", faults: [], pools: [{ network: "lan", leased: 198, free: 3 }] } },
      "ooooooo owoo w",
      /Only 3 free/,
    ],
    ["no pool", {}, { lan: { kind: "serving", faults: [], pools: [] } }, "ooooooo osoo o", /works/],
    [
      "the home is served badly",
      {},
      { lan: { kind: "degraded", faults: [fault("dhcp_not_listening")], pools: [] } },
      "ooooooo osfo f",
      /says dhcp_not_listening/,
    ],
    [
      "the home starts",
      {},
      { lan: { kind: "starting", faults: [], pools: [] } },
      "ooooooo oswo w",
      /is starting/,
    ],
    ["the home's service is silent", {}, NO_LAN, "ooooooo osfo f", /service of the home/],
    [
      "devices are blocked",
      {},
      { blocked: ["tele", "tablette"] },
      "ooooooo ooow w",
      /tele, tablette/,
    ],
  ];
  test.each(cases)("%s", (_, line, home, verdicts, conclusion) => {
    const steps = decideNoInternet(wholeLine(line), wholeHome(home));
    expect(steps.map((step) => step.code)).toEqual(CODES);
    expect(letters(steps)).toBe(verdicts.replaceAll(" ", ""));
    expect(steps.at(-1)?.text.en).toMatch(conclusion);
  });

  test("without a server to ask, the line's own verdict stands", () => {
    const { server: _none, ...without } = LINE;
    const server = (reach: LineSituation["reach"]) =>
      decideNoInternet({ ...without, reach }, HOME).find((step) => step.code === "server")?.verdict;
    expect([server("online"), server("limited"), server("offline"), server("unknown")]).toEqual([
      "ok",
      "fault",
      "fault",
      "skipped",
    ]);
  });

  test("whatever is wrong, there is something to do, in both languages", () => {
    for (const [, line, home] of cases) {
      for (const step of decideNoInternet(wholeLine(line), wholeHome(home))) {
        expect(step.text.fr).not.toBe("");
        expect(step.text.en).not.toBe("");
        if (step.verdict === "fault") expect([step.code, step.next?.fr]).not.toContain(undefined);
      }
    }
  });

  test("a hostile name of a device stays a name", () => {
    const [blocked] = decideNoInternet(LINE, {
      ...HOME,
      blocked: [`<img onerror=1>\n\u202e${"x".repeat(200)}`, "b", "c", "d", "e", "f", "g"],
    }).filter((step) => step.code === "blocked");
    expect(blocked?.text.en).toContain("<img onerror=1>??xxx");
    expect(blocked?.text.en).toContain("and 2 more");
    expect(blocked?.text.en.length).toBeLessThan(200);
  });
});

describe("slow", () => {
  const WELL: SlowSituation = {
    ping: { sent: 20, received: 20, loss: 0, times: { min: 4, mean: 5, max: 8 } },
    latency: { nowMs: 8, hourMs: 7 },
    users: [{ name: "tele", down: 4e5, up: 1e4 }],
    cpu: 0.1,
    line: { packets: 1_000_000, errors: 3, newErrors: 0 },
  };
  const lost = (received: number) => ({ sent: 20, received, loss: 1 - received / 20 });
  const { ping: _p, latency: _l, cpu: _c, line: _i, ...NOTHING } = WELL;

  test.each<readonly [string, Partial<SlowSituation>, string, RegExp]>([
    ["all well", {}, "oooo oo o", /are well/],
    ["offline", { cause: fault("no_internet") }, "fsss oo f", /says no_internet/],
    ["one packet lost", { ping: lost(19) }, "owoo oo w", /1 of 20/],
    ["many packets lost", { ping: lost(15) }, "ofoo oo f", /5 of 20/],
    ["nobody answers pings", { ping: lost(0) }, "osoo oo o", /are well/],
    [
      "three times as slow as usual",
      { latency: { nowMs: 90, hourMs: 20 } },
      "oowo oo w",
      /90 ms, against 20/,
    ],
    ["a little slower than usual", { latency: { nowMs: 30, hourMs: 7 } }, "oooo oo o", /are well/],
    ["slow, and nobody knows how it was", { latency: { nowMs: 300 } }, "oowo oo w", /300 ms\.$/],
    [
      "one device takes the line",
      {
        users: [
          { name: "tele", down: 2e8, up: 1e6 },
          { name: "pc", down: 1e6, up: 0 },
        ],
      },
      "ooow oo w",
      /"tele" uses the line most: 200\.0 Mbit\/s down/,
    ],
    [
      "two devices share the line",
      {
        users: [
          { name: "a", down: 5e6, up: 0 },
          { name: "b", down: 5e6, up: 0 },
        ],
      },
      "oooo oo o",
      /are well/,
    ],
    ["the box is busy", { cpu: 0.85 }, "oooo wo w", /85 %/],
    ["the box is full", { cpu: 1 }, "oooo fo f", /100 %/],
    [
      "errors during the test",
      { line: { packets: 10, errors: 1, newErrors: 1 } },
      "oooo ow w",
      /damaged/,
    ],
    [
      "many errors before",
      { line: { packets: 1e6, errors: 5000, newErrors: 0 } },
      "oooo ow w",
      /5000 since/,
    ],
  ])("%s", (_, situation, verdicts, conclusion) => {
    const steps = decideSlow({ ...WELL, ...situation });
    expect(letters(steps)).toBe(verdicts.replaceAll(" ", ""));
    expect(steps.at(-1)?.text.en).toMatch(conclusion);
  });

  test("what could not be measured is said, not guessed", () => {
    expect(letters(decideSlow({ ...NOTHING, users: [] }))).toBe("ossosso");
  });
});
