import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { decodeMessage, encodeMessage, RecordClass, RecordType } from "@passerelle/dns";
import { type Ipv4, ipv4 } from "@passerelle/net";
import { systemClock } from "@passerelle/service";
import { ManualClock, seededEntropy, settle } from "@passerelle/service/testing";
import { createFakeNetwork } from "@passerelle/sockets";
import { seconds } from "@passerelle/time";
import { afterEach, describe, expect, it } from "vitest";
import type { ReachInput } from "../src/core/reach/step.ts";
import { Prober } from "../src/edge/prober.ts";
import { ip } from "./fixtures.ts";

const BOX = ip("198.51.100.10");
const RESOLVER = ip("203.0.113.53");
const IMPOSTOR = ip("203.0.113.66");

type Lie = {
  readonly id?: number;
  readonly rcode?: number;
  readonly empty?: boolean;
  readonly name?: string;
};

function answer(query: Uint8Array, lie: Lie = {}): Uint8Array {
  const asked = decodeMessage(query);
  if (!asked.ok) throw new Error(asked.error.code);
  const { header, questions } = asked.value;
  const name = lie.name ?? questions[0]?.name ?? "";
  return encodeMessage({
    header: { ...header, id: header.id + (lie.id ?? 0), response: true, rcode: lie.rcode ?? 0 },
    questions: [{ name, type: RecordType.A, class: RecordClass.IN }],
    answers:
      lie.empty === true
        ? []
        : [
            {
              name,
              type: RecordType.A,
              class: RecordClass.IN,
              ttlSeconds: 60,
              data: { kind: "a", address: ip("203.0.113.80") },
            },
          ],
    authorities: [],
    additionals: [],
  });
}

function setup(replyFrom: (query: Uint8Array) => { from: Ipv4; bytes: Uint8Array } | undefined) {
  const network = createFakeNetwork({ delivery: "microtask" });
  const box = network.addHost("box");
  box.addInterface({ name: "wan", segment: "line", addresses: [BOX] });
  const isp = network.addHost("isp");
  isp.addInterface({ name: "eth0", segment: "line", addresses: [RESOLVER, IMPOSTOR] });
  const sockets = new Map(
    [RESOLVER, IMPOSTOR].map((address) => {
      const opened = isp.sockets.openDatagram({ family: 4, address, port: 53 });
      if (!opened.ok) throw new Error(opened.error.text);
      return [address, opened.value] as const;
    }),
  );
  sockets.get(RESOLVER)?.onDatagram(({ bytes, source, sourcePort }) => {
    const reply = replyFrom(bytes);
    if (reply !== undefined) sockets.get(reply.from)?.send(reply.bytes, source, sourcePort);
  });
  const clock = new ManualClock();
  const told: ReachInput[] = [];
  const prober = new Prober({
    sockets: box.sockets,
    interface: "wan",
    clock,
    entropy: seededEntropy(),
    finished: (input) => told.push(input),
  });
  const ask = async (): Promise<boolean | undefined> => {
    prober.ask({
      kind: "ask_resolver",
      round: 3,
      index: 0,
      from: BOX,
      resolver: RESOLVER,
      name: "web.internet.test",
    });
    await settle();
    const [input] = told;
    return input?.kind === "resolver_answered" ? input.good : undefined;
  };
  return { ask, clock, told, prober };
}

describe("a resolver", () => {
  const from = (source: Ipv4, lie?: Lie) => (query: Uint8Array) => ({
    from: source,
    bytes: answer(query, lie),
  });

  it.each<[string, Parameters<typeof setup>[0], boolean | undefined]>([
    ["answers with an address", from(RESOLVER), true],
    ["answers with none", from(RESOLVER, { empty: true }), false],
    ["fails", from(RESOLVER, { rcode: 2, empty: true }), false],
    ["is silent", () => undefined, undefined],
    ["is played by another", from(IMPOSTOR), undefined],
    ["answers another transaction", from(RESOLVER, { id: 1 }), undefined],
    ["answers another question", from(RESOLVER, { name: "evil.test" }), undefined],
    ["answers nonsense", () => ({ from: RESOLVER, bytes: new Uint8Array(5) }), undefined],
  ])("%s", async (_, reply, verdict) => {
    const { ask, clock, told } = setup(reply);
    expect(await ask()).toBe(verdict);
    await clock.advance(seconds(2));
    // Exactly one word, whatever came or did not come.
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({ round: 3, index: 0, good: verdict === true });
    expect(clock.pending).toBe(0);
  });

  it("is not spoken of any more after close", async () => {
    const { ask, clock, told, prober } = setup(() => undefined);
    await ask();
    prober.close();
    await clock.advance(seconds(3));
    expect(told).toEqual([]);
  });
});

describe("a server of the Internet", () => {
  let server: Server | undefined;
  afterEach(() => server?.close());

  async function probe(kind: "tcp" | "http", status: string): Promise<boolean | undefined> {
    server = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.once("data", () => socket.end(`HTTP/1.1 ${status}\r\n\r\n`));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const network = createFakeNetwork();
    const told = Promise.withResolvers<boolean>();
    const prober = new Prober({
      sockets: network.addHost("box").sockets,
      interface: "lo",
      clock: systemClock(),
      entropy: seededEntropy(),
      finished: (input) => told.resolve(input.good),
    });
    const loopback = ipv4(0x7f000001);
    const target = { address: loopback, port: status === "closed" ? 1 : port };
    prober.probe({
      kind: "probe",
      round: 1,
      from: loopback,
      probe:
        kind === "tcp"
          ? { kind, ...target }
          : { kind, ...target, host: "web.internet.test", path: "/generate_204" },
    });
    return told.promise;
  }

  it.each<["tcp" | "http", string, boolean]>([
    ["tcp", "200 OK", true],
    ["tcp", "closed", false],
    ["http", "204 No Content", true],
    ["http", "200 OK", true],
    // A captive portal redirects.
    ["http", "302 Found", false],
    ["http", "closed", false],
  ])("%s %s", async (kind, status, good) => {
    expect(await probe(kind, status)).toBe(good);
  });
});
