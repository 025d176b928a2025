import { execFileSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { enterPrivateNetwork } from "@passerelle/native";
import { formatIpv4, ipv4, parseIpv6 } from "@passerelle/net";
import {
  type Family,
  IFA_F_TENTATIVE,
  IFF_LOWER_UP,
  IFF_UP,
  type IpAddress,
  type Prefix,
} from "@passerelle/netlink-codec";
import { expect, it } from "vitest";
import { createLinuxNetlink } from "../src/linux.ts";
import type { Netlink } from "../src/port.ts";

const OPERATIONS = 600;
const SEED = 20_261_123;

it(`sees what ip sees, after ${OPERATIONS} random operations`, async () => {
  enterPrivateNetwork();
  const made = createLinuxNetlink();
  if (!made.ok) throw new Error(made.error.text);
  const kernel = made.value;
  const random = generator(SEED);
  let accepted = 0;
  for (let i = 1; i <= OPERATIONS; i += 1) {
    if (await operate(kernel, random)) accepted += 1;
    if (i % 100 === 0) await converge(() => compare(kernel));
  }
  // A story of refusals would prove nothing.
  expect(accepted).toBeGreaterThan(OPERATIONS / 3);
  const routes = await kernel.routes();
  expect(routes.ok && routes.value.length).toBeGreaterThan(3);
  kernel.close();
});

type Random = (below: number) => number;

async function operate(kernel: Netlink, random: Random): Promise<boolean> {
  const links = await kernel.links();
  if (!links.ok) throw new Error(links.error.text);
  const index = links.value[random(links.value.length)]?.index ?? 1;
  const bridges = links.value.filter((one) => one.kind === "bridge");
  const name = `n${random(8)}`;
  const family: Family = random(2) === 0 ? 4 : 6;
  const network = random(4);
  const address = anAddress(family, network, 1 + random(3));
  const prefixLength = family === 4 ? 24 : 64;
  const metric = random(3);
  const operations = [
    () => kernel.createBridge(name),
    () => kernel.createVeth(name, `p${random(8)}`),
    () => (random(4) === 0 ? kernel.deleteLink(index) : kernel.setLink(index, { up: true })),
    () => kernel.setLink(index, { up: random(4) > 0, mtu: 1280 + random(200) }),
    () => kernel.setLink(index, { master: bridges[random(bridges.length)]?.index ?? 0 }),
    () =>
      kernel.addAddress({
        interfaceIndex: index,
        address,
        prefixLength,
        noDuplicateDetection: true,
      }),
    () =>
      kernel.replaceAddress({
        interfaceIndex: index,
        address,
        prefixLength,
        preferredSeconds: 1000,
        validSeconds: 100_000,
      }),
    () =>
      random(3) > 0
        ? kernel.setLink(index, { up: true })
        : kernel.removeAddress({ interfaceIndex: index, address, prefixLength }),
    () => kernel.addRoute({ family, gateway: address, metric: 1 + metric }),
    () =>
      kernel.replaceRoute({
        family,
        destination: aNetwork(family, 10 + random(5)),
        gateway: address,
        metric,
        ...(family === 6 ? { expiresSeconds: 100_000, preference: "high" as const } : {}),
      }),
    () =>
      kernel.addRoute({
        family,
        destination: aNetwork(family, 20 + random(5)),
        type: "unreachable",
      }),
    () =>
      kernel.removeRoute({
        family,
        destination: aNetwork(family, 20 + random(5)),
        type: "unreachable",
      }),
    () => kernel.addRule({ family, priority: 100 + random(9), table: 254, mark: random(3) }),
    () => kernel.removeRule({ family, priority: 100 + random(9), table: 254, mark: random(3) }),
  ];
  const operation = operations[random(operations.length)];
  return operation === undefined ? false : (await operation()).ok;
}

/** Carrier and duplicate address detection go on for seconds: two looks at a moving thing may differ. */
async function converge(check: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await check();
      return;
    } catch (thrown) {
      if (attempt === 20) throw thrown;
      await sleep(250);
    }
  }
}

async function compare(kernel: Netlink): Promise<void> {
  const links = must(await kernel.links());
  const names = new Map(links.map((one) => [one.index, one.name ?? ""]));
  expect(
    links.map((one) => ({
      index: one.index,
      name: one.name,
      mac: one.mac,
      mtu: one.mtu,
      master: one.master === undefined ? undefined : names.get(one.master),
      state: one.operState,
      kind: one.kind,
      up: (one.flags & IFF_UP) !== 0,
      lower: (one.flags & IFF_LOWER_UP) !== 0,
    })),
  ).toEqual(
    ip("-d", "link").map((one) => ({
      index: one.ifindex,
      name: one.ifname,
      mac: one.address,
      mtu: one.mtu,
      master: one.master,
      state: String(one.operstate).toLowerCase().replace("lowerlayerdown", "lower-layer-down"),
      kind: (one.linkinfo as Row | undefined)?.info_kind,
      up: (one.flags as string[]).includes("UP"),
      lower: (one.flags as string[]).includes("LOWER_UP"),
    })),
  );
  await compareAddresses(kernel, names);
  for (const family of [4, 6] as const) await compareRoutes(kernel, family, names);
}

async function compareAddresses(kernel: Netlink, names: Map<number, string>): Promise<void> {
  const mine = must(await kernel.addresses()).map((one) => ({
    link: names.get(one.interfaceIndex),
    address: text(one.address),
    prefixLength: one.prefixLength,
    label: one.label,
    tentative: (one.flags & IFA_F_TENTATIVE) !== 0,
    forEver: one.validSeconds === undefined,
  }));
  const theirs = ip("addr").flatMap((link) =>
    (link.addr_info as Row[]).map((one) => ({
      link: link.ifname,
      address: one.local,
      prefixLength: one.prefixlen,
      label: one.label,
      tentative: one.tentative === true,
      forEver: one.valid_life_time === 0xffff_ffff,
    })),
  );
  expect(sorted(mine)).toEqual(sorted(theirs));
}

async function compareRoutes(
  kernel: Netlink,
  family: Family,
  names: Map<number, string>,
): Promise<void> {
  const mine = must(await kernel.routes({ family })).map((one) => ({
    to: one.destination === undefined ? "default" : prefix(one.destination, family),
    gateway: one.gateway === undefined ? undefined : text(one.gateway),
    // ip prints no device for a blackhole of IPv4 and the loopback for one of IPv6.
    device: one.interfaceIndex === undefined ? undefined : names.get(one.interfaceIndex),
    metric: one.metric,
    protocol: String(one.protocol),
    source: one.preferredSource === undefined ? undefined : text(one.preferredSource),
    preference: one.preference === undefined ? undefined : PREFERENCES[one.preference],
    // In minutes: a second may pass between two looks.
    minutes: one.expiresSeconds === undefined ? undefined : Math.round(one.expiresSeconds / 60),
  }));
  const theirs = ip(`-${family}`, "-N", "route", "show", "table", "main").map((one) => ({
    to: one.dst,
    gateway: one.gateway,
    device: one.dev,
    metric: one.metric,
    protocol: one.protocol,
    source: one.prefsrc,
    preference: one.pref,
    minutes: one.expires === undefined ? undefined : Math.round(Number(one.expires) / 60),
  }));
  expect(sorted(mine)).toEqual(sorted(theirs));
  const rules = must(await kernel.rules(family)).map((one) => [
    one.priority ?? 0,
    one.table,
    one.mark,
  ]);
  const listed = ip(`-${family}`, "-N", "rule").map((one) => [
    one.priority,
    Number(one.table),
    one.fwmark === undefined ? undefined : Number(one.fwmark),
  ]);
  expect(rules).toEqual(listed);
}

const PREFERENCES = ["medium", "high", "reserved", "low"];

type Row = Record<string, unknown>;

function ip(...words: string[]): Row[] {
  const show = words.includes("show") || words.includes("rule") ? [] : ["show"];
  const out = execFileSync("ip", ["-j", ...words, ...show])
    .toString()
    .trim();
  // An empty table is an empty text, and ip pads lists with empty objects.
  return (JSON.parse(out === "" ? "[]" : out) as Row[]).filter(
    (row) => Object.keys(row).length > 0,
  );
}

function must<T>(result: { ok: true; value: T } | { ok: false; error: { text: string } }): T {
  if (!result.ok) throw new Error(result.error.text);
  return result.value;
}

function sorted(rows: readonly object[]): string[] {
  return rows.map((row) => JSON.stringify(row)).sort();
}

function text(address: IpAddress): string {
  return typeof address === "number" ? formatIpv4(address) : address;
}

function prefix(one: Prefix, family: Family): string {
  const whole = one.prefixLength === (family === 4 ? 32 : 128);
  return whole ? text(one.address) : `${text(one.address)}/${one.prefixLength}`;
}

function anAddress(family: Family, network: number, host: number): IpAddress {
  if (family === 4) return ipv4(0x0a00_0000 + network * 256 + host);
  const address = parseIpv6(`2001:db8:0:${network}::${host}`);
  if (address === undefined) throw new Error("invariant: an address");
  return address;
}

function aNetwork(family: Family, network: number): Prefix {
  return { address: anAddress(family, network, 0), prefixLength: family === 4 ? 24 : 64 };
}

/** The same numbers each run (mulberry32), so that a failure repeats. */
function generator(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000) * Math.max(1, below));
  };
}
