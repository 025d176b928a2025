import type { ChannelName } from "@passerelle/api";
import { mergePatch } from "@passerelle/json";
import { ManualClock } from "@passerelle/service/testing";
import { milliseconds, seconds } from "@passerelle/time";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Hub } from "../../src/edge/api/hub.ts";
import { Outlet, said } from "../../src/edge/api/outlet.ts";
import type { Caller } from "../../src/edge/api/port.ts";
import { admin, app } from "../api/rig.ts";

interface Message {
  readonly type: string;
  readonly seq: number;
  readonly channel?: ChannelName;
  readonly value?: unknown;
  readonly patch?: unknown;
  readonly code?: string;
}

/** A client that keeps what it is told, or lets it wait. */
class Client {
  readonly told: Message[] = [];
  readonly outlet: Outlet;
  reads = true;
  waiting = 0;
  answers = true;
  ended: readonly [number, string] | undefined;

  constructor(caller: Caller = admin) {
    const client = this;
    this.outlet = new Outlet(caller, {
      get waiting() {
        return client.waiting;
      },
      send(text, seq) {
        if (!client.reads) client.waiting += text.length;
        const message = JSON.parse(text) as Message;
        expect(message.seq).toBe(seq);
        client.told.push(message);
      },
      beat: () => client.answers,
      end: (code, reason) => {
        client.ended = [code, reason];
      },
    });
  }

  /** What a page holds of a channel, from what it was told. */
  held(channel: ChannelName): unknown {
    return this.told
      .filter((message) => message.channel === channel)
      .reduce<unknown>(
        (held, { type, value, patch }) => (type === "snapshot" ? value : mergePatch(held, patch)),
        undefined,
      );
  }
}

function home() {
  const clock = new ManualClock();
  const values = new Map<ChannelName, unknown>();
  const rights = new Map<string, Caller | undefined>();
  const taps: string[] = [];
  const channels: ChannelName[] = ["wan", "hosts", "lan", "sessions", "jobs"];
  const hub = new Hub({
    clock,
    sources: new Map(
      channels.map((channel) => [
        channel,
        {
          of: [],
          look: () => values.get(channel),
          ...(channel === "sessions"
            ? { personal: (value: unknown, caller: Caller) => ({ value, mine: caller.sessionId }) }
            : {}),
        },
      ]),
    ),
    recheck: (caller) => (rights.has(caller.actor) ? rights.get(caller.actor) : caller),
    tap: (channel) => {
      taps.push(`+${channel}`);
      return () => void taps.push(`-${channel}`);
    },
  });
  const say = (channel: ChannelName, value: unknown) => {
    values.set(channel, value);
    hub.changed(channel);
  };
  const join = (caller?: Caller, ...followed: ChannelName[]) => {
    const client = new Client(caller);
    hub.add(client.outlet);
    for (const channel of followed) hub.follow(client.outlet, channel);
    return client;
  };
  return { clock, hub, rights, taps, say, join };
}

describe("a client", () => {
  test("is greeted, told what is, then what changes", async () => {
    const { clock, say, join } = home();
    say("wan", { state: "up", address: "a" });
    const client = join(admin, "wan");
    say("wan", { state: "down", address: "a" });
    expect(client.told).toEqual([
      { type: "hello", seq: 1, boot: clock.bootId },
      { type: "snapshot", seq: 2, channel: "wan", value: { state: "up", address: "a" } },
      { type: "patch", seq: 3, channel: "wan", patch: { state: "down" } },
    ]);
  });

  test("of a silent owner gets its snapshot when the owner speaks", () => {
    const { say, join } = home();
    const client = join(admin, "wan");
    expect(client.told).toHaveLength(1);
    say("wan", { state: "up" });
    expect(client.told[1]).toMatchObject({ type: "snapshot", value: { state: "up" } });
  });

  test("that comes later starts from what the others hold", async () => {
    const { clock, say, join } = home();
    say("wan", { n: 0 });
    const first = join(admin, "wan");
    say("wan", { n: 1 });
    say("wan", { n: 2 });
    const second = join(admin, "wan");
    await clock.advance(seconds(1));
    say("wan", { n: 3 });
    expect(first.held("wan")).toEqual({ n: 3 });
    expect(second.held("wan")).toEqual({ n: 3 });
  });

  test("that comes while a change waits does not keep what never was told", async () => {
    const { clock, say, join } = home();
    say("wan", { n: 0 });
    join(admin, "wan");
    say("wan", { n: 1 });
    say("wan", { n: 1, brief: true });
    const late = join(admin, "wan");
    say("wan", { n: 1 });
    await clock.advance(seconds(1));
    expect(late.held("wan")).toEqual({ n: 1 });
  });

  test("that leaves takes its waiting change with it", () => {
    const { clock, say, join } = home();
    say("wan", { n: 0 });
    const client = join(admin, "wan");
    say("wan", { n: 1 });
    say("wan", { n: 2 });
    client.outlet.over();
    expect(clock.pending).toBe(0);
  });

  test("is told no more than twice a second, and the last of it", async () => {
    const { clock, say, join } = home();
    say("wan", { n: 0 });
    const client = join(admin, "wan");
    for (let n = 1; n <= 100; n += 1) {
      say("wan", { n });
      await clock.advance(milliseconds(20));
    }
    await clock.advance(seconds(1));
    const patches = client.told.filter(({ type }) => type === "patch");
    expect(patches.length).toBeLessThanOrEqual(5);
    expect(client.held("wan")).toEqual({ n: 100 });
  });

  test("that follows nothing costs no look, and what it left is forgotten", async () => {
    const { clock, hub, say, join } = home();
    say("wan", { n: 0 });
    const client = join(admin, "wan");
    hub.unfollow(client.outlet, "wan");
    say("wan", { n: 1 });
    await clock.advance(seconds(1));
    expect(client.told).toHaveLength(2);
    hub.follow(client.outlet, "wan");
    expect(client.held("wan")).toEqual({ n: 1 });
  });

  test("sees its own session as its own", () => {
    const { say, join } = home();
    say("sessions", ["s"]);
    const client = join({ ...admin, sessionId: "mine" }, "sessions");
    expect(client.held("sessions")).toEqual({ value: ["s"], mine: "mine" });
  });

  test("is refused what it has no right to", () => {
    const { say, join, taps } = home();
    say("jobs", { jobs: [] });
    const client = join(app("read"), "jobs", "bus", "sessions", "wan");
    expect(client.told.slice(1)).toEqual(
      ["jobs", "bus", "sessions"].map((channel, n) => ({
        type: "refused",
        seq: n + 2,
        channel,
        code: "not_allowed",
      })),
    );
    expect(taps).toEqual([]);
  });
});

describe("taps", () => {
  test("run once for each who follows, and stop with it", () => {
    const { hub, taps, join } = home();
    const client = join(admin, "bus", "bus", "sample");
    expect(taps).toEqual(["+bus", "+sample"]);
    hub.unfollow(client.outlet, "bus");
    expect(taps.slice(2)).toEqual(["-bus"]);
    client.outlet.over();
    expect(taps.slice(3)).toEqual(["-sample"]);
    expect(hub.size).toBe(0);
  });
});

describe("a slow client", () => {
  test("is let go, while a fast one loses nothing", async () => {
    const { clock, hub, say, join } = home();
    const slow = join(admin, "wan");
    const fast = join(admin, "wan");
    slow.reads = false;
    const sent: unknown[] = [];
    for (let n = 0; n < 40; n += 1) {
      const value = { n, text: "x".repeat(20_000) + n };
      sent.push(value);
      say("wan", value);
      await clock.advance(seconds(2));
    }
    expect(slow.ended).toEqual([1013, "too_slow"]);
    expect(slow.waiting).toBeLessThanOrEqual(262_144 + 21_000);
    expect(fast.ended).toBe(undefined);
    const states: unknown[] = [];
    let held: unknown;
    for (const { type, value, patch } of fast.told.slice(1)) {
      held = type === "snapshot" ? value : mergePatch(held, patch);
      states.push(held);
    }
    expect(states).toEqual(sent);
    expect(hub.size).toBe(1);
    hub.close();
    expect(fast.ended).toEqual([1001, "going_away"]);
    expect(clock.pending).toBe(0);
  });

  test("without a sign of life for two beats is let go", async () => {
    const { clock, join } = home();
    const client = join(admin, "wan");
    await clock.advance(seconds(60));
    expect(client.ended).toBe(undefined);
    client.answers = false;
    await clock.advance(seconds(20));
    expect(client.ended).toEqual([1013, "no_sign_of_life"]);
  });
});

describe("rights", () => {
  test("a session that is over ends its connection within a second", async () => {
    const { clock, hub, rights, join } = home();
    const client = join({ ...admin, actor: "ada" }, "wan");
    const other = join(admin, "wan");
    await clock.advance(seconds(5));
    rights.set("ada", undefined);
    await clock.advance(seconds(1));
    expect(client.ended).toEqual([4401, "not_logged_in"]);
    expect(other.ended).toBe(undefined);
    rights.set("admin", undefined);
    hub.recheck();
    expect(other.ended).toEqual([4401, "not_logged_in"]);
  });

  test("a right that is taken takes its channels, and no other", () => {
    const { hub, rights, say, join, taps } = home();
    const client = join(app("read", "admin"), "wan", "bus");
    rights.set("app", app("read"));
    hub.recheck();
    expect(client.told.at(-1)).toMatchObject({ type: "refused", channel: "bus" });
    expect(taps).toEqual(["+bus", "-bus"]);
    say("wan", { n: 1 });
    expect(client.held("wan")).toEqual({ n: 1 });
    rights.set("app", app("settings"));
    hub.recheck();
    expect(client.ended).toEqual([4401, "not_logged_in"]);
  });
});

test("whatever happens, numbers have no gap and every client holds what is", async () => {
  const action = fc.oneof(
    fc.record({
      do: fc.constant("say"),
      channel: fc.constantFrom("wan", "hosts", "lan"),
      // As it is on the bus: JSON knows no -0.
      value: fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.parse(JSON.stringify(value))),
    }),
    fc.record({ do: fc.constant("wait"), ms: fc.nat(900) }),
    fc.record({
      do: fc.constantFrom("follow", "unfollow"),
      who: fc.nat(2),
      channel: fc.constantFrom("wan", "hosts", "lan"),
    }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 40 }), async (actions) => {
      const { clock, hub, say, join } = home();
      const clients = [join(), join(), join()];
      const now = new Map<string, unknown>();
      for (const one of actions) {
        if ("value" in one) {
          now.set(one.channel, one.value);
          say(one.channel as ChannelName, one.value);
        } else if ("ms" in one) await clock.advance(milliseconds(one.ms));
        else {
          const outlet = clients[one.who]?.outlet;
          if (outlet === undefined) continue;
          hub[one.do as "follow" | "unfollow"](outlet, one.channel as ChannelName);
        }
      }
      await clock.advance(seconds(5));
      for (const client of clients) {
        expect(client.told.map(({ seq }) => seq)).toEqual(client.told.map((_, n) => n + 1));
        for (const channel of client.outlet.channels) {
          expect(client.held(channel)).toEqual(now.get(channel));
        }
      }
    }),
    { numRuns: 300 },
  );
});

test("a message is its members, in one JSON text", () => {
  const client = new Client();
  client.outlet.say(said("pong"));
  client.outlet.say(said("error", { code: "bad_request" }));
  expect(client.told).toEqual([
    { type: "pong", seq: 1 },
    { type: "error", seq: 2, code: "bad_request" },
  ]);
});
