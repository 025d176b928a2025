import { readdirSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { decodeEthernet, decodeMagicPacket } from "@passerelle/ether";
import { seconds } from "@passerelle/time";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FILE_BYTES_MAX, PACKETS_MAX } from "../../src/core/diagnostics/capture.ts";
import { PART_BYTES } from "../../src/edge/diagnostics/capture.ts";
import { answerTo, BRIDGE_MAC, ip, TELE, World } from "./world.ts";

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.close());

const WEB = "93.184.216.34";
const names = {
  "web.internet.test 1": { records: [{ data: { kind: "a", address: ip(WEB) } as const }] },
};

/** The home's forwarder knows the name, and two routers lie before the server. */
async function online(): Promise<void> {
  await world.introduce();
  world.serveNames(world.gateway, "192.168.1.1", {
    ...names,
    "1.0.250.81.in-addr.arpa 12": {
      records: [
        {
          name: "1.0.250.81.in-addr.arpa",
          type: 12,
          data: { kind: "name", target: "bras.isp.test" },
        },
      ],
    },
  });
  world.serveNames(world.isp, "81.253.149.10", names);
  const routers = [ip("81.250.0.1"), ip("93.184.216.1")];
  world.gateway.addPath({ destination: ip(WEB), routers });
  world.gateway.addPath({ destination: ip("81.250.0.1"), routers: [] });
}

describe("ping", () => {
  test("by name: an answer a second, and what it comes to", async () => {
    await online();
    const job = await world.run({ kind: "ping", target: "web.internet.test", count: 2 });
    expect(job).toMatchObject({ state: "done", progress: 1, steps: [{ verdict: "ok" }] });
    expect(job.lines).toEqual([
      { number: 1, address: WEB, timeMs: 0, ttl: 62 },
      { number: 2, address: WEB, timeMs: 0, ttl: 62 },
      { text: "sent 2, received 2, loss 0 %, min/mean/max 0/0/0 ms" },
    ]);
  });
  test("where the forwarder is silent, the operator's resolver is asked", async () => {
    await world.introduce();
    world.serveNames(world.isp, "81.253.149.10", names);
    world.gateway.addPath({ destination: ip(WEB), routers: [] });
    const job = await world.run({ kind: "ping", target: "web.internet.test", count: 1 });
    expect(job.lines[0]).toMatchObject({ address: WEB });
  });
  test("says of each why it did not arrive", async () => {
    await online();
    world.gateway.addPath({
      destination: ip(WEB),
      routers: [ip("81.250.0.1")],
      end: "unreachable",
    });
    const job = await world.run({ kind: "ping", target: WEB, count: 1 });
    expect(job.lines[0]).toEqual({ number: 1, address: "81.250.0.1", text: "host unreachable" });
    const lost = await world.run({ kind: "ping", target: "203.0.113.9", count: 1 });
    expect(lost.lines[0]).toEqual({ number: 1, text: "not sent: ENETUNREACH" });
    world.gateway.addPath({ destination: ip(WEB), routers: [], end: "silent" });
    const silent = await world.run({ kind: "ping", target: WEB, count: 1 });
    expect(silent.lines[0]).toEqual({ number: 1, text: "no answer" });
    expect(silent.steps[0]?.verdict).toBe("fault");
  });
  test("a name without address, and a box that knows no resolver", async () => {
    await online();
    const job = await world.run({ kind: "ping", target: "no.internet.test", count: 1 });
    expect(job).toMatchObject({ state: "failed", fault: { code: "name_not_resolved" } });
  });
  test("of another job on the same machine nothing is taken for an answer", async () => {
    await online();
    world.gateway.addPath({ destination: ip("198.51.100.1"), routers: [], end: "silent" });
    const silent = world.diagnostics.start({ kind: "ping", target: "198.51.100.1", count: 1 });
    await world.run({ kind: "ping", target: WEB, count: 3 });
    const job = await world.end(silent.ok ? silent.data.id : "");
    expect(job.lines[0]?.text).toBe("no answer");
  });
});

test("trace: every router with its name, in order, up to the target", async () => {
  await online();
  const job = await world.run({ kind: "trace", target: "web.internet.test" });
  expect(job.lines).toEqual([
    { number: 1, address: "81.250.0.1", name: "bras.isp.test", timeMs: 0 },
    { number: 2, address: "93.184.216.1", timeMs: 0 },
    { number: 3, address: WEB, timeMs: 0 },
  ]);
  expect(job.steps[0]?.text.en).toBe("The destination answers, 3 hops away.");
});

describe("look-up", () => {
  test("shows who answered, how, and each record", async () => {
    await online();
    const job = await world.run({ kind: "dns_lookup", target: "web.internet.test", type: "A" });
    expect(job.lines).toEqual([
      { address: "192.168.1.1", timeMs: 0, text: "NOERROR, UDP" },
      { name: "web.internet.test", ttl: 300, text: `A ${WEB}` },
    ]);
    const asked = {
      kind: "dns_lookup",
      target: "x.test",
      type: "A",
      resolver: "81.253.149.10",
    } as const;
    const nothing = await world.run(asked);
    expect(nothing.lines).toEqual([{ address: "81.253.149.10", timeMs: 0, text: "NXDOMAIN, UDP" }]);
    expect(nothing.steps[0]).toMatchObject({ verdict: "fault" });
  });
  test("an answer of somebody who was not asked is none", async () => {
    await world.introduce();
    // Hears the question to the resolver, and answers from an address of its own.
    const { sockets } = world.isp;
    const ear = sockets.openDatagram({ family: 4, address: ip("81.253.149.10"), port: 53 });
    const liar = sockets.openDatagram({ family: 4, address: ip("81.250.0.1"), port: 53 });
    if (!ear.ok || !liar.ok) throw new Error("no socket");
    let heard = 0;
    ear.value.onDatagram(({ bytes, source, sourcePort }) => {
      heard += 1;
      liar.value.send(answerTo(bytes, names), source, sourcePort);
    });
    const resolver = "81.253.149.10";
    const job = await world.run({
      kind: "dns_lookup",
      target: "web.internet.test",
      type: "A",
      resolver,
    });
    expect([heard, job.fault?.code]).toEqual([2, "resolver_silent"]);
  });
  test("silence and no resolver at all have their words", async () => {
    const early = await world.run({ kind: "dns_lookup", target: "x.test", type: "A" });
    expect(early.fault?.code).toBe("no_resolver_known");
    await world.introduce();
    const silent = await world.run({ kind: "dns_lookup", target: "x.test", type: "A" });
    expect(silent.fault?.code).toBe("resolver_silent");
    expect(silent.lines).toEqual([{ address: "192.168.1.1", text: "no answer" }]);
  });
});

describe("wake", () => {
  test("a frame and a datagram to everybody on the network of the device", async () => {
    await world.introduce();
    const job = await world.run({ kind: "wake", mac: TELE });
    expect(job.state).toBe("done");
    const sent = world.network.frames.map(({ from, bytes }) => ({
      from,
      frame: decodeEthernet(bytes),
    }));
    const [frame, datagram] = sent.map(({ from, frame: one }) => {
      if (!one.ok) throw new Error(one.error.code);
      return { by: from.name, ...one.value };
    });
    expect(frame).toMatchObject({
      by: "br-lan",
      destination: "ff:ff:ff:ff:ff:ff",
      source: BRIDGE_MAC,
      etherType: 0x0842,
    });
    expect(decodeMagicPacket(frame?.payload ?? new Uint8Array(0))).toEqual({
      ok: true,
      value: TELE,
    });
    expect(datagram).toMatchObject({ by: "br-lan", etherType: 0x0800 });
    expect(decodeMagicPacket(datagram?.payload.subarray(28) ?? new Uint8Array(0))).toEqual({
      ok: true,
      value: TELE,
    });
  });
  test("a device that nobody knows is not looked for on every network", async () => {
    await world.introduce();
    const job = await world.run({ kind: "wake", mac: "02:00:00:00:00:99" });
    expect(job.fault?.code).toBe("wake_unknown_device");
    expect(world.network.frames).toHaveLength(0);
  });
});

describe("capture", () => {
  const request = { kind: "capture", network: "lan", seconds: 3 } as const;
  const file = (id: string): string => join(world.context.runtimeDirectory, `capture-${id}.pcap`);
  const begin = async (more: Record<string, unknown> = {}): Promise<string> => {
    world.processes.install("tcpdump");
    const started = world.diagnostics.start({ ...request, ...more });
    if (!started.ok) throw new Error(started.fault.code);
    // Files are real here: their answers come when the machine has them.
    for (let turn = 0; turn < 400 && world.processes.children.length === 0; turn += 1) {
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    return started.data.id;
  };
  /** Turns the clock, and gives the machine time for its files. */
  const ended = async (id: string) => {
    for (let turn = 0; turn < 200; turn += 1) {
      await world.context.clock.advance(seconds(1));
      const job = world.job(id);
      if (job !== undefined && job.state !== "running") return job;
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    throw new Error("does not end");
  };

  test("the interface is the daemon's word, the rest of the words are ours", async () => {
    await world.introduce();
    const id = await begin({ mac: TELE });
    const [child] = world.processes.children;
    expect(child?.argv).toEqual([
      ...["tcpdump", "-i", "br-lan", "-n", "-U", "-s", "262", "-c", String(PACKETS_MAX)],
      ...["-Z", "root", "-w", file(id), "--", "ether", "host", TELE],
    ]);
    expect(statSync(file(id)).mode & 0o777).toBe(0o600);
    writeFileSync(file(id), new Uint8Array(5000));
    const job = await ended(id);
    expect(child?.signals).toEqual(["SIGTERM"]);
    expect(job).toMatchObject({ state: "done", fileBytes: 5000, steps: [{ verdict: "ok" }] });
  });
  test("one that does not go is killed", async () => {
    await world.introduce();
    const id = await begin();
    const [child] = world.processes.children;
    if (child !== undefined) child.stubborn = true;
    await ended(id);
    expect(child?.signals).toEqual(["SIGTERM", "SIGKILL"]);
  });
  test("a network that is not there, and a program that fails, leave no file", async () => {
    await world.introduce();
    const unknown = await world.run({ ...request, network: "br-lan" });
    expect(unknown.fault?.code).toBe("unknown_network");
    const id = await begin();
    world.processes.children[0]?.print("tcpdump: br-lan: You don't have permission", "stderr");
    world.processes.children[0]?.exit(1);
    const job = await ended(id);
    expect(job.fault).toMatchObject({
      code: "capture_not_possible",
      raw: expect.stringContaining("permission"),
    });
    for (let turn = 0; turn < 200 && files().length > 0; turn += 1) {
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect(files()).toEqual([]);
  });
  test("is given in parts, to its end and not beyond", async () => {
    await world.introduce();
    const id = await begin();
    expect(await world.diagnostics.captureFile(id, 0)).toMatchObject({
      fault: { code: "no_capture_file" },
    });
    writeFileSync(
      file(id),
      Uint8Array.from({ length: 1000 }, (_, i) => i & 0xff),
    );
    truncateSync(file(id), PART_BYTES + 10);
    await ended(id);
    const part = async (offset: number) => {
      const reply = await world.diagnostics.captureFile(id, offset);
      if (!reply.ok) throw new Error(reply.fault.code);
      return [Buffer.from(reply.data.data, "base64").length, reply.data.more];
    };
    expect(await part(0)).toEqual([PART_BYTES, true]);
    expect(await part(PART_BYTES)).toEqual([10, false]);
    expect(await part(PART_BYTES + 10)).toEqual([0, false]);
    expect(await part(Number.MAX_SAFE_INTEGER)).toEqual([0, false]);
    for (const other of ["../../etc/passwd", "", "0123456789abcdef"]) {
      expect(await world.diagnostics.captureFile(other, 0)).toMatchObject({
        fault: { code: "unknown_job" },
      });
    }
  });
  test("a part fits into a message of the bus, and the file into 20 MB", () => {
    expect(Math.ceil(PART_BYTES / 3) * 4).toBeLessThan(1_000_000);
    expect(24 + PACKETS_MAX * (16 + 262)).toBeLessThanOrEqual(FILE_BYTES_MAX);
  });
  test("after an hour it is gone", async () => {
    await world.introduce();
    const id = await begin();
    await ended(id);
    expect(files()).toHaveLength(1);
    await world.context.clock.advance(seconds(3600));
    for (let turn = 0; turn < 200 && files().length > 0; turn += 1) {
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect(files()).toEqual([]);
    expect(await world.diagnostics.captureFile(id, 0)).toMatchObject({
      fault: { code: "no_capture_file" },
    });
  });
  const files = (): readonly string[] => readdirSync(world.context.runtimeDirectory);
});

describe("assistants", () => {
  const verdicts = (job: { readonly steps: readonly { code: string; verdict: string }[] }) =>
    Object.fromEntries(job.steps.map((step) => [step.code, step.verdict]));

  test("no Internet: with everything there", async () => {
    await online();
    expect(verdicts(await world.run({ kind: "no_internet" }))).toMatchObject({
      ...{ cable: "ok", address: "ok", account: "ok", gateway: "ok", resolvers: "ok", name: "ok" },
      ...{ server: "ok", clock: "warning", dhcp_pool: "ok", home_network: "ok", blocked: "ok" },
    });
  });
  test("no Internet: the resolver is dead, and it is named", async () => {
    await world.introduce();
    world.gateway.addPath({ destination: ip("81.250.0.1"), routers: [] });
    const job = await world.run({ kind: "no_internet" });
    expect(verdicts(job)).toMatchObject({ gateway: "ok", resolvers: "fault", name: "fault" });
    expect(job.steps.at(-1)?.text.en).toContain("81.253.149.10");
  });
  test("no Internet: nobody said anything, nothing answers, and it still ends with a word", async () => {
    const job = await world.run({ kind: "no_internet" }, 30_000);
    expect(verdicts(job)).toMatchObject({ cable: "warning", home_network: "fault" });
  });
  test("no Internet: the cable is out", async () => {
    const fault = { code: "no_carrier", text: { fr: "Aucun signal", en: "No signal" } };
    await world.introduce({
      access: { kind: "no_carrier", since: 1 },
      session: { kind: "idle" },
      reach: { kind: "offline", since: 1, fault },
      cause: fault,
    });
    const job = await world.run({ kind: "no_internet" });
    expect(verdicts(job)).toMatchObject({ cable: "fault", address: "skipped", server: "skipped" });
    expect(job.steps.at(-1)?.text.en).toBe("No signal");
  });
  test("slow: measured, and compared with the last hour", async () => {
    await online();
    const job = await world.run({ kind: "slow" });
    expect(verdicts(job)).toEqual({
      ...{ line: "ok", loss: "ok", latency: "ok", users: "ok", cpu: "ok", line_errors: "ok" },
      conclusion: "ok",
    });
    expect(job.steps.find((step) => step.code === "latency")?.text.en).toContain("against 5 ms");
  });
  test("slow: with nothing that answers it ends", async () => {
    await world.introduce();
    const job = await world.run({ kind: "slow" }, 60_000);
    expect(verdicts(job)).toMatchObject({ loss: "skipped", latency: "skipped" });
  });
});

describe("jobs", () => {
  test("a fifth is refused; what is impossible never starts", async () => {
    await world.introduce();
    world.gateway.addPath({ destination: ip(WEB), routers: [], end: "silent" });
    const ping = { kind: "ping", target: WEB, count: 100 } as const;
    for (let i = 0; i < 4; i += 1) expect(world.diagnostics.start(ping).ok).toBe(true);
    expect(world.diagnostics.start(ping)).toMatchObject({ fault: { code: "too_many_jobs" } });
    expect(world.diagnostics.start({ ...ping, target: "-f" })).toMatchObject({
      fault: { code: "diagnosis_invalid" },
    });
    expect(world.diagnostics.jobs()).toHaveLength(4);
  });
  test("a cancelled one says nothing more and holds nothing", async () => {
    await online();
    const started = world.diagnostics.start({ kind: "ping", target: WEB, count: 100 });
    const id = started.ok ? started.data.id : "";
    await world.context.clock.advance(seconds(3));
    expect(world.diagnostics.cancel(id)).toEqual({ ok: true, data: {} });
    const lines = world.job(id)?.lines.length;
    await world.context.clock.advance(seconds(10));
    expect(world.job(id)).toMatchObject({ state: "cancelled" });
    expect(world.job(id)?.lines.length).toBe(lines);
    expect(world.diagnostics.cancel("nobody")).toMatchObject({ fault: { code: "unknown_job" } });
  });
  test("what changed is told four times a second at most, and the end is told", async () => {
    await online();
    const before = world.shown.length;
    await world.run({ kind: "ping", target: WEB, count: 5 });
    await world.context.clock.advance(seconds(1));
    expect(world.shown.length - before).toBeLessThanOrEqual(4 * 6);
    expect(world.shown.at(-1)?.[0]?.state).toBe("done");
  });
  test("after stop nothing waits", async () => {
    await online();
    world.processes.install("tcpdump");
    world.diagnostics.start({ kind: "ping", target: WEB, count: 100 });
    world.diagnostics.start({
      kind: "dns_lookup",
      target: "x.test",
      type: "A",
      resolver: "203.0.113.1",
    });
    world.diagnostics.start({ kind: "capture", network: "lan", seconds: 300 });
    await world.context.clock.advance(seconds(1));
    await world.diagnostics.stop();
    expect(world.context.clock.pending).toBe(0);
    expect(world.processes.children.every((child) => child.signals.includes("SIGTERM"))).toBe(true);
  });
});
