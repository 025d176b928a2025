import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Lab } from "../lab/lab.ts";
import { ADDRESSES, homeMac } from "../lab/topology.ts";
import { Box, type WanView } from "./box.ts";

/** Diagnoses as their owner starts them, on a real kernel, with a real operator behind the line. */
let lab: Lab;
let box: Box;

beforeAll(async () => {
  lab = await Lab.up({ operator: "ethernet" });
  box = new Box(lab);
  await lab.lease("udhcpc", "lan1");
  await lab.lease("udhcpc", "stb");
  await box.until<WanView>("wan/state", "online", (wan) => wan.reach.kind === "online");
});
afterAll(() => lab.down());

interface Job {
  readonly id: string;
  readonly state: string;
  readonly progress: number;
  readonly fault?: { readonly code: string };
  readonly steps: readonly {
    readonly code: string;
    readonly verdict: string;
    readonly text: { readonly fr: string; readonly en: string };
  }[];
  readonly lines: readonly {
    readonly number?: number;
    readonly address?: string;
    readonly name?: string;
    readonly timeMs?: number;
    readonly ttl?: number;
    readonly text?: string;
  }[];
  readonly fileBytes?: number;
}

async function start(request: unknown): Promise<string> {
  const started = await box.call<{ id: string }>("system/diagnose", request);
  if (!started.ok) throw new Error(started.fault.code);
  return started.data.id;
}

async function ended(id: string): Promise<Job> {
  const found = (jobs: readonly Job[]): Job | undefined => jobs.find((job) => job.id === id);
  const { jobs } = await box.until<{ jobs: readonly Job[] }>(
    "system/jobs",
    `diagnosis ${id} ends`,
    (state) => (found(state.jobs)?.state ?? "running") !== "running",
    90_000,
  );
  const job = found(jobs);
  if (job === undefined) throw new Error(`${id} is gone`);
  return job;
}

const diagnose = async (request: unknown): Promise<Job> => ended(await start(request));

test("ping: a server of the Internet, by its name", async () => {
  const job = await diagnose({ kind: "ping", target: "web.internet.test", count: 3 });
  expect(job).toMatchObject({ state: "done", progress: 1 });
  const answers = job.lines.filter((line) => line.number !== undefined);
  expect(answers.map((line) => [line.number, line.address, line.ttl])).toEqual([
    [1, ADDRESSES.internet, 63],
    [2, ADDRESSES.internet, 63],
    [3, ADDRESSES.internet, 63],
  ]);
  for (const { timeMs = -1 } of answers) expect(timeMs).toBeGreaterThan(0);
  expect(job.lines.at(-1)?.text).toMatch(/^sent 3, received 3, loss 0 %, min\/mean\/max /);
});

test("ping: what the operator refuses has its router and a reason", async () => {
  // 203.0.113.0/24 is routed nowhere behind the operator.
  const job = await diagnose({ kind: "ping", target: "203.0.113.9", count: 1 });
  expect(job.lines[0]).toMatchObject({ number: 1, text: expect.stringMatching(/unreachable/) });
});

test("ping: a device of the home, by the name that DHCP gave it", async () => {
  const job = await diagnose({ kind: "ping", target: "stb", count: 1 });
  expect(job.lines[0]).toMatchObject({ address: "192.168.1.21", ttl: 64 });
});

test("trace: the operator's hop, then the server", async () => {
  const job = await diagnose({ kind: "trace", target: "web.internet.test" });
  expect(job.lines.map((line) => [line.number, line.address])).toEqual([
    [1, ADDRESSES.accessGateway],
    [2, ADDRESSES.internet],
  ]);
  expect(job.steps[0]).toMatchObject({ verdict: "ok" });
});

describe("look-up", () => {
  test.each([
    ["A", "web.internet.test", /^A 93\.184\.216\.34$/],
    ["AAAA", "dual.internet.test", /^AAAA 2a01:cb00:93:184::34$/],
    ["PTR", "192.168.1.1", /^PTR .*home\.arpa$/],
    ["MX", "internet.test", /^MX 10 mail\.internet\.test$/],
    ["TXT", "big.internet.test", /^TXT "0000/],
    ["NS", "internet.test", /^NS ns\.internet\.test$/],
    [
      "SOA",
      "internet.test",
      /^SOA ns\.internet\.test hostmaster\.internet\.test 1 3600 600 86400 60$/,
    ],
    ["CNAME", "chain1.internet.test", /^CNAME chain2\.internet\.test$/],
    ["SRV", "_sip._udp.internet.test", /^SRV 10 5 5060 mail\.internet\.test$/],
  ] as const)("%s of %s", async (type, target, text) => {
    const job = await diagnose({ kind: "dns_lookup", target, type });
    expect(job.lines[0]).toMatchObject({
      address: "192.168.1.1",
      text: expect.stringMatching(/^NOERROR/),
    });
    expect(job.lines[1]?.text).toMatch(text);
    expect(job.lines[1]?.ttl).toBeGreaterThanOrEqual(0);
  });
  test.each([
    ["HTTPS", "web.internet.test", "NOERROR", "warning"],
    ["A", "no.internet.test", "NXDOMAIN", "fault"],
  ])("%s of %s: %s has its words", async (type, target, rcode, verdict) => {
    const job = await diagnose({ kind: "dns_lookup", target, type });
    expect(job.lines[0]?.text).toContain(rcode);
    expect(job.steps[0]).toMatchObject({ verdict, text: { en: expect.stringContaining(rcode) } });
  });
  test("a resolver of the asker's choice", async () => {
    const request = { kind: "dns_lookup", target: "web.internet.test", type: "A" };
    const job = await diagnose({ ...request, resolver: ADDRESSES.resolver });
    expect(job.lines.map((line) => line.address ?? line.text)).toEqual([
      ADDRESSES.resolver,
      "A 93.184.216.34",
    ]);
    const dead = await diagnose({ ...request, resolver: "81.253.149.99" });
    expect(dead).toMatchObject({ state: "failed", fault: { code: "resolver_silent" } });
  });
});

describe("capture", () => {
  test("holds a ping of the home, and is given whole to whoever asks part by part", async () => {
    const id = await start({ kind: "capture", network: "lan", seconds: 6, mac: homeMac("stb") });
    const file = join(lab.paths.gateway, "run", "system", `capture-${id}.pcap`);
    await lab.waitFor("the capture records", () => sizeOf(file) >= 24, 10_000);
    await lab.exec("stb", ["ping", "-n", "-c", "2", "-W", "1", "192.168.1.1"]);
    await lab.exec("lan1", ["ping", "-n", "-c", "2", "-W", "1", "192.168.1.1"]);
    const job = await ended(id);
    expect(job).toMatchObject({ state: "done" });
    const parts: Buffer[] = [];
    for (let offset = 0; ; ) {
      const part = await box.call<{ data: string; more: boolean }>("system/capture-file", {
        id,
        offset,
      });
      if (!part.ok) throw new Error(part.fault.code);
      parts.push(Buffer.from(part.data.data, "base64"));
      offset += parts.at(-1)?.length ?? 0;
      if (!part.data.more) break;
    }
    const whole = Buffer.concat(parts);
    expect(whole.length).toBe(job.fileBytes);
    expect(whole.equals(readFileSync(file))).toBe(true);
    const text = await lab.must("gw", ["tcpdump", "-n", "-e", "-r", file]);
    expect(text).toMatch(/192\.168\.1\.21 > 192\.168\.1\.1: ICMP echo request/);
    // The other device's ping is not in it.
    expect(text).not.toContain(homeMac("lan1"));
    expect(await lab.must("gw", ["stat", "-c", "%a", file])).toBe("600\n");
  });

  test("stopped, it is closed, its program gone, and it can be looked at", async () => {
    const id = await start({ kind: "capture", network: "wan", seconds: 300 });
    const file = join(lab.paths.gateway, "run", "system", `capture-${id}.pcap`);
    await lab.waitFor("the capture records", () => sizeOf(file) >= 24, 10_000);
    await lab.exec("gw", ["ping", "-n", "-c", "1", "-W", "1", ADDRESSES.accessGateway]);
    // Head of the file, head of a packet, an Ethernet frame with a ping: the program writes a moment after it heard.
    await lab.waitFor("the ping is in it", () => sizeOf(file) >= 24 + 16 + 98, 10_000);
    expect(await box.call("system/cancel", { id })).toEqual({ ok: true, data: {} });
    expect(await ended(id)).toMatchObject({ state: "cancelled" });
    await lab.waitFor(
      "the program is gone",
      async () => !(await lab.must("gw", ["ps", "-eo", "args"])).includes(file),
      10_000,
    );
    expect(await lab.must("gw", ["tcpdump", "-n", "-r", file])).toContain("ICMP echo request");
    const part = await box.call<{ data: string }>("system/capture-file", { id, offset: 0 });
    expect(part.ok).toBe(true);
  });

  test("a network that is none, though an interface is called so", async () => {
    for (const network of ["br-lan", "wan0", "lo", "any", "-r/etc/passwd"]) {
      const job = await diagnose({ kind: "capture", network, seconds: 1 });
      expect([network, job.fault?.code]).toEqual([network, "unknown_network"]);
    }
  });
});

test("wake: the sleeping device sees the frame and the datagram", async () => {
  const mac = homeMac("stb");
  const capture = await lab.capture("stb", "eth0", "ether proto 0x0842 or udp port 9");
  expect(await diagnose({ kind: "wake", mac })).toMatchObject({ state: "done" });
  await lab.waitFor("both are seen", async () => (await capture.text()).length >= 2, 5000);
  await capture.stop();
  const seen = await capture.text("-e", "-x");
  const magic = `ffffffffffff${mac.replaceAll(":", "").repeat(16)}`;
  const octets = seen
    .map((line) => /^\s+0x[0-9a-f]+:\s+([0-9a-f ]+)/.exec(line)?.[1] ?? "|")
    .join("")
    .replaceAll(" ", "");
  expect(octets.split(magic)).toHaveLength(3);
});

describe("hostile words (S-18)", () => {
  const CANARY = "/tmp/canary-of-diagnostics";
  const WORDS = [
    "-f",
    "-f/etc/passwd",
    `;touch ${CANARY}`,
    `$(touch ${CANARY})`,
    `\`touch ${CANARY}\``,
    `a\ntouch ${CANARY}`,
    "a\u0000b",
    "\u202egro.elpmaxe",
    "例え.jp",
    "../../etc/passwd",
    "x".repeat(65_536),
  ];
  test.each(WORDS.map((text) => [JSON.stringify(text.slice(0, 40)), text] as const))(
    "%s is refused wherever a text goes",
    async (_, text) => {
      const requests = [
        { kind: "ping", target: text, count: 1 },
        { kind: "trace", target: text },
        { kind: "dns_lookup", target: text, type: "A" },
        { kind: "dns_lookup", target: "web.internet.test", type: "A", resolver: text },
        { kind: "wake", mac: text },
        { kind: "capture", network: "lan", mac: text, seconds: 1 },
      ];
      const outcomes = await Promise.all(
        requests.map((request) => box.call("system/diagnose", request)),
      );
      for (const outcome of outcomes) {
        const answer = outcome.ok ? "started" : outcome.fault.code;
        expect(answer).toMatch(/^(bad_request|diagnosis_invalid)$/);
      }
    },
  );
  test("nothing was run", async () => {
    expect((await lab.exec("gw", ["ls", CANARY])).code).not.toBe(0);
  });
});

describe("no Internet", () => {
  const verdicts = (job: Job) => Object.fromEntries(job.steps.map((s) => [s.code, s.verdict]));
  test("all is well", async () => {
    const job = await diagnose({ kind: "no_internet" });
    expect(verdicts(job)).toMatchObject({
      ...{ cable: "ok", address: "ok", account: "ok", gateway: "ok", resolvers: "ok" },
      ...{ name: "ok", server: "ok", dhcp_pool: "ok", home_network: "ok", blocked: "ok" },
    });
  });
  test("the operator's resolver is dead: the assistant names it", async () => {
    await lab.fault("resolver-dead", "on");
    try {
      const job = await diagnose({ kind: "no_internet" });
      expect(verdicts(job)).toMatchObject({ gateway: "ok", resolvers: "fault", server: "ok" });
      expect(job.steps.at(-1)).toMatchObject({ code: "conclusion", verdict: "fault" });
      expect(job.steps.at(-1)?.text.en).toContain(ADDRESSES.resolver);
      expect(job.steps.at(-1)?.text.fr).toContain(ADDRESSES.resolver);
    } finally {
      await lab.fault("resolver-dead", "off");
    }
  });
  test("nothing behind the operator answers", async () => {
    await lab.fault("internet-dead", "on");
    try {
      const job = await diagnose({ kind: "no_internet" });
      expect(verdicts(job)).toMatchObject({ gateway: "ok", server: "fault" });
    } finally {
      await lab.fault("internet-dead", "off");
    }
  });
  test("the cable is out: it says so, and works without a line", async () => {
    await lab.fault("carrier-loss", "on");
    try {
      await box.until<WanView>(
        "wan/state",
        "no carrier",
        (wan) => wan.access.kind === "no_carrier",
      );
      const job = await diagnose({ kind: "no_internet" });
      expect(verdicts(job)).toMatchObject({
        cable: "fault",
        address: "skipped",
        home_network: "ok",
      });
    } finally {
      await lab.fault("carrier-loss", "off");
    }
  });
});

test("slow: the line is measured and who uses it is named", async () => {
  // The lab's line has no speed of its own: a large transfer of one device is what a person would find.
  const transfer = lab.spawn("lan1", [
    ...["curl", "-s", "-o", "/dev/null", "--limit-rate", "4M"],
    `http://${ADDRESSES.internet}/big?bytes=400000000`,
  ]);
  try {
    await box.until<{ devices: readonly { mac: string; downRate: number }[] }>(
      "firewall/traffic",
      "the transfer is counted",
      ({ devices }) => devices.some((d) => d.mac === homeMac("lan1") && d.downRate > 10e6),
      60_000,
    );
    const job = await diagnose({ kind: "slow" });
    const verdicts = Object.fromEntries(job.steps.map((s) => [s.code, s.verdict]));
    expect(verdicts).toMatchObject({ line: "ok", loss: "ok", users: "warning", line_errors: "ok" });
    expect(job.steps.find((s) => s.code === "users")?.text.en).toMatch(/uses the line most: [1-9]/);
    expect(job.steps.find((s) => s.code === "latency")?.text.en).toMatch(/answers .*\d+ ms/);
  } finally {
    transfer.kill();
  }
});

function sizeOf(file: string): number {
  try {
    return readFileSync(file).length;
  } catch {
    return -1;
  }
}
