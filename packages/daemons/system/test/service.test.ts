import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Bus } from "@passerelle/bus-client";
import {
  configHistory,
  configShow,
  configState,
  type DaemonName,
  lanDeviceEvent,
  lanLeases,
  lanState,
  systemDismiss,
  systemFactoryReset,
  systemHistory,
  systemLog,
  systemLogged,
  systemNotifications,
  systemReboot,
  systemSample,
  systemState,
  systemSupportBundle,
  wanResolvers,
  webSecurityEvent,
} from "@passerelle/contract";
import { createFakeProcesses, type FakeProcesses } from "@passerelle/process";
import type { RunningService } from "@passerelle/service";
import { ManualClock, settle, type TestContext, testContext } from "@passerelle/service/testing";
import { createFakeSlots } from "@passerelle/slots";
import { createFakeNetwork } from "@passerelle/sockets";
import { seconds } from "@passerelle/time";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { SystemConfig } from "../src/config.ts";
import type { ClockKeeping } from "../src/edge/chrony.ts";
import { startSystem } from "../src/service.ts";
import { configOf } from "./story.ts";

let root: string;
let clock: ManualClock;
let context: TestContext<SystemConfig>;
let processes: FakeProcesses;
let running: RunningService<SystemConfig>;
let reboots = 0;

beforeEach(async () => {
  reboots = 0;
  root = mkdtempSync(join(tmpdir(), "passerelle-system-"));
  for (const name of ["state/system", "run/system", "bin"]) {
    mkdirSync(join(root, name), { recursive: true });
  }
  mkdirSync(join(root, "proc/net"), { recursive: true });
  writeFileSync(join(root, "proc/stat"), "cpu  1 2 3 4 5 6 7 8 0 0\n");
  writeFileSync(join(root, "proc/meminfo"), "MemTotal: 1000 kB\nMemAvailable: 500 kB\n");
  writeFileSync(join(root, "bin/chronyd"), "#!/bin/false\n", { mode: 0o755 });
  clock = new ManualClock();
  processes = createFakeProcesses();
  processes.install(join(root, "bin/chronyd"));
  processes.install("date");
  await start();
});
afterEach(async () => {
  await end();
  rmSync(root, { recursive: true, force: true });
});

async function start(change: { keeping?: ClockKeeping } = {}): Promise<void> {
  context = testContext({
    config: configOf({ ntp: { enabled: true, servers: ["192.0.2.1"], serveLan: true } }),
    client: "system",
    clock,
    stateDirectory: join(root, "state/system"),
    runtimeDirectory: join(root, "run/system"),
  });
  running = await startSystem(context, {
    processes,
    sockets: createFakeNetwork().addHost("gw").sockets,
    slots: Object.assign(createFakeSlots(), { fault: "absent" }),
    power: {
      async restart(_what, stop) {
        await stop();
        reboots += 1;
        return undefined;
      },
    },
    clockKeeping: change.keeping ?? { kind: "observe" },
    procRoot: join(root, "proc"),
    hardware: () => Promise.resolve({ board: "test" }),
    chrony: {
      directory: root,
      programs: { daemon: join(root, "bin/chronyd"), client: "chronyc" },
    },
  });
}

async function end(): Promise<void> {
  await running.stop();
  await context.dispose();
}

const as = (name: DaemonName) => context.hub.client(name);
/** An event of one who is not connected yet is lost. */
async function connected(name: DaemonName): Promise<Bus> {
  const client = as(name);
  await settle();
  return client;
}
const retained = (topic: { readonly name: string }) => context.hub.retained().get(topic.name);
const device = (name: string) => ({
  id: "mac:3c:22:fb:00:11:22",
  name,
  nameSource: "dhcp" as const,
  macs: ["3c:22:fb:00:11:22"],
  privateMac: false,
  addresses: ["192.168.1.20"],
  network: "lan",
  online: true,
  firstSeen: 1,
  lastSeen: 1,
  evidence: ["dhcp"],
});
const joined = async (name: string) =>
  (await connected("lan")).publish(lanDeviceEvent, {
    kind: "new",
    at: clock.wall(),
    device: device(name),
  });

async function logCodes(): Promise<readonly string[]> {
  const reply = await as("web").request(systemLog, { limit: 200 });
  return reply.ok ? reply.data.entries.map(({ code }) => code) : [];
}

describe("the machine", () => {
  test("is told every second, and every ten seconds whole", async () => {
    const samples: number[] = [];
    as("web").subscribe(systemSample, ({ at }) => samples.push(at));
    await clock.advance(seconds(20));
    expect(samples).toHaveLength(20);
    expect(retained(systemState)).toMatchObject({ timezone: "Europe/Paris", faults: [] });
  });
  test("has its series", async () => {
    await clock.advance(seconds(30));
    const query = { series: "memory_available", resolution: "1s" } as const;
    const reply = await as("web").request(systemHistory, query);
    expect(reply).toMatchObject({ ok: true, data: { periodMs: 1000 } });
    expect(reply.ok && reply.data.mean.length).toBe(30);
  });
});

describe("what happens", () => {
  test("is in the log, on the bus, and told of", async () => {
    const lines: string[] = [];
    as("web").subscribe(systemLogged, ({ code }) => lines.push(code));
    await joined("printer");
    await clock.advance(seconds(1));
    expect(lines).toContain("device_new");
    expect(await logCodes()).toEqual(["device_new", "booted"]);
    expect(retained(systemNotifications)).toMatchObject({
      notifications: [{ code: "device_joined", subject: "printer" }],
    });
  });
  test("S-35: a security event is a line with who and from where within two seconds", async () => {
    (await connected("web")).publish(webSecurityEvent, {
      at: clock.wall(),
      kind: "login_failed",
      actor: "admin",
      source: "192.168.1.5",
    });
    await clock.advance(seconds(1));
    const reply = await as("web").request(systemLog, { limit: 1, category: "security" });
    expect(reply).toMatchObject({
      data: { entries: [{ code: "login_failed", actor: "admin", source: "192.168.1.5" }] },
    });
  });
  test("a dismissed message is gone, also after a restart; another one is a fault", async () => {
    await joined("printer");
    await clock.advance(seconds(1));
    const id = `device:${device("").id}`;
    expect(await as("web").request(systemDismiss, { id })).toEqual({ ok: true, data: {} });
    expect(retained(systemNotifications)).toEqual({ notifications: [] });
    expect(await as("web").request(systemDismiss, { id })).toMatchObject({
      ok: false,
      fault: { code: "unknown_notification" },
    });
    await end();
    await start();
    expect(retained(systemNotifications)).toEqual({ notifications: [] });
  });
  test("a change has its author, asked of config", async () => {
    const config = as("config");
    config.serve(configHistory, () => ({
      ok: true,
      data: {
        revisions: [
          {
            revision: 2,
            author: { name: "Anna", origin: "lan" as const },
            at: clock.wall(),
            phase: "confirmed" as const,
            differences: [{ section: "lan" as const, path: "/dns", after: "•••" }],
          },
        ],
      },
    }));
    for (const revision of [1, 2]) {
      config.publish(configState, { revision, phase: { kind: "confirmed" }, digests: {} });
      await clock.advance(seconds(1));
    }
    const reply = await as("web").request(systemLog, { limit: 1 });
    expect(reply).toMatchObject({
      data: {
        entries: [
          { code: "revision_applied", actor: "Anna", text: { en: '"Anna" changed: lan.' } },
        ],
      },
    });
  });
  test("a restart of the daemon is no boot", async () => {
    await clock.advance(seconds(1));
    await end();
    await start();
    expect(await logCodes()).toEqual(["booted"]);
  });
});

describe("the end", () => {
  /** What a boot makes: an empty runtime directory and another boot. */
  async function boot(): Promise<void> {
    await context.dispose();
    rmSync(join(root, "run"), { recursive: true });
    mkdirSync(join(root, "run/system"), { recursive: true });
    clock = new ManualClock({ wall: clock.wall() + 60_000, bootId: `boot-${Math.abs(reboots)}` });
    await start();
    await clock.advance(seconds(10));
  }

  test("a reboot is answered, then done, and its cause is known after it", async () => {
    const reply = await as("web").request(systemReboot, { author: "Anna" });
    expect(reply).toEqual({ ok: true, data: {} });
    expect(reboots).toBe(0);
    await clock.advance(seconds(2));
    expect(reboots).toBe(1);
    await boot();
    expect((await logCodes())[0]).toBe("booted_person");
    expect(retained(systemState)).toMatchObject({ bootCause: "person" });
  });
  test("a power cut is one", async () => {
    await clock.advance(seconds(1));
    // No stop: the file says that we were running.
    cpSync(join(root, "state"), join(root, "left"), { recursive: true });
    await running.stop();
    rmSync(join(root, "state"), { recursive: true });
    cpSync(join(root, "left"), join(root, "state"), { recursive: true });
    await boot();
    expect((await logCodes())[0]).toBe("booted_power");
    expect(retained(systemState)).toMatchObject({ bootCause: "power" });
  });
  test("a factory reset is on the disk before it is answered, and its reboot goes on after a kill", async () => {
    const reply = await as("web").request(systemFactoryReset, { author: "Anna" });
    expect(reply.ok).toBe(true);
    expect(existsSync(join(root, "state/factory-reset"))).toBe(true);
    // Killed before the reboot, started again in the same boot.
    await end();
    await start();
    await clock.advance(seconds(2));
    expect(reboots).toBe(1);
  });
  test("a factory reset that can't be written down is refused, and nothing restarts", async () => {
    mkdirSync(join(root, "state/factory-reset"));
    expect(await as("web").request(systemFactoryReset, { author: "Anna" })).toMatchObject({
      ok: false,
      fault: { code: "reset_not_prepared" },
    });
    await clock.advance(seconds(5));
    expect(reboots).toBe(0);
  });
});

describe("the clock", () => {
  const SOURCES = "^,*,192.0.2.1,2,6,377,10,0.0,0.004,0.00002\n";
  const network = {
    name: "lan",
    zone: "lan" as const,
    bridge: "br-lan",
    ports: [],
    address: "192.168.1.1/24",
  };
  const publishLan = () =>
    as("lan").publish(lanState, {
      kind: "serving",
      since: 1,
      networks: [network, { ...network, name: "guest", zone: "guest", address: "192.168.9.1/24" }],
      dns: { domain: "home.arpa", upstreams: [], blockedNames: 0 },
      faults: [],
    });

  test("is chrony's, and its state is on the bus and in the log", async () => {
    processes.install("chronyc", () => ({ code: 0, stdout: SOURCES }));
    await clock.advance(seconds(11));
    expect(processes.children).toHaveLength(1);
    expect(processes.children[0]?.argv).toContain("-x");
    expect(retained(systemState)).toMatchObject({
      clock: { kind: "synchronised", source: "192.0.2.1", stratum: 2, offsetMs: 4 },
    });
    expect(await logCodes()).toContain("clock_synchronised");
  });
  test("is for the home, never for guests", async () => {
    publishLan();
    await clock.advance(seconds(2));
    const text = readFileSync(join(root, "run/system/chrony.conf"), "utf8");
    expect(text).toContain("allow 192.168.1.0/24");
    expect(text).toContain("bindaddress 192.168.1.1");
    expect(text).not.toContain("192.168.9");
  });
  test("the same news again restarts nothing", async () => {
    await clock.advance(seconds(2));
    for (let i = 0; i < 5; i += 1) {
      as("wan").publish(wanResolvers, { resolvers: ["192.0.2.53"] });
      await clock.advance(seconds(1));
    }
    expect(processes.children[0]?.signals).toEqual([]);
  });
  test("without chrony says so, and all else works", async () => {
    await end();
    rmSync(join(root, "bin/chronyd"));
    await start();
    await clock.advance(seconds(10));
    expect(retained(systemState)).toMatchObject({
      clock: { kind: "unsynchronised", fault: { code: "clock_engine_missing" } },
    });
    expect(processes.children.filter(({ pid }) => pid === 0)).toEqual([]);
  });
  test("with a chrony that does not answer says so", async () => {
    processes.install("chronyc", () => ({ code: 1 }));
    await clock.advance(seconds(30));
    expect(retained(systemState)).toMatchObject({
      clock: { fault: { code: "clock_engine_failed" } },
    });
  });
  test("of 1970 is set to where it stopped, where it is ours", async () => {
    await end();
    await start({ keeping: { kind: "own" } });
    await end();
    const stopped = clock.wall();
    clock = new ManualClock({ wall: 1000 });
    await start({ keeping: { kind: "own" } });
    const [set] = processes.calls.filter(({ argv }) => argv[0] === "date");
    expect(Number(set?.argv[3]?.slice(1))).toBeGreaterThanOrEqual(Math.floor(stopped / 1000));
    const before = processes.calls.length;
    await end();
    await start({ keeping: { kind: "observe" } });
    expect(processes.calls.length).toBe(before);
  });
});

test("S-34: a support report has nothing of the canaries, and what helps", async () => {
  const canary = "cAnArY-7f3b";
  as("config").serve(configShow, () => ({
    ok: true,
    // Also where `config` forgot to mask one.
    data: {
      revision: 1,
      sections: { wan: { credentials: { login: canary, password: canary }, profile: "orange-fr" } },
    },
  }));
  await joined(canary);
  as("lan").publish(lanLeases, {
    leases: [
      {
        address: "192.168.1.20",
        mac: "3c:22:fb:00:11:22",
        hostname: canary,
        clientId: "013c22fb001122",
        network: "lan",
        kind: "dynamic",
        expiresAt: 1,
      },
    ],
  });
  await clock.advance(seconds(12));
  const asked = as("web").request(systemSupportBundle, {});
  await clock.advance(seconds(1));
  await settle();
  const reply = await asked;
  const text = reply.ok ? reply.data.document : "";
  expect(text).not.toContain(canary);
  expect(text).not.toMatch(/3c:22:fb|3c22fb|192\.168\.1\.20/);
  const document = JSON.parse(text);
  expect(document.configuration.sections.wan.profile).toBe("orange-fr");
  expect(document.log.map(({ code }: { code: string }) => code)).toContain("device_new");
  expect(document.states[systemState.name].version).toBe("0.1.0");
  expect(document.hardware).toEqual({ board: "test" });
  expect(document.omitted).toEqual([]);
});
