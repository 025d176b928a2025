import { systemHistory, systemSample, systemState } from "@passerelle/contract";
import { createFakeProcesses } from "@passerelle/process";
import type { RunningService } from "@passerelle/service";
import { settle, type TestContext, testContext } from "@passerelle/service/testing";
import { createFakeNetwork } from "@passerelle/sockets";
import { seconds } from "@passerelle/time";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type SystemConfig, section } from "../src/config.ts";
import { startSystem } from "../src/service.ts";

let context: TestContext<SystemConfig>;
let running: RunningService<SystemConfig>;

beforeEach(async () => {
  const entropy = { password: () => "", bytes: (n: number) => new Uint8Array(n) };
  context = testContext({ config: section.defaults(entropy), client: "system" });
  running = await startSystem(context, {
    processes: createFakeProcesses(),
    sockets: createFakeNetwork().addHost("gw").sockets,
    power: { reboot: () => Promise.resolve(undefined) },
    observeClock: true,
    hardware: () => Promise.resolve({}),
    chrony: { directory: "/nowhere", programs: { daemon: "/nowhere/d", client: "/nowhere/c" } },
  });
});
afterEach(async () => {
  await running.stop();
  await context.dispose();
});

describe("the service", () => {
  test("says every second how the machine is, and every ten seconds all of it", async () => {
    const samples: number[] = [];
    context.hub.client("web").subscribe(systemSample, ({ at }) => samples.push(at));
    await context.clock.advance(seconds(20));
    expect(samples).toHaveLength(20);
    const state = context.hub.retained().get(systemState.name);
    expect(state).toMatchObject({ timezone: "Europe/Paris", clock: { kind: "unsynchronised" } });
  });
  test("answers a series from its ring", async () => {
    await context.clock.advance(seconds(30));
    const web = context.hub.client("web");
    const reply = await web.request(systemHistory, {
      series: "memory_available",
      resolution: "1s",
    });
    await settle();
    expect(reply).toMatchObject({ ok: true, data: { periodMs: 1000 } });
    expect(reply.ok && reply.data.mean.length).toBe(30);
  });
});
