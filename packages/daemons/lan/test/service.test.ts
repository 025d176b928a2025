import {
  configState,
  lanDevices,
  lanLeaseEvent,
  lanLeases,
  lanState,
  wanState,
} from "@passerelle/contract";
import {
  CLIENT_PORT,
  decodeDhcpv4,
  encodeDhcpv4,
  MESSAGE_TYPE,
  messageTypeOf,
  SERVER_PORT,
  serverIdOf,
} from "@passerelle/dhcpv4";
import { decodeMessage } from "@passerelle/dns";
import { formatIpv4, IPV4_BROADCAST, type Ipv4 } from "@passerelle/net";
import { createFakeNetlink } from "@passerelle/netlink";
import { type TestContext, testContext } from "@passerelle/service/testing";
import { createFakeNetwork, type DatagramSocket, type FakeInterface } from "@passerelle/sockets";
import { milliseconds, seconds } from "@passerelle/time";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type LanConfig, section } from "../src/config.ts";
import { createLanService } from "../src/service.ts";
import { ip, mac, type Said, says } from "./dhcp-support.ts";
import { queryBytes } from "./dns-messages.ts";

/** The whole service with a kernel, a network, a bus and a clock in memory: only the disk is real. */
const SERVER = "10.231.77.1";
const TOASTER = mac("00:11:22:33:44:55");

const defaults = section.defaults({ password: () => "", bytes: (n) => new Uint8Array(n) });
function configOf(address: string): LanConfig {
  const [lan] = defaults.networks;
  if (lan === undefined) throw new Error("a network");
  const base = address.split(".").slice(0, 3).join(".");
  const dhcp = { ...lan.dhcp, first: `${base}.50`, last: `${base}.99`, probe: false };
  const network = { ...lan, ports: ["eth1"], address: `${address}/24`, dhcp };
  return { ...defaults, networks: [network], reservations: [] };
}

let context: TestContext<LanConfig>;
let kernel: ReturnType<typeof createFakeNetlink>;
let bridge: FakeInterface;
let card: FakeInterface;
let client: DatagramSocket;
let heard: Uint8Array[];
/** Who was heard last. */
let from: unknown;
let asker: DatagramSocket;
let answers: Uint8Array[];
let service: Awaited<ReturnType<ReturnType<typeof createLanService>["start"]>>;

beforeEach(async () => {
  const network = createFakeNetwork({ delivery: "microtask" });
  const box = network.addHost("box");
  bridge = box.addInterface({ name: "br-lan", segment: "home", addresses: [ip(SERVER)] });
  const toaster = network.addHost("toaster");
  card = toaster.addInterface({ name: "eth0", segment: "home", mac: TOASTER });
  kernel = createFakeNetlink();
  kernel.addCard("eth1", mac("00:11:22:33:44:01"));
  context = testContext({ config: configOf(SERVER), client: "lan" });
  service = await createLanService({ netlink: kernel, sockets: box.sockets }).start(context);
  await context.clock.advance(milliseconds(50));
  const open = (port: number, into: Uint8Array[]): DatagramSocket => {
    const opened = toaster.sockets.openDatagram({
      ...{ family: 4, port, device: "eth0", broadcast: true },
    });
    if (!opened.ok) throw new Error(opened.error.text);
    opened.value.onDatagram(({ bytes, source }) => {
      into.push(bytes.slice());
      from = source;
    });
    return opened.value;
  };
  heard = [];
  answers = [];
  client = open(CLIENT_PORT, heard);
  asker = open(40_000, answers);
});

afterEach(async () => {
  await context.dispose();
});

/** The type and address of the reply to what the toaster says by broadcast. */
async function say(said: Omit<Said, "mac">) {
  heard.length = 0;
  const bytes = encodeDhcpv4(says({ ...said, mac: TOASTER, broadcast: true, hostname: "Toaster" }));
  const sent = client.send(bytes, IPV4_BROADCAST, SERVER_PORT);
  if (!sent.ok) throw new Error(sent.error.text);
  await context.clock.advance(milliseconds(10));
  const [reply] = heard;
  const decoded = reply === undefined ? undefined : decodeDhcpv4(reply);
  if (decoded?.ok !== true) return undefined;
  const { value } = decoded;
  return { type: messageTypeOf(value), address: value.yiaddr, server: serverIdOf(value), from };
}

async function dora(): Promise<Ipv4> {
  const offer = await say({ type: "DHCPDISCOVER" });
  if (offer?.server === undefined) throw new Error("an offer");
  const { address: requested, server } = offer;
  const ack = await say({ type: "DHCPREQUEST", requested, server });
  expect(ack).toMatchObject({ type: MESSAGE_TYPE.DHCPACK, address: requested });
  return requested;
}

/** What the box answers for a name; no time passes. */
async function resolve(name: string, from: Ipv4, server: string, type = 1): Promise<unknown[]> {
  card.addresses = [from];
  answers.length = 0;
  asker.send(queryBytes(name, type), ip(server), 53);
  await context.clock.advance(milliseconds(0));
  const message = answers[0] === undefined ? undefined : decodeMessage(answers[0]);
  return message?.ok === true ? message.value.answers.map(({ data }) => data) : ["no answer"];
}

function retained(topic: { readonly name: string }): unknown {
  return context.hub.retained().get(topic.name);
}

test("the box itself answers to box.home.arpa and passerelle.home.arpa, and no device takes either", async () => {
  const box = [{ kind: "a", address: ip(SERVER) }];
  const asker = ip("10.231.77.200");
  for (const name of ["box.home.arpa", "passerelle.home.arpa", "box", "BOX.home.arpa"])
    expect(await resolve(name, asker, SERVER), name).toEqual(box);
  const owner = await resolve("1.77.231.10.in-addr.arpa", asker, SERVER, 12);
  expect(owner).toEqual([{ kind: "name", target: "passerelle.home.arpa" }]);
});

test("a lease, its name at once, the documents, and the end", async () => {
  const events: string[] = [];
  context.hub.client("web").subscribe(lanLeaseEvent, ({ kind }) => events.push(kind));
  expect(retained(lanState)).toMatchObject({ kind: "serving" });
  // The name is asked for, and not there: what the cache keeps of that must not outlive the lease.
  expect(await resolve("toaster.home.arpa", ip("10.231.77.200"), SERVER)).toEqual([]);

  const address = await dora();
  const a = [{ kind: "a", address }];
  expect(await resolve("toaster.home.arpa", address, SERVER)).toEqual(a);
  expect(await resolve("toaster", address, SERVER)).toEqual(a);
  await context.clock.advance(seconds(2));
  const mine = { dnsName: "toaster", hostname: "Toaster", mac: TOASTER };
  expect(retained(lanLeases)).toMatchObject({ leases: [mine] });
  expect(retained(lanDevices)).toMatchObject({ devices: [{ name: "Toaster", online: true }] });
  expect(retained(lanState)).toMatchObject({ networks: [{ dhcp: { leased: 1, free: 49 } }] });

  await say({ type: "DHCPRELEASE", ciaddr: address });
  expect(await resolve("toaster.home.arpa", address, SERVER)).toEqual([]);
  expect(events).toEqual(["granted", "released"]);

  await service.stop();
  expect(await say({ type: "DHCPDISCOVER" })).toBeUndefined();
  expect(context.clock.pending).toBe(0);
});

const ELSEWHERE = "10.231.78.1";
const networks = (doc: unknown) => (doc as { readonly networks: readonly object[] }).networks;

/** The box moves; the bridge of the fake network has whatever the kernel would have. */
async function move(to: string): Promise<void> {
  bridge.addresses = [ip(SERVER), ip(ELSEWHERE)];
  expect(await service.reconfigure(configOf(to))).toMatchObject({ ok: true });
  await context.clock.advance(seconds(2));
}

test("the box moves: who has a lease goes on at the old address, is refused when it asks, and follows", async () => {
  const address = await dora();
  await move(ELSEWHERE);
  expect(await kernelAddresses()).toEqual([SERVER, ELSEWHERE]);
  expect(retained(lanState)).toMatchObject({
    networks: [{ address: `${ELSEWHERE}/24`, former: [{ address: `${SERVER}/24` }] }],
  });
  // It keeps its name, asks where it always asked, and hears where the box is now.
  const a = [{ kind: "a", address }];
  expect(await resolve("toaster.home.arpa", address, SERVER)).toEqual(a);
  const box = [{ kind: "a", address: ip(ELSEWHERE) }];
  expect(await resolve("box.home.arpa", address, SERVER)).toEqual(box);
  expect(await resolve("box.home.arpa", address, ELSEWHERE)).toEqual(box);

  const refused = { type: MESSAGE_TYPE.DHCPNAK, server: ip(SERVER), from: ip(SERVER) };
  expect(await say({ type: "DHCPREQUEST", ciaddr: address })).toMatchObject(refused);
  card.addresses = [];
  const moved = await dora();
  expect(moved >>> 8).toBe(ip(ELSEWHERE) >>> 8);
  const now = [{ kind: "a", address: moved }];
  expect(await resolve("toaster.home.arpa", moved, ELSEWHERE)).toEqual(now);
  // It was the last one: the old address goes after the minute in which another may ask.
  expect(await kernelAddresses()).toContain(SERVER);
  await context.clock.advance(seconds(60));
  expect(await kernelAddresses()).toEqual([ELSEWHERE]);
  await context.clock.advance(seconds(2));
  expect(networks(retained(lanState))[0]).not.toHaveProperty("former");
  expect(await resolve("box.home.arpa", address, SERVER)).toEqual(["no answer"]);
});

test("the move is undone: who followed goes on where it is, and comes back to its place", async () => {
  const address = await dora();
  const config = context.hub.client("config");
  const digests = {};
  config.publish(configState, {
    ...{ revision: 2, digests },
    phase: {
      ...{ kind: "probation", remainingMs: 600_000, previous: 1 },
      author: { name: "anna", origin: "lan" },
    },
  });
  await move(ELSEWHERE);
  card.addresses = [];
  const moved = await dora();
  // On probation the old address stays, though nobody needs it.
  await context.clock.advance(seconds(300));
  expect(await kernelAddresses()).toEqual([SERVER, ELSEWHERE]);
  config.publish(configState, { revision: 3, phase: { kind: "confirmed" }, digests });
  await move(SERVER);
  expect(await kernelAddresses()).toEqual([SERVER, ELSEWHERE]);
  const a = [{ kind: "a", address: moved }];
  expect(await resolve("toaster.home.arpa", moved, ELSEWHERE)).toEqual(a);
  card.addresses = [];
  expect(await dora()).toBe(address);
  await context.clock.advance(seconds(60));
  expect(await kernelAddresses()).toEqual([SERVER]);
});

test("a restart in the middle of a move keeps the old address as long as before", async () => {
  await dora();
  await move(ELSEWHERE);
  const before = retained(lanState);
  await service.stop();
  const again = testContext({
    ...{ config: configOf(ELSEWHERE), client: "lan", clock: context.clock },
    stateDirectory: context.stateDirectory,
  });
  const host = createFakeNetwork({ delivery: "microtask" }).addHost("box");
  host.addInterface({
    name: "br-lan",
    segment: "elsewhere",
    addresses: [ip(SERVER), ip(ELSEWHERE)],
  });
  const second = await createLanService({ netlink: kernel, sockets: host.sockets }).start(again);
  await context.clock.advance(seconds(2));
  expect(networks(again.hub.retained().get(lanState.name))).toEqual(networks(before));
  expect(await kernelAddresses()).toEqual([SERVER, ELSEWHERE]);
  await second.stop();
  await again.dispose();
});

test("the line needs the range: whoever asked is still answered by the address that goes", async () => {
  context.hub.client("wan").publish(wanState, {
    ...{ interface: "wan0", port: "wan0", profile: "ethernet", since: 0 },
    ...{
      access: { kind: "up", since: 0 },
      link: { kind: "untagged" },
      ipv6: { kind: "off", routers: [], addresses: [], prefixes: [], resolvers: [] },
    },
    session: {
      ...{ kind: "bound", address: "10.231.77.200/24", server: "10.231.77.254" },
      ...{ resolvers: [], routes: [], obtainedAt: 0, renewsAt: 0, expiresAt: 0 },
    },
    reach: { kind: "unknown" },
  });
  await context.clock.advance(milliseconds(10));
  bridge.addresses = [ip(SERVER), ip(ELSEWHERE)];
  const changed = service.reconfigure(configOf(ELSEWHERE));
  await context.clock.advance(milliseconds(200));
  expect(await kernelAddresses()).toEqual([SERVER]);
  await context.clock.advance(milliseconds(150));
  expect(await changed).toMatchObject({ ok: true });
  expect(await kernelAddresses()).toEqual([ELSEWHERE]);
});

test("a restart knows the names of its leases before anybody renews", async () => {
  const address = await dora();
  await service.stop();
  const host = createFakeNetwork({ delivery: "microtask" });
  const box = host.addHost("box");
  box.addInterface({ name: "br-lan", segment: "home", addresses: [ip(SERVER)] });
  const again = testContext({
    ...{ config: configOf(SERVER), client: "lan", clock: context.clock },
    stateDirectory: context.stateDirectory,
  });
  const second = await createLanService({ netlink: kernel, sockets: box.sockets }).start(again);
  await context.clock.advance(seconds(1));
  expect(again.hub.retained().get(lanLeases.name)).toMatchObject({
    leases: [{ dnsName: "toaster", mac: TOASTER }],
  });
  expect(address).toBeGreaterThan(0);
  await second.stop();
  await again.dispose();
});

async function kernelAddresses(): Promise<readonly string[]> {
  const listed = await kernel.addresses(4);
  return listed.ok
    ? listed.value.flatMap(({ address }) =>
        typeof address === "number" ? [formatIpv4(address)] : [],
      )
    : [];
}
