import { CLIENT_PORT, decodeDhcpv6, encodeDhcpv6, SERVER_PORT } from "@passerelle/dhcpv6";
import { decodeNdp, encodeNdp, NDP_TYPE, type NdpMessage } from "@passerelle/ndp";
import { ALL_NODES, ALL_ROUTERS, formatCidr6, linkLocalOf } from "@passerelle/net";
import { type TestContext, testContext } from "@passerelle/service/testing";
import {
  createFakeNetwork,
  type DatagramSocket,
  type FakeHost,
  type FakeInterface,
  type IcmpSocket,
} from "@passerelle/sockets";
import { milliseconds, seconds } from "@passerelle/time";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type LanConfig, section } from "../../src/config.ts";
import type { LanBridge } from "../../src/edge/bridges.ts";
import { Dhcpv6Serving } from "../../src/edge/ipv6/dhcpv6-serving.ts";
import { type RoutedNetwork, RouterServing } from "../../src/edge/ipv6/router-serving.ts";
import { type LanStore, openLanStore } from "../../src/edge/lan-store.ts";
import { config, describeMessage as describeReply, says } from "./dhcpv6-support.ts";
import { describeMessage, homeOfTexts, raConfig } from "./ra-support.ts";
import { ip6, mac } from "./support.ts";

/** Router and DHCPv6 server with their hands: a network and a clock in memory, a real disk. */
const BOX = mac("02:00:00:00:00:01");
const LAPTOP = mac("00:11:22:33:44:01");
const FIRST = "2a01:cb00:1:100::/56";
const SECOND = "2a01:cb00:2:200::/56";

let context: TestContext<LanConfig>;
let box: FakeHost;
let port: FakeInterface;
let card: FakeInterface;
let bridge: LanBridge;
let ear: IcmpSocket;
let client: DatagramSocket;
let heard: string[];
let replies: string[];
let store: LanStore;
const open: { stop(): void }[] = [];

function value<T>(
  result:
    | { readonly ok: true; readonly value: T }
    | { readonly ok: false; readonly error: unknown },
): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

beforeEach(() => {
  const network = createFakeNetwork({ delivery: "microtask" });
  box = network.addHost("box");
  port = box.addInterface({
    ...{ name: "br-lan", segment: "home", mac: BOX, addresses: [linkLocalOf(BOX)] },
  });
  const laptop = network.addHost("laptop");
  card = laptop.addInterface({
    ...{ name: "eth0", segment: "home", mac: LAPTOP, addresses: [linkLocalOf(LAPTOP)] },
  });
  bridge = { name: "br-lan", index: port.index, mac: BOX, missingPorts: [] };
  const defaults = section.defaults({ password: () => "", bytes: (n) => new Uint8Array(n) });
  context = testContext({ config: defaults, client: "lan" });
  store = openLanStore(context.stateDirectory, context.clock, context.log);
  heard = [];
  replies = [];
  const types = [NDP_TYPE.router_advertisement];
  ear = value(laptop.sockets.openIcmp({ family: 6, device: "eth0", types }));
  value(ear.joinGroup(ALL_NODES, card.index));
  ear.onMessage(({ bytes, source, destination, ttl }) => {
    if (typeof source !== "string" || typeof destination !== "string") return;
    const message: NdpMessage = value(decodeNdp(bytes, { source, destination, hopLimit: ttl }));
    if (message.kind === "router_advertisement") heard.push(describeMessage(message));
  });
  client = value(laptop.sockets.openDatagram({ family: 6, port: CLIENT_PORT, device: "eth0" }));
  client.onDatagram(({ bytes }) => {
    replies.push(describeReply(value(decodeDhcpv6(bytes))));
  });
});

afterEach(async () => {
  for (const one of open.splice(0)) one.stop();
  store.close();
  await context.dispose();
});

function routed(parts: Partial<RoutedNetwork> = {}): RoutedNetwork {
  const home = homeOfTexts([FIRST], context.clock.now());
  return { config: raConfig({ searchDomains: [] }), bridge, home, ...parts };
}

function router(): RouterServing {
  const { sockets } = box;
  const serving = new RouterServing({ context, sockets, store });
  open.push(serving);
  return serving;
}

const SAID = /^router 2700, O, prefix 2a01:cb00:1:100::\/64 LA 2700\/5400,/;

test("a host hears of the home when it is known, and is answered when it asks", async () => {
  const serving = router();
  serving.follow([routed({ home: undefined })]);
  await context.clock.advance(seconds(5));
  expect(heard).toEqual([]);
  serving.follow([routed()]);
  await context.clock.advance(milliseconds(1));
  expect(heard).toEqual([expect.stringMatching(SAID)]);
  const ask = encodeNdp({ kind: "router_solicitation", reserved: 0, options: [] });
  value(ear.send(ask, ALL_ROUTERS, { interfaceIndex: card.index, ttl: 255 }));
  await context.clock.advance(milliseconds(600));
  expect(heard).toHaveLength(2);
  // From afar: a router has passed it on.
  value(ear.send(ask, ALL_ROUTERS, { interfaceIndex: card.index, ttl: 64 }));
  await context.clock.advance(milliseconds(600));
  expect(heard).toHaveLength(2);
});

test("a bridge that has no address yet, or no bridge at all: it is said when it can be", async () => {
  const serving = router();
  port.addresses = [];
  serving.follow([routed()]);
  await context.clock.advance(milliseconds(500));
  expect(heard).toEqual([]);
  port.addresses = [linkLocalOf(BOX)];
  await context.clock.advance(seconds(5));
  expect(heard).toEqual([expect.stringMatching(SAID)]);
  const other = router();
  const guest = raConfig({ network: "guest", searchDomains: [] });
  other.follow([routed({ config: guest, bridge: undefined })]);
  heard.length = 0;
  other.follow([routed({ config: guest })]);
  await context.clock.advance(seconds(4));
  expect(heard[0]).toMatch(SAID);
});

test("a network that is no more says farewell; a restart says nothing and remembers what was told", async () => {
  const first = router();
  first.follow([routed()]);
  await context.clock.advance(seconds(1));
  first.stop();
  heard.length = 0;
  const second = router();
  second.follow([routed({ home: homeOfTexts([SECOND], context.clock.now()) })]);
  await context.clock.advance(milliseconds(1));
  expect(heard[0]).toContain("prefix 2a01:cb00:1:100::/64 LA 0/0");
  heard.length = 0;
  second.follow([]);
  await context.clock.advance(seconds(4));
  expect(heard).toEqual([expect.stringMatching(/^router 0, O, .*route 2a01:cb00:2:200::\/56 0,/)]);
});

test("a network that is back before it has said farewell is served", async () => {
  const serving = router();
  serving.follow([routed()]);
  await context.clock.advance(seconds(1));
  serving.follow([]);
  heard.length = 0;
  serving.follow([routed()]);
  await context.clock.advance(seconds(4));
  expect(heard).toEqual([expect.stringMatching(SAID)]);
});

test("DHCPv6: the route, then the answer; after a restart the same", async () => {
  const routes: string[] = [];
  const serve = (): Dhcpv6Serving => {
    const given = config({ now: context.clock.now() });
    const serving = new Dhcpv6Serving(
      {
        ...{ context, store, sockets: box.sockets },
        leaseEvent: () => undefined,
        routes: (list) => {
          routes.push(list.map(({ prefix, via }) => `${formatCidr6(prefix)} via ${via}`).join());
          expect(replies).toEqual([]);
        },
      },
      given,
    );
    serving.follow(given, new Map([["lan", bridge]]));
    open.push(serving);
    return serving;
  };
  const ask = async (): Promise<void> => {
    const bytes = encodeDhcpv6(says({ type: "REQUEST", mac: LAPTOP, na: [], pd: [] }));
    const options = { interfaceIndex: card.index };
    value(client.send(bytes, ip6("ff02::1:2"), SERVER_PORT, options));
    await context.clock.advance(milliseconds(50));
  };
  const serving = serve();
  await ask();
  expect(routes).toEqual(["2a01:cb00:1:1ff::/64 via fe80::211:22ff:fe33:4401"]);
  expect(replies).toEqual([expect.stringContaining("2a01:cb00:1:100:1d8f:8d87:b72c:7ec0")]);
  serving.stop();
  replies.length = 0;
  serve();
  expect(routes).toHaveLength(2);
  await ask();
  expect(replies).toEqual([expect.stringContaining("2a01:cb00:1:1ff::/64")]);
});

test("what the box remembers of the home's own prefix is there again", async () => {
  expect(store.home()).toBeUndefined();
  const home = { globalId: "123456789a", serverId: "0004aa", places: { lan: 0, guest: 1 } };
  store.putHome(home);
  await context.clock.advance(milliseconds(50));
  store.close();
  store = openLanStore(context.stateDirectory, context.clock, context.log);
  expect(store.home()).toEqual(home);
});
