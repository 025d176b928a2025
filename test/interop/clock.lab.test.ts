import type { SystemState } from "@passerelle/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Lab } from "../lab/lab.ts";
import { Box } from "./box.ts";

/** The time for the home, asked by a client that is not ours; chronyd -Q prints what it would do and sets nothing. */
let lab: Lab;
let box: Box;

beforeAll(async () => {
  lab = await Lab.up({ operator: "ethernet" });
  box = new Box(lab);
  await lab.waitFor(
    "the gateway has the time",
    async () => (await box.get<SystemState>("system/state"))?.clock.kind === "synchronised",
    110_000,
  );
});
afterAll(() => lab.down());

const ask = (server: string): readonly string[] => [
  ...["chronyd", "-Q", "-u", "root", "-t", "6"],
  ...[
    `server ${server} iburst maxsamples 1`,
    "cmdport 0",
    "bindcmdaddress /",
    "pidfile /run/asks.pid",
  ],
];

test("a device of the LAN gets the time", async () => {
  await lab.lease("udhcpc", "lan1");
  const outcome = await lab.exec("lan1", ask("192.168.1.1"), { timeoutMs: 15_000 });
  expect(outcome.stdout + outcome.stderr).toMatch(
    /System clock wrong by -?0\.0\d+ seconds \(ignored\)/,
  );
  expect(outcome.code).toBe(0);
});

test("a guest and the WAN get none", async () => {
  await lab.lease("udhcpc", "guest");
  for (const [host, server] of [
    ["guest", "192.168.179.1"],
    ["guest", "192.168.1.1"],
    ["attacker-wan", "81.250.0.100"],
  ] as const) {
    const outcome = await lab.exec(host, ask(server), { timeoutMs: 15_000 });
    expect(outcome.stdout + outcome.stderr, `${host} asks ${server}`).not.toMatch(/wrong by/);
    expect(outcome.code).not.toBe(0);
  }
});

test("what it follows, and how far off it is, is told", async () => {
  const { clock } = (await box.get<SystemState>("system/state")) ?? {};
  expect(clock).toMatchObject({ kind: "synchronised", source: "93.184.216.34", stratum: 2 });
  expect(clock?.kind === "synchronised" && Math.abs(clock.offsetMs)).toBeLessThan(100);
});
