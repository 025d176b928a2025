import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Diagnosis,
  lanDevices,
  lanState,
  type SystemJob,
  systemHistory,
  systemState,
  wanState,
} from "@passerelle/contract";
import { decodeMessage, encodeMessage, foldName, type ResourceRecord } from "@passerelle/dns";
import { type Ipv4, type Mac, parseIpv4 } from "@passerelle/net";
import { createFakeProcesses, type FakeProcesses } from "@passerelle/process";
import { settle, type TestContext, testContext } from "@passerelle/service/testing";
import {
  createFakeNetwork,
  type FakeHost,
  type FakeInterface,
  type FakeNetwork,
} from "@passerelle/sockets";
import { milliseconds } from "@passerelle/time";
import { createDiagnostics, type Diagnostics } from "../../src/edge/diagnostics/index.ts";

export const ip = (text: string): Ipv4 => {
  const address = parseIpv4(text);
  if (address === undefined) throw new Error(text);
  return address;
};

export const TELE = "02:00:00:00:00:21" as Mac;
export const BRIDGE_MAC = "02:00:00:00:aa:01";

/** A gateway in memory: its line, its home, the operator's resolver, a device, and nothing real but a directory. */
export class World {
  readonly context: TestContext<Record<string, never>>;
  readonly network: FakeNetwork;
  readonly gateway: FakeHost;
  readonly isp: FakeHost;
  readonly tele: FakeHost;
  readonly processes: FakeProcesses;
  readonly diagnostics: Diagnostics;
  readonly shown: (readonly SystemJob[])[] = [];
  readonly bridge: FakeInterface;
  readonly #root: string;

  constructor() {
    this.context = testContext({ config: {}, client: "system" });
    this.network = createFakeNetwork({ delivery: "microtask" });
    this.gateway = this.network.addHost("gw");
    this.gateway.addInterface({ name: "wan0", segment: "access", addresses: [ip("81.250.0.100")] });
    this.bridge = this.gateway.addInterface({
      name: "br-lan",
      segment: "home",
      addresses: [ip("192.168.1.1")],
    });
    this.isp = this.network.addHost("isp");
    this.isp.addInterface({
      name: "access",
      segment: "access",
      addresses: [ip("81.250.0.1"), ip("81.253.149.10")],
    });
    this.tele = this.network.addHost("tele");
    this.tele.addInterface({ name: "eth0", segment: "home", addresses: [ip("192.168.1.21")] });
    this.processes = createFakeProcesses();
    this.#root = mkdtempSync(join(tmpdir(), "passerelle-interfaces-"));
    this.interface("br-lan", {});
    this.interface("wan0", { rx_packets: 1000, tx_packets: 1000, rx_errors: 0, tx_errors: 0 });
    const { bus, clock, log, entropy, runtimeDirectory } = this.context;
    this.diagnostics = createDiagnostics({
      ...{ bus, clock, log, entropy, runtimeDirectory, processes: this.processes },
      sockets: this.gateway.sockets,
      changed: (jobs) => this.shown.push(jobs),
      interfacesRoot: this.#root,
      stopwatch: () => clock.now(),
    });
    bus.serve(systemHistory, ({ series }) => ({
      ok: true,
      data: { series, periodMs: 10_000, from: 0, mean: [series === "cpu" ? 0.2 : 5], peak: [5] },
    }));
  }

  interface(name: string, statistics: Readonly<Record<string, number>>): void {
    mkdirSync(join(this.#root, name, "statistics"), { recursive: true });
    writeFileSync(join(this.#root, name, "address"), `${BRIDGE_MAC}\n`);
    for (const [file, count] of Object.entries(statistics)) {
      writeFileSync(join(this.#root, name, "statistics", file), `${count}\n`);
    }
  }

  /** All daemons say that all is well, or what is given. */
  async introduce(
    wan: Record<string, unknown> = {},
    lan: Record<string, unknown> = {},
  ): Promise<void> {
    const { hub } = this.context;
    hub.client("wan").publish(wanState, { ...WAN, ...wan } as never);
    hub.client("lan").publish(lanState, { ...LAN, ...lan } as never);
    hub.client("lan").publish(lanDevices, { devices: [DEVICE] } as never);
    this.context.bus.publish(systemState, SYSTEM as never);
    await settle();
  }

  /** A name server on one of the hosts. */
  serveNames(host: FakeHost, address: string, zone: Readonly<Record<string, Answer>>): void {
    const opened = host.sockets.openDatagram({ family: 4, address: ip(address), port: 53 });
    if (!opened.ok) throw new Error(opened.error.code);
    opened.value.onDatagram(({ bytes, source, sourcePort }) => {
      opened.value.send(answerTo(bytes, zone), source, sourcePort);
    });
  }

  /** Starts a diagnosis and turns the clock until it ends. */
  async run(request: Diagnosis, limitMs = 120_000): Promise<SystemJob> {
    const started = this.diagnostics.start(request);
    if (!started.ok) throw new Error(started.fault.code);
    return await this.end(started.data.id, limitMs);
  }

  async end(id: string, limitMs = 120_000): Promise<SystemJob> {
    for (let turned = 0; turned <= limitMs; turned += 100) {
      await this.context.clock.advance(milliseconds(100));
      const job = this.job(id);
      if (job !== undefined && job.state !== "running") return job;
      // The kernel's files are real here: their answers come when the machine has them.
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    throw new Error(`does not end: ${JSON.stringify(this.job(id))}`);
  }

  job(id: string): SystemJob | undefined {
    return this.diagnostics.jobs().find((job) => job.id === id);
  }

  async close(): Promise<void> {
    await this.diagnostics.stop();
    await this.context.dispose();
    rmSync(this.#root, { recursive: true, force: true });
  }
}

/** What a name server of this zone says to a question. */
export function answerTo(bytes: Uint8Array, zone: Readonly<Record<string, Answer>>): Uint8Array {
  const query = decodeMessage(bytes);
  const [question] = query.ok ? query.value.questions : [];
  if (!query.ok || question === undefined) throw new Error("not a question");
  const answer = zone[`${foldName(question.name)} ${question.type}`] ?? { rcode: 3 };
  const records = (answer.records ?? []).map((record) => ({ ...RECORD, ...record }));
  return encodeMessage({
    ...query.value,
    header: { ...query.value.header, response: true, rcode: answer.rcode ?? 0 },
    answers: records as ResourceRecord[],
  });
}

export interface Answer {
  readonly rcode?: number;
  readonly records?: readonly Partial<ResourceRecord>[];
}

const RECORD = { name: "web.internet.test", type: 1, class: 1, ttlSeconds: 300 };

const WAN = {
  interface: "wan0",
  port: "wan0",
  link: { kind: "untagged" },
  ipv6: { kind: "off", routers: [], addresses: [], prefixes: [], resolvers: [] },
  profile: "generic-dhcp",
  access: { kind: "up", since: 1 },
  session: {
    kind: "bound",
    address: "81.250.0.100/24",
    gateway: "81.250.0.1",
    server: "81.250.0.1",
    resolvers: ["81.253.149.10"],
    routes: [],
    obtainedAt: 1,
    renewsAt: 2,
    expiresAt: 3,
  },
  reach: { kind: "online", since: 1 },
  since: 1,
  health: { names: ["web.internet.test"] },
};
const LAN = {
  kind: "serving",
  since: 1,
  networks: [
    {
      name: "lan",
      zone: "lan",
      bridge: "br-lan",
      ports: ["lan0"],
      address: "192.168.1.1/24",
      dhcp: { first: "192.168.1.50", last: "192.168.1.250", leased: 1, free: 200 },
    },
  ],
  dns: { domain: "home.arpa", upstreams: [], blockedNames: 0 },
  faults: [],
};
const DEVICE = {
  id: "tele",
  name: "tele",
  nameSource: "dhcp",
  macs: [TELE],
  privateMac: false,
  addresses: ["192.168.1.21"],
  network: "lan",
  online: false,
  firstSeen: 1,
  lastSeen: 1,
  evidence: ["dhcp"],
};
const SYSTEM = {
  model: "test",
  version: "0",
  hostname: "box",
  bootedAt: 1,
  bootCause: "power",
  timezone: "Europe/Paris",
  clock: { kind: "unsynchronised" },
  storage: [],
  processes: [],
  latest: {
    at: 1,
    cpu: 0.1,
    memoryTotalBytes: 1,
    memoryAvailableBytes: 1,
    wanDownRate: 0,
    wanUpRate: 0,
  },
  faults: [],
};
