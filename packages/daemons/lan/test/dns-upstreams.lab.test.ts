import { setTimeout as sleep } from "node:timers/promises";
import type { ResourceRecord } from "@passerelle/dns";
import { enterPrivateNetwork } from "@passerelle/native";
import { ipv4 } from "@passerelle/net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
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
  TWO,
} from "./dns-lab-support.ts";
import { queryBytes } from "./dns-messages.ts";

enterPrivateNetwork();

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

describe("when upstreams fail", () => {
  test("a silent first one: the second answers, then is asked first", async () => {
    forwarder = await openForwarder({ upstreams: [ONE, TWO] });
    two.behave = honest;
    expect(addresses(await ask("a.example"))).toEqual([GOOD]);
    for (const name of ["b.example", "c.example", "d.example", "e.example"]) await ask(name);
    const asked = one.asked.length;
    expect(addresses(await ask("f.example"))).toEqual([GOOD]);
    expect(one.asked).toHaveLength(asked);
  });

  test("SERVFAIL and REFUSED of one: the other is asked at once", async () => {
    forwarder = await openForwarder({ upstreams: [ONE, TWO] });
    for (const rcode of [2, 5]) {
      one.behave = (q) => q.reply(answerTo(q.message, [], {}, { rcode }));
      two.behave = honest;
      expect(addresses(await ask(`rcode${rcode}.example`))).toEqual([GOOD]);
    }
  });

  test("all dead: an old answer with TTL 30 while the new one is waited for, then before anything is", async () => {
    forwarder = await openForwarder({ upstreams: [ONE] });
    one.behave = (q) => q.reply(right(q, 1));
    await ask("stale.example");
    await sleep(1200);
    one.behave = () => undefined;
    const first = await ask("stale.example");
    expect(addresses(first)).toEqual([GOOD]);
    expect(first?.answers[0]?.ttlSeconds).toBe(30);
    await sleep(3500);
    const asksForStale = () =>
      one.asked.filter(({ message }) => /^stale/i.test(message.questions[0]?.name ?? "")).length;
    const before = asksForStale();
    const [second, failed] = await askStream([
      queryBytes("nobody.example", 1),
      queryBytes("stale.example", 1),
    ]);
    expect(second?.answers[0]).toMatchObject({ name: "stale.example", ttlSeconds: 30 });
    expect(failed?.header.rcode).toBe(2);
    // Nobody was asked for it again: it did not wait.
    expect(asksForStale()).toBe(before);
    expect((await ask("unknown.example", 1, { waitMs: 6000 }))?.header.rcode).toBe(2);
    expect(addresses(await ask("localhost"))).toEqual([ipv4(0x7f000001)]);
  });

  test("nobody configured: SERVFAIL, remembered no longer than until somebody is", async () => {
    forwarder = await openForwarder({ upstreams: "line" });
    expect((await ask("early.example"))?.header.rcode).toBe(2);
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
