import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { holderOf, listens, mustAs, serveAs } from "../host.ts";
import { waitFor } from "../process.ts";
import { programOf } from "../program.ts";
import { type OperatorName, pathsOf, readState } from "../state.ts";
import { ADDRESSES, ADDRESSES6, TRUNK } from "../topology.ts";
import {
  controlPath,
  INITIAL_CONTROL,
  type OperatorControl,
  readControl,
  writeControl,
} from "./control.ts";
import {
  forgetRoutes,
  restartDelegation,
  restartRouter,
  startDelegation,
  startRouter,
} from "./ipv6.ts";
import { ORANGE_PCP, ORANGE_VLAN } from "./orange.ts";

/** What the operator can be made to do. A sentence is thrown for what it can't. */
export interface Operator {
  readonly name: OperatorName;
  start(lab: string): Promise<void>;
  /** Obeys the control file, which has just been written. */
  obey(lab: string, before: OperatorControl, after: OperatorControl): Promise<void>;
  leases(lab: string): readonly { readonly mac: string; readonly address: string }[];
}

/** Where the operator's customers are on their cables, on a kernel that has VLANs. */
export const ACCESS_VLANS: Readonly<Partial<Record<OperatorName, number>>> = {
  orange: ORANGE_VLAN,
};

export async function startOperator(lab: string, name: OperatorName): Promise<void> {
  writeControl(lab, INITIAL_CONTROL);
  await OPERATORS[name].start(lab);
  await waitForDhcp(lab);
}

export async function controlOperator(
  lab: string,
  name: OperatorName,
  change: (control: OperatorControl) => OperatorControl,
): Promise<void> {
  const before = readControl(controlPath(lab));
  const after = change(before);
  const moved = after.gateway !== before.gateway;
  const access = (verb: string, address: string) =>
    mustAs(lab, "isp", ["ip", "address", verb, `${address}/24`, "dev", "access"]);
  if (moved) await access("replace", after.gateway);
  await OPERATORS[name].obey(lab, before, after);
  writeControl(lab, after);
  // Nobody answers for the old router on the segment any more.
  if (moved) await access("del", before.gateway);
}

const orange: Operator = {
  name: "orange",
  async start(lab) {
    const program = programOf(join(import.meta.dirname, "orange-server.ts"));
    const { logs } = pathsOf(lab);
    const files = [
      ...[controlPath(lab), join(logs, "orange.jsonl"), leaseFile(lab)],
      join(logs, "orange6.jsonl"),
    ];
    writeFileSync(leaseFile(lab), "[]");
    if (readState(lab)?.vlan !== undefined) await dropUnmarked(lab);
    const source = `${ADDRESSES6.orangeRouter}/64`;
    await mustAs(lab, "isp", ["ip", "address", "add", source, "dev", "access", "nodad"]);
    await serveAs(lab, "isp", "orange", [process.execPath, program, ...files]);
    await startRouter(lab, ORANGE_ROUTER, INITIAL_CONTROL);
  },
  async obey(lab, before, after) {
    if (after.poolEmpty || after.prefixLength !== INITIAL_CONTROL.prefixLength) {
      throw new Error("the operator orange gives what it always gives: use --operator ethernet");
    }
    // It reads the control file at each message.
    if (after.routerStopped !== before.routerStopped)
      await restartRouter(lab, ORANGE_ROUTER, after);
    if (after.prefixSerial !== before.prefixSerial) await forgetRoutes(lab);
  },
  leases: (lab) => JSON.parse(readFileSync(leaseFile(lab), "utf8")),
};

/**
 * What leaves a line without the priority bits of control traffic is not heard, and nobody says so (operators.md 3.1).
 * The card of the access sees them, the server behind it does not.
 */
async function dropUnmarked(lab: string): Promise<void> {
  const match = `vlan id ${ORANGE_VLAN} vlan pcp != ${ORANGE_PCP} udp dport { 67, 547 }`;
  const rules = `table netdev lab-card {
    chain card { type filter hook ingress device ${TRUNK} priority 0; ${match} counter drop; }
  }`;
  await mustAs(lab, "isp", ["nft", "-f", "-"], { input: rules });
}

/** Any Ethernet operator: dnsmasq, which is third-party, with nothing special. */
const ethernet: Operator = {
  name: "ethernet",
  async start(lab) {
    const address = `${ADDRESSES6.access}/64`;
    await mustAs(lab, "isp", ["ip", "address", "add", address, "dev", "access", "nodad"]);
    await Promise.all([
      startDnsmasq(lab, INITIAL_CONTROL),
      startRouter(lab, ETHERNET_ROUTER, INITIAL_CONTROL),
      startDelegation(lab, INITIAL_CONTROL),
    ]);
  },
  async obey(lab, before, after) {
    if (after.parked)
      throw new Error("the operator ethernet has no parking: use --operator orange");
    if (after.duplicateSerial > before.duplicateSerial) {
      throw new Error("the operator ethernet offers no duplicate: use --operator orange");
    }
    if (after.silent !== before.silent) {
      await (after.silent ? drop(lab, "silent", "udp dport 67") : undrop(lab, "silent"));
      return;
    }
    if (after.routerStopped !== before.routerStopped) {
      return restartRouter(lab, ETHERNET_ROUTER, after);
    }
    const isMoved =
      after.prefixSerial !== before.prefixSerial || after.prefixLength !== before.prefixLength;
    if (isMoved || after.leaseSeconds !== before.leaseSeconds) {
      await restartDelegation(lab, after, isMoved);
    }
    if (isMoved) return;
    // dnsmasq knows no "refuse the next one": it forgets its leases and moves the pool, so it refuses them all.
    await mustAs(lab, "isp", ["pkill", "-KILL", "-x", "dnsmasq"]);
    await waitFor("dnsmasq ends", () => !listens(holderOf(lab, "isp"), "udp", 67), 3000, 10);
    const isFilled = after.poolEmpty !== before.poolEmpty;
    if (after.nakSerial > before.nakSerial || after.pool !== before.pool || isFilled) {
      writeFileSync(leaseFile(lab), after.poolEmpty ? strangersLeases(after) : "");
    }
    await startDnsmasq(lab, after);
    await waitForDhcp(lab);
  },
  leases: (lab) =>
    readFileSync(leaseFile(lab), "utf8")
      .split("\n")
      .map((line) => line.split(" "))
      .flatMap(([, mac, address]) => (mac && address ? [{ mac, address }] : [])),
};

const ETHERNET_ROUTER = {
  ...{ address: ADDRESSES6.accessRouter, prefix: ADDRESSES6.accessPrefix, other: true },
};
/** A router and nothing else: no prefix of the access, no word about DHCPv6. */
const ORANGE_ROUTER = { address: ADDRESSES6.orangeRouter, other: false };

const OPERATORS: Readonly<Record<OperatorName, Operator>> = { ethernet, orange };

export function operatorLeases(lab: string, name: OperatorName) {
  return OPERATORS[name].leases(lab);
}

async function startDnsmasq(lab: string, control: OperatorControl): Promise<void> {
  const { config, logs } = pathsOf(lab);
  const path = join(config, "dhcp.conf");
  const { first, last } = poolOf4(control);
  const gateway = control.pool === "main" ? control.gateway : ADDRESSES.otherGateway;
  writeFileSync(
    path,
    `port=0
keep-in-foreground
user=root
interface=access
except-interface=lo
bind-interfaces
dhcp-authoritative
no-ping
log-dhcp
log-facility=${join(logs, "dhcp.log")}
pid-file=
dhcp-leasefile=${leaseFile(lab)}
dhcp-range=${first},${last},255.255.255.0,${control.leaseSeconds}
dhcp-option=option:router,${gateway}
dhcp-option=option:dns-server,${ADDRESSES.resolver}
dhcp-option=option:domain-name,wan.internet.test
${control.t1Seconds === undefined ? "" : `dhcp-option=58,${control.t1Seconds}`}
${control.t2Seconds === undefined ? "" : `dhcp-option=59,${control.t2Seconds}`}
`,
  );
  await serveAs(lab, "isp", "dhcp", ["dnsmasq", `--conf-file=${path}`]);
}

/** The last octet moves by 50 at each session kill, out of the pool that the old leases are from. */
function poolOf4({ pool, nakSerial }: OperatorControl): { first: string; last: string } {
  const { first, last } = pool === "main" ? ADDRESSES.pool : ADDRESSES.otherPool;
  const move = (address: string) =>
    address.replace(/\d+$/, (octet) => String(Number(octet) + 50 * (nakSerial % 2)));
  return { first: move(first), last: move(last) };
}

/** Every address of the pool is somebody's, for a day. */
function strangersLeases(control: OperatorControl): string {
  const { first, last } = poolOf4(control);
  const [network, from, to] = [first.replace(/\d+$/, ""), lastOctet(first), lastOctet(last)];
  const end = Math.floor(Date.now() / 1000) + 86_400;
  const octets = Array.from({ length: to - from + 1 }, (_, n) => from + n);
  const line = (octet: number) =>
    `${end} 02:70:61:ff:ff:${octet.toString(16).padStart(2, "0")} ${network}${octet} * *`;
  return `${octets.map(line).join("\n")}\n`;
}

function lastOctet(address: string): number {
  return Number(address.split(".").at(-1));
}

function waitForDhcp(lab: string): Promise<boolean> {
  const id = holderOf(lab, "isp");
  return waitFor("DHCP server of the operator (see logs)", () => listens(id, "udp", 67), 10_000);
}

function leaseFile(lab: string): string {
  return join(pathsOf(lab).config, "operator.leases");
}

/** Where `isp` drops packets: those for itself, those it sends, those it passes on. */
export type DropHook = "input" | "output" | "forward";

/** Silence on `isp`: packets that match are dropped there, without an answer. */
export async function drop(
  lab: string,
  name: string,
  match: string,
  hooks: readonly DropHook[] = ["input"],
): Promise<void> {
  const chains = hooks.map(
    (hook) => `chain ${hook} { type filter hook ${hook} priority -10; ${match} drop; }`,
  );
  const rules = `table inet lab-${name} {\n${chains.join("\n")}\n}`;
  await mustAs(lab, "isp", ["nft", "-f", "-"], { input: rules });
}

export async function undrop(lab: string, name: string): Promise<void> {
  // Adding what may exist, then deleting it, is right whether or not the fault was on.
  const rules = `add table inet lab-${name}; delete table inet lab-${name}`;
  await mustAs(lab, "isp", ["nft", "-f", "-"], { input: rules });
}
