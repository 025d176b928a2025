import { type Ipv4, type Mac, parseIpv4, parseIpv6 } from "@passerelle/net";
import { IFF_LOWER_UP, IFF_UP, RTPROT_KERNEL, RTPROT_PASSERELLE } from "@passerelle/netlink-codec";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AddressSpec, Netlink, NetlinkEvent, RouteSpec } from "../src/port.ts";
import { ipv6Contract } from "./ipv6-contract.ts";
import { code, until, value, type World } from "./world.ts";

const MAC = "02:00:5e:10:00:01" as Mac;

/** What any body of the port must do; the same cases run against the fake and against Linux. */
export function contract(makeWorld: () => Promise<World>): void {
  let world: World;
  let kernel: Netlink;
  beforeEach(async () => {
    world = await makeWorld();
    kernel = world.netlink;
  });
  afterEach(() => world.end());

  const pair = async (): Promise<[number, number]> => {
    const left = value(await kernel.createVeth("left", "right"));
    const right = (await link("right"))?.index ?? 0;
    for (const index of [left, right]) value(await kernel.setLink(index, { up: true }));
    return [left, right];
  };
  const link = async (name: string) => value(await kernel.links()).find((one) => one.name === name);
  const ours = async (family: 4 | 6 = 4) =>
    value(await kernel.routes({ family })).filter((one) => one.protocol === RTPROT_PASSERELLE);
  const connected = async () =>
    value(await kernel.routes({ family: 4 })).filter((one) => one.protocol === RTPROT_KERNEL);
  const lan = (interfaceIndex: number): AddressSpec => ({
    interfaceIndex,
    address: v4("192.168.1.1"),
    prefixLength: 24,
    broadcast: v4("192.168.1.255"),
  });
  const byGateway: RouteSpec = { family: 4, gateway: v4("192.168.1.254"), metric: 10 };

  describe("links", () => {
    it("are made once, renamed, changed and deleted", async () => {
      const index = value(await kernel.createBridge("br-lan", { mac: MAC }));
      expect(code(await kernel.createBridge("br-lan"))).toBe("EEXIST");
      expect(await link("br-lan")).toMatchObject({ index, kind: "bridge", mac: MAC, mtu: 1500 });
      value(await kernel.setLink(index, { name: "br-home", mtu: 1400 }));
      expect(await link("br-lan")).toBeUndefined();
      expect(await link("br-home")).toMatchObject({ index, mtu: 1400 });
      value(await kernel.deleteLink(index));
      expect(code(await kernel.deleteLink(index))).toBe("ENODEV");
      expect(code(await kernel.setLink(index, { up: true }))).toBe("ENODEV");
      expect(code(await kernel.createBridge("a-name-too-long-for-a-link"))).not.toBe("ok");
    });

    it("have a carrier when both ends of the cable are up", async () => {
      const left = value(await kernel.createVeth("left", "right"));
      const right = (await link("right"))?.index ?? 0;
      expect((await link("left"))?.flags ?? 1).not.toBe(IFF_UP);
      value(await kernel.setLink(left, { up: true }));
      await world.settle();
      const alone = await link("left");
      // Its operational state may lag by a second (the kernel's linkwatch), but it is not up.
      expect((alone?.flags ?? 0) & IFF_LOWER_UP).toBe(0);
      expect(alone?.operState).not.toBe("up");
      value(await kernel.setLink(right, { up: true }));
      const isUp = async () => (await link("left"))?.operState === "up";
      await until(isUp, world);
      const both = await link("left");
      expect((both?.flags ?? 0) & (IFF_LOWER_UP | IFF_UP)).toBe(IFF_LOWER_UP | IFF_UP);
      expect([both?.operState, both?.carrier]).toEqual(["up", 1]);
      value(await kernel.deleteLink(left));
      expect(await link("right")).toBeUndefined();
    });

    it("join a bridge and leave it", async () => {
      const bridge = value(await kernel.createBridge("br-lan"));
      const [left] = await pair();
      value(await kernel.setLink(left, { master: bridge }));
      expect(await link("left")).toMatchObject({ master: bridge, memberKind: "bridge" });
      value(await kernel.setLink(left, { master: 0 }));
      expect((await link("left"))?.master).toBeUndefined();
      value(await kernel.setLink(left, { master: bridge }));
      value(await kernel.deleteLink(bridge));
      expect((await link("left"))?.master).toBeUndefined();
    });
  });

  describe("addresses", () => {
    it("bring their network, and take it away", async () => {
      const [left] = await pair();
      value(await kernel.addAddress(lan(left)));
      expect(code(await kernel.addAddress(lan(left)))).toBe("EEXIST");
      const all = value(await kernel.addresses(4)).filter((one) => one.interfaceIndex === left);
      expect(all).toMatchObject([
        {
          address: v4("192.168.1.1"),
          prefixLength: 24,
          broadcast: v4("192.168.1.255"),
          label: "left",
          protocol: RTPROT_PASSERELLE,
        },
      ]);
      expect(await connected()).toMatchObject([
        {
          destination: { address: v4("192.168.1.0"), prefixLength: 24 },
          interfaceIndex: left,
          preferredSource: v4("192.168.1.1"),
        },
      ]);
      value(await kernel.removeAddress(lan(left)));
      expect(code(await kernel.removeAddress(lan(left)))).toBe("EADDRNOTAVAIL");
      expect(await connected()).toEqual([]);
      expect(code(await kernel.addAddress(lan(999)))).toBe("ENODEV");
    });

    it("have lifetimes that replaceAddress renews", async () => {
      const [left] = await pair();
      const spec: AddressSpec = {
        interfaceIndex: left,
        address: v6("2001:db8::1"),
        prefixLength: 64,
        noDuplicateDetection: true,
        preferredSeconds: 500,
        validSeconds: 1000,
      };
      value(await kernel.addAddress(spec));
      const find = async () =>
        value(await kernel.addresses(6)).find((one) => one.address === spec.address);
      const first = await find();
      expect(first?.validSeconds).toBeGreaterThan(990);
      expect(first?.preferredSeconds).toBeLessThanOrEqual(500);
      value(await kernel.replaceAddress({ ...spec, preferredSeconds: 0, validSeconds: 7200 }));
      expect(await find()).toMatchObject({ preferredSeconds: 0 });
      const { preferredSeconds: _, validSeconds: __, ...forEver } = spec;
      value(await kernel.replaceAddress(forEver));
      expect((await find())?.validSeconds).toBeUndefined();
    });
  });

  describe("routes", () => {
    it("are added, found taken, replaced and removed", async () => {
      const [left] = await pair();
      value(await kernel.addAddress(lan(left)));
      value(await kernel.addRoute(byGateway));
      expect(code(await kernel.addRoute(byGateway))).toBe("EEXIST");
      value(await kernel.addRoute({ ...byGateway, metric: 20 }));
      value(await kernel.replaceRoute({ ...byGateway, gateway: v4("192.168.1.253") }));
      const all = await ours();
      expect(
        all.map((one) => [one.destination, one.gateway, one.metric, one.interfaceIndex]),
      ).toEqual(
        expect.arrayContaining([
          [undefined, v4("192.168.1.253"), 10, left],
          [undefined, v4("192.168.1.254"), 20, left],
        ]),
      );
      expect(all.length).toBe(2);
      expect(code(await kernel.removeRoute(byGateway))).toBe("ESRCH");
      value(await kernel.removeRoute({ family: 4, metric: 10 }));
      value(await kernel.removeRoute({ family: 4, metric: 20 }));
      expect(await ours()).toEqual([]);
    });

    it("are refused where they cannot lead", async () => {
      const [left] = await pair();
      value(await kernel.addAddress(lan(left)));
      const crooked = { address: v4("10.0.0.1"), prefixLength: 24 };
      const away: RouteSpec = { family: 4, gateway: v4("203.0.113.1") };
      expect(code(await kernel.addRoute(away))).toBe("ENETUNREACH");
      value(await kernel.addRoute({ ...away, interfaceIndex: left, onLink: true }));
      expect(code(await kernel.addRoute({ ...byGateway, destination: crooked }))).toBe("EINVAL");
      const lost = { ...byGateway, interfaceIndex: 999 };
      expect(code(await kernel.addRoute(lost))).toBe("ENETUNREACH");
      const { gateway: _, ...direct } = { ...lost, destination: net("10.9.0.0") };
      expect(code(await kernel.addRoute(direct))).toBe("ENODEV");
    });

    it("go when their link goes down; connected ones come back", async () => {
      const [left] = await pair();
      value(await kernel.addAddress(lan(left)));
      value(await kernel.addRoute(byGateway));
      value(await kernel.setLink(left, { up: false }));
      expect([...(await ours()), ...(await connected())]).toEqual([]);
      const down = { family: 4, interfaceIndex: left, destination: net("10.9.0.0") } as const;
      expect(code(await kernel.addRoute(down))).toBe("ENETDOWN");
      value(await kernel.setLink(left, { up: true }));
      expect((await connected()).length).toBe(1);
      expect(await ours()).toEqual([]);
    });

    it("may lead nowhere, and live in any table", async () => {
      const unreachable: RouteSpec = {
        family: 6,
        destination: { address: v6("2001:db8:1::"), prefixLength: 48 },
        type: "unreachable",
        metric: 4096,
        table: 1000,
      };
      value(await kernel.addRoute(unreachable));
      expect(await ours(6)).toEqual([]);
      const inTable = value(await kernel.routes({ table: 1000 }));
      expect(inTable).toMatchObject([
        { family: 6, destination: unreachable.destination, type: 7, metric: 4096, table: 1000 },
      ]);
      value(await kernel.removeRoute(unreachable));
      expect(value(await kernel.routes({ table: 1000 }))).toEqual([]);
    });
  });

  describe("IPv6", () => ipv6Contract(() => world));

  describe("rules", () => {
    it("are listed in their order, once each", async () => {
      const rule = { family: 4, priority: 100, table: 1000, mark: 7 } as const;
      value(
        await kernel.addRule({ family: 4, priority: 200, table: 254, suppressPrefixLength: 0 }),
      );
      value(await kernel.addRule(rule));
      expect(code(await kernel.addRule(rule))).toBe("EEXIST");
      const all = value(await kernel.rules(4));
      expect(all.map((one) => [one.priority ?? 0, one.table])).toEqual([
        [0, 255],
        [100, 1000],
        [200, 254],
        [32_766, 254],
        [32_767, 253],
      ]);
      expect(all[1]).toMatchObject({ mark: 7, protocol: RTPROT_PASSERELLE });
      value(await kernel.removeRule(rule));
      expect(code(await kernel.removeRule(rule))).toBe("ENOENT");
      expect(value(await kernel.rules(4)).length).toBe(4);
    });
  });

  describe("events", () => {
    it("do not call a port that leaves its bridge gone", async () => {
      const bridge = value(await kernel.createBridge("br-lan"));
      const [left] = await pair();
      value(await kernel.setLink(left, { master: bridge }));
      const events: NetlinkEvent[] = [];
      value(kernel.subscribe({ links: true }, (event) => events.push(event)));
      value(await kernel.setLink(left, { master: 0 }));
      await world.settle();
      const gone = events.filter((event) => event.kind === "link" && event.deleted);
      expect([gone.length, events.length > 0]).toEqual([0, true]);
    });

    it("tell what was subscribed, in order, until closed", async () => {
      const events: NetlinkEvent[] = [];
      const heard = value(
        kernel.subscribe({ links: true, addresses: true, routes: true }, (event) =>
          events.push(event),
        ),
      );
      const [left] = await pair();
      await until(async () => events.some(isUpEvent), world);
      value(await kernel.addAddress(lan(left)));
      value(await kernel.addRoute(byGateway));
      value(await kernel.removeAddress(lan(left)));
      value(await kernel.deleteLink(left));
      await world.settle();
      const story = events.flatMap((event) => {
        const gone = event.kind !== "resync" && event.deleted ? "-" : "+";
        if (event.kind === "address" && event.address.family === 4) return [`${gone}address`];
        if (event.kind === "route" && event.route.protocol === RTPROT_PASSERELLE)
          return [`${gone}route`];
        return event.kind === "link" && event.deleted ? [`-${event.link.name}`] : [];
      });
      expect(story.slice(0, 3)).toEqual(["+address", "+route", "-address"]);
      expect(story.slice(3).sort()).toEqual(["-left", "-right"]);
      heard.close();
      const before = events.length;
      await pair();
      await world.settle();
      expect(events.length).toBe(before);
    });
  });
}

function isUpEvent(event: NetlinkEvent): boolean {
  return event.kind === "link" && event.link.name === "left" && event.link.operState === "up";
}

export function v4(text: string): Ipv4 {
  const address = parseIpv4(text);
  if (address === undefined) throw new Error(text);
  return address;
}

function v6(text: string) {
  const address = parseIpv6(text);
  if (address === undefined) throw new Error(text);
  return address;
}

function net(text: string) {
  return { address: v4(text), prefixLength: 16 };
}
