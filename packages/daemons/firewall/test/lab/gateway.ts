import { join } from "node:path";
import { createInterface } from "node:readline";
import type { FirewallConfig } from "../../src/config.ts";
import { type Host, until } from "./hosts.ts";
import { ADDRESS, MAC, type Neighbourhood } from "./neighbourhood.ts";

const AGENT = join(import.meta.dirname, "agent.ts");
const PROBE = join(import.meta.dirname, "probe.ts");

/** The firewall daemon in the gateway's namespace. */
export interface Gateway {
  send(order: object): void;
  /** Applies a configuration and waits until it is in force; the reply is `reconfigure`'s. */
  configure(config: Partial<FirewallConfig>): Promise<Reconfigured>;
  /** What the daemon published on a topic, oldest first. */
  heard(topic: string): readonly Published[];
  kill(): Promise<void>;
}

export interface Published {
  readonly topic: string;
  readonly value: Readonly<Record<string, unknown>>;
}

export interface Reconfigured {
  readonly ok: boolean;
  readonly error?: { readonly code: string };
}

export async function startGateway(gw: Host): Promise<Gateway> {
  const child = gw.spawn([process.execPath, AGENT]);
  const lines: Published[] = [];
  let errors = "";
  if (child.stdout === null || child.stdin === null) throw new Error("the agent has pipes");
  const { stdin } = child;
  createInterface({ input: child.stdout }).on("line", (line) => {
    lines.push(JSON.parse(line) as Published);
  });
  child.stderr?.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const heard = (topic: string) => lines.filter((line) => line.topic === topic);
  await until("the daemon starts", () => {
    if (child.exitCode !== null) throw new Error(`agent: ${errors}`);
    return heard("started")[0];
  });
  const send = (order: object): void => {
    stdin.write(`${JSON.stringify(order)}\n`);
  };
  return {
    send,
    heard,
    async configure(config) {
      const before = heard("reconfigured").length;
      send({ config });
      const said = await until("reconfigured", () => heard("reconfigured")[before]);
      return said.value as unknown as Reconfigured;
    },
    async kill() {
      child.kill("SIGKILL");
      await until("the daemon is gone", () => child.signalCode ?? undefined);
    },
  };
}

const SINCE = 1_800_000_000_000;

export const LAN_DOCUMENT = {
  kind: "serving",
  since: SINCE,
  networks: [
    {
      name: "home",
      zone: "lan",
      bridge: "br-lan",
      ports: ["lan0", "lan1"],
      address: `${ADDRESS.gwLan}/24`,
    },
    {
      name: "guests",
      zone: "guest",
      bridge: "br-guest",
      ports: ["guest0"],
      address: `${ADDRESS.gwGuest}/24`,
    },
  ],
  dns: { domain: "home.arpa", upstreams: [], blockedNames: 0 },
  faults: [],
};

export const WAN_DOCUMENT = {
  interface: "wan0",
  port: "wan0",
  link: { kind: "untagged" },
  ipv6: { kind: "off", routers: [], addresses: [], prefixes: [], resolvers: [] },
  profile: "ethernet",
  access: { kind: "up", since: SINCE },
  session: {
    kind: "bound",
    address: `${ADDRESS.gwWan}/24`,
    gateway: ADDRESS.wan,
    server: ADDRESS.wan,
    resolvers: [],
    routes: [],
    obtainedAt: SINCE,
    renewsAt: SINCE + 1,
    expiresAt: SINCE + 2,
  },
  reach: { kind: "unknown" },
  since: SINCE,
};

export const LEASES_DOCUMENT = {
  leases: [
    { address: ADDRESS.lan1, mac: MAC.lan1, network: "home", kind: "dynamic", expiresAt: SINCE },
    { address: ADDRESS.lan2, mac: MAC.lan2, network: "home", kind: "dynamic", expiresAt: SINCE },
  ],
};

/** Tells the daemon about both sides and waits until the rules for both are confirmed and forwarding is on. */
export async function openForBusiness(n: Neighbourhood, gateway: Gateway): Promise<void> {
  gateway.send({ lan: LAN_DOCUMENT, wan: WAN_DOCUMENT, leases: LEASES_DOCUMENT });
  await until("the gateway forwards under confirmed rules", async () => {
    const rules = await n.gw.run(["nft", "list", "table", "inet", "passerelle"]);
    const digest = gateway.heard("state").at(-1)?.value.digest;
    const forwarding = await n.gw.must(["cat", "/proc/sys/net/ipv4/ip_forward"]);
    const confirmed = typeof digest === "string" && rules.stdout.includes(digest);
    return (
      (confirmed && rules.stdout.includes("masquerade") && forwarding.trim() === "1") || undefined
    );
  });
}

/** Asks a server; the answer is the address it saw, "none" after 0.7 s of silence, or "refused". */
export async function ask(
  host: Host,
  protocol: "tcp" | "udp",
  address: string,
  port: number,
): Promise<string> {
  const said = await host.must([process.execPath, PROBE, "ask", protocol, address, `${port}`]);
  return said.trim();
}

export async function serve(host: Host, ...ports: number[]): Promise<void> {
  const child = host.spawn([process.execPath, PROBE, "serve", ...ports.map(String)]);
  let ready = false;
  let errors = "";
  child.stdout?.on("data", () => {
    ready = true;
  });
  child.stderr?.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
  });
  await until(`${host.name} serves`, () => {
    if (child.exitCode !== null) throw new Error(errors);
    return ready || undefined;
  });
}

/** Runs a steady UDP flow; resolves with what was sent and what was answered. */
export async function flow(
  host: Host,
  address: string,
  port: number,
  perSecond: number,
  ms: number,
): Promise<{ sent: number; received: number }> {
  const args = ["flow", address, `${port}`, `${perSecond}`, `${ms}`];
  return JSON.parse(await host.must([process.execPath, PROBE, ...args])) as {
    sent: number;
    received: number;
  };
}

/** A conversation that goes on; `answers` grows while it lives, `ended` is true once the other side ended it. */
export function talk(
  host: Host,
  protocol: "tcp" | "udp",
  address: string,
  port: number,
): { answers(): number; ended(): boolean } {
  const child = host.spawn([process.execPath, PROBE, "talk", protocol, address, `${port}`]);
  let answers = 0;
  let ended = false;
  child.stdout?.on("data", (chunk: Buffer) => {
    const lines = chunk.toString().split("\n");
    answers += lines.filter((line) => line === "answer").length;
    if (lines.includes("end")) ended = true;
  });
  return { answers: () => answers, ended: () => ended };
}
