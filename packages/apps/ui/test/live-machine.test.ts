import type { ChannelName, ServerMessage } from "@passerelle/api";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  initialLive,
  isStale,
  type LiveEffect,
  type LiveInput,
  type LiveState,
  livePhase,
  PING_MS,
  STALE_MS,
  stepLive,
} from "../src/core/live-machine.ts";

/** Feeds inputs one after the other; each may come with the time at which it happens. */
class Story {
  state: LiveState = initialLive;
  now = 0;
  effects: LiveEffect[] = [];

  feed(...inputs: readonly LiveInput[]): this {
    this.effects = [];
    for (const input of inputs) {
      const step = stepLive(this.state, input, this.now);
      this.state = step.state;
      this.effects.push(...step.effects);
    }
    return this;
  }

  wait(ms: number): this {
    this.now += ms;
    return this.feed({ kind: "tick", dice: 0 });
  }

  hear(...messages: readonly ServerMessage[]): this {
    return this.feed(...messages.map((message) => ({ kind: "message" as const, message })));
  }
}

const hello: ServerMessage = { type: "hello", seq: 0, boot: "b" };
const follow = (channel: ChannelName): LiveInput => ({ kind: "follow", channel });
const live = (): Story => new Story().feed({ kind: "start" }).hear(hello);

describe("following", () => {
  test("what was asked for before the connection stands is asked for when it does", () => {
    const story = new Story().feed(follow("wan"), follow("hosts"), { kind: "start" });
    expect(story.effects).toEqual([{ kind: "connect" }]);
    story.hear(hello);
    expect(story.effects).toEqual([
      { kind: "send", message: { type: "subscribe", channels: ["wan", "hosts"] } },
    ]);
  });

  test("two parts of a page share one subscription; the last to go ends it", () => {
    const story = live().feed(follow("wan"), follow("wan"));
    expect(story.effects).toHaveLength(1);
    story.feed({ kind: "unfollow", channel: "wan" });
    expect(story.effects).toEqual([]);
    story.feed({ kind: "unfollow", channel: "wan" });
    expect(story.effects).toEqual([
      { kind: "send", message: { type: "unsubscribe", channels: ["wan"] } },
    ]);
  });

  test("snapshot, then patches; the last value stays when nobody follows any more", () => {
    const story = live()
      .feed(follow("wan"))
      .hear(
        { type: "snapshot", seq: 1, channel: "wan", value: { line: { a: 1, b: 2 } } },
        { type: "patch", seq: 2, channel: "wan", patch: { line: { a: 3, b: null } } },
      );
    expect(story.state.values.wan).toEqual({ line: { a: 3 } });
    story.feed({ kind: "unfollow", channel: "wan" });
    expect(story.state.values.wan).toEqual({ line: { a: 3 } });
  });

  test("a refusal is kept until the connection is made anew", () => {
    const story = live()
      .feed(follow("apps"))
      .hear({ type: "refused", seq: 1, channel: "apps", code: "forbidden" });
    expect(story.state.refused.apps).toBe("forbidden");
    story.feed({ kind: "closed" }).wait(60_000).hear(hello);
    expect(story.state.refused).toEqual({});
  });
});

describe("trouble", () => {
  test("a gap in the numbers ends the connection, and the patch is not applied", () => {
    const story = live()
      .feed(follow("wan"))
      .hear({ type: "snapshot", seq: 1, channel: "wan", value: { a: 1 } });
    story.hear({ type: "patch", seq: 3, channel: "wan", patch: { a: 2 } });
    expect(story.effects).toEqual([{ kind: "disconnect" }]);
    expect(story.state.values.wan).toEqual({ a: 1 });
    expect(story.state.link.kind).toBe("waiting");
  });

  test("a box that says something before hello is not ours", () => {
    const story = new Story().feed({ kind: "start" }).hear({ type: "pong", seq: 0 });
    expect(story.effects).toEqual([{ kind: "disconnect" }]);
  });

  test("asks whether the box is there, greys after 10 seconds, gives up after 15", () => {
    const story = live().wait(PING_MS);
    expect(story.effects).toEqual([{ kind: "send", message: { type: "ping" } }]);
    expect(livePhase(story.state, story.now)).toBe("live");
    story.wait(STALE_MS - PING_MS);
    expect(isStale(story.state, story.now)).toBe(true);
    expect(livePhase(story.state, story.now)).toBe("reconnecting");
    story.wait(5_000);
    expect(story.effects).toEqual([{ kind: "disconnect" }]);
  });

  test("values stay stale until the box speaks again, not only until it is reached", () => {
    const story = live().feed({ kind: "closed" }).wait(STALE_MS);
    expect(isStale(story.state, story.now)).toBe(true);
    expect(story.state.link.kind).toBe("connecting");
    story.feed({ kind: "opened" });
    expect(isStale(story.state, story.now)).toBe(true);
    story.hear(hello);
    expect(isStale(story.state, story.now)).toBe(false);
  });

  test("waits twice as long after each failure, at most 30 seconds, and spreads by the dice", () => {
    const story = new Story().feed({ kind: "start" });
    const waits: number[] = [];
    for (let n = 0; n < 9; n += 1) {
      story.feed({ kind: "closed" });
      const { link } = story.state;
      if (link.kind !== "waiting") throw new Error("waits after a failure");
      waits.push(link.until - story.now);
      story.now = link.until;
      const early = stepLive(story.state, { kind: "tick", dice: 0.9 }, story.now);
      expect(early.effects).toEqual([]);
      story.feed({ kind: "tick", dice: 0 });
      expect(story.effects).toEqual([{ kind: "connect" }]);
    }
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  });

  test("logged out: nothing is kept but what is wanted", () => {
    const story = live()
      .feed(follow("wan"))
      .hear({ type: "snapshot", seq: 1, channel: "wan", value: 1 })
      .feed({ kind: "stop" });
    expect(story.effects).toEqual([{ kind: "disconnect" }]);
    expect(story.state.values).toEqual({});
    expect(story.state.wanted).toEqual({ wan: 1 });
  });
});

test("whatever comes in whatever order, what is asked of the box is what is wanted", () => {
  const channel = fc.constantFrom<ChannelName>("wan", "hosts", "lan");
  const input = fc.oneof(
    channel.map(follow),
    channel.map((one): LiveInput => ({ kind: "unfollow", channel: one })),
    fc.constantFrom<LiveInput>({ kind: "start" }, { kind: "stop" }, { kind: "closed" }),
    fc.constant<LiveInput>({ kind: "message", message: hello }),
    fc.constant<LiveInput>({ kind: "tick", dice: 0 }),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(input, fc.nat(20_000)), { maxLength: 60 }), (inputs) => {
      const story = new Story();
      let asked = new Set<string>();
      for (const [one, wait] of inputs) {
        story.now += wait;
        story.feed(one);
        for (const effect of story.effects) {
          if (effect.kind === "connect") asked = new Set();
          if (effect.kind !== "send" || effect.message.type === "ping") continue;
          for (const name of effect.message.channels) {
            if (effect.message.type === "subscribe") asked.add(name);
            else asked.delete(name);
          }
        }
        if (story.state.link.kind === "open") {
          expect([...asked].sort()).toEqual(Object.keys(story.state.wanted).sort());
        }
      }
    }),
  );
});
