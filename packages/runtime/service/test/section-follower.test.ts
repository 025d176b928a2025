import { createMemoryHub } from "@passerelle/bus-client";
import { type Applied, appliedState, configRead, configState, section } from "@passerelle/contract";
import { err, type Fault, ok, type Result } from "@passerelle/result";
import { type Duration, seconds } from "@passerelle/time";
import * as v from "valibot";
import { expect, test } from "vitest";
import type { SectionRevision } from "../src/section-cache.ts";
import { SectionFollower } from "../src/section-follower.ts";
import { ManualClock, recordingLogger } from "../src/testing.ts";

interface Config {
  readonly name: string;
}

const REFUSED: Fault = { code: "not_that_one", text: { fr: "Non.", en: "No." } };

/** A follower with everything around it in memory. */
function follow(options: { cached?: SectionRevision<Config>; slow?: boolean } = {}) {
  const clock = new ManualClock();
  const hub = createMemoryHub({
    time: {
      now: () => clock.now(),
      later: (ms, callback) => clock.later(ms as Duration, callback),
    },
  });
  const log = recordingLogger();
  const config = hub.client("config");
  const applied: Applied[] = [];
  config.subscribe(appliedState.iptv, (value) => void applied.push(value));
  let served: unknown;
  let reads = 0;
  const ran: string[] = [];
  const written: SectionRevision<Config>[] = [];
  const late = { times: 0 };
  const fatal: unknown[] = [];
  const follower = new SectionFollower<Config>({
    section: section<Config>({
      name: "iptv",
      version: 1,
      migrations: {},
      schema: v.strictObject({ name: v.string() }),
      defaults: () => ({ name: "" }),
      secrets: [],
      impact: () => [],
      validate: () => [],
    }),
    bus: hub.client("iptv"),
    clock,
    log,
    cache: { read: () => options.cached, write: (taken) => void written.push(taken) },
    apply: async ({ name }): Promise<Result<void, Fault>> => {
      if (name === "explode") throw new Error("explode");
      if (name === "refuse") return err(REFUSED);
      if (name === "late" && late.times > 0) {
        late.times -= 1;
        return err(REFUSED);
      }
      ran.push(name);
      return ok(undefined);
    },
    fatal: (error) => void fatal.push(error),
  });
  follower.open();
  return {
    ...{ clock, log, applied, ran, written, fatal, follower, late },
    get reads() {
      return reads;
    },
    /** Config comes up, or has a new revision. */
    serve(revision: number, digest: string, value: unknown) {
      if (served === undefined)
        config.serve(configRead.iptv, async () => {
          reads += 1;
          if (options.slow) await new Promise<void>((done) => clock.later(seconds(1), done));
          return { ok: true, data: served as { revision: number; digest: string; value: unknown } };
        });
      served = { revision, digest, value };
      config.publish(configState, {
        revision,
        phase: { kind: "confirmed" },
        digests: { iptv: digest },
      });
    },
  };
}

const CACHED: SectionRevision<Config> = { revision: 3, digest: "c", config: { name: "cached" } };

test("config's word comes first; the cache is not touched", async () => {
  const at = follow({ cached: CACHED });
  at.serve(4, "d", { name: "fresh" });
  await at.clock.advance(seconds(10));
  expect(at.ran).toEqual(["fresh"]);
  expect(at.written).toEqual([{ revision: 4, digest: "d", config: { name: "fresh" } }]);
  expect(at.applied).toEqual([{ revision: 4, digest: "d", result: { kind: "running" } }]);
});

test("after 2 seconds the cache; later the same digest is not applied again", async () => {
  const at = follow({ cached: CACHED });
  await at.clock.advance(seconds(1.9));
  expect(at.ran).toEqual([]);
  await at.clock.advance(seconds(0.2));
  expect(at.ran).toEqual(["cached"]);
  at.serve(7, "c", { name: "cached" });
  await at.clock.advance(seconds(5));
  expect(at.ran).toEqual(["cached"]);
  expect(at.reads).toBe(0);
  expect(at.applied.at(-1)).toEqual({ revision: 7, digest: "c", result: { kind: "running" } });
});

test("a revision of other sections is reported, not read", async () => {
  const at = follow();
  at.serve(1, "a", { name: "one" });
  await at.clock.advance(seconds(1));
  at.serve(2, "a", { name: "one" });
  await at.clock.advance(seconds(1));
  expect(at.reads).toBe(1);
  expect(at.applied.at(-1)?.revision).toBe(2);
});

test("a refused section is reported, not kept; going back is applied again", async () => {
  const at = follow();
  at.serve(1, "a", { name: "one" });
  await at.clock.advance(seconds(1));
  at.serve(2, "b", { name: "refuse" });
  await at.clock.advance(seconds(1));
  expect(at.applied.at(-1)).toEqual({
    revision: 2,
    digest: "b",
    result: { kind: "refused", fault: REFUSED },
  });
  expect(at.written).toHaveLength(1);
  at.serve(3, "a", { name: "one" });
  await at.clock.advance(seconds(1));
  expect(at.ran).toEqual(["one", "one"]);
  expect(at.applied.at(-1)).toEqual({ revision: 3, digest: "a", result: { kind: "running" } });
});

test("what was refused is tried again while it is the newest, less and less often", async () => {
  const at = follow();
  at.late.times = 2;
  at.serve(1, "a", { name: "late" });
  await at.clock.advance(seconds(9));
  expect(at.applied.at(-1)?.result.kind).toBe("refused");
  await at.clock.advance(seconds(2));
  expect(at.reads).toBe(2);
  await at.clock.advance(seconds(18));
  expect(at.ran).toEqual([]);
  await at.clock.advance(seconds(3));
  expect(at.ran).toEqual(["late"]);
  expect(at.written).toHaveLength(1);
  expect(at.applied.at(-1)).toEqual({ revision: 1, digest: "a", result: { kind: "running" } });
  await at.clock.advance(seconds(600));
  expect(at.reads).toBe(3);
});

test("a refusal is forgotten with its revision", async () => {
  const at = follow();
  at.serve(1, "a", { name: "refuse" });
  await at.clock.advance(seconds(5));
  at.serve(2, "b", { name: "one" });
  await at.clock.advance(seconds(600));
  expect(at.ran).toEqual(["one"]);
  expect(at.reads).toBe(2);
});

test("where the newest is invalid at the start, the cache runs and the refusal stays said", async () => {
  const at = follow({ cached: CACHED });
  at.serve(9, "x", { nonsense: true });
  await at.clock.advance(seconds(5));
  expect(at.ran).toEqual(["cached"]);
  expect(at.applied.at(-1)).toMatchObject({
    revision: 9,
    result: {
      kind: "refused",
      fault: { code: "section_invalid", raw: expect.stringContaining("") },
    },
  });
});

test("with neither it waits and says so once", async () => {
  const at = follow();
  await at.clock.advance(seconds(600));
  expect(at.log.lines.filter((line) => line.message === "waiting_for_section")).toHaveLength(1);
  at.serve(1, "a", { name: "late" });
  await at.clock.advance(seconds(1));
  expect(at.ran).toEqual(["late"]);
});

test("a service that throws is a bug", async () => {
  const at = follow();
  at.serve(1, "a", { name: "explode" });
  await at.clock.advance(seconds(1));
  expect(at.fatal).toHaveLength(1);
});

test("after close nothing is applied", async () => {
  const at = follow({ cached: CACHED });
  at.follower.close();
  at.serve(1, "a", { name: "one" });
  await at.clock.advance(seconds(10));
  expect(at.ran).toEqual([]);
});

test("a section that arrives after close is not applied", async () => {
  const at = follow({ slow: true });
  at.serve(1, "a", { name: "one" });
  await at.clock.advance(seconds(0.5));
  expect(at.reads).toBe(1);
  at.follower.close();
  await at.clock.advance(seconds(10));
  expect(at.ran).toEqual([]);
});
