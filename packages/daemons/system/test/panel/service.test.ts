import { execFileSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  aliveState,
  type DaemonName,
  lanState,
  systemButton,
  systemLog,
  systemReboot,
  systemUpgradeInspect,
  systemUpgradeInstall,
  wanState,
} from "@passerelle/contract";
import { createFakeProcesses } from "@passerelle/process";
import type { Fault } from "@passerelle/result";
import type { RunningService } from "@passerelle/service";
import { ManualClock, settle, type TestContext, testContext } from "@passerelle/service/testing";
import { createFakeSlots } from "@passerelle/slots";
import { createFakeNetwork } from "@passerelle/sockets";
import { milliseconds, seconds } from "@passerelle/time";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { SystemConfig } from "../../src/config.ts";
import { startSystem } from "../../src/service.ts";
import { configOf, NO_INTERNET } from "../story.ts";

/** The box's one light and its button, through everything that moves them. */
let root: string;
let clock: ManualClock;
let context: TestContext<SystemConfig>;
let running: RunningService<SystemConfig>;
let finger: number;
let restarts: string[];
let refusal: Fault | undefined;
let presses: number;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "passerelle-panel-"));
  for (const name of ["state/system", "run/system", "proc/net", "leds/ACT"])
    mkdirSync(join(root, name), { recursive: true });
  const files = {
    "proc/stat": "cpu  1 2 3 4 5 6 7 8 0 0\n",
    "proc/meminfo": "MemTotal: 1000 kB\nMemAvailable: 500 kB\n",
    "leds/ACT/trigger": "none [timer]\n",
    "leds/ACT/delay_on": "500\n",
    "leds/ACT/delay_off": "500\n",
  };
  for (const [path, text] of Object.entries(files)) writeFileSync(join(root, path), text);
  execFileSync("mkfifo", [join(root, "event0")]);
  // Both ends: neither waits for the other.
  finger = openSync(join(root, "event0"), "r+");
  clock = new ManualClock({ now: 10_000 });
  restarts = [];
  refusal = undefined;
  presses = 0;
  context = testContext({
    ...{ config: configOf(), client: "system" as const, clock },
    stateDirectory: join(root, "state/system"),
    runtimeDirectory: join(root, "run/system"),
  });
  const slots = createFakeSlots();
  slots.bundles.set(join(root, "state/web/upload/new.raucb"), {
    ...{ compatible: "passerelle-test", version: "9.0.0" },
  });
  running = await startSystem(context, {
    processes: createFakeProcesses(),
    sockets: createFakeNetwork().addHost("gw").sockets,
    slots,
    power: {
      restart(what) {
        restarts.push(what);
        return Promise.resolve(refusal);
      },
    },
    clockKeeping: { kind: "observe" },
    procRoot: join(root, "proc"),
    hardware: () => Promise.resolve({}),
    lights: "ACT:power",
    lightsRoot: join(root, "leds"),
    buttons: join(root, "event0"),
  });
  as("web").subscribe(systemButton, () => {
    presses += 1;
  });
  await settle();
});
afterEach(async () => {
  await running.stop();
  await context.dispose();
  closeSync(finger);
  rmSync(root, { recursive: true, force: true });
});

const as = (name: DaemonName) => context.hub.client(name);
/** Milliseconds of light and of dark. */
const light = (): string =>
  ["delay_on", "delay_off"]
    .map((file) => readFileSync(join(root, "leds/ACT", file), "utf8").trim())
    .join("/");
const [ON, OFF, SLOW, FAST, FLASH] = ["1000/0", "0/1000", "1000/1000", "100/100", "100/1900"];

const serve = (kind: "serving" | "degraded"): void =>
  as("lan").publish(lanState, {
    ...{ kind, since: 1, networks: [] },
    dns: { domain: "home.arpa", upstreams: [], blockedNames: 0 },
    faults: kind === "serving" ? [] : [{ ...NO_INTERNET, code: "port_away" }],
  });
const reach = (kind: "online" | "offline"): void =>
  as("wan").publish(wanState, {
    ...{
      interface: "wan0",
      port: "wan0",
      link: { kind: "untagged" },
      ipv6: { kind: "off", routers: [], addresses: [], prefixes: [], resolvers: [] },
    },
    ...{ profile: "generic", since: 1 },
    ...{ access: { kind: "up", since: 1 }, session: { kind: "idle" } },
    reach: kind === "online" ? { kind, since: 1 } : { kind, since: 1, fault: { ...NO_INTERNET } },
  });

async function well(): Promise<void> {
  as("lan").publish(aliveState.lan, { status: "online", pid: 7 });
  serve("serving");
  reach("online");
  await settle();
}

/** Moves the key called reset; done when it was read: the press of another key, behind it, is told on the bus. */
async function reset(down: boolean): Promise<void> {
  const before = presses;
  writeSync(finger, Buffer.concat([event(0x198, down ? 1 : 0), event(0x211, 1)]));
  await expect.poll(() => presses, { timeout: 10_000 }).toBe(before + (down ? 2 : 1));
}

/** struct input_event of linux/input.h, dated as the kernel would. */
function event(code: number, value: number): Buffer {
  const bytes = Buffer.alloc(24);
  bytes.writeBigInt64LE(BigInt(Math.floor(clock.wall() / 1000)), 0);
  bytes.writeBigInt64LE(BigInt((clock.wall() % 1000) * 1000), 8);
  bytes.writeUInt16LE(1, 16);
  bytes.writeUInt16LE(code, 18);
  bytes.writeInt32LE(value, 20);
  return bytes;
}

test("the light says what the box is at, from its start to its end", async () => {
  expect(light()).toBe(FAST);
  await well();
  expect(light()).toBe(ON);
  reach("offline");
  await settle();
  expect(light()).toBe(SLOW);
  serve("degraded");
  await settle();
  expect(light()).toBe(FLASH);
  await well();
  expect(light()).toBe(ON);
  await running.stop();
  expect(light()).toBe(FAST);
});

test("while an update is written the light says: do not unplug", async () => {
  await well();
  await clock.advance(seconds(2));
  const author = "Anna";
  await as("web").request(systemUpgradeInspect, { file: "new.raucb", author });
  await clock.advance(seconds(1));
  expect(light()).toBe(ON);
  const reply = await as("web").request(systemUpgradeInstall, { restart: false, author });
  expect(reply).toEqual({ ok: true, data: {} });
  expect(light()).toBe(FAST);
  await clock.advance(seconds(20));
  expect(light()).toBe(ON);
});

test("a restart that the system refuses does not leave the light behind", async () => {
  await well();
  refusal = { code: "reboot_refused", text: { fr: "", en: "" } };
  await as("web").request(systemReboot, { author: "Anna" });
  expect(light()).toBe(FAST);
  await clock.advance(seconds(2));
  expect([restarts, light()]).toEqual([["reboot"], ON]);
});

test("a press is told on the bus, and resets nothing", async () => {
  await well();
  await reset(true);
  await clock.advance(milliseconds(300));
  await reset(false);
  await clock.advance(seconds(20));
  // And two of the other key.
  expect([presses, light(), restarts]).toEqual([3, ON, []]);
});

test("ten seconds, and letting go, are a factory reset: the light says when, the log that it was", async () => {
  await well();
  await reset(true);
  expect(light()).toBe(ON);
  await clock.advance(seconds(2));
  expect(light()).toBe(OFF);
  await clock.advance(seconds(8));
  expect(light()).toBe(FAST);
  expect(existsSync(join(root, "state/factory-reset"))).toBe(false);
  await reset(false);
  expect(existsSync(join(root, "state/factory-reset"))).toBe(true);
  await clock.advance(seconds(2));
  const reply = await as("web").request(systemLog, { limit: 5, category: "security" });
  expect(reply).toMatchObject({ ok: true, data: { entries: [{ code: "reset_by_button" }] } });
  expect([restarts, light()]).toEqual([["factory-reset"], FAST]);
});

test("a button that is let go too early, or never, resets nothing", async () => {
  await well();
  for (const held of [9, 61]) {
    await reset(true);
    await clock.advance(seconds(held));
    expect([held, light()]).toEqual([held, held === 9 ? OFF : ON]);
    await reset(false);
    await clock.advance(seconds(2));
  }
  expect([light(), restarts]).toEqual([ON, []]);
  expect(existsSync(join(root, "state/factory-reset"))).toBe(false);
});

test("a reset that can't be written down leaves the light and the box as they were", async () => {
  await well();
  mkdirSync(join(root, "state/factory-reset"));
  await reset(true);
  await clock.advance(seconds(12));
  await reset(false);
  await clock.advance(seconds(5));
  expect([light(), restarts]).toEqual([ON, []]);
});
