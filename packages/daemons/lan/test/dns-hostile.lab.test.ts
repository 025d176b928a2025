import { execFileSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { mkdtempSync, readFileSync } from "node:fs";
import { createSecureServer as createHttp2Server } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { createSecureContext, createServer as createTlsServer } from "node:tls";
import { type DnsMessage, decodeMessage, type ResourceRecord } from "@passerelle/dns";
import { enterPrivateNetwork } from "@passerelle/native";
import { ipv4 } from "@passerelle/net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { frame, StreamFrames } from "../src/edge/dns/stream-frames.ts";
import {
  type Asked,
  answerTo,
  ask,
  askStream,
  FakeUpstream,
  openForwarder,
} from "./dns-lab-support.ts";
import { queryBytes } from "./dns-messages.ts";

enterPrivateNetwork();

const ONE = { address: "127.0.0.11", protocol: "udp" } as const;
const TWO = { address: "127.0.0.12", protocol: "udp" } as const;
const GOOD = ipv4(0xc6120001);

let one: FakeUpstream;
let two: FakeUpstream;
let forwarder: Awaited<ReturnType<typeof openForwarder>>;

beforeEach(async () => {
  one = await FakeUpstream.open(ONE.address);
  two = await FakeUpstream.open(TWO.address);
});
afterEach(() => {
  expect(forwarder.errors).toEqual([]);
  expect(forwarder.statistics().internalErrors).toBe(0);
  forwarder.stop();
  one.close();
  two.close();
});

const a = (name: string, address = GOOD, ttlSeconds = 60): ResourceRecord => ({
  name,
  type: 1,
  class: 1,
  ttlSeconds,
  data: { kind: "a", address },
});
const right = (asked: Asked, ttl = 60): Uint8Array =>
  answerTo(asked.message, [a(asked.message.questions[0]?.name ?? ".", GOOD, ttl)]);
const honest = (asked: Asked): void => asked.reply(right(asked));
const addresses = (message: DnsMessage | undefined) =>
  message?.answers.map((r) => (r.data.kind === "a" ? r.data.address : r.type));

async function timed<T>(what: Promise<T>): Promise<{ value: T; ms: number }> {
  const from = performance.now();
  const value = await what;
  return { value, ms: performance.now() - from };
}

describe("one upstream that lies", () => {
  beforeEach(async () => {
    forwarder = await openForwarder({ upstreams: [ONE] });
  });

  const FORGED = ipv4(0x06060606);
  test.each<[string, (asked: Asked) => Uint8Array]>([
    [
      "a wrong ID",
      (q) => answerTo(q.message, [a("w.example", FORGED)], {}, { id: q.message.header.id ^ 1 }),
    ],
    [
      "another question",
      (q) =>
        answerTo(q.message, [a("w.example", FORGED)], {
          questions: [{ name: "x.example", type: 1, class: 1 }],
        }),
    ],
    [
      "a query instead of a response",
      (q) => answerTo(q.message, [a("w.example", FORGED)], {}, { response: false }),
    ],
    [
      "octets behind the message",
      (q) => Uint8Array.of(...answerTo(q.message, [a("w.example", FORGED)]), 0),
    ],
    [
      "a compression loop",
      (q) => {
        const b = answerTo(q.message, [a(q.message.questions[0]?.name ?? "", FORGED)]);
        b[b.length - 15] = b.length - 16;
        return b;
      },
    ],
    [
      "counts without records",
      (q) => {
        const b = right(q);
        b[7] = 200;
        return b;
      },
    ],
    ["one octet", () => Uint8Array.of(1)],
    ["noise", () => Uint8Array.from({ length: 300 }, (_, i) => (i * 37) & 0xff)],
  ])("%s is ignored, the true answer behind it taken", async (_, forged) => {
    one.behave = (q) => {
      q.reply(forged(q));
      setTimeout(() => honest(q), 20);
    };
    expect(addresses(await ask("w.example"))).toEqual([GOOD]);
    expect(one.asked).toHaveLength(1);
  });

  test("an answer from another address or port is ignored", async () => {
    one.behave = (q) => {
      for (const address of [ONE.address, "127.0.0.66"]) {
        const other = createSocket("udp4");
        other.bind(0, address, () => {
          other.send(
            answerTo(q.message, [a("w.example", FORGED)]),
            q.from?.port ?? 0,
            "127.0.0.1",
            () => other.close(),
          );
        });
      }
      setTimeout(() => honest(q), 50);
    };
    expect(addresses(await ask("w.example"))).toEqual([GOOD]);
    expect(forwarder.statistics().upstreamStrays).toBe(2);
  });

  test("ports, IDs and case are unlike from question to question", async () => {
    one.behave = honest;
    for (let i = 0; i < 40; i += 1) await ask(`abcdefghij${i}.example`);
    const seen = (of: (q: Asked) => unknown) => new Set(one.asked.map(of)).size;
    expect(seen((q) => q.from?.port)).toBeGreaterThan(4);
    expect(seen((q) => q.message.header.id)).toBe(40);
    expect(seen((q) => q.message.questions[0]?.name.slice(0, 10))).toBeGreaterThan(30);
  });

  test("the client's own case comes back, from outside and from the cache", async () => {
    one.behave = honest;
    expect((await ask("CaSe.example"))?.answers[0]?.name).toBe("CaSe.example");
    expect((await ask("cAsE.example"))?.answers[0]?.name).toBe("cAsE.example");
    expect(one.asked).toHaveLength(1);
  });

  test("an upstream that folds names is asked over TCP, and after three proofs believed over UDP", async () => {
    one.behave = (q) => {
      const name = q.message.questions[0]?.name ?? "";
      const folded = q.transport === "udp" ? name.toLowerCase() : name;
      q.reply(
        answerTo(q.message, [a(folded)], { questions: [{ name: folded, type: 1, class: 1 }] }),
      );
    };
    for (let i = 0; i < 5; i += 1)
      expect(addresses(await ask(`abcdefghijklmnop${i}.example`))).toEqual([GOOD]);
    expect(one.asked.map((q) => q.transport).join(" ")).toBe("udp tcp udp tcp udp tcp udp udp");
    expect(forwarder.statistics().caseMismatches).toBe(3);
  });

  test("TC is answered over TCP; a giant answer reaches TCP clients whole and UDP clients as TC", async () => {
    const texts = Array.from(
      { length: 240 },
      (_, i): ResourceRecord => ({
        name: "big.example",
        type: 16,
        class: 1,
        ttlSeconds: 60,
        data: { kind: "txt", strings: [new Uint8Array(250).fill(i)] },
      }),
    );
    one.behave = (q) =>
      q.reply(
        q.transport === "udp"
          ? answerTo(q.message, [], {}, { truncated: true })
          : answerTo(q.message, texts),
      );
    const overUdp = await ask("big.example", 16, { edns: 4096 });
    expect(overUdp).toMatchObject({ header: { truncated: true }, answers: [] });
    const [overTcp] = await askStream([queryBytes("big.example", 16)]);
    expect(overTcp?.answers).toHaveLength(240);
  });

  test("addresses inside are taken out of answers", async () => {
    one.behave = (q) =>
      q.reply(
        answerTo(q.message, [
          a(q.message.questions[0]?.name ?? "", ipv4(0xc0a80101)),
          a(q.message.questions[0]?.name ?? ""),
        ]),
      );
    expect(addresses(await ask("evil.example"))).toEqual([GOOD]);
    expect(forwarder.statistics().rebindingStripped).toBe(1);
  });

  test("EDNS that is not understood is left away", async () => {
    one.behave = (q) =>
      q.reply(q.message.edns === undefined ? right(q) : answerTo(q.message, [], {}, { rcode: 1 }));
    expect(addresses(await ask("old.example"))).toEqual([GOOD]);
    expect(addresses(await ask("old2.example"))).toEqual([GOOD]);
    expect(one.asked.map((q) => q.message.edns !== undefined)).toEqual([true, false, false]);
  });

  test("fifty equal questions go out once", async () => {
    one.behave = (q) => void setTimeout(() => honest(q), 100);
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask("same.example")));
    expect(answers.every((m) => m?.answers.length === 1)).toBe(true);
    expect(one.asked).toHaveLength(1);
    expect(forwarder.statistics().coalesced).toBe(49);
  });

  test("DO and CD are passed on, AD only to who wants it", async () => {
    one.behave = (q) =>
      q.reply(
        answerTo(q.message, [a(q.message.questions[0]?.name ?? "")], {}, { authenticData: true }),
      );
    expect((await ask("ad.example"))?.header.authenticData).toBe(false);
    expect((await ask("ad.example", 1, { ad: true }))?.header.authenticData).toBe(true);
    const signed = await ask("ad.example", 1, { edns: 1232, dnssecOk: true });
    expect(signed).toMatchObject({ header: { authenticData: true }, edns: { dnssecOk: true } });
    expect(one.asked.map((q) => q.message.edns?.dnssecOk)).toEqual([false, true]);
  });

  test("while a flood of names nobody answers is under way, the house answers and memory has an end", async () => {
    const flood = createSocket("udp4");
    const bytes = Array.from({ length: 4000 }, (_, i) => queryBytes(`flood${i}.example`, 1));
    for (const [i, query] of bytes.entries()) {
      flood.send(query, 53, "127.0.0.1");
      if (i % 200 === 0) await sleep(1);
    }
    const { value, ms } = await timed(ask("localhost"));
    expect(addresses(value)).toEqual([ipv4(0x7f000001)]);
    expect(ms).toBeLessThan(2000);
    const { pending, overLimit } = forwarder.statistics();
    expect(pending).toBeLessThanOrEqual(2048);
    expect(pending).toBeGreaterThan(0);
    expect(overLimit).toBeGreaterThan(0);
    flood.close();
  });
});

describe("when upstreams fail", () => {
  test("a silent first one: the second answers within two seconds, then is asked first", async () => {
    forwarder = await openForwarder({ upstreams: [ONE, TWO] });
    two.behave = honest;
    const { value, ms } = await timed(ask("a.example"));
    expect(addresses(value)).toEqual([GOOD]);
    expect(ms).toBeLessThan(2000);
    for (const name of ["b.example", "c.example", "d.example", "e.example"]) await ask(name);
    const { value: later, ms: fast } = await timed(ask("f.example"));
    expect(addresses(later)).toEqual([GOOD]);
    expect(fast).toBeLessThan(200);
  });

  test("SERVFAIL and REFUSED of one: the other is asked at once", async () => {
    forwarder = await openForwarder({ upstreams: [ONE, TWO] });
    for (const rcode of [2, 5]) {
      one.behave = (q) => q.reply(answerTo(q.message, [], {}, { rcode }));
      two.behave = honest;
      expect(addresses(await ask(`rcode${rcode}.example`))).toEqual([GOOD]);
    }
  });

  test("all dead: an old answer within two seconds with TTL 30, then at once; and the new one when they are back", async () => {
    forwarder = await openForwarder({ upstreams: [ONE] });
    one.behave = (q) => q.reply(right(q, 1));
    await ask("stale.example");
    await sleep(1200);
    one.behave = () => undefined;
    const first = await timed(ask("stale.example"));
    expect(addresses(first.value)).toEqual([GOOD]);
    expect(first.value?.answers[0]?.ttlSeconds).toBe(30);
    expect(first.ms).toBeLessThan(2100);
    await sleep(3500);
    const second = await timed(ask("stale.example"));
    expect(second.value?.answers[0]?.ttlSeconds).toBe(30);
    expect(second.ms).toBeLessThan(200);
    expect((await ask("unknown.example", 1, { waitMs: 6000 }))?.header.rcode).toBe(2);
    expect(addresses(await ask("localhost"))).toEqual([ipv4(0x7f000001)]);
  });

  test("nobody configured: SERVFAIL at once, remembered no longer than until somebody is", async () => {
    forwarder = await openForwarder({ upstreams: "line" });
    const { value, ms } = await timed(ask("early.example"));
    expect(value?.header.rcode).toBe(2);
    expect(ms).toBeLessThan(500);
    one.behave = honest;
    forwarder.setUpstreams([ONE.address]);
    expect(addresses(await ask("early.example"))).toEqual([GOOD]);
    expect(forwarder.upstreams()).toMatchObject([
      { address: ONE.address, protocol: "udp", healthy: true },
    ]);
  });

  test("negative answers are kept by their SOA; without one not", async () => {
    forwarder = await openForwarder({ upstreams: [ONE] });
    const soa: ResourceRecord = {
      name: "example",
      type: 6,
      class: 1,
      ttlSeconds: 900,
      data: {
        kind: "soa",
        mname: "e",
        rname: "e",
        serial: 1,
        refresh: 1,
        retry: 1,
        expire: 1,
        minimum: 300,
      },
    };
    one.behave = (q) =>
      q.reply(
        answerTo(
          q.message,
          [],
          q.message.questions[0]?.name.toLowerCase() === "soa.example"
            ? { authorities: [soa] }
            : {},
          { rcode: 3 },
        ),
      );
    for (const name of ["soa.example", "soa.example", "none.example", "none.example"]) {
      expect((await ask(name))?.header.rcode).toBe(3);
    }
    expect(one.asked).toHaveLength(3);
    expect((await ask("soa.example"))?.authorities[0]?.ttlSeconds).toBeLessThanOrEqual(300);
  });
});

describe("clients over TCP", () => {
  test("pipelined questions are answered out of order, the cached first", async () => {
    forwarder = await openForwarder({ upstreams: [ONE] });
    one.behave = (q) =>
      void setTimeout(
        () => honest(q),
        q.message.questions[0]?.name.toLowerCase().startsWith("slow") ? 300 : 0,
      );
    const answers = await askStream([
      queryBytes("slow.example", 1, { id: 1 }),
      queryBytes("quick.example", 1, { id: 2 }),
      queryBytes("localhost", 1, { id: 3 }),
    ]);
    expect(answers.map((m) => m.header.id)).toEqual([3, 2, 1]);
  });

  test("a seventeenth connection of one client is refused", async () => {
    forwarder = await openForwarder({ upstreams: [ONE] });
    one.behave = (q) => void setTimeout(() => honest(q), 500);
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, i) => askStream([queryBytes(`c${i}.example`, 1)])),
    );
    expect(all.filter((answers) => answers.length === 1)).toHaveLength(16);
    expect(forwarder.statistics().tcpRefused).toBe(4);
  });
});

describe("encrypted upstreams", () => {
  const folder = mkdtempSync(join(tmpdir(), "dns-lab-"));
  const key = join(folder, "key.pem");
  const cert = join(folder, "cert.pem");
  execFileSync(
    "openssl",
    [
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:P-256",
      "-nodes",
      "-days",
      "2",
      "-keyout",
      key,
      "-out",
      cert,
      "-subj",
      "/CN=dns.example",
      "-addext",
      "subjectAltName=DNS:dns.example",
    ],
    { stdio: "ignore" },
  );
  const identity = { key: readFileSync(key), cert: readFileSync(cert) };
  const trust = createSecureContext({ ca: identity.cert });
  const reply = (bytes: Uint8Array): Uint8Array => {
    const query = decodeMessage(Uint8Array.from(bytes));
    if (!query.ok) throw new Error(query.error.code);
    return answerTo(query.value, [a(query.value.questions[0]?.name ?? "")]);
  };

  test("DoT: one connection for many questions; a wrong name in the certificate ends it", async () => {
    let connections = 0;
    const server = createTlsServer({ ...identity, ALPNProtocols: ["dot"] }, (socket) => {
      connections += 1;
      const frames = new StreamFrames();
      socket.on("error", () => undefined);
      socket.on("data", (piece: Buffer) =>
        frames.push(piece, (b) => socket.write(frame(reply(b))) || true),
      );
    });
    await new Promise<void>((done) => server.listen(853, "127.0.0.13", done));
    const dot = { address: "127.0.0.13", protocol: "tls", serverName: "dns.example" } as const;
    forwarder = await openForwarder({ upstreams: [dot] }, { secureContext: trust });
    for (const name of ["a.example", "b.example", "c.example"])
      expect(addresses(await ask(name))).toEqual([GOOD]);
    expect(connections).toBe(1);
    forwarder.stop();
    forwarder = await openForwarder(
      { upstreams: [{ ...dot, serverName: "other.example" }] },
      { secureContext: trust },
    );
    expect((await ask("d.example"))?.header.rcode).toBe(2);
    forwarder.stop();
    forwarder = await openForwarder({ upstreams: [dot] });
    expect((await ask("e.example"))?.header.rcode).toBe(2);
    server.close();
  });

  test("DoH: POST over HTTP/2 with ID 0; a status other than 200 is no answer", async () => {
    const seen: string[] = [];
    const server = createHttp2Server(identity);
    server.on("stream", (stream, headers) => {
      const pieces: Buffer[] = [];
      stream.on("error", () => undefined);
      stream.on("data", (piece: Buffer) => pieces.push(piece));
      stream.on("end", () => {
        const query = Buffer.concat(pieces);
        seen.push(
          `${headers[":method"]} ${headers[":path"]} ${headers[":authority"]} ${headers["content-type"]} id ${query.readUInt16BE(0)}`,
        );
        const bad = query.includes("bad");
        if (!("respond" in stream && typeof stream.respond === "function")) return;
        stream.respond({ ":status": bad ? 500 : 200, "content-type": "application/dns-message" });
        stream.end(reply(query));
      });
    });
    await new Promise<void>((done) => server.listen(443, "127.0.0.14", done));
    forwarder = await openForwarder(
      { upstreams: [{ address: "127.0.0.14", protocol: "https", serverName: "dns.example" }] },
      { secureContext: trust },
    );
    expect(addresses(await ask("a.example"))).toEqual([GOOD]);
    expect((await ask("bad.example"))?.header.rcode).toBe(2);
    expect(addresses(await ask("c.example"))).toEqual([GOOD]);
    expect(seen[0]).toBe("POST /dns-query dns.example application/dns-message id 0");
    forwarder.stop();
    server.close();
  });
});
