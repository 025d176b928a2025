import {
  decodeMessage,
  encodeMessage,
  HEADER_BYTES,
  type ResourceRecord,
  scanMessage,
} from "@passerelle/dns";
import { ipv4 } from "@passerelle/net";
import type { Clock, Entropy, Logger } from "@passerelle/service";
import { fuzzMilliseconds } from "@passerelle/testkit";
import { instant } from "@passerelle/time";
import fc from "fast-check";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { defaultDnsConfig, dnsConfigSchema } from "../src/config-dns.ts";
import { NO_BLOCKLIST } from "../src/core/dns/blocklist.ts";
import { keepingOf } from "../src/core/dns/cache-policy.ts";
import { buildLocalZone } from "../src/core/dns/local-zone.ts";
import { newDnsCounters } from "../src/edge/dns/counters.ts";
import { Randomness } from "../src/edge/dns/randomness.ts";
import { Resolver } from "../src/edge/dns/resolver.ts";
import { Responder } from "../src/edge/dns/responder.ts";
import { type StoredAnswer, storeOutside } from "../src/edge/dns/stored-answer.ts";
import { StreamFrames } from "../src/edge/dns/stream-frames.ts";
import { WireCache } from "../src/edge/dns/wire-cache.ts";
import { header, queryBytes } from "./dns-messages.ts";

const record = (name: string, ttlSeconds = 300): ResourceRecord => ({
  name,
  type: 1,
  class: 1,
  ttlSeconds,
  data: { kind: "a", address: ipv4(0xc6120001) },
});
const edns = {
  udpBytes: 1232,
  extendedRcode: 0,
  version: 0,
  dnssecOk: false,
  flags: 0,
  options: [],
};

function outside(
  name: string,
  options: {
    answers?: readonly ResourceRecord[];
    now?: number;
    variant?: number;
    rebinding?: boolean;
  } = {},
): StoredAnswer {
  const bytes = encodeMessage({
    header: { ...header, response: true, authenticData: true },
    questions: [{ name, type: 1, class: 1 }],
    answers: options.answers ?? [record(name)],
    authorities: [],
    additionals: [],
    edns,
  });
  const stored = store(bytes, options);
  if (stored === undefined) throw new Error("not stored");
  return stored;
}

function store(
  bytes: Uint8Array,
  options: { now?: number; variant?: number; rebinding?: boolean } = {},
): StoredAnswer | undefined {
  const scan = scanMessage(bytes);
  if (!scan.ok) return undefined;
  return storeOutside({
    bytes,
    scan: scan.value,
    keeping: keepingOf(bytes, scan.value),
    variant: options.variant ?? 0,
    serveStaleSeconds: 3600,
    rebinding: options.rebinding === true ? { exceptions: [], own: new Set() } : undefined,
    now: instant(options.now ?? 0),
  })?.answer;
}

const world = () => {
  let now = 0;
  const clock: Clock = {
    now: () => instant(now),
    wall: () => 0 as never,
    bootId: "x",
    later: () => ({ cancel: () => undefined }),
  };
  const quiet = (): void => undefined;
  const errors: unknown[] = [];
  const log: Logger = {
    debug: quiet,
    info: quiet,
    warn: quiet,
    error: (text, fields) => void errors.push([text, fields]),
  };
  const cache = new WireCache(64, 7);
  const counters = newDnsCounters();
  const resolver = new Resolver({
    clock,
    cache,
    counters,
    policy: { rebinding: undefined, serveStaleSeconds: 0 },
  });
  const policy = {
    zone: buildLocalZone("home.arpa", { hosts: [] }),
    blocklist: NO_BLOCKLIST,
    blockedAnswer: "null" as const,
  };
  const responder = new Responder({ clock, log, cache, resolver, counters, policy });
  const slow = (query: Uint8Array, stream = false): Uint8Array | undefined => {
    let reply: Uint8Array | undefined;
    responder.handle(query, {
      id: 1,
      stream,
      reply: (bytes) => {
        reply = bytes;
      },
    });
    return reply;
  };
  const fast = (query: Uint8Array, stream = false): Uint8Array | undefined => {
    // As in a batch: somewhere in a larger buffer full of other octets.
    const bytes = new Uint8Array(query.length + 200).fill(0xa5);
    bytes.set(query, 100);
    const out = new Uint8Array(70_000);
    const length = responder.fast(bytes, 100, query.length, out, 50, stream, clock.now());
    return length === 0 ? undefined : out.slice(50, 50 + length);
  };
  return {
    cache,
    counters,
    responder,
    slow,
    fast,
    errors,
    at: (ms: number) => {
      now = ms;
    },
  };
};

describe("the short way and the long way", () => {
  const options = fc.record({
    edns: fc.constantFrom(undefined, 0, 512, 700, 1232, 4096),
    dnssecOk: fc.boolean(),
    ad: fc.boolean(),
    id: fc.integer({ min: 0, max: 0xffff }),
  });
  const names = ["www.example", "WWW.example", "big.example"];

  test("give the same octets for every question that the short way takes", () => {
    const w = world();
    for (const variant of [0, 1]) {
      w.cache.put(outside("www.example", { variant }));
      w.cache.put(
        outside("big.example", {
          variant,
          answers: Array.from({ length: 45 }, () => record("big.example")),
        }),
      );
    }
    let taken = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...names),
        options,
        fc.boolean(),
        fc.nat(200_000),
        (name, o, stream, now) => {
          w.at(now);
          const { edns: size, ...rest } = o;
          const query = queryBytes(name, 1, size === undefined ? rest : { ...rest, edns: size });
          const quick = w.fast(query, stream);
          expect(quick).toBeDefined();
          expect(quick).toEqual(w.slow(query.slice(), stream));
          taken += 1;
        },
      ),
    );
    expect(taken).toBeGreaterThan(50);
  });

  test("AD is for who asked for it by AD or DO (RFC 6840 section 5.7)", () => {
    const w = world();
    for (const variant of [0, 1]) w.cache.put(outside("www.example", { variant }));
    const flag = (options: object) =>
      ((w.fast(queryBytes("www.example", 1, options))?.[3] ?? 0) & 0x20) !== 0;
    expect(flag({})).toBe(false);
    expect(flag({ edns: 1232 })).toBe(false);
    expect(flag({ ad: true })).toBe(true);
    expect(flag({ edns: 1232, dnssecOk: true })).toBe(true);
  });

  test("an answer is never larger than the client takes, and TC says so", () => {
    const w = world();
    w.cache.put(
      outside("big.example", { answers: Array.from({ length: 45 }, () => record("big.example")) }),
    );
    for (const [query, limit] of [
      [queryBytes("big.example", 1), 512],
      [queryBytes("big.example", 1, { edns: 600 }), 600],
      [queryBytes("big.example", 1, { edns: 65_535 }), 1232],
    ] as const) {
      const reply = w.fast(query) ?? new Uint8Array(0);
      const read = decodeMessage(reply);
      expect(reply.length).toBeLessThanOrEqual(limit);
      expect(read.ok && read.value.header.truncated).toBe(limit < 800);
    }
  });

  test("any octets, and any change of a good query, never throw and never give a broken answer", () => {
    const w = world();
    w.cache.put(outside("www.example"));
    const good = queryBytes("www.example", 1, { edns: 1232 });
    const end = performance.now() + fuzzMilliseconds();
    while (performance.now() < end) {
      const bytes = good.slice(
        0,
        Math.random() < 0.2 ? Math.floor(Math.random() * good.length) : undefined,
      );
      for (let n = Math.floor(Math.random() * 4); n > 0; n -= 1)
        bytes[Math.floor(Math.random() * bytes.length)] = Math.floor(Math.random() * 256);
      const quick = w.fast(bytes);
      const long = w.slow(bytes.slice());
      if (quick !== undefined) expect(quick).toEqual(long);
      if (long !== undefined) expect(decodeMessage(long).ok).toBe(true);
    }
    expect(w.errors).toEqual([]);
    expect(w.counters.internalErrors).toBe(0);
  });
});

describe("a stored answer", () => {
  const ttlOf = (bytes: Uint8Array | undefined) => {
    const read = decodeMessage(bytes ?? new Uint8Array(0));
    return read.ok ? read.value.answers.map((r) => r.ttlSeconds) : [];
  };

  test("counts its TTLs down by whole seconds and ends with them", () => {
    const w = world();
    w.cache.put(
      outside("ttl.example", { answers: [record("ttl.example", 10), record("ttl.example", 100)] }),
    );
    const query = queryBytes("ttl.example", 1);
    for (const [ms, ttls] of [
      [0, [10, 100]],
      [999, [10, 100]],
      [1000, [9, 99]],
      [9999, [1, 91]],
    ] as const) {
      w.at(ms);
      expect(ttlOf(w.fast(query))).toEqual(ttls);
    }
    w.at(10_000);
    expect(w.fast(query)).toBeUndefined();
  });

  test("loses an OPT in the middle without breaking pointers behind it", () => {
    const name = "mid.example";
    const full = encodeMessage({
      header: { ...header, response: true },
      questions: [{ name, type: 1, class: 1 }],
      answers: [record(name)],
      authorities: [],
      additionals: [record("x.other.example"), record("y.other.example")],
    });
    const scan = scanMessage(full);
    const at = scan.ok ? (scan.value.records[1]?.nameAt ?? 0) : 0;
    const bytes = Uint8Array.of(
      ...full.slice(0, at),
      0,
      0,
      41,
      4,
      208,
      0,
      0,
      0,
      0,
      0,
      0,
      ...full.slice(at),
    );
    bytes[11] = 3;
    // The pointer of the last owner name leads to a name that moved by the OPT's eleven octets.
    const last = bytes.lastIndexOf(0xc0);
    bytes[last + 1] = (bytes[last + 1] ?? 0) + 11;
    const read = decodeMessage(store(bytes)?.bytes ?? new Uint8Array(0));
    expect(read.ok && read.value.additionals.map((r) => r.name)).toEqual([
      "x.other.example",
      "y.other.example",
    ]);
    expect(read.ok && read.value.edns).toBeUndefined();
  });

  test("any change of an upstream's octets gives an answer that can be read, or none", () => {
    const good = encodeMessage({
      header: { ...header, response: true },
      questions: [{ name: "f.example", type: 1, class: 1 }],
      answers: [
        record("f.example"),
        { ...record("f.example"), data: { kind: "a", address: ipv4(0x0a000001) } },
      ],
      authorities: [],
      additionals: [record("a.b")],
      edns,
    });
    const end = performance.now() + fuzzMilliseconds();
    while (performance.now() < end) {
      const bytes = good.slice();
      for (let n = 1 + Math.floor(Math.random() * 4); n > 0; n -= 1)
        bytes[HEADER_BYTES + 15 + Math.floor(Math.random() * (bytes.length - HEADER_BYTES - 15))] =
          Math.random() < 0.3 ? 0xc0 : Math.floor(Math.random() * 256);
      const stored = store(bytes, { rebinding: true });
      if (stored !== undefined) expect(scanMessage(stored.bytes).ok).toBe(true);
    }
  });
});

describe("the cache", () => {
  test("tells type, class and DNSSEC bits apart, and 'A' from 'a' in the name only", () => {
    const w = world();
    w.cache.put(outside("x.example"));
    const hit = (name: string, type: number, options = {}) =>
      w.fast(queryBytes(name, type, options)) !== undefined;
    expect(hit("X.EXAMPLE", 1)).toBe(true);
    expect(hit("x.example", 28)).toBe(false);
    expect(hit("x.example", 65)).toBe(false);
    expect(hit("x.example", 97)).toBe(false);
    expect(hit("x.example", 1, { class: 3 })).toBe(false);
    expect(hit("x.example", 1, { edns: 1232, dnssecOk: true })).toBe(false);
    expect(hit("y.example", 1)).toBe(false);
  });

  test("has a fixed size, whatever is put in", () => {
    const cache = new WireCache(64, 3);
    for (let i = 0; i < 2000; i += 1) cache.put(outside(`n${i}.example`, { now: i }));
    expect(cache.count).toBeLessThanOrEqual(64);
    expect(cache.count).toBeGreaterThan(50);
    expect(cache.drop(() => true)).toBeLessThanOrEqual(64);
    expect(cache.count).toBe(0);
  });

  test("of size zero keeps nothing", () => {
    const cache = new WireCache(0, 3);
    cache.put(outside("n.example"));
    expect(cache.count).toBe(0);
    const query = queryBytes("n.example", 1);
    expect(
      cache.find(cache.hash(query, 12, query.length - 4, 0), query, 12, query.length - 4, 0),
    ).toBeUndefined();
  });

  test("a question in it twice stands once", () => {
    const cache = new WireCache(64, 3);
    for (let i = 0; i < 5; i += 1) cache.put(outside("n.example", { now: i }));
    expect(cache.count).toBe(1);
  });
});

test("messages of a stream come out whole, however it is cut", () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 5 }),
      fc.integer({ min: 1, max: 20 }),
      (messages, cut) => {
        const stream = messages.flatMap((m) => [m.length >>> 8, m.length & 0xff, ...m]);
        const got: Uint8Array[] = [];
        const frames = new StreamFrames();
        for (let at = 0; at < stream.length; at += cut) {
          frames.push(Uint8Array.from(stream.slice(at, at + cut)), (m) => got.push(m.slice()) > 0);
        }
        expect(got).toEqual(messages);
        expect(frames.pendingBytes).toBe(0);
      },
    ),
  );
});

test("letters change case by chance, nothing else changes", () => {
  const entropy: Entropy = {
    bytes: (n) => Uint8Array.from({ length: n }, (_, i) => (i * 97) & 0xff),
    uint32: () => 1,
    seed: () => [1, 2, 3, 4],
  };
  const random = new Randomness(entropy);
  const text = "ab1-z[{@`xyzABC";
  const bytes = Uint8Array.from(text, (c) => c.charCodeAt(0));
  random.mixCase(bytes, 0, bytes.length);
  const mixed = String.fromCharCode(...bytes);
  expect(mixed).not.toBe(text);
  expect(mixed.toLowerCase()).toBe(text.toLowerCase());
  expect(mixed.replace(/[a-z]/gi, "")).toBe(text.replace(/[a-z]/gi, ""));
});

describe("the configuration", () => {
  const valid = (over: object) =>
    v.safeParse(dnsConfigSchema, { ...defaultDnsConfig, ...over }).success;

  test("factory values are valid", () => expect(valid({})).toBe(true));

  test.each([
    [
      "a file outside the state directory",
      { blocklists: { ...defaultDnsConfig.blocklists, files: ["../../etc/shadow"] } },
    ],
    ["a hidden file", { blocklists: { ...defaultDnsConfig.blocklists, files: [".x"] } }],
    ["a name as upstream", { upstreams: [{ address: "dns.example", protocol: "udp" }] }],
    ["no upstream", { upstreams: [] }],
    ["a day and more of staleness", { serveStaleSeconds: 86_401 }],
    ["an empty label", { domain: "a..b" }],
    ["a key nobody knows", { extra: 1 }],
  ])("%s is not", (_, over) => expect(valid(over)).toBe(false));

  test("resolvers by DoT and DoH are", () => {
    expect(
      valid({
        upstreams: [
          { address: "9.9.9.9", protocol: "tls", serverName: "dns.quad9.net" },
          { address: "2620:fe::fe", protocol: "https", path: "/dns-query" },
        ],
      }),
    ).toBe(true);
  });
});
