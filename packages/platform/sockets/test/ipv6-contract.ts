import { asciiBytes, latin1Text } from "@passerelle/bytes";
import { ALL_NODES, ALL_ROUTERS, type Ipv6, linkLocalOf } from "@passerelle/net";
import { describe, expect, it } from "vitest";
import type {
  Datagram,
  DatagramOptions,
  DatagramSocket,
  IcmpOptions,
  IcmpSocket,
  ReceivedIcmp,
} from "../src/port.ts";
import { code, v6, value, type World } from "./world.ts";

const SOLICITATION = 133;
const ADVERTISEMENT = 134;
/** RFC 9915 section 7.1. */
const ALL_DHCP_AGENTS = v6("ff02::1:2");

interface Opener {
  datagram(world: World, options: DatagramOptions): DatagramSocket;
  icmp(world: World, options: IcmpOptions): IcmpSocket;
}

/** What neighbour discovery and DHCPv6 need of one link. */
export function ipv6Contract(makeWorld: () => World, open: Opener): void {
  describe("neighbour discovery", () => {
    it("crosses the link with hop limit 255, and says by which interface and to whom", async () => {
      const world = makeWorld();
      const { left, right } = world;
      const types = [ADVERTISEMENT];
      const router = open.icmp(world, { family: 6, device: right.name, types });
      const host = listen(open.icmp(world, { family: 6, device: left.name, types }));
      const sender = listen(router);
      const advertisement = Uint8Array.of(
        ADVERTISEMENT,
        0,
        0,
        0,
        64,
        0,
        7,
        8,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
      );
      const far = linkLocalOf(right.mac);
      const near = linkLocalOf(left.mac);
      for (const to of [ALL_NODES, near]) value(router.send(advertisement, to, { ttl: 255 }));
      await world.settle();
      const facts = host.map((one) => [one.source, one.destination, one.interfaceIndex, one.ttl]);
      expect(facts).toEqual([
        [far, ALL_NODES, left.index, 255],
        [far, near, left.index, 255],
      ]);
      expect(host[0]?.bytes.slice(4)).toEqual(advertisement.slice(4));
      // The kernel has filled in the checksum.
      expect((host[0]?.bytes[2] ?? 0) + (host[0]?.bytes[3] ?? 0)).toBeGreaterThan(0);
      // What goes to a group is not heard at home, and no other interface hears it.
      expect(sender).toEqual([]);
    });

    it("hears the types that were asked for, of its own interface", async () => {
      const world = makeWorld();
      const { left, right } = world;
      const sender = open.icmp(world, { family: 6, device: left.name, types: [] });
      const heard = [right.name, left.name].map((device) =>
        listen(open.icmp(world, { family: 6, device, types: [SOLICITATION] })),
      );
      for (const type of [SOLICITATION, ADVERTISEMENT])
        value(sender.send(message(type), ALL_NODES, { ttl: 255 }));
      await world.settle();
      expect(heard.map((all) => all.map((one) => one.bytes[0]))).toEqual([[SOLICITATION], []]);
    });

    it("hears the routers' group as long as it is a member of it", async () => {
      const world = makeWorld();
      const { left, right } = world;
      const host = open.icmp(world, { family: 6, types: [] });
      const router = open.icmp(world, { family: 6, device: right.name, types: [SOLICITATION] });
      const heard = listen(router);
      const options = { ttl: 255, interfaceIndex: left.index };
      const ask = async (): Promise<number> => {
        value(host.send(message(SOLICITATION), ALL_ROUTERS, options));
        await world.settle();
        return heard.splice(0).length;
      };
      const counts = [await ask()];
      value(router.joinGroup(ALL_ROUTERS, right.index));
      expect(code(router.joinGroup(ALL_ROUTERS, right.index))).toBe("EADDRINUSE");
      counts.push(await ask());
      value(router.leaveGroup(ALL_ROUTERS, right.index));
      expect(code(router.leaveGroup(ALL_ROUTERS, right.index))).toBe("EADDRNOTAVAIL");
      counts.push(await ask());
      expect(counts).toEqual([0, 1, 0]);
    });

    it("leaves with the address that was asked for, which is one of that link", async () => {
      const world = makeWorld();
      const { left, right } = world;
      const sender = open.icmp(world, { family: 6, device: left.name, types: [] });
      const types = [SOLICITATION];
      const heard = listen(open.icmp(world, { family: 6, device: right.name, types }));
      const send = (sourceAddress: Ipv6): string =>
        code(sender.send(message(SOLICITATION), ALL_NODES, { sourceAddress, ttl: 255 }));
      expect(send(linkLocalOf(left.mac))).toBe("ok");
      expect(send(linkLocalOf(right.mac))).toBe("EINVAL");
      expect(code(sender.send(Uint8Array.of(133, 0, 0), ALL_NODES))).toBe("EINVAL");
      await world.settle();
      expect(heard.map((one) => one.source)).toEqual([linkLocalOf(left.mac)]);
      expect([sender.counters.sent, sender.counters.sendFailed]).toEqual([1, 2]);
    });
  });

  describe("DHCPv6", () => {
    it("asks the group of its link, and is answered at its link-local address", async () => {
      const world = makeWorld();
      const { left, right } = world;
      const common = { family: 6, packetInfo: true } as const;
      const client = open.datagram(world, { ...common, port: 546, device: left.name });
      const server = open.datagram(world, { ...common, port: 547, device: right.name });
      value(server.joinGroup(ALL_DHCP_AGENTS, right.index));
      const asked: Datagram[] = [];
      server.onDatagram((one) => {
        asked.push(one);
        const { source, sourcePort, interfaceIndex } = one;
        value(server.send(asciiBytes("advertise"), source, sourcePort, { interfaceIndex }));
      });
      const answered: Datagram[] = [];
      client.onDatagram((one) => answered.push(one));
      const way = { interfaceIndex: left.index, sourceAddress: linkLocalOf(left.mac) };
      value(client.send(asciiBytes("solicit"), ALL_DHCP_AGENTS, 547, way));
      value(client.send(asciiBytes("again"), ALL_DHCP_AGENTS, 547));
      await world.settle();
      const near = linkLocalOf(left.mac);
      const far = linkLocalOf(right.mac);
      expect(asked.map(factsOf)).toEqual([
        ["solicit", near, 546, right.index, ALL_DHCP_AGENTS],
        ["again", near, 546, right.index, ALL_DHCP_AGENTS],
      ]);
      const reply = ["advertise", far, 547, left.index, near];
      expect(answered.map(factsOf)).toEqual([reply, reply]);
      value(server.leaveGroup(ALL_DHCP_AGENTS, right.index));
      value(client.send(asciiBytes("gone"), ALL_DHCP_AGENTS, 547));
      await world.settle();
      expect(asked.length).toBe(2);
    });

    it("has one socket an interface, also bound to its link-local address", async () => {
      const world = makeWorld();
      const { left, right } = world;
      const both = [left, right].map(({ name, mac }) =>
        open.datagram(world, { family: 6, port: 546, device: name, address: linkLocalOf(mac) }),
      );
      const got = both.map((socket) => {
        const texts: string[] = [];
        socket.onDatagram((one) => texts.push(`${latin1Text(one.bytes)} by ${one.interfaceIndex}`));
        return texts;
      });
      const [atLeft] = both;
      value(atLeft?.send(asciiBytes("hello"), linkLocalOf(right.mac), 546) ?? missing());
      await world.settle();
      expect(got).toEqual([[], [`hello by ${right.index}`]]);
      const far = { family: 6, address: linkLocalOf(right.mac) } as const;
      const wrong = world.sockets.openDatagram({ ...far, device: left.name });
      expect(code(wrong)).toBe("EADDRNOTAVAIL");
      expect(code(world.sockets.openDatagram(far))).toBe("EINVAL");
    });

    it("leaves with its traffic class and hop limit, as advertisements do", async () => {
      const world = makeWorld();
      const { left, right } = world;
      const heads: string[] = [];
      const frames = value(
        world.sockets.openPacket({ interface: right.name, etherType: 0x86dd, priority: 0 }),
      );
      frames.onFrame(({ bytes }) => {
        const tos = (((bytes[14] ?? 0) & 0x0f) << 4) | ((bytes[15] ?? 0) >>> 4);
        // Ours are to a group, and not the kernel's own reports and questions, which have no traffic class.
        if (tos !== 0) heads.push(`${bytes[20]} class ${tos} limit ${bytes[21]} to ${bytes[5]}`);
      });
      const to = { interfaceIndex: left.index };
      for (const ttl of [undefined, 7]) {
        const limit = ttl === undefined ? {} : { ttl };
        const options = { family: 6, device: left.name, tos: 0xb8, priority: 6, ...limit } as const;
        value(open.datagram(world, options).send(asciiBytes("x"), ALL_DHCP_AGENTS, 547, to));
      }
      const trafficClass = 0xc0;
      const icmp = open.icmp(world, { family: 6, device: left.name, trafficClass, priority: 6 });
      value(icmp.send(message(SOLICITATION), ALL_ROUTERS, { ttl: 255 }));
      value(icmp.send(message(SOLICITATION), ALL_ROUTERS));
      await world.settle();
      frames.close();
      expect(heads).toEqual([
        "17 class 184 limit 1 to 2",
        "17 class 184 limit 7 to 2",
        "58 class 192 limit 255 to 2",
        "58 class 192 limit 64 to 2",
      ]);
    });

    it("cannot speak on a link where it has no address", () => {
      const world = makeWorld();
      const { name, index } = world.bare;
      const socket = open.datagram(world, { family: 6, device: name });
      const way = { interfaceIndex: index };
      expect(code(socket.send(asciiBytes("x"), ALL_DHCP_AGENTS, 547, way))).toBe("EADDRNOTAVAIL");
      const icmp = open.icmp(world, { family: 6, device: name });
      expect(code(icmp.send(message(SOLICITATION), ALL_ROUTERS))).toBe("EADDRNOTAVAIL");
    });
  });
}

function listen(socket: IcmpSocket): ReceivedIcmp[] {
  const got: ReceivedIcmp[] = [];
  socket.onMessage((one) => got.push(one));
  return got;
}

function message(type: number): Uint8Array {
  return Uint8Array.of(type, 0, 0, 0, 0, 0, 0, 0);
}

function factsOf(one: Datagram): readonly unknown[] {
  const { bytes, source, sourcePort, interfaceIndex, destination } = one;
  return [latin1Text(bytes), source, sourcePort, interfaceIndex, destination];
}

function missing(): never {
  throw new Error("invariant: both were opened");
}
