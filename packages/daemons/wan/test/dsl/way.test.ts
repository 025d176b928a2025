import { type Cidr4, type Ipv4, parseCidr4, parseIpv4 } from "@passerelle/net";
import { createFakeNetlink } from "@passerelle/netlink";
import type { Route } from "@passerelle/netlink-codec";
import { recordingLogger } from "@passerelle/service/testing";
import { describe, expect, it, test } from "vitest";
import { type ModemWay, obstacleTo } from "../../src/core/dsl/way.ts";
import { ModemWays } from "../../src/edge/modem-way.ts";
import { MAC } from "../fixtures.ts";

const address = (text: string): Ipv4 => {
  const parsed = parseIpv4(text);
  if (parsed === undefined) throw new Error(text);
  return parsed;
};
const cidr = (text: string): Cidr4 => {
  const parsed = parseCidr4(text);
  if (parsed === undefined) throw new Error(text);
  return parsed;
};
const way = (modem: string, from?: string): ModemWay => ({
  address: address(modem),
  ...(from === undefined ? {} : { from: cidr(from) }),
});

/** The port of the line, the bridge of the home, a session over PPPoE. */
const [PORT, HOME, SESSION] = [2, 3, 4];
const KERNEL = 2;
const OURS = 80;

function route(to: string | undefined, index: number, over: Partial<Route> = {}): Route {
  const common = { family: 4, table: 254, protocol: KERNEL, scope: 253, type: 1 } as const;
  const destination = to === undefined ? {} : { destination: cidr(to) };
  return {
    ...common,
    flags: 0,
    tos: 0,
    unknown: [],
    interfaceIndex: index,
    ...destination,
    ...over,
  };
}
const throughSession = route(undefined, SESSION, { protocol: OURS });
const home = route("192.168.1.0/24", HOME);
const modems = route("192.168.100.0/24", PORT);
const gateway = { protocol: OURS, gateway: address("198.51.100.1") };

describe("a modem is asked where the way leads to it and nowhere else", () => {
  test.each<[string, ModemWay, readonly Route[], string | undefined]>([
    [
      "our address is in its network",
      way("192.168.100.1", "192.168.100.2/24"),
      [modems],
      undefined,
    ],
    ["it is in a network of the home", way("192.168.1.9"), [home, throughSession], undefined],
    ["it is on this machine", way("127.0.0.1"), [], undefined],
    ["nothing leads anywhere", way("192.168.100.1"), [], "not_at_home"],
    ["only the session leads on", way("192.168.100.1"), [throughSession], "not_at_home"],
    [
      "only a router of the operator leads on",
      way("192.168.100.1"),
      [route(undefined, PORT, gateway)],
      "not_at_home",
    ],
    [
      "the operator says that he knows a better way (RFC 3442)",
      way("192.168.100.1", "192.168.100.2/24"),
      [modems, route("192.168.100.1/32", SESSION, gateway)],
      "not_at_home",
    ],
    [
      "the operator says that it is on his own link",
      way("192.168.100.1"),
      [route("192.168.100.0/24", SESSION, { protocol: OURS })],
      "not_at_home",
    ],
    [
      "our address did not get onto the port, and another interface leads there",
      way("192.168.100.1", "192.168.100.2/24"),
      [route("192.168.100.0/24", HOME)],
      "not_at_home",
    ],
    [
      "the address is a stranger's, on the operator's link",
      way("198.51.100.7"),
      [route("198.51.100.0/24", PORT)],
      "not_at_home",
    ],
    ["routes of IPv6 stand beside", way("192.168.1.9"), [defaultOfIpv6(), home], undefined],
  ])("%s", (_, to, routes, obstacle) => {
    expect(obstacleTo(to, { port: PORT, addresses: [], routes })).toBe(obstacle);
  });
});

function defaultOfIpv6(): Route {
  return { ...route(undefined, SESSION), family: 6 };
}

describe("our address in the modem's network", () => {
  async function box() {
    const netlink = createFakeNetlink();
    const port = netlink.addCard("wan", MAC);
    const home = await netlink.createBridge("br-lan");
    if (!home.ok) throw new Error(home.error.code);
    for (const index of [port, home.value]) await netlink.setLink(index, { up: true });
    const own = { interfaceIndex: home.value, ...cidr("192.168.1.1/24") };
    await netlink.addAddress(own);
    const ways = new ModemWays({ netlink, log: recordingLogger() });
    const onPort = async (): Promise<readonly string[]> => {
      const listed = await netlink.addresses(4);
      if (!listed.ok) throw new Error(listed.error.code);
      const ours = listed.value.filter(({ interfaceIndex }) => interfaceIndex === port);
      return ours.map((one) => `${one.address}/${one.prefixLength}`);
    };
    return { netlink, ways, port, onPort };
  }
  const said = (text: string): string => {
    const { address: own, prefixLength } = cidr(text);
    return `${own}/${prefixLength}`;
  };

  it("is put on the port, once, and leads to the modem", async () => {
    const { ways, onPort } = await box();
    const wanted = way("192.168.100.1", "192.168.100.2/24");
    expect(await ways.open("wan", wanted)).toBeUndefined();
    expect(await ways.open("wan", wanted)).toBeUndefined();
    expect(await onPort()).toEqual([said("192.168.100.2/24")]);
  });

  it("is put again on an interface that came anew", async () => {
    const { netlink, ways, port } = await box();
    const wanted = way("192.168.100.1", "192.168.100.2/24");
    await ways.open("wan", wanted);
    netlink.pullCard(port);
    expect(await ways.open("wan", wanted)).toBe("not_at_home");
    await netlink.setLink(netlink.addCard("wan", MAC), { up: true });
    expect(await ways.open("wan", wanted)).toBeUndefined();
  });

  it("gives way to another one, and to none; what others put there stays", async () => {
    const { netlink, ways, port, onPort } = await box();
    await netlink.addAddress({ interfaceIndex: port, ...cidr("198.51.100.9/24") });
    await ways.open("wan", way("192.168.100.1", "192.168.100.2/24"));
    await ways.open("wan", way("10.0.0.138", "10.0.0.140/24"));
    expect(await onPort()).toEqual([said("198.51.100.9/24"), said("10.0.0.140/24")]);
    await ways.clear();
    expect(await onPort()).toEqual([said("198.51.100.9/24")]);
  });

  it("is not put beside the same network of the home, and goes when the home takes it", async () => {
    const { netlink, ways, onPort } = await box();
    expect(await ways.open("wan", way("192.168.1.254", "192.168.1.253/24"))).toBe("network_taken");
    expect(await onPort()).toEqual([]);
    const wanted = way("192.168.100.1", "192.168.100.2/24");
    expect(await ways.open("wan", wanted)).toBeUndefined();
    const guests = await netlink.createBridge("br-guest");
    if (!guests.ok) throw new Error(guests.error.code);
    await netlink.addAddress({ interfaceIndex: guests.value, ...cidr("192.168.0.1/16") });
    expect(await ways.open("wan", wanted)).toBe("network_taken");
    expect(await onPort()).toEqual([]);
  });

  it("of a modem that was being asked is gone when nobody is asked any more", async () => {
    const { ways, onPort } = await box();
    const opening = ways.open("wan", way("192.168.100.1", "192.168.100.2/24"));
    await Promise.all([opening, ways.clear()]);
    expect(await onPort()).toEqual([]);
  });
});
