import assert from "node:assert/strict";
import type { FakePppPort, PppChannel, PppError, PppOptions, PppPlatform } from "../src/index.ts";

/** What any body of the port stands on: two interfaces with a cable between them. */
export interface World {
  readonly platform: PppPlatform;
  readonly here: FakePppPort;
  readonly there: FakePppPort;
  /** Lets things happen until it is so, or throws. */
  until(what: string, isSo: () => boolean): Promise<void>;
  /** The end of a session as the concentrator at `there` says it. */
  hangUp(sessionId: number): void;
  /** Whether there is an interface of this name. */
  has(name: string): boolean;
  /** Sessions outlive who leaves them. */
  readonly holds: boolean;
}

export interface ContractCase {
  readonly name: string;
  run(world: World): Promise<void>;
}

/** What any body must do. Plain functions, because in the machine that has PPP no runner of tests is. */
export const CONTRACT: readonly ContractCase[] = [
  {
    name: "a session has an interface until it is closed, and its name is free again then",
    async run(world) {
      const channel = opened(world);
      assert.equal(channel.name, "ppp-here");
      assert.ok(channel.interfaceIndex > 0);
      assert.ok(world.has("ppp-here"));
      channel.close();
      channel.close();
      assert.ok(!world.has("ppp-here"));
      opened(world).close();
    },
  },
  {
    name: "a refusal has the errno's name, and leaves nothing behind",
    async run(world) {
      assert.equal(refusal(world, { interface: "not-there" }), "ENODEV");
      assert.equal(refusal(world, { name: "a-name-that-is-long" }), "EINVAL");
      assert.equal(refusal(world, { name: world.there.name }), "EEXIST");
      const channel = opened(world);
      assert.equal(refusal(world, { name: "ppp-other" }), "EALREADY");
      assert.equal(refusal(world, { sessionId: 8 }), "EEXIST");
      assert.ok(!world.has("ppp-other"));
      channel.close();
      opened(world, { sessionId: 8 }).close();
    },
  },
  {
    name: "packets of the link and of its networks travel both ways, as they are",
    async run(world) {
      const { here, there } = bothEnds(world);
      const heardHere = listen(here);
      const heardThere = listen(there);
      send(here, IPCP, 1, 2, 3);
      send(here, LCP, ...ECHO);
      send(there, UNKNOWN, 5, 6);
      send(there, CHAP);
      await world.until("two each", () => heardHere.length === 2 && heardThere.length === 2);
      // The link's and the networks' packets come by two files: between them is no order.
      assert.deepEqual(heardThere.toSorted(), ["8021 1,2,3", "c021 9,0,0,4"]);
      assert.deepEqual(heardHere.toSorted(), ["8039 5,6", "c223 "]);
      here.close();
      there.close();
    },
  },
  {
    name: "what came before anybody listened is kept",
    async run(world) {
      const { here, there } = bothEnds(world);
      send(there, LCP, ...ECHO);
      send(there, IPCP, 2);
      await world.until("it is counted", () => received(here) === 1);
      const heard = listen(here);
      await world.until("both", () => heard.length === 2);
      here.close();
      there.close();
    },
  },
  {
    name: "what is sent to nobody is lost without a word; after the close it is refused",
    async run(world) {
      const channel = opened(world);
      const heard = listen(channel);
      send(channel, LCP, ...ECHO);
      send(channel, IPCP, 1);
      channel.close();
      for (const answer of [
        channel.send(LCP, new Uint8Array(1)),
        channel.pass(4, true),
        channel.setMtu(1492),
        channel.setMru(1492),
        channel.counters(),
      ]) {
        assert.equal(codeOf(answer), "EBADF");
      }
      channel.onPacket(() => assert.fail("it is closed"));
      assert.deepEqual(heard, []);
    },
  },
  {
    name: "gates and sizes are set, and set again",
    async run(world) {
      const channel = opened(world);
      for (const octets of [1492, 1500, 1280]) {
        assert.equal(codeOf(channel.setMtu(octets)), undefined);
        assert.equal(codeOf(channel.setMru(octets)), undefined);
      }
      for (const family of [4, 6] as const) {
        for (const on of [true, true, false, false]) {
          assert.equal(codeOf(channel.pass(family, on)), undefined);
        }
      }
      channel.close();
    },
  },
  {
    name: "what the networks receive is counted, what the link receives is not",
    async run(world) {
      const { here, there } = bothEnds(world);
      const heard = listen(here);
      assert.equal(received(here), 0);
      send(there, LCP, ...ECHO);
      send(there, IPCP, 1, 2, 3, 4);
      send(there, IPCP, 1, 2, 3, 4);
      await world.until("three", () => heard.length === 3);
      assert.equal(received(here), 2);
      here.close();
      there.close();
    },
  },
  {
    name: "the concentrator's end is told once, and session and interface stay until they are closed",
    async run(world) {
      const channel = opened(world);
      const heard = listen(channel);
      let ends = 0;
      channel.onEnd(() => {
        ends += 1;
      });
      world.hangUp(SESSION);
      await world.until("the end", () => ends > 0);
      assert.equal(codeOf(channel.send(LCP, new Uint8Array(1))), "ENOTCONN");
      assert.equal(codeOf(channel.pass(6, true)), "ENOTCONN");
      assert.ok(world.has("ppp-here"));
      assert.equal(refusal(world, { name: "ppp-again" }), "EALREADY");
      assert.deepEqual([ends, heard], [1, []]);
      channel.close();
      assert.ok(!world.has("ppp-here"));
      opened(world).close();
    },
  },
  {
    name: "a session that was left is found by its name where somebody holds it, and is closed for good",
    async run(world) {
      const { here, there } = bothEnds(world);
      const heardThere = listen(there);
      here.leave();
      const adopted = world.platform.adopt("ppp-here");
      assert.equal(codeOf(adopted), world.holds ? undefined : "ENOENT");
      assert.equal(world.has("ppp-here"), world.holds);
      if (adopted.ok) {
        const heardHere = listen(adopted.value);
        assert.equal(adopted.value.interfaceIndex, here.interfaceIndex);
        send(adopted.value, IPCP, 1);
        send(there, LCP, ...ECHO);
        await world.until("one each", () => heardHere.length === 1 && heardThere.length === 1);
        adopted.value.close();
        assert.ok(!world.has("ppp-here"));
      }
      assert.equal(codeOf(world.platform.adopt("ppp-here")), "ENOENT");
      opened(world).close();
      there.close();
    },
  },
  {
    name: "what was left and not adopted makes room for a new session of its name",
    async run(world) {
      const left = opened(world);
      left.leave();
      const again = opened(world, world.holds ? {} : { sessionId: 9 });
      assert.ok(world.has("ppp-here"));
      again.close();
      assert.ok(!world.has("ppp-here"));
    },
  },
  {
    name: "a handler may close the session that it hears from",
    async run(world) {
      const { here, there } = bothEnds(world);
      let calls = 0;
      here.onPacket(() => {
        calls += 1;
        here.close();
      });
      for (let i = 0; i < 5; i += 1) send(there, LCP, ...ECHO);
      await world.until("the first", () => calls > 0);
      const heard = listen(there);
      const again = opened(world);
      send(again, LCP, ...ECHO);
      await world.until("another session's packet", () => heard.length > 0);
      assert.equal(calls, 1);
      again.close();
      there.close();
    },
  },
];

const SESSION = 7;
const LCP = 0xc021;
/** A whole header: kernels of late refuse LCP that has none. */
const ECHO = [9, 0, 0, 4] as const;
const CHAP = 0xc223;
const IPCP = 0x8021;
const UNKNOWN = 0x8039;

function optionsOf({ here, there }: World): PppOptions {
  return { interface: here.name, peer: there.mac, sessionId: SESSION, name: "ppp-here" };
}

function opened(world: World, other: Partial<PppOptions> = {}): PppChannel {
  const answer = world.platform.open({ ...optionsOf(world), ...other });
  if (!answer.ok) throw new Error(`open: ${answer.error.text}`);
  return answer.value;
}

function bothEnds(world: World): { readonly here: PppChannel; readonly there: PppChannel } {
  const there = { interface: world.there.name, peer: world.here.mac, name: "ppp-there" };
  return { here: opened(world), there: opened(world, there) };
}

function refusal(world: World, other: Partial<PppOptions>): string | undefined {
  return codeOf(world.platform.open({ ...optionsOf(world), ...other }));
}

function codeOf(answer: { readonly ok: boolean; readonly error?: PppError }): string | undefined {
  return answer.ok ? undefined : answer.error?.code;
}

function send(channel: PppChannel, protocol: number, ...octets: readonly number[]): void {
  assert.equal(codeOf(channel.send(protocol, Uint8Array.from(octets))), undefined);
}

function listen(channel: PppChannel): string[] {
  const heard: string[] = [];
  channel.onPacket((protocol, payload) => {
    heard.push(`${protocol.toString(16)} ${payload.join(",")}`);
  });
  return heard;
}

function received(channel: PppChannel): number {
  const counters = channel.counters();
  return counters.ok ? counters.value.receivedPackets : -1;
}
