import { configApply } from "@passerelle/contract";
import { ManualClock } from "@passerelle/service/testing";
import { minutes } from "@passerelle/time";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createIdempotency, type KeptAnswer } from "../../src/edge/api/idempotency.ts";
import { type ApiRig, admin, anyone, app, startApi } from "./rig.ts";

describe("a POST with an Idempotency-Key", () => {
  let rig: ApiRig;
  beforeEach(async () => {
    rig = await startApi();
  });
  afterEach(() => rig.stop());

  const open = (port: number, key: string, caller = admin) =>
    rig.raw("POST", "/nat/port-mappings", {
      caller,
      body: JSON.stringify({ protocol: "tcp", port, to: "192.168.1.50" }),
      headers: { "idempotency-key": key },
    });
  const times = () => rig.house.requests(configApply).length;

  test("is done once, and answered again to the octet", async () => {
    const first = await open(443, "k");
    const again = await open(443, "k");
    expect(first.status).toBe(201);
    expect([again.status, again.text, [...again.headers]]).toEqual([
      first.status,
      first.text,
      [...first.headers],
    ]);
    expect(times()).toBe(1);
    expect(rig.audited).toHaveLength(1);
    expect((await open(443, "other")).status).toBe(201);
    expect(times()).toBe(2);
  });

  test("of another body or another operation is refused", async () => {
    await open(443, "k");
    const other = await open(444, "k");
    expect([other.status, other.json.code]).toEqual([422, "idempotency_key_reused"]);
    const elsewhere = await rig.raw("POST", "/dns/flush", { headers: { "idempotency-key": "k" } });
    expect(elsewhere.json.code).toBe("idempotency_key_reused");
    expect(times()).toBe(1);
  });

  test("belongs to its caller", async () => {
    await open(443, "k");
    expect((await open(443, "k", app("settings"))).status).toBe(201);
    expect(times()).toBe(2);
  });

  test("is no way around a right that was lost", async () => {
    await open(443, "k");
    const answer = await open(443, "k", { ...admin, steppedUp: false });
    expect([answer.status, answer.json.code]).toEqual([403, "step_up_required"]);
  });

  test("of two at once is done once", async () => {
    const [one, two] = await Promise.all([open(443, "k"), open(443, "k")]);
    expect(one.text).toBe(two.text);
    expect(times()).toBe(1);
  });

  test("is asked for again where the box was not able to answer", async () => {
    rig.house.refuse(configApply, "busy");
    expect((await open(443, "k")).status).toBe(503);
    rig.house.refusals.clear();
    expect((await open(443, "k")).status).toBe(201);
  });

  test("keeps no answer of a login, none for a stranger, and means nothing elsewhere", async () => {
    const headers = { "idempotency-key": "k" };
    const login = JSON.stringify({ kind: "password", password: "x", transport: "cookie" });
    await rig.raw("POST", "/sessions", { body: login, headers });
    await rig.raw("POST", "/sessions/current/step-up", { body: '{"kind":"button"}', headers });
    await rig.raw("POST", "/config/confirm", { caller: anyone, body: '{"token":"t0"}', headers });
    await rig.raw("GET", "/hosts", { headers });
    expect(rig.api.dump()).toMatchObject({ keptAnswers: 0 });
  });
});

describe("the memory of answers", () => {
  const kept = (body: string): KeptAnswer => ({ status: 200, headers: [], body });
  const store = () => {
    const clock = new ManualClock();
    const memory = createIdempotency(clock);
    let runs = 0;
    const ask = async (key: string, body = "x") => {
      await memory.once(key, "f", async () => {
        runs += 1;
        return kept(body);
      });
      return runs;
    };
    return { clock, memory, ask };
  };

  test("lasts ten minutes", async () => {
    const { clock, ask } = store();
    expect(await ask("k")).toBe(1);
    await clock.advance(minutes(10 - 0.001));
    expect(await ask("k")).toBe(1);
    await clock.advance(minutes(0.001));
    expect(await ask("k")).toBe(2);
  });

  test("holds 256 answers and a megabyte, the newest", async () => {
    const { memory, ask } = store();
    for (let n = 0; n < 300; n += 1) await ask(`k${n}`);
    expect(memory.size).toBe(256);
    expect(await ask("k299")).toBe(300);
    expect(await ask("k0")).toBe(301);
    for (let n = 0; n < 100; n += 1) await ask(`long${n}`, "x".repeat(60_000));
    expect(memory.size).toBeLessThanOrEqual(19);
    await ask("too long", "x".repeat(70_000));
    const before = await ask("too long", "x".repeat(70_000));
    expect(await ask("too long", "x".repeat(70_000))).toBe(before + 1);
  });

  test("forgets what failed", async () => {
    const { memory, ask } = store();
    await expect(
      memory.once("k", "f", async () => {
        throw new Error("no");
      }),
    ).rejects.toThrow("no");
    expect(await ask("k")).toBe(1);
  });
});
