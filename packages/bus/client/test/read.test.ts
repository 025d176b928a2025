import { wanResolvers } from "@passerelle/contract";
import { seconds } from "@passerelle/time";
import { expect, test } from "vitest";
import { createBus } from "../src/bus.ts";
import type { BusTime, Link, LinkEvents } from "../src/link.ts";

/** The times of a tool; the wait for a value is the shorter one, so that it shows when it began. */
const TIMES = { reach: seconds(10), value: seconds(2) };
const VALUE = { resolvers: ["192.0.2.1"] };

test("the wait for a value begins when the broker has taken the subscription, however late", async () => {
  const { bus, link, time } = setUp();
  const read = bus.read(wanResolvers, TIMES);
  time.pass(8000);
  link.up();
  time.pass(1999);
  link.grant();
  time.pass(1999);
  link.deliver(VALUE);
  expect(await read).toEqual({ ok: true, value: VALUE });
});

test("a topic that nobody published is undefined, two seconds after the broker's word", async () => {
  const { bus, link, time } = setUp();
  const read = bus.read(wanResolvers, TIMES);
  link.up();
  link.grant();
  time.pass(1999);
  expect(await outcomeNow(read)).toBe("open");
  time.pass(1);
  expect(await read).toEqual({ ok: true, value: undefined });
});

test("a subscription that another one has brought about counts from now", async () => {
  const { bus, link, time } = setUp();
  link.up();
  bus.subscribe(wanResolvers, () => undefined);
  link.grant();
  const read = bus.read(wanResolvers, TIMES);
  await Promise.resolve();
  time.pass(2000);
  expect(await read).toEqual({ ok: true, value: undefined });
});

test("a broker that is not there, or does not answer, is not a topic without a value", async () => {
  const away = setUp();
  const reached = away.bus.reached(TIMES.reach);
  const read = away.bus.read(wanResolvers, TIMES);
  away.link.down("connect ENOENT /run/bus/observer.sock");
  away.time.pass(9999);
  expect(await outcomeNow(read)).toBe("open");
  away.time.pass(1);
  const fault = { code: "bus_not_reached", raw: "connect ENOENT /run/bus/observer.sock" };
  expect(await reached).toMatchObject(fault);
  expect(await read).toMatchObject({ ok: false, error: fault });

  const silent = setUp();
  silent.link.up();
  expect(await silent.bus.reached(TIMES.reach)).toBeUndefined();
  const unanswered = silent.bus.read(wanResolvers, TIMES);
  silent.time.pass(10_000);
  expect(await unanswered).toMatchObject({ ok: false, error: { code: "bus_not_reached" } });
});

test("a broker that goes away while the value is awaited is said to be away", async () => {
  const { bus, link, time } = setUp();
  const read = bus.read(wanResolvers, TIMES);
  link.up();
  link.grant();
  link.down("closed by the broker");
  time.pass(2000);
  const fault = { code: "bus_not_reached", raw: "closed by the broker" };
  expect(await read).toMatchObject({ ok: false, error: fault });
});

test("whoever waits for the bus hears of it when it comes", async () => {
  const { bus, link, time } = setUp();
  const reached = bus.reached(TIMES.reach);
  time.pass(9000);
  link.up();
  expect(await reached).toBeUndefined();
});

function setUp() {
  const time = new ManualTime();
  const link = new ManualLink();
  const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const bus = createBus({
    client: "observer",
    link,
    log: quiet,
    time,
    randomBytes: (length) => new Uint8Array(length),
    validatePublish: true,
    will: undefined,
  });
  return { bus, link, time };
}

/** What has become of a promise so far. */
function outcomeNow(promise: Promise<unknown>): Promise<unknown> {
  return Promise.race([promise, new Promise((resolve) => setImmediate(resolve, "open"))]);
}

/** A link whose broker speaks when the test says so. */
class ManualLink implements Link {
  #events: LinkEvents | undefined;
  #unanswered: (() => void)[] = [];

  open(events: LinkEvents): void {
    this.#events = events;
  }
  publish(): void {
    throw new Error("nothing is published here");
  }
  subscribe(_topics: readonly string[], done: () => void): void {
    this.#unanswered.push(done);
  }
  unsubscribe(): void {
    // Nobody listens to that here.
  }
  async close(): Promise<void> {
    // Nothing is open.
  }
  up(): void {
    this.#events?.up();
  }
  down(reason: string): void {
    this.#events?.down(reason);
  }
  grant(): void {
    for (const done of this.#unanswered.splice(0)) done();
  }
  deliver(value: unknown): void {
    const payload = new TextEncoder().encode(JSON.stringify(value));
    this.#events?.message({ topic: wanResolvers.name, payload, retained: true });
  }
}

class ManualTime implements BusTime {
  #now = 0;
  readonly #timers = new Set<{ readonly at: number; readonly callback: () => void }>();

  now(): number {
    return this.#now;
  }
  later(waitMs: number, callback: () => void): { cancel(): void } {
    const timer = { at: this.#now + waitMs, callback };
    this.#timers.add(timer);
    return { cancel: () => void this.#timers.delete(timer) };
  }
  pass(ms: number): void {
    this.#now += ms;
    for (const timer of [...this.#timers])
      if (timer.at <= this.#now && this.#timers.delete(timer)) timer.callback();
  }
}
