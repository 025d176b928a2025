import { lanState, wanPrefixes } from "@passerelle/contract";
import {
  CLIENT_PORT,
  clientFqdnOption,
  decodeDhcpv6,
  encodeDhcpv6,
  SERVER_PORT,
  serverIdOf,
} from "@passerelle/dhcpv6";
import { decodeMessage, reverseName6 } from "@passerelle/dns";
import { decodeNdp, NDP_TYPE } from "@passerelle/ndp";
import { ALL_NODES, formatCidr6, linkLocalOf } from "@passerelle/net";
import { createFakeNetlink } from "@passerelle/netlink";
import { type TestContext, testContext } from "@passerelle/service/testing";
import {
  createFakeNetwork,
  type DatagramSocket,
  type FakeHost,
  type FakeInterface,
} from "@passerelle/sockets";
import { milliseconds, seconds } from "@passerelle/time";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type LanConfig, section } from "../../src/config.ts";
import { createLanService } from "../../src/service.ts";
import { queryBytes } from "../dns-messages.ts";
import { describeMessage as describeReply, says } from "./dhcpv6-support.ts";
import { describeMessage } from "./ra-support.ts";
import { ip6, mac } from "./support.ts";

/** What `wan` says becomes addresses, routes, advertisements, DNS and leases: everything but the disk is in memory. */
const BOX = mac("02:00:00:00:00:01");
const LAPTOP = mac("00:11:22:33:44:01");
const VISITOR = mac("00:11:22:33:44:02");
const ULA = "fd12:3456:789a::/48";
const FIRST = "2a01:cb00:1:100::/56";
const SECOND = "2a01:cb00:2:200::/56";

const defaults = section.defaults({ password: () => "", bytes: (n) => new Uint8Array(n) });
function configOf(parts: Partial<NonNullable<LanConfig["ipv6"]>> = {}): LanConfig {
  const ipv6 = { enabled: true, ula: ULA, addressing: "slaac", ...parts } as const;
  const networks = defaults.networks.map((one) => ({
    ...one,
    ports: one.name === "lan" ? ["eth1"] : [],
  }));
  return { ...defaults, networks, ipv6 };
}

let context: TestContext<LanConfig>;
let kernel: ReturnType<typeof createFakeNetlink>;
let box: FakeHost;
let port: FakeInterface;
let card: FakeInterface;
let client: DatagramSocket;
let heard: string[];
let heardByGuest: string[];
let replies: string[];
/** Who sent the last of them. */
let server: Uint8Array | undefined;
let answers: Uint8Array[];
type Running = Awaited<ReturnType<ReturnType<typeof createLanService>["start"]>>;
let service: Running;

function value<T>(
  result:
    | { readonly ok: true; readonly value: T }
    | { readonly ok: false; readonly error: unknown },
): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

async function begin(config: LanConfig): Promise<void> {
  context = testContext({ config, client: "lan" });
  await life();
}

async function life(): Promise<void> {
  service = await createLanService({ netlink: kernel, sockets: box.sockets }).start(context);
  await context.clock.advance(milliseconds(50));
}

beforeEach(() => {
  const network = createFakeNetwork({ delivery: "microtask" });
  box = network.addHost("box");
  kernel = createFakeNetlink();
  kernel.addCard("eth1", BOX);
  // As the kernel numbers them: the loopback, the card, the bridges.
  box.addInterface({ name: "eth1", segment: "nowhere", mac: BOX });
  port = box.addInterface({ name: "br-lan", segment: "home", mac: BOX });
  // The kernel would give its addresses to the sockets; these two fakes do not know each other.
  port.addresses = [
    linkLocalOf(BOX),
    ...["fd12:3456:789a::1", "2a01:cb00:1:100::1", "2a01:cb00:2:200::1"].map(ip6),
  ];
  box.addInterface({
    ...{ name: "br-guest", segment: "guests" },
    addresses: [
      // Of the hardware address that the fake kernel gives the second bridge.
      linkLocalOf(mac("02:00:00:00:00:04")),
      ...["2a01:cb00:1:101::1", "2a01:cb00:2:201::1", "fd12:3456:789a:1::1"].map(ip6),
    ],
  });
  const laptop = network.addHost("laptop");
  card = laptop.addInterface({
    ...{ name: "eth0", segment: "home", mac: LAPTOP },
    addresses: [linkLocalOf(LAPTOP), ip6("fd12:3456:789a::99")],
  });
  heard = [];
  replies = [];
  answers = [];
  listen(laptop, card, heard);
  const visitor = network.addHost("visitor");
  const theirs = visitor.addInterface({
    ...{ name: "eth0", segment: "guests", mac: VISITOR },
    addresses: [linkLocalOf(VISITOR)],
  });
  heardByGuest = [];
  listen(visitor, theirs, heardByGuest);
  client = value(laptop.sockets.openDatagram({ family: 6, port: CLIENT_PORT, device: "eth0" }));
  client.onDatagram(({ bytes, sourcePort }) => {
    if (sourcePort !== SERVER_PORT) {
      answers.push(bytes.slice());
      return;
    }
    const reply = value(decodeDhcpv6(bytes));
    server = serverIdOf(reply);
    replies.push(describeReply(reply));
  });
});

/** Advertisements. */
function listen(host: FakeHost, by: FakeInterface, into: string[]): void {
  const types = [NDP_TYPE.router_advertisement];
  const ear = value(host.sockets.openIcmp({ family: 6, device: "eth0", types }));
  value(ear.joinGroup(ALL_NODES, by.index));
  ear.onMessage(({ bytes, source, destination, ttl }) => {
    if (typeof source !== "string" || typeof destination !== "string") return;
    const message = value(decodeNdp(bytes, { source, destination, hopLimit: ttl }));
    if (message.kind === "router_advertisement") into.push(describeMessage(message));
  });
}

afterEach(async () => {
  await context.dispose();
});

async function line(prefixes: readonly string[], more: object = {}): Promise<void> {
  context.hub.client("wan").publish(wanPrefixes, {
    prefixes: prefixes.map((prefix) => ({ prefix, ...more })),
    reachable: prefixes.length > 0,
  });
  await context.clock.advance(milliseconds(50));
}

async function addresses(name = "br-lan"): Promise<readonly string[]> {
  const index = value(await kernel.links()).find((one) => one.name === name)?.index;
  const all = value(await kernel.addresses(6)).filter((one) => one.interfaceIndex === index);
  return all
    .map(({ address }) => `${address}`)
    .filter((address) => !address.startsWith("fe80:"))
    .sort();
}

async function routes(name = "br-lan"): Promise<readonly string[]> {
  const index = value(await kernel.links()).find((one) => one.name === name)?.index;
  return value(await kernel.routes({ family: 6 }))
    .filter((one) => one.interfaceIndex === index && one.protocol === 80)
    .map(({ destination, gateway }) => {
      if (destination === undefined || typeof destination.address !== "string") return "?";
      const { address, prefixLength } = destination;
      const to = formatCidr6({ address, prefixLength });
      return gateway === undefined ? to : `${to} via ${gateway}`;
    })
    .sort();
}

function retained(topic: { readonly name: string }): unknown {
  return context.hub.retained().get(topic.name);
}

async function ask(said: Parameters<typeof says>[0]): Promise<void> {
  replies.length = 0;
  value(
    client.send(encodeDhcpv6(says(said)), ip6("ff02::1:2"), SERVER_PORT, {
      interfaceIndex: card.index,
    }),
  );
  await context.clock.advance(milliseconds(50));
}

async function resolve(name: string, type: number): Promise<readonly unknown[]> {
  answers.length = 0;
  value(client.send(queryBytes(name, type), ip6("fd12:3456:789a::1"), 53));
  await context.clock.advance(milliseconds(0));
  const message = answers[0] === undefined ? undefined : decodeMessage(answers[0]);
  return message?.ok === true ? message.value.answers.map(({ data }) => data) : ["no answer"];
}

test("nothing is said or changed before wan has spoken; then every network has its part of every prefix", async () => {
  await begin(configOf());
  await context.clock.advance(seconds(5));
  expect(heard).toEqual([]);
  expect(await addresses()).toEqual([]);
  await line([FIRST]);
  expect(await addresses()).toEqual(["2a01:cb00:1:100::1", "fd12:3456:789a::1"]);
  expect(await addresses("br-guest")).toEqual(["2a01:cb00:1:101::1", "fd12:3456:789a:1::1"]);
  expect(await routes()).toEqual(["2a01:cb00:1:100::/64", "fd12:3456:789a::/64"]);
  expect(heard[0]).toMatch(/^router 2700, O, prefix 2a01:cb00:1:100::\/64 LA 2700\/5400,/);
  expect(heard[0]).toContain("fd12:3456:789a::1");
  await context.clock.advance(seconds(2));
  expect(retained(lanState)).toMatchObject({
    kind: "serving",
    networks: [{ ipv6: { subnets: [{ prefix: "2a01:cb00:1:100::/64" }, {}] } }, { ipv6: {} }],
  });
});

test("another prefix: the old address and its route go at once, hosts hear that it is stale", async () => {
  await begin(configOf());
  await line([FIRST]);
  await context.clock.advance(seconds(5));
  heard.length = 0;
  await line([SECOND]);
  expect(await addresses()).toEqual(["2a01:cb00:2:200::1", "fd12:3456:789a::1"]);
  expect(await routes()).toEqual(["2a01:cb00:2:200::/64", "fd12:3456:789a::/64"]);
  expect(heard[0]).toContain("prefix 2a01:cb00:1:100::/64 LA 0/0");
  expect(heard[0]).toContain("prefix 2a01:cb00:2:200::/64 LA 2700/5400");
});

test("addresses and routes end with the prefix, and a renewal gives them their new end", async () => {
  await begin(configOf({ ula: "off" }));
  const until = (s: number) => ({
    preferredUntil: context.clock.now() + s * 500,
    validUntil: context.clock.now() + s * 1000,
  });
  await line([FIRST], until(600));
  const times = async () =>
    value(await kernel.addresses(6)).find(({ address }) => address === ip6("2a01:cb00:1:100::1"));
  expect(await times()).toMatchObject({ preferredSeconds: 300, validSeconds: 600 });
  await line([FIRST], until(6000));
  expect(await times()).toMatchObject({ preferredSeconds: 3000, validSeconds: 6000 });
  const [route] = value(await kernel.routes({ family: 6 })).filter((one) => one.protocol === 80);
  expect(route?.expiresSeconds).toBe(6000);
});

test("a restart takes over what is there, and takes away what is of no prefix of today", async () => {
  await begin(configOf({ addressing: "slaac-and-dhcpv6" }));
  await line([FIRST]);
  await ask({ type: "SOLICIT", mac: LAPTOP, pd: [], rapid: true });
  const delegated = `2a01:cb00:1:1ff::/64 via ${linkLocalOf(LAPTOP)}`;
  expect(await routes()).toContain(delegated);
  const changes: string[] = [];
  await service.stop();
  const watching = kernel.subscribe({ addresses: true, routes: true }, (event) =>
    changes.push(JSON.stringify(event)),
  );
  await life();
  expect(await addresses()).toEqual(["2a01:cb00:1:100::1", "fd12:3456:789a::1"]);
  expect(changes).toEqual([]);
  expect(await routes()).toContain(delegated);
  value(watching).close();
  await line([SECOND]);
  expect(await addresses()).toEqual(["2a01:cb00:2:200::1", "fd12:3456:789a::1"]);
});

test("DHCPv6: an address and a prefix with its route; the name of the device, both ways, over IPv6", async () => {
  await begin(configOf({ addressing: "slaac-and-dhcpv6" }));
  await line([FIRST]);
  expect(heard[0]).toMatch(/^router 2700, M, O,/);
  const more = [clientFqdnOption({ flags: 0, name: "Laptop", isPartial: true })];
  await ask({ type: "SOLICIT", mac: LAPTOP, na: [], pd: [], rapid: true, more });
  expect(replies[0]).toContain("2a01:cb00:1:100:");
  expect(replies[0]).toContain("fd12:3456:789a::1");
  expect(await routes()).toContain(`2a01:cb00:1:1ff::/64 via ${linkLocalOf(LAPTOP)}`);
  const own = [{ kind: "aaaa", address: "fd12:3456:789a::1" }];
  expect(await resolve("box.home.arpa", 28)).toEqual(own);
  const given = [...(replies[0]?.match(/(2a01:cb00:1:100|fd12:3456:789a:0):[0-9a-f:]{9,}/g) ?? [])];
  expect(given).toHaveLength(2);
  const found = await resolve("laptop.home.arpa", 28);
  expect(found).toHaveLength(2);
  expect(found).toEqual(
    expect.arrayContaining(given.map((text) => ({ kind: "aaaa", address: ip6(text) }))),
  );
  const reverse = reverseName6(ip6(given[0] ?? ""));
  const name = [{ kind: "name", target: "laptop.home.arpa" }];
  expect(await resolve(reverse, 12)).toEqual(name);
  await service.stop();
  await life();
  expect(await resolve(reverse, 12)).toEqual(name);
  await ask({ type: "RELEASE", mac: LAPTOP, na: given, server });
  expect(await resolve("laptop.home.arpa", 28)).toEqual([]);
});

test("switched off: hosts hear farewell, addresses and routes go; a prefix too small is a fault", async () => {
  await begin(configOf());
  await line(["2a01:cb00:1:100::/64"]);
  await context.clock.advance(seconds(2));
  expect(retained(lanState)).toMatchObject({
    kind: "degraded",
    faults: [{ code: "ipv6_prefix_too_small" }],
  });
  await context.clock.advance(seconds(5));
  heard.length = 0;
  value(await service.reconfigure(configOf({ enabled: false })));
  await context.clock.advance(seconds(4));
  expect(heard[0]).toMatch(/^router 0,/);
  expect(await addresses()).toEqual([]);
  expect(await routes()).toEqual([]);
  value(await service.reconfigure(configOf()));
  await context.clock.advance(milliseconds(50));
  expect(await addresses()).toEqual(["2a01:cb00:1:100::1", "fd12:3456:789a::1"]);
});

test("a network that goes tells its hosts so while its bridge is there", async () => {
  await begin(configOf());
  await line([FIRST]);
  // The three of the beginning are said: nothing has to wait for its turn (RFC 4861 section 6.2.6).
  await context.clock.advance(seconds(60));
  expect(heardByGuest[0]).toContain("prefix 2a01:cb00:1:101::/64 LA 2700/5400");
  heardByGuest.length = 0;
  const { networks, ...rest } = configOf();
  const reconfigured = service.reconfigure({ ...rest, networks: networks.slice(0, 1) });
  // Whoever changed it gets the answer first.
  await context.clock.advance(milliseconds(400));
  expect(heardByGuest).toEqual([expect.stringMatching(/^router 0,/)]);
  expect(value(await kernel.links()).some(({ name }) => name === "br-guest")).toBe(true);
  await context.clock.advance(milliseconds(400));
  value(await reconfigured);
  expect(value(await kernel.links()).some(({ name }) => name === "br-guest")).toBe(false);
  expect(heard.some((one) => one.startsWith("router 0,"))).toBe(false);
});
