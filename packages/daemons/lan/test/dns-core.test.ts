import { decodeMessage, foldName, parseName, type ResourceRecord } from "@passerelle/dns";
import { ipv4, parseIpv4, parseIpv6 } from "@passerelle/net";
import { instant } from "@passerelle/time";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BlocklistBuilder, NO_BLOCKLIST } from "../src/core/dns/blocklist.ts";
import { BlocklistParser } from "../src/core/dns/blocklist-parser.ts";
import { readIncoming } from "../src/core/dns/incoming.ts";
import { buildLocalZone } from "../src/core/dns/local-zone.ts";
import { isInside4, isInside6, withoutRebinding } from "../src/core/dns/rebinding.ts";
import { emptyZoneOf } from "../src/core/dns/special-names.ts";
import {
  afterAnswer,
  afterLoss,
  afterProbe,
  rank,
  UNTRIED,
  type UpstreamHealth,
} from "../src/core/dns/upstream-health.ts";
import { judge } from "../src/core/dns/verdict.ts";
import { header, queryBytes } from "./dns-messages.ts";

const text = new TextEncoder();
const four = (t: string) => parseIpv4(t) ?? ipv4(0);
const six = (t: string) => parseIpv6(t) ?? (t as never);

function blocklist(lines: string, cut = 7) {
  const builder = new BlocklistBuilder([1, 2]);
  const parser = new BlocklistParser(builder);
  const bytes = text.encode(lines);
  for (let at = 0; at < bytes.length; at += cut) parser.push(bytes.subarray(at, at + cut));
  parser.finish();
  return { list: builder.build(), names: parser.names, skipped: parser.skipped };
}

describe("blocklist", () => {
  const lines = [
    "# hosts",
    "0.0.0.0 exact.example tracker.example # two",
    "127.0.0.1 localhost",
    "127.0.0.1 localhost.localdomain",
    "::1 ip6.example\r",
    "! adblock",
    "[Adblock Plus 2.0]",
    "||ads.test^",
    "||cdn.test^$third-party",
    "||path.test/x",
    "||im.test^$important",
    "@@||good.ads.test^",
    "example.com##.banner",
    "/regex/",
    "domain.org",
    "*.wild.org",
    "UPPER.org.",
    "not a list line",
    "single",
    "bad..dots.org",
    `${"x".repeat(64)}.org`,
    "last.org",
  ].join("\n");

  test.each([1, 3, 7, 4096])("reads hosts, domains and AdBlock in pieces of %i octets", (cut) => {
    const { list, names, skipped } = blocklist(lines, cut);
    expect({ names, skipped, size: list.size }).toEqual({ names: 10, skipped: 10, size: 9 });
    const blocked = (name: string) => list.matches(name);
    for (const name of [
      "exact.example",
      "tracker.example",
      "ip6.example",
      "ads.test",
      "a.b.ads.test",
      "im.test",
      "domain.org",
      "sub.domain.org",
      "x.wild.org",
      "upper.org",
      "last.org",
    ]) {
      expect([name, blocked(name)]).toEqual([name, true]);
    }
    for (const name of [
      "sub.exact.example",
      "localhost",
      "cdn.test",
      "path.test",
      "good.ads.test",
      "x.good.ads.test",
      "badads.test",
      "example.com",
      "org",
      "single",
      ".",
      "omain.org",
    ]) {
      expect([name, blocked(name)]).toEqual([name, false]);
    }
  });

  test("any octets are read without a throw", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const parser = new BlocklistParser(new BlocklistBuilder([3, 4]));
        parser.push(bytes);
        parser.finish();
      }),
    );
  });

  test("a name is matched if and only if it or a parent was put in", () => {
    const label = fc.constantFrom("a", "b", "c", "ads", "x1");
    const name = fc.array(label, { minLength: 2, maxLength: 4 }).map((l) => l.join("."));
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 20 }), name, (names, asked) => {
        const builder = new BlocklistBuilder([9, 9]);
        for (const n of names) builder.addSubtree(text.encode(n), 0, n.length);
        const expected = names.some((n) => asked === n || asked.endsWith(`.${n}`));
        expect(builder.build().matches(asked)).toBe(expected);
      }),
    );
  });
});

describe("judge", () => {
  const zone = buildLocalZone("lan.example", {
    hosts: [
      { name: "NAS", ipv4: [four("192.168.1.10")], ipv6: [six("fd00::10"), six("2001:db8::10")] },
      { name: "tv.salon", ipv4: [four("192.168.1.11")], ipv6: [] },
      { name: "nas", ipv4: [four("192.168.1.99")], ipv6: [] },
      { name: "bad..name", ipv4: [four("192.168.1.98")], ipv6: [] },
    ],
  });
  const policy = { zone, blocklist: blocklist("||ads.test^").list, blockedAnswer: "null" as const };
  const ask = (name: string, type = 1, options = {}) => {
    const incoming = readIncoming(queryBytes(name, type, options));
    if (incoming.kind !== "query") throw new Error(incoming.kind);
    const verdict = judge(incoming.query, policy);
    if (verdict.kind === "forward") return "forward";
    const data = verdict.answers.map(({ data: d }) =>
      d.kind === "a" || d.kind === "aaaa" ? d.address : d.kind === "name" ? d.target : d.kind,
    );
    return `${verdict.why} ${verdict.rcode} ${data.join(" ")}`.trimEnd();
  };

  test.each([
    ["www.example.com", 1, "forward"],
    ["www.internet.test", 1, "forward"],
    ["nas.lan.example", 1, `local 0 ${four("192.168.1.10")}`],
    ["NaS.LAN.example", 28, "local 0 fd00::10 2001:db8::10"],
    ["nas.lan.example", 15, "local 0"],
    ["nas.home.arpa", 1, `local 0 ${four("192.168.1.10")}`],
    ["nas", 1, `local 0 ${four("192.168.1.10")}`],
    ["printer", 1, "local 3"],
    ["com", 2, "forward"],
    ["com", 43, "forward"],
    [".", 2, "forward"],
    ["other.lan.example", 1, "local 3"],
    ["salon.lan.example", 1, "local 0"],
    ["tv.salon.lan.example", 1, `local 0 ${four("192.168.1.11")}`],
    ["lan.example", 6, "local 0 soa"],
    ["home.arpa", 43, "local 0"],
    ["10.1.168.192.in-addr.arpa", 12, "local 0 nas.lan.example"],
    ["12.1.168.192.in-addr.arpa", 12, "local 3"],
    ["1.1.1.1.in-addr.arpa", 12, "forward"],
    ["1.64.100.in-addr.arpa", 12, "local 3"],
    ["1.63.100.in-addr.arpa", 12, "forward"],
    ["15.172.in-addr.arpa", 12, "forward"],
    ["31.172.in-addr.arpa", 12, "local 0"],
    ["localhost", 1, `local 0 ${0x7f000001}`],
    ["a.localhost", 28, "local 0 ::1"],
    ["x.invalid", 1, "local 3"],
    ["x.onion", 1, "local 3"],
    ["x.local", 1, "local 3"],
    ["_dns.resolver.arpa", 64, "local 3"],
    ["x.ads.test", 1, "blocked 0 0"],
    ["x.ads.test", 28, "blocked 0 ::"],
    ["x.ads.test", 65, "blocked 0"],
    ["www.example.com", 255, "refused 0 raw"],
    ["www.example.com", 252, "refused 5"],
    ["www.example.com", 41, "refused 5"],
  ])("%s type %i: %s", (name, type, expected) => {
    expect(ask(name, type)).toBe(expected);
  });

  test("other classes and questions without RD are refused, the house's own are not", () => {
    expect(ask("version.bind", 16, { class: 3 })).toBe("refused 5");
    expect(ask("www.example.com", 1, { rd: false })).toBe("refused 5");
    expect(ask("nas.lan.example", 1, { rd: false })).toBe(`local 0 ${four("192.168.1.10")}`);
  });

  test("the longest reverse zone is found, a name beside it not", () => {
    expect(emptyZoneOf(`1.${"0.".repeat(31)}ip6.arpa`)).toBe(`1.${"0.".repeat(31)}ip6.arpa`);
    expect(emptyZoneOf("c.f.ip6.arpa")).toBeUndefined();
    expect(emptyZoneOf("x.d.f.ip6.arpa")).toBe("d.f.ip6.arpa");
  });
});

describe("rebinding", () => {
  test.each(["10.1.2.3", "172.31.0.1", "192.168.1.1", "127.0.0.1", "169.254.1.1", "0.0.0.0"])(
    "%s is inside",
    (a) => expect(isInside4(four(a))).toBe(true),
  );
  test.each(["172.32.0.1", "11.0.0.1", "192.169.0.1", "9.9.9.9", "100.64.0.1"])(
    "%s is outside",
    (a) => expect(isInside4(four(a))).toBe(false),
  );
  test.each([
    "::",
    "::1",
    "fe80::1",
    "fd12::1",
    "fec0::1",
    "::ffff:192.168.1.1",
    "64:ff9b::10.0.0.1",
    "2002:c0a8:101::1",
    "::10.0.0.1",
  ])("%s is inside", (a) => expect(isInside6(six(a))).toBe(true));
  test.each(["2001:db8::1", "2a01::1", "::ffff:9.9.9.9", "64:ff9b::9.9.9.9", "2002:0909:0909::1"])(
    "%s is outside",
    (a) => expect(isInside6(six(a))).toBe(false),
  );

  const record = (type: number, data: ResourceRecord["data"]): ResourceRecord => ({
    name: "evil.example",
    type,
    class: 1,
    ttlSeconds: 1,
    data,
  });
  const good = record(1, { kind: "a", address: four("9.9.9.9") });
  const own = record(28, { kind: "aaaa", address: six("2001:db8::77") });
  const hint = record(65, {
    kind: "raw",
    bytes: Uint8Array.of(0, 1, 0, 0, 4, 0, 4, 192, 168, 1, 1),
  });
  const message = {
    header,
    questions: [{ name: "Evil.example", type: 1, class: 1 }],
    answers: [good, record(1, { kind: "a", address: four("192.168.1.1") }), own, hint],
    authorities: [],
    additionals: [],
  };

  test("only what points inside is taken out, hints and our public addresses included", () => {
    const policy = { exceptions: [], own: new Set([six("2001:db8::77")]) };
    expect(withoutRebinding(message, policy).answers).toEqual([good]);
  });

  test("excepted names keep all", () => {
    expect(withoutRebinding(message, { exceptions: [foldName("EXAMPLE")], own: new Set() })).toBe(
      message,
    );
  });
});

describe("health of upstreams", () => {
  const ailing: UpstreamHealth = {
    kind: "ailing",
    rttMs: 10,
    wait: 2000 as never,
    probeAt: instant(5000),
  };

  test("three losses in a row make one ailing, one answer well again", () => {
    let health: UpstreamHealth = afterAnswer(UNTRIED, 10);
    health = afterLoss(afterLoss(health, instant(1)), instant(2));
    expect(health.kind).toBe("healthy");
    health = afterLoss(health, instant(3));
    expect(health).toMatchObject({ kind: "ailing", probeAt: 2003 });
    expect(afterAnswer(health, 20)).toEqual({ kind: "healthy", rttMs: 20, lost: 0 });
  });

  test("probes wait twice as long each time, a minute at most", () => {
    expect(afterLoss(ailing, instant(4000))).toBe(ailing);
    let health: UpstreamHealth = ailing;
    const waits: number[] = [];
    for (let n = 0; n < 7 && health.kind === "ailing"; n += 1) {
      health = afterLoss(health, health.probeAt);
      if (health.kind === "ailing") waits.push(health.wait);
    }
    expect(waits).toEqual([4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
    expect(afterProbe(ailing, instant(5000))).toMatchObject({ probeAt: 7000 });
  });

  test("the fastest first, unknown ones before, ailing ones last and probed when due", () => {
    const fast = afterAnswer(UNTRIED, 5);
    const slow = afterAnswer(UNTRIED, 50);
    expect(rank([ailing, slow, fast, UNTRIED], instant(4000))).toEqual({
      order: [3, 2, 1, 0],
      probe: undefined,
    });
    expect(rank([ailing, slow, fast], instant(5000))).toEqual({ order: [2, 1, 0], probe: 0 });
    expect(rank([ailing], instant(5000))).toEqual({ order: [0], probe: undefined });
  });
});

test("names of the policy are names", () => {
  expect(NO_BLOCKLIST.matches("x")).toBe(false);
  expect(parseName("home.arpa")).toBeDefined();
  expect(decodeMessage(queryBytes("a", 1)).ok).toBe(true);
});
