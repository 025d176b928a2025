import type { WanState } from "@passerelle/contract";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chainOf } from "../src/core/line-chain.ts";
import {
  type LineForm,
  type LineSection,
  lineErrors,
  lineForm,
  linePatch,
  macOf,
  readLineSection,
} from "../src/core/line-form.ts";
import { readModem } from "../src/core/modem-form.ts";
import { figuresOf, linesOf, withReading } from "../src/core/series.ts";
import { daysOf, endedOutage, outagesOf, type Transition } from "../src/core/timeline.ts";

const SINCE = 1_800_000_000_000;

function fault(code: string): NonNullable<WanState["cause"]> {
  return { code, text: { fr: code, en: code } };
}

const held: WanState["session"] = {
  ...{ kind: "bound", address: "198.51.100.23/24", server: "198.51.100.1", resolvers: [] },
  ...{ routes: [], obtainedAt: SINCE, renewsAt: SINCE + 1, expiresAt: SINCE + 2 },
};

function line(more: Partial<WanState>): WanState {
  return {
    ...{ interface: "wan", profile: "generic-dhcp", access: { kind: "up", since: SINCE } },
    ...{
      port: "wan",
      link: { kind: "untagged" },
      ipv6: { kind: "off", routers: [], addresses: [], prefixes: [], resolvers: [] },
    },
    ...{ session: held, reach: { kind: "online", since: SINCE }, since: SINCE },
    ...more,
  };
}

describe("the line as a chain", () => {
  const states = (more: Partial<WanState>): string =>
    chainOf(line(more))
      .map(({ state }) => state)
      .join(" ");

  test.each<[string, Partial<WanState>, string]>([
    ["all is well", {}, "ok ok ok ok"],
    [
      "no cable: nothing after it can be said",
      {
        access: { kind: "no_carrier", since: SINCE },
        session: { kind: "idle" },
        reach: { kind: "offline", since: SINCE, fault: fault("no_carrier") },
        cause: fault("no_carrier"),
      },
      "fault waiting waiting waiting",
    ],
    [
      "a session over PPPoE",
      {
        session: {
          ...{ kind: "connected", address: "203.0.113.7/32", resolvers: [] },
          ...{ concentrator: "bras", obtainedAt: SINCE },
        },
      },
      "ok ok ok ok",
    ],
    [
      "a session with IPv6 alone has no address yet",
      {
        session: { kind: "connected", resolvers: [], concentrator: "bras", obtainedAt: SINCE },
        reach: { kind: "offline", since: SINCE, fault: fault("no_ip") },
        cause: fault("no_ip"),
      },
      "ok fault waiting waiting",
    ],
    [
      "a refused password",
      {
        session: { kind: "pausing", until: SINCE },
        reach: { kind: "offline", since: SINCE, fault: fault("auth_failed") },
        cause: fault("auth_failed"),
      },
      "ok fault waiting waiting",
    ],
    [
      "the first seconds are no fault",
      {
        session: { kind: "selecting", attempts: 1 },
        reach: { kind: "unknown" },
        cause: fault("connecting"),
      },
      "ok working waiting waiting",
    ],
    [
      "the operator is silent",
      {
        session: { kind: "selecting", attempts: 9 },
        reach: { kind: "offline", since: SINCE, fault: fault("no_answer") },
        cause: fault("no_answer"),
      },
      "ok fault waiting waiting",
    ],
    [
      "parked: an address, and yet a stranger to the operator",
      {
        reach: { kind: "offline", since: SINCE, fault: fault("refused_parked") },
        cause: fault("refused_parked"),
      },
      "ok ok fault waiting",
    ],
    [
      "only the Internet is away",
      {
        reach: { kind: "offline", since: SINCE, fault: fault("no_internet") },
        cause: fault("no_internet"),
      },
      "ok ok ok fault",
    ],
    [
      "a part of the Internet",
      {
        reach: { kind: "limited", since: SINCE, fault: fault("no_internet") },
        cause: fault("no_internet"),
      },
      "ok ok ok warning",
    ],
    ["an address is kept while a server is looked for", { session: { ...held } }, "ok ok ok ok"],
  ])("%s", (_, more, expected) => {
    expect(states(more)).toBe(expected);
  });

  test("the broken link carries the reason, and no other", () => {
    const cause = fault("refused_parked");
    const links = chainOf(line({ reach: { kind: "offline", since: SINCE, fault: cause }, cause }));
    expect(links.map((link) => link.fault?.code)).toEqual([
      undefined,
      undefined,
      "refused_parked",
      undefined,
    ]);
  });
});

const HOUR = 3_600_000;
const dayOf = (at: number): string => String(Math.floor(at / (24 * HOUR)));

function reach(at: number, from: string, to: string): Transition {
  return { at, layer: "reach", from, to };
}

describe("the timeline", () => {
  test("an outage lasts until the Internet answers, through whatever lies between", () => {
    const history = [
      reach(0, "unknown", "online"),
      reach(1000, "online", "limited"),
      reach(2000, "limited", "offline"),
      { at: 2500, layer: "session", from: "selecting", to: "bound" } as const,
      reach(4000, "offline", "online"),
    ];
    const outages = outagesOf(history);
    expect(outages).toEqual([{ from: 1000, to: 4000 }]);
    expect(endedOutage(reach(4000, "offline", "online"), outages)).toBe(3000);
    expect(endedOutage(reach(0, "unknown", "online"), outages)).toBeUndefined();
  });

  test("a first connection is no outage", () => {
    expect(outagesOf([reach(0, "unknown", "offline"), reach(9, "offline", "online")])).toEqual([]);
  });

  test("an outage that lasts counts until now, on the day it began", () => {
    const days = daysOf([reach(20 * HOUR, "online", "offline")], 30 * HOUR, dayOf);
    expect(days).toMatchObject([{ outages: 1, outageMs: 10 * HOUR }]);
  });

  test("newest day and newest change first; renewals are not told", () => {
    const renewal = { layer: "session" as const, from: "bound", to: "renewing" };
    const days = daysOf(
      [
        reach(1 * HOUR, "unknown", "online"),
        { at: 2 * HOUR, ...renewal },
        { at: 3 * HOUR, layer: "session", from: "renewing", to: "bound" },
        reach(30 * HOUR, "online", "offline"),
        reach(31 * HOUR, "offline", "online"),
      ],
      40 * HOUR,
      dayOf,
    );
    expect(days.map((day) => day.changes.map(({ at }) => at / HOUR))).toEqual([[31, 30], [1]]);
    expect(days.map((day) => day.outages)).toEqual([1, 0]);
  });
});

describe("charts", () => {
  const ring = (from: number, ...mean: (number | null)[]) => ({
    ...{ periodMs: 1000, from, mean, peak: mean },
  });

  test("rings that begin at different periods stand side by side", () => {
    const lines = linesOf([ring(1000, 1, 2, 3), ring(2000, 20, 30, 40)]);
    expect(lines.times).toEqual([1000, 2000, 3000, 4000]);
    expect(lines.mean).toEqual([
      [1, 2, 3, null],
      [null, 20, 30, 40],
    ]);
  });

  test("no ring, or an empty one, makes an empty chart", () => {
    expect(linesOf([]).times).toEqual([]);
    expect(linesOf([ring(1000)])).toMatchObject({ times: [], mean: [[]] });
  });

  test("a reading goes on at the end, replaces its own period, and pushes the oldest out", () => {
    let lines = linesOf([ring(1000, 1, 2)]);
    lines = withReading(lines, 3004, [3], 3);
    expect(lines.times).toEqual([1000, 2000, 3000]);
    lines = withReading(lines, 2990, [4], 3);
    expect(lines.mean).toEqual([[1, 2, 4]]);
    lines = withReading(lines, 4000, [undefined], 3);
    expect(lines).toMatchObject({ times: [2000, 3000, 4000], mean: [[2, 4, null]] });
    expect(withReading(lines, 1000, [9], 3)).toBe(lines);
  });

  test("three numbers; gaps do not count, and nothing measured is no zero", () => {
    expect(figuresOf([null, 2, 4, null], [null, 5, 9, null])).toEqual({
      last: 4,
      mean: 3,
      peak: 9,
    });
    expect(figuresOf([0, 0])).toEqual({ last: 0, mean: 0, peak: 0 });
    expect(figuresOf([null, null])).toBeUndefined();
  });
});

const stored: LineSection = {
  ...{ profile: "orange-fr", mac: "own", link: "profile", login: "fti/abc", hostname: undefined },
  ...{ boxModel: undefined, shaping: undefined, modem: undefined },
};
const typed = (change: Partial<LineForm>): LineForm => ({ ...lineForm(stored), ...change });

describe("settings of the line", () => {
  test("what was not touched is not sent: above all not the masked password", () => {
    const section = readLineSection({
      ...{ profile: "orange-fr", mac: "own", link: "profile", interface: "wan" },
      credentials: { login: "fti/abc", password: "•••" },
    });
    expect(section).toEqual(stored);
    expect(linePatch(typed({}), stored)).toEqual({});
  });

  test.each<[string, Partial<LineForm>, object]>([
    ["another login keeps the password", { login: "fti/x" }, { credentials: { login: "fti/x" } }],
    [
      "a new password goes with its login",
      { password: "secret" },
      { credentials: { login: "fti/abc", password: "secret" } },
    ],
    ["an empty login takes both away", { login: " " }, { credentials: null }],
    ["a cloned address", { ownMac: false, mac: "00-1A-2B-3C-4D-5E" }, { mac: "00:1a:2b:3c:4d:5e" }],
    ["another operator", { profile: "sfr-fr" }, { profile: "sfr-fr" }],
    ["a line without its tag", { tagged: false }, { link: "untagged" }],
    ["a name for the operator", { hostname: "box" }, { hostname: "box" }],
    [
      "rates as people say them",
      { download: "18,5", upload: " 0.9 " },
      { shaping: { download: 18_500, upload: 900 } },
    ],
  ])("%s", (_, change, patch) => {
    expect(linePatch(typed(change), stored)).toEqual(patch);
    expect(lineErrors(typed(change), stored)).toEqual([]);
  });

  test.each<[string, Partial<LineForm>, string]>([
    ["a password without a login", { login: "", password: "x" }, "login"],
    ["accents on the line", { password: "é" }, "password"],
    ["half an address", { ownMac: false, mac: "00:1a:2b" }, "mac"],
    ["an address of many", { ownMac: false, mac: "01:00:5e:00:00:01" }, "mac"],
    ["a name with a blank", { hostname: "my box" }, "hostname"],
    ["one rate without the other", { download: "18" }, "upload"],
    ["a rate that is none", { download: "fast", upload: "1" }, "download"],
    ["a rate that no line has", { download: "0.05", upload: "1" }, "download"],
  ])("%s is refused beside its field", (_, change, field) => {
    expect(lineErrors(typed(change), stored)).toContain(field);
  });

  test("rates that stand are not sent again, and go when both fields are emptied", () => {
    const shaping = { download: 18_500, upload: 900 };
    const bounded = { ...stored, shaping };
    expect(lineForm(bounded)).toMatchObject({ download: "18.5", upload: "0.9" });
    expect(linePatch(lineForm(bounded), bounded)).toEqual({});
    const emptied = { ...lineForm(bounded), download: "", upload: "" };
    expect(linePatch(emptied, bounded)).toEqual({ shaping: null });
    expect(
      readLineSection({ profile: "x", mac: "own", link: "profile", shaping })?.shaping,
    ).toEqual(shaping);
  });

  test("the modem's rates take the place of typed ones and give it back; without a modem nothing is followed", () => {
    const modem = readModem({ driver: "lantiq" });
    const typed = { ...stored, modem, shaping: { download: 18_500, upload: 900 } };
    const following = { ...lineForm(typed), followsModem: true, download: "fast" };
    expect(lineErrors(following, typed)).toEqual([]);
    const follow = { follow: "modem", download: null, upload: null };
    expect(linePatch(following, typed)).toEqual({ shaping: follow });
    const shaped = { ...stored, modem, shaping: "modem" as const };
    expect(linePatch(lineForm(shaped), shaped)).toEqual({});
    const back = { ...lineForm(shaped), followsModem: false, download: "18,5", upload: "0.9" };
    expect(linePatch(back, shaped)).toEqual({
      shaping: { download: 18_500, upload: 900, follow: null },
    });
    const without: LineForm = {
      ...lineForm(shaped),
      modem: { ...lineForm(shaped).modem, driver: "none" },
    };
    expect(linePatch(without, shaped)).toEqual({ shaping: null, modem: null });
    const section = { profile: "x", mac: "own", link: "profile", shaping: { follow: "modem" } };
    expect(readLineSection(section)?.shaping).toBe("modem");
  });

  test("a first login wants a password", () => {
    const without = { ...stored, login: undefined };
    expect(lineErrors(typed({ login: "fti/new" }), without)).toEqual(["password"]);
  });

  test("a hardware address comes out in one form, or not at all", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 24 }), (text) => {
        const mac = macOf(text);
        return mac === undefined || /^[0-9a-f][02468ace](:[0-9a-f]{2}){5}$/.test(mac);
      }),
    );
    expect(macOf("001a.2b3c.4d5e")).toBe("00:1a:2b:3c:4d:5e");
    expect(macOf("000000000000")).toBeUndefined();
  });
});
