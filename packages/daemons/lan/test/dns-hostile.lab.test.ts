import { createSocket } from "node:dgram";
import { setTimeout as sleep } from "node:timers/promises";
import type { ResourceRecord } from "@passerelle/dns";
import { enterPrivateNetwork } from "@passerelle/native";
import { ipv4 } from "@passerelle/net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  type Asked,
  a,
  addresses,
  answerTo,
  ask,
  askStream,
  FakeUpstream,
  GOOD,
  honest,
  ONE,
  openForwarder,
  right,
} from "./dns-lab-support.ts";
import { queryBytes } from "./dns-messages.ts";

enterPrivateNetwork();

let one: FakeUpstream;
let forwarder: Awaited<ReturnType<typeof openForwarder>>;

beforeEach(async () => {
  one = await FakeUpstream.open(ONE.address);
});
afterEach(() => {
  expect(forwarder.errors).toEqual([]);
  expect(forwarder.statistics().internalErrors).toBe(0);
  forwarder.stop();
  one.close();
});

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
    expect(addresses(await ask("localhost"))).toEqual([ipv4(0x7f000001)]);
    const { pending, overLimit } = forwarder.statistics();
    expect(pending).toBeLessThanOrEqual(2048);
    expect(pending).toBeGreaterThan(0);
    expect(overLimit).toBeGreaterThan(0);
    flood.close();
  });
});
