import { asciiBytes, concatBytes, latin1Text } from "@passerelle/bytes";
import { type Mac, macBytes } from "@passerelle/net";
import { afterEach, describe, expect, it } from "vitest";
import { arpFilter, udpPortFilter } from "../src/bpf.ts";
import {
  type Datagram,
  type DatagramOptions,
  type DatagramSocket,
  ETHERTYPE_ALL,
  type IcmpOptions,
  type IcmpSocket,
  type PacketOptions,
  type PacketSocket,
  type ReceivedFrame,
} from "../src/port.ts";
import { icmpContract } from "./icmp-contract.ts";
import { ipv6Contract } from "./ipv6-contract.ts";
import { code, LOOPBACK, LOOPBACK6, OTHER_LOOPBACK, v4, value, type World } from "./world.ts";

/** What any body of the port must do; the same cases run against the fake and against Linux. */
export function contract(makeWorld: () => World): void {
  const opened: { close(): void }[] = [];
  afterEach(() => {
    for (const socket of opened.splice(0)) socket.close();
  });
  const datagram = (world: World, options: DatagramOptions): DatagramSocket => {
    const socket = value(world.sockets.openDatagram(options));
    opened.push(socket);
    return socket;
  };
  const packet = (world: World, options: PacketOptions): PacketSocket => {
    const socket = value(world.sockets.openPacket(options));
    opened.push(socket);
    return socket;
  };
  datagramContract(makeWorld, datagram);
  batchContract(makeWorld, datagram);
  packetContract(makeWorld, packet, datagram);
  const icmp = (world: World, options: IcmpOptions): IcmpSocket => {
    const socket = value(world.sockets.openIcmp(options));
    opened.push(socket);
    return socket;
  };
  icmpContract(makeWorld, icmp);
  ipv6Contract(makeWorld, { datagram, icmp });
}

type OpenDatagram = (world: World, options: DatagramOptions) => DatagramSocket;
type OpenPacket = (world: World, options: PacketOptions) => PacketSocket;

function datagramContract(makeWorld: () => World, open: OpenDatagram): void {
  describe("datagrams", () => {
    for (const [family, address] of [
      [4, LOOPBACK],
      [6, LOOPBACK6],
    ] as const) {
      it(`go there and back, IPv${family}`, async () => {
        const world = makeWorld();
        const server = open(world, { family, address });
        const client = open(world, { family, address });
        expect(server.port).toBeGreaterThan(0);
        const got: Datagram[] = [];
        server.onDatagram((one) => {
          value(server.send(asciiBytes(`re ${latin1Text(one.bytes)}`), one.source, one.sourcePort));
        });
        client.onDatagram((one) => got.push(one));
        value(client.send(asciiBytes("hello"), address, server.port));
        await world.settle();
        expect(got.map((one) => [latin1Text(one.bytes), one.source, one.sourcePort])).toEqual([
          ["re hello", address, server.port],
        ]);
        expect([client.counters.sent, client.counters.received]).toEqual([1, 1]);
      });

      it(`tell where they came in and were sent to, IPv${family}`, async () => {
        const world = makeWorld();
        const server = open(world, { family, packetInfo: true });
        const client = open(world, { family, address });
        const got: Datagram[] = [];
        server.onDatagram((one) => got.push(one));
        value(client.send(asciiBytes("x"), address, server.port));
        await world.settle();
        expect(got.map((one) => [one.interfaceIndex, one.destination])).toEqual([[1, address]]);
      });
    }

    it("are refused a port that is taken, and share it where both say so", () => {
      const world = makeWorld();
      const first = open(world, { family: 4, address: LOOPBACK });
      const again: DatagramOptions = { family: 4, address: LOOPBACK, port: first.port };
      expect(code(world.sockets.openDatagram(again))).toBe("EADDRINUSE");
      const shared = open(world, { family: 4, address: LOOPBACK, reusePort: true });
      open(world, { family: 4, address: LOOPBACK, port: shared.port, reusePort: true });
    });

    it("are refused an address that is not ours and a device that is not there", () => {
      const world = makeWorld();
      const foreign = world.sockets.openDatagram({ family: 4, address: v4("192.0.2.77") });
      expect(code(foreign)).toBe("EADDRNOTAVAIL");
      expect(code(world.sockets.openDatagram({ family: 4, device: "none0" }))).toBe("ENODEV");
    });

    it("may be broadcast only where it was asked for", () => {
      const world = makeWorld();
      const all = v4("255.255.255.255");
      const socket = open(world, { family: 4, device: world.left.name });
      expect(code(socket.send(asciiBytes("x"), all, 9))).toBe("EACCES");
      expect(socket.counters.sendFailed).toBe(1);
    });

    it("cannot go where no route leads", () => {
      const world = makeWorld();
      const socket = open(world, { family: 4 });
      expect(code(socket.send(asciiBytes("x"), v4("203.0.113.1"), 9))).toBe("ENETUNREACH");
    });

    it("to oneself come in by the interface that has the address", async () => {
      const world = makeWorld();
      const { name: device, index, address } = world.own;
      const server = open(world, { family: 4, address, device, packetInfo: true });
      const got: string[] = [];
      server.onDatagram((one) => {
        got.push(`${latin1Text(one.bytes)} by ${one.interfaceIndex}`);
        const { source, sourcePort, interfaceIndex, destination } = one;
        const from = destination === undefined ? {} : { sourceAddress: destination };
        value(server.send(asciiBytes("re"), source, sourcePort, { interfaceIndex, ...from }));
      });
      const answers: string[] = [];
      for (const options of [{ device }, {}]) {
        const client = open(world, { family: 4, ...options });
        client.onDatagram((one) => answers.push(latin1Text(one.bytes)));
        value(client.send(asciiBytes("device" in options ? "same" : "none"), address, server.port));
      }
      await world.settle();
      expect(got).toEqual([`same by ${index}`, `none by ${index}`]);
      expect(answers).toEqual(["re", "re"]);
    });

    it("end with the socket", async () => {
      const world = makeWorld();
      const server = open(world, { family: 4, address: LOOPBACK });
      const client = open(world, { family: 4, address: LOOPBACK });
      let calls = 0;
      server.onDatagram(() => {
        calls += 1;
        server.close();
      });
      for (const text of ["a", "b", "c"]) {
        value(client.send(asciiBytes(text), LOOPBACK, server.port));
      }
      await world.settle();
      expect(calls).toBe(1);
      server.close();
      expect(code(server.send(asciiBytes("x"), LOOPBACK, 9))).toBe("EBADF");
    });
  });
}

function batchContract(makeWorld: () => World, open: OpenDatagram): void {
  describe("batches", () => {
    it("are answered from the outbox, each from the address it was sent to", async () => {
      const world = makeWorld();
      const server = open(world, { family: 4, packetInfo: true });
      const client = open(world, { family: 4, address: LOOPBACK });
      const got: string[] = [];
      client.onDatagram((one) => got.push(`${latin1Text(one.bytes)} ${one.source}`));
      server.onBatch((batch) => {
        for (let i = 0; i < batch.count; i += 1) {
          expect(batch.sourceIpv4(i)).toBe(LOOPBACK);
          expect(batch.sourcePort(i)).toBe(client.port);
          const at = server.outbox.reserve();
          const from = batch.offset(i);
          const length = batch.length(i);
          server.outbox.bytes.set(batch.bytes.subarray(from, from + length), at);
          server.outbox.bytes[at] = 0x52;
          server.outbox.reply(batch, i, length);
        }
      });
      for (let i = 0; i < 200; i += 1) {
        const to = i % 2 === 0 ? LOOPBACK : OTHER_LOOPBACK;
        value(client.send(asciiBytes(`q${i}`), to, server.port));
      }
      await world.settle();
      const expected = Array.from(
        { length: 200 },
        (_, i) => `R${i} ${i % 2 === 0 ? LOOPBACK : OTHER_LOOPBACK}`,
      );
      expect(got).toEqual(expected);
      expect(server.counters.sent).toBe(200);
    });

    it("send to any address, and flush when the outbox is full", async () => {
      const world = makeWorld();
      const server = open(world, { family: 6, address: LOOPBACK6 });
      const client = open(world, { family: 6, address: LOOPBACK6 });
      let count = 0;
      server.onBatch((batch) => {
        count += batch.count;
        expect(batch.source(0)).toBe(LOOPBACK6);
      });
      for (let i = 0; i < 70; i += 1) {
        const at = client.outbox.reserve();
        client.outbox.bytes[at] = i;
        client.outbox.to(1, LOOPBACK6, server.port);
      }
      expect(client.outbox.count).toBe(6);
      client.outbox.flush();
      client.outbox.flush();
      await world.settle();
      expect([count, client.counters.sent]).toEqual([70, 70]);
    });

    it("skip what is refused and send the rest", async () => {
      const world = makeWorld();
      const server = open(world, { family: 4, address: LOOPBACK });
      const client = open(world, { family: 4 });
      const got: string[] = [];
      server.onDatagram((one) => got.push(latin1Text(one.bytes)));
      for (const [text, to] of [
        ["a", LOOPBACK],
        ["b", v4("203.0.113.1")],
        ["c", LOOPBACK],
      ] as const) {
        client.outbox.bytes.set(asciiBytes(text), client.outbox.reserve());
        client.outbox.to(1, to, server.port);
      }
      client.outbox.flush();
      await world.settle();
      expect(got).toEqual(["a", "c"]);
      expect([client.counters.sent, client.counters.sendFailed]).toEqual([2, 1]);
    });

    it("say when a datagram did not fit its slot", async () => {
      const world = makeWorld();
      const server = open(world, { family: 4, address: LOOPBACK, slotBytes: 8 });
      const client = open(world, { family: 4, address: LOOPBACK });
      const got: [string, boolean][] = [];
      server.onBatch((batch) => {
        for (let i = 0; i < batch.count; i += 1) {
          got.push([latin1Text(batch.payload(i)), batch.truncated(i)]);
        }
      });
      value(client.send(asciiBytes("12345678"), LOOPBACK, server.port));
      value(client.send(asciiBytes("123456789"), LOOPBACK, server.port));
      value(client.send(new Uint8Array(0), LOOPBACK, server.port));
      await world.settle();
      expect(got).toEqual([
        ["12345678", false],
        ["12345678", true],
        ["", false],
      ]);
      expect(server.counters.truncated).toBe(1);
    });
  });
}

function packetContract(makeWorld: () => World, open: OpenPacket, openUdp: OpenDatagram): void {
  describe("frames", () => {
    const listen = (socket: PacketSocket): ReceivedFrame[] => {
      const got: ReceivedFrame[] = [];
      socket.onFrame((frame) => {
        // Ours is not the only traffic of a real link: IPv6 greets its neighbours.
        const type = ((frame.bytes[12] ?? 0) << 8) | (frame.bytes[13] ?? 0);
        if (type !== 0x86dd) got.push({ ...frame, bytes: frame.bytes.slice() });
      });
      return got;
    };

    it("cross the wire whole, with their sender, and not back to the one who sent", async () => {
      const world = makeWorld();
      const { left, right } = world;
      const a = open(world, { interface: left.name, etherType: ETHERTYPE_ALL });
      const b = open(world, { interface: right.index, etherType: 0x88b5 });
      const [atA, atB] = [listen(a), listen(b)];
      const frames = [
        frame(right.mac, left.mac, 0x88b5, "to us"),
        frame("ff:ff:ff:ff:ff:ff" as Mac, left.mac, 0x88b5, "to all"),
        frame("01:00:5e:00:00:07" as Mac, left.mac, 0x88b5, "to some"),
        frame("02:99:99:99:99:99" as Mac, left.mac, 0x88b5, "to another"),
        frame(right.mac, left.mac, 0x88b6, "another type"),
      ];
      for (const one of frames) value(a.send(one));
      await world.settle();
      expect(atB.map((one) => [one.kind, one.source, one.interfaceIndex, one.bytes])).toEqual([
        ["to-us", left.mac, right.index, frames[0]],
        ["broadcast", left.mac, right.index, frames[1]],
        ["multicast", left.mac, right.index, frames[2]],
      ]);
      expect(atA).toEqual([]);
    });

    it("pass the filter or are never seen", async () => {
      const world = makeWorld();
      const { left, right } = world;
      const a = open(world, { interface: left.name, etherType: 0x88b5 });
      const dhcp = listen(
        open(world, { interface: right.name, etherType: ETHERTYPE_ALL, filter: udpPortFilter(68) }),
      );
      const arp = listen(
        open(world, { interface: right.name, etherType: ETHERTYPE_ALL, filter: arpFilter() }),
      );
      const sent = {
        dhcp: udp(right.mac, left.mac, 68),
        other: udp(right.mac, left.mac, 69),
        fragment: udp(right.mac, left.mac, 68, 0x2000),
        arp: frame(right.mac, left.mac, 0x0806, "arp"),
        short: frame(right.mac, left.mac, 0x0800, ""),
      };
      for (const one of Object.values(sent)) value(a.send(one));
      await world.settle();
      expect(dhcp.map((one) => one.bytes)).toEqual([sent.dhcp]);
      expect(arp.map((one) => one.bytes)).toEqual([sent.arp]);
    });

    it("carry UDP to a socket that has a device and no address yet", async () => {
      const world = makeWorld();
      const sender = openUdp(world, { family: 4, device: world.left.name, broadcast: true });
      const seen = listen(
        open(world, { interface: world.right.name, etherType: 0x0800, filter: udpPortFilter(67) }),
      );
      value(sender.send(asciiBytes("discover"), v4("255.255.255.255"), 67));
      await world.settle();
      expect(seen.length).toBe(1);
      expect(latin1Text(seen[0]?.bytes.subarray(-8) ?? new Uint8Array(0))).toBe("discover");
    });

    it("are refused on an interface that is not there, and after close", () => {
      const world = makeWorld();
      const missing = world.sockets.openPacket({ interface: "none0", etherType: 0x0806 });
      expect(code(missing)).toBe("ENODEV");
      const socket = open(world, { interface: world.left.name, etherType: 0x0806 });
      expect(code(socket.send(new Uint8Array(3)))).toBe("EINVAL");
      socket.close();
      expect(code(socket.send(new Uint8Array(60)))).toBe("EBADF");
    });
  });
}

function frame(to: Mac, from: Mac, type: number, text: string): Uint8Array {
  const head = concatBytes(macBytes(to), macBytes(from), Uint8Array.of(type >>> 8, type & 0xff));
  return concatBytes(head, asciiBytes(text));
}

/** IPv4 with one option word, so that a filter must honour the header length. */
function udp(to: Mac, from: Mac, port: number, fragment = 0): Uint8Array {
  const ip = new Uint8Array(24);
  ip.set([0x46, 0, 0, 36, 0, 0, fragment >>> 8, fragment & 0xff, 64, 17]);
  const segment = Uint8Array.of(0, 99, port >>> 8, port & 0xff, 0, 12, 0, 0, 1, 2, 3, 4);
  return concatBytes(frame(to, from, 0x0800, ""), ip, segment);
}
