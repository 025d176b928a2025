import { spawn } from "node:child_process";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BROKERS, pause, type TestBroker, until } from "@passerelle/bus-broker/testing";
import { connectBus } from "@passerelle/bus-client";
import { aliveState } from "@passerelle/contract";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FakeConfig, makeDirectories, ToyProcess } from "./support/toy-process.ts";

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };

for (const { name, make } of BROKERS) {
  describe(`a service in a process of its own, over ${name}`, () => {
    let broker: TestBroker;
    let directories: ReturnType<typeof makeDirectories>;
    let alive: string[];
    const toClose: (() => unknown)[] = [];

    beforeEach(async () => {
      directories = makeDirectories();
      broker = make();
      await broker.start();
      alive = [];
      const observer = connectBus({
        client: "observer",
        socketPath: broker.socketPath("observer"),
        log: SILENT,
      });
      observer.subscribe(aliveState.iptv, ({ status }) => void alive.push(status));
      toClose.push(() => observer.close());
    });
    afterEach(async () => {
      for (const close of toClose.splice(0)) await close();
      await broker.dispose();
      directories.remove();
    });

    function start(environment: Readonly<Record<string, string>> = {}): ToyProcess {
      const toy = new ToyProcess({
        PASSERELLE_STATE_DIR: directories.state,
        PASSERELLE_RUNTIME_DIR: directories.runtime,
        PASSERELLE_BUS: broker.socketPath("iptv"),
        ...environment,
      });
      toClose.push(() => toy.kill());
      return toy;
    }

    function config(): FakeConfig {
      const fake = new FakeConfig(broker.socketPath("config"));
      toClose.push(() => fake.bus.close());
      return fake;
    }

    test("takes its section, runs, follows its changes, refuses and says why", async () => {
      const fake = config();
      fake.set({ greeting: "one" });
      const toy = start();
      await toy.logged("toy_runs", { greeting: "one" });
      await fake.said(1, "running");
      await until(() => alive.at(-1) === "online", "online");
      fake.set({ greeting: "two" });
      await toy.logged("toy_runs", { greeting: "two" });
      await fake.said(2, "running");
      fake.set({ greeting: "refuse me" });
      expect((await fake.said(3, "refused")).result).toMatchObject({
        fault: { code: "no_greeting" },
      });
      fake.set({ greeting: 4 });
      expect((await fake.said(4, "refused")).result).toMatchObject({
        fault: { code: "section_invalid", raw: "greeting" },
      });
      const cached = join(directories.state, "iptv/section.json");
      expect(JSON.parse(readFileSync(cached, "utf8"))).toMatchObject({
        value: { greeting: "two" },
      });
      expect(statSync(cached).mode & 0o777).toBe(0o600);
      expect(statSync(join(directories.state, "iptv")).mode & 0o777).toBe(0o700);
    });

    test("kill -9 is told by the last will; the next start is online again", async () => {
      const fake = config();
      fake.set({ greeting: "one" });
      const toy = start();
      await until(() => alive.at(-1) === "online", "online");
      toy.kill();
      await until(() => alive.at(-1) === "offline", "the last will");
      start();
      await until(() => alive.at(-1) === "online", "online again");
    });

    test("SIGTERM ends it within 5 seconds with farewell and code 0", async () => {
      config().set({ greeting: "one" });
      const toy = start();
      await toy.logged("service_started");
      await until(() => alive.at(-1) === "online", "online");
      const begun = performance.now();
      toy.child.kill("SIGTERM");
      expect(await toy.ended()).toBe(0);
      expect(performance.now() - begun).toBeLessThan(5000);
      await until(() => alive.at(-1) === "offline", "the farewell");
      await toy.logged("service_stopped");
    });

    test("a service that does not end is ended, with code 1", async () => {
      config().set({ greeting: "one", isStubborn: true });
      const toy = start();
      await toy.logged("service_started");
      const begun = performance.now();
      toy.child.kill("SIGTERM");
      expect(await toy.ended()).toBe(1);
      expect(performance.now() - begun).toBeLessThan(5200);
    });

    test("it starts with its last section where neither config nor broker is there", async () => {
      const fake = config();
      fake.set({ greeting: "kept" });
      const first = start();
      await fake.said(1, "running");
      await first.logged("toy_runs", { greeting: "kept" });
      first.child.kill("SIGTERM");
      await first.ended();
      await broker.stop();
      const second = start();
      await second.logged("toy_runs", { greeting: "kept" });
      await second.logged("section_running", { source: "cache" });
      await broker.start();
      await until(() => alive.at(-1) === "online", "online once the broker is there");
      await fake.said(1, "running");
      fake.set({ greeting: "fresh" });
      await second.logged("toy_runs", { greeting: "fresh" });
    });

    test("with neither it waits, says so once, and starts when config comes", async () => {
      const toy = start();
      await toy.logged("waiting_for_section");
      await pause(1500);
      expect(toy.lines.filter((line) => line.message === "waiting_for_section")).toHaveLength(1);
      config().set({ greeting: "late" });
      await toy.logged("toy_runs", { greeting: "late" });
    });

    test("a damaged section of an earlier run is not used", async () => {
      const fake = config();
      fake.set({ greeting: "one" });
      const first = start();
      await fake.said(1, "running");
      first.kill();
      await first.ended();
      await fake.bus.close();
      await broker.stop();
      writeFileSync(join(directories.state, "iptv/section.json"), '{"revision":1,');
      const second = start();
      await second.logged("section_cache_unusable");
      await second.logged("waiting_for_section");
    });

    test("the broker restarts: the service stays, and its states come back", async () => {
      const fake = config();
      fake.set({ greeting: "one" });
      const toy = start();
      await until(() => alive.at(-1) === "online", "online");
      await broker.stop();
      await toy.logged("bus_lost");
      await broker.start();
      const late: string[] = [];
      const observer = connectBus({
        client: "observer",
        socketPath: broker.socketPath("observer"),
        log: SILENT,
      });
      toClose.push(() => observer.close());
      observer.subscribe(aliveState.iptv, ({ status }) => void late.push(status));
      await until(() => late.at(-1) === "online", "the state is rebuilt");
      expect(toy.child.exitCode).toBe(null);
    });
  });
}

describe("a service and its supervisor", () => {
  const { make } = BROKERS.find(({ name }) => name === "embedded") ??
    BROKERS[0] ?? { make: undefined };
  let broker: TestBroker;
  let directories: ReturnType<typeof makeDirectories>;
  const toClose: (() => unknown)[] = [];

  beforeEach(async () => {
    if (make === undefined) throw new Error("no broker");
    directories = makeDirectories();
    broker = make();
    await broker.start();
  });
  afterEach(async () => {
    for (const close of toClose.splice(0)) await close();
    await broker.dispose();
    directories.remove();
  });

  function start(section: unknown, environment: Readonly<Record<string, string>> = {}): ToyProcess {
    const fake = new FakeConfig(broker.socketPath("config"));
    if (section !== undefined) fake.set(section);
    const toy = new ToyProcess({
      PASSERELLE_STATE_DIR: directories.state,
      PASSERELLE_RUNTIME_DIR: directories.runtime,
      PASSERELLE_BUS: broker.socketPath("iptv"),
      ...environment,
    });
    toClose.push(
      () => fake.bus.close(),
      () => toy.kill(),
    );
    return toy;
  }

  test("a broken invariant leaves a crash file with the last 64 inputs, and exit code 1", async () => {
    const toy = start({ greeting: "one", breakAfter: 100 });
    expect(await toy.ended()).toBe(1);
    await toy.logged("crashed");
    const directory = join(directories.state, "iptv");
    const [file, ...others] = readdirSync(directory).filter((name) => name.startsWith("crash-"));
    expect(others).toEqual([]);
    const crash = JSON.parse(readFileSync(join(directory, file ?? ""), "utf8"));
    expect(crash.service).toBe("iptv");
    expect(crash.error.message).toContain("ticks stay below");
    expect(crash.machines).toHaveLength(1);
    expect(crash.machines[0].name).toBe("toy");
    expect(crash.machines[0].inputs).toHaveLength(64);
    expect(crash.machines[0].inputs[0].input).toEqual({ kind: "timeout" });
  });

  test("the five newest crash files are kept", async () => {
    for (let n = 0; n < 7; n += 1) {
      const toy = start({ greeting: "one", breakAfter: 3 });
      expect(await toy.ended()).toBe(1);
      for (const close of toClose.splice(0)) await close();
    }
    const names = readdirSync(join(directories.state, "iptv"));
    expect(names.filter((name) => name.startsWith("crash-"))).toHaveLength(5);
  });

  test("SIGUSR2 prints state and queues", async () => {
    const toy = start({ greeting: "look inside" });
    await toy.logged("service_started");
    toy.child.kill("SIGUSR2");
    await until(() => toy.lines.some((line) => line.state !== undefined), "the dump");
    expect(toy.lines.find((line) => line.state !== undefined)).toMatchObject({
      service: "iptv",
      connected: true,
      machines: [{ name: "toy", queued: 0 }],
      state: { greeting: "look inside", isTicking: true },
    });
  });

  test("systemd hears STATUS, READY, signs of life and STOPPING, and none from a loop that hangs", async () => {
    const path = join(directories.root, "notify");
    const heard = await listen(path, (close) => toClose.push(close));
    const supervision = { NOTIFY_SOCKET: path, WATCHDOG_USEC: "200000" };
    const toy = start({ greeting: "one" }, supervision);
    const count = (text: string) => heard().filter((line) => line.includes(text)).length;
    await until(
      () => count("READY=1") === 1,
      () => `READY in ${heard()}`,
    );
    expect(heard()[0]).toContain("STATUS=waiting for the configuration");
    await until(() => count("WATCHDOG=1") >= 3, "signs of life");
    toy.child.kill("SIGSTOP");
    await pause(300);
    const before = count("WATCHDOG=1");
    await pause(500);
    expect(count("WATCHDOG=1")).toBe(before);
    toy.child.kill("SIGCONT");
    await until(() => count("WATCHDOG=1") > before, "signs of life again");
    toy.child.kill("SIGTERM");
    await toy.ended();
    await until(() => count("STOPPING=1") === 1, "STOPPING");
  });

  test("signs of life meant for another process are not given", async () => {
    const path = join(directories.root, "notify");
    const heard = await listen(path, (close) => toClose.push(close));
    start({ greeting: "one" }, { NOTIFY_SOCKET: path, WATCHDOG_USEC: "100000", WATCHDOG_PID: "1" });
    await until(() => heard().some((line) => line.includes("READY=1")), "READY");
    await pause(400);
    expect(heard().filter((line) => line.includes("WATCHDOG"))).toEqual([]);
  });
});

/** A real AF_UNIX datagram socket, which Node does not have: Python plays systemd. */
async function listen(path: string, onClose: (close: () => void) => void) {
  const program = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print("bound", flush=True)
while True: print(repr(s.recv(4096).decode()), flush=True)`;
  const python = spawn("python3", ["-c", program, path], { stdio: ["ignore", "pipe", "inherit"] });
  onClose(() => python.kill("SIGKILL"));
  let text = "";
  python.stdout.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  await until(() => text.includes("bound"), "the socket");
  return () =>
    text
      .split("\n")
      .slice(1)
      .filter((line) => line !== "");
}
