import { asciiBytes } from "@passerelle/bytes";
import { decodeIcmpv4, decodeIcmpv6, encodeIcmpv4, encodeIcmpv6 } from "@passerelle/icmp";
import { describe, expect, it } from "vitest";
import type { IcmpOptions, IcmpSocket, ReceivedIcmp } from "../src/port.ts";
import { code, LOOPBACK, LOOPBACK6, v4, v6, value, type World } from "./world.ts";

export function icmpContract(
  makeWorld: () => World,
  open: (world: World, options: IcmpOptions) => IcmpSocket,
): void {
  describe("ICMP", () => {
    const listen = (socket: IcmpSocket): ReceivedIcmp[] => {
      const got: ReceivedIcmp[] = [];
      socket.onMessage((message) => got.push(message));
      return got;
    };

    for (const [family, address] of [
      [4, LOOPBACK],
      [6, LOOPBACK6],
    ] as const) {
      const encode = family === 4 ? encodeIcmpv4 : encodeIcmpv6;
      const decode = family === 4 ? decodeIcmpv4 : decodeIcmpv6;
      const data = asciiBytes("are you there?");
      const request = {
        kind: "echo_request",
        code: 0,
        identifier: 0x1234,
        sequence: 7,
        data,
      } as const;

      it(`asks for an echo and hears the reply, not the question, IPv${family}`, async () => {
        const world = makeWorld();
        const socket = open(world, { family });
        const got = listen(socket);
        value(socket.send(encode(request), address));
        await world.settle();
        const [first] = got;
        expect(got).toHaveLength(1);
        expect([first?.source, first?.ttl]).toEqual([address, 64]);
        expect(decode(first?.bytes ?? new Uint8Array(0))).toEqual({
          ok: true,
          value: { ...request, kind: "echo_reply" },
        });
        expect([socket.counters.sent, socket.counters.received]).toEqual([1, 1]);
      });

      it(`is heard by every socket of its family, IPv${family}`, async () => {
        const world = makeWorld();
        const asker = open(world, { family });
        const same = listen(open(world, { family }));
        const other = listen(open(world, { family: family === 4 ? 6 : 4 }));
        value(asker.send(encode(request), address, { ttl: 1 }));
        await world.settle();
        expect([same.length, other.length]).toEqual([1, 0]);
      });
    }

    it("cannot go where no route leads, nor by a device that is not there, nor after close", () => {
      const world = makeWorld();
      const socket = open(world, { family: 4 });
      expect(code(socket.send(new Uint8Array(8), v4("203.0.113.1")))).toBe("ENETUNREACH");
      expect(socket.counters.sendFailed).toBe(1);
      const lost = open(world, { family: 6 }).send(new Uint8Array(8), v6("2001:db8::1"));
      expect(code(lost)).toBe("ENETUNREACH");
      expect(code(world.sockets.openIcmp({ family: 4, device: "none0" }))).toBe("ENODEV");
      socket.close();
      expect(code(socket.send(new Uint8Array(8), LOOPBACK))).toBe("EBADF");
    });
  });
}
