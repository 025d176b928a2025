import { type Ipv6, parseIpv6 } from "@passerelle/net";
import {
  IFA_F_DADFAILED,
  IFA_F_TENTATIVE,
  IFAPROT_KERNEL_LL,
  type InterfaceAddress,
  type Route,
  RTPROT_PASSERELLE,
} from "@passerelle/netlink-codec";
import { beforeEach, describe, expect, it } from "vitest";
import type { AddressSpec, Netlink, NetlinkEvent, RouteSpec } from "../src/port.ts";
import { code, until, value, type World } from "./world.ts";

/** What routes and addresses have in IPv6 only. */
export function ipv6Contract(worldOf: () => World): void {
  let kernel: Netlink;
  let left: number;
  let right: number;
  beforeEach(async () => {
    kernel = worldOf().netlink;
    left = value(await kernel.createVeth("left", "right"));
    right = value(await kernel.links()).find((one) => one.name === "right")?.index ?? 0;
    for (const index of [left, right]) value(await kernel.setLink(index, { up: true }));
  });

  const ours = async (): Promise<readonly Route[]> =>
    value(await kernel.routes({ family: 6 })).filter((one) => one.protocol === RTPROT_PASSERELLE);
  const defaultRoute = (gateway: string, more: Partial<RouteSpec> = {}): RouteSpec => ({
    family: 6,
    gateway: v6(gateway),
    interfaceIndex: left,
    metric: 512,
    ...more,
  });

  describe("routes", () => {
    it("end by themselves where they have an end, and are renewed by replacing them", async () => {
      value(await kernel.addRoute(defaultRoute("fe80::1", { expiresSeconds: 1800 })));
      const [first] = await ours();
      expect(first?.expiresSeconds).toBeGreaterThan(1790);
      expect(first?.expiresSeconds).toBeLessThanOrEqual(1800);
      value(await kernel.replaceRoute(defaultRoute("fe80::1", { expiresSeconds: 9000 })));
      expect((await ours()).map((one) => (one.expiresSeconds ?? 0) > 8990)).toEqual([true]);
      value(await kernel.replaceRoute(defaultRoute("fe80::1")));
      expect((await ours()).map((one) => one.expiresSeconds)).toEqual([undefined]);
    });

    it("carry the preference of their router", async () => {
      for (const [preference, number] of [
        ["high", 1],
        ["medium", 0],
        ["low", 3],
      ] as const) {
        value(await kernel.replaceRoute(defaultRoute("fe80::1", { preference })));
        expect((await ours()).map((one) => one.preference)).toEqual([number]);
      }
    });

    it("of one metric are one, by whatever gateway and interface: never a multipath", async () => {
      value(await kernel.addRoute(defaultRoute("fe80::1")));
      for (const spec of [
        defaultRoute("fe80::2"),
        defaultRoute("fe80::1", { interfaceIndex: right }),
      ])
        expect(code(await kernel.addRoute(spec))).toBe("EEXIST");
      for (const spec of [
        defaultRoute("fe80::2"),
        defaultRoute("fe80::3", { interfaceIndex: right }),
      ]) {
        value(await kernel.replaceRoute(spec));
        const { gateway, interfaceIndex } = spec;
        expect(await ours()).toMatchObject([{ gateway, interfaceIndex }]);
      }
      value(await kernel.addRoute(defaultRoute("fe80::1", { metric: 1024 })));
      expect((await ours()).map((one) => one.metric).sort()).toEqual([1024, 512]);
    });

    it("that lead nowhere lie on the loopback, and give way to one that leads", async () => {
      const destination = { address: v6("2001:db8:1::"), prefixLength: 56 };
      const nowhere = { family: 6, destination, metric: 512 } as const;
      for (const [type, number] of [
        ["unreachable", 7],
        ["blackhole", 6],
        ["prohibit", 8],
      ] as const) {
        value(await kernel.replaceRoute({ ...nowhere, type }));
        expect(await ours()).toMatchObject([{ destination, type: number, interfaceIndex: 1 }]);
      }
      value(await kernel.replaceRoute(defaultRoute("fe80::1", { destination })));
      expect(await ours()).toMatchObject([{ destination, type: 1, interfaceIndex: left }]);
      value(await kernel.replaceRoute({ ...nowhere, type: "unreachable" }));
      value(await kernel.removeRoute({ ...nowhere, type: "unreachable" }));
      expect(await ours()).toEqual([]);
    });
  });

  describe("addresses", () => {
    const address = v6("2001:db8::77");
    const spec = (interfaceIndex: number, more: Partial<AddressSpec> = {}): AddressSpec => ({
      interfaceIndex,
      address,
      prefixLength: 64,
      ...more,
    });
    const onLeft = async (): Promise<InterfaceAddress | undefined> =>
      value(await kernel.addresses(6)).find(
        (one) => one.interfaceIndex === left && one.address === address,
      );
    const heard = (): NetlinkEvent[] => {
      const events: NetlinkEvent[] = [];
      value(kernel.subscribe({ addresses: true }, (event) => events.push(event)));
      return events;
    };
    const last = (events: readonly NetlinkEvent[]): string => {
      const mine = events.filter(
        (one) => one.kind === "address" && one.address.address === address,
      );
      const event = mine.at(-1);
      if (event?.kind !== "address") return "none";
      const { flags } = event.address;
      const tentative = (flags & IFA_F_TENTATIVE) === 0 ? "" : " tentative";
      const failed = (flags & IFA_F_DADFAILED) === 0 ? "" : " failed";
      return `${event.deleted ? "deleted" : "new"}${tentative}${failed}`;
    };

    it("keep the way to their link when they get an end; from then on it outlives them", async () => {
      const ways = async (): Promise<readonly string[]> =>
        value(await kernel.routes({ family: 6 }))
          .filter((one) => one.destination?.address === "2001:db8::")
          .map(({ expiresSeconds: end }) => (end === undefined || end > 1000 ? "open" : "over"));
      const leased = { noDuplicateDetection: true, preferredSeconds: 1800, validSeconds: 3600 };
      value(await kernel.addAddress(spec(left, { noDuplicateDetection: true })));
      expect(await ways()).toEqual(["open"]);
      for (let renewal = 0; renewal < 3; renewal += 1) {
        value(await kernel.replaceAddress(spec(left, leased)));
        expect(await ways()).toEqual(["open"]);
      }
      value(await kernel.removeAddress(spec(left)));
      expect(await ways()).toEqual(["open"]);
    });

    it("say who made them, and a renewal may change it", async () => {
      value(await kernel.addAddress(spec(left, { noDuplicateDetection: true })));
      expect((await onLeft())?.protocol).toBe(RTPROT_PASSERELLE);
      value(await kernel.replaceAddress(spec(left, { noDuplicateDetection: true, protocol: 99 })));
      expect((await onLeft())?.protocol).toBe(99);
      const isLinkLocal = (one: InterfaceAddress): boolean =>
        one.interfaceIndex === left && one.protocol === IFAPROT_KERNEL_LL;
      await until(async () => value(await kernel.addresses(6)).some(isLinkLocal), worldOf());
    });

    it("are ours when nobody on the link has them, and an event says so", async () => {
      const events = heard();
      value(await kernel.addAddress(spec(left)));
      await until(async () => last(events) === "new", worldOf());
      expect((await onLeft())?.flags).toBe(0x80);
    });

    it("are marked, and stay, where somebody else has them", async () => {
      value(await kernel.addAddress(spec(right, { noDuplicateDetection: true })));
      const events = heard();
      value(await kernel.addAddress(spec(left)));
      await until(async () => last(events) === "new tentative failed", worldOf());
      const flags = IFA_F_TENTATIVE | IFA_F_DADFAILED;
      expect(((await onLeft())?.flags ?? 0) & flags).toBe(flags);
      value(await kernel.removeAddress(spec(left)));
    });

    it("are deleted with the mark, where they have an end and somebody else has them", async () => {
      value(await kernel.addAddress(spec(right, { noDuplicateDetection: true })));
      const events = heard();
      value(await kernel.addAddress(spec(left, { preferredSeconds: 600, validSeconds: 900 })));
      await until(async () => last(events) === "deleted tentative failed", worldOf());
      expect(await onLeft()).toBeUndefined();
    });
  });
}

function v6(text: string): Ipv6 {
  const address = parseIpv6(text);
  if (address === undefined) throw new Error(text);
  return address;
}
