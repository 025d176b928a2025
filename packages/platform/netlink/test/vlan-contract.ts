import type { Mac } from "@passerelle/net";
import { IFF_LOWER_UP, IFF_UP } from "@passerelle/netlink-codec";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Netlink, NetlinkEvent, VlanOptions } from "../src/port.ts";
import { vlanOf } from "../src/vlan.ts";
import { code, until, value, type World } from "./world.ts";

const NAME = "left.832";
const MAC = "02:00:5e:10:00:01" as Mac;

/** What any body of the port does with VLANs; the kernel of a developer's machine may have none. */
export function vlanContract(makeWorld: () => Promise<World>): void {
  let world: World;
  let kernel: Netlink;
  let left: number;
  let right: number;
  beforeEach(async () => {
    world = await makeWorld();
    kernel = world.netlink;
    left = value(await kernel.createVeth("left", "right"));
    right = (await link("right"))?.index ?? 0;
    for (const index of [left, right]) value(await kernel.setLink(index, { up: true }));
  });
  afterEach(() => world.end());

  const link = async (name: string) => value(await kernel.links()).find((one) => one.name === name);
  const flags = async () => ((await link(NAME))?.flags ?? 0) & (IFF_UP | IFF_LOWER_UP);
  const whenFlags = (wanted: number) => until(async () => (await flags()) === wanted, world);
  const make = async (more: Partial<VlanOptions> = {}) =>
    value(await kernel.createVlan(NAME, { lower: left, id: 832, ...more }));

  describe("a VLAN", () => {
    it("is read back as it was made, without the priorities that get no tag", async () => {
      const data = [0, 1, 2, 3, 4, 5, 6].map((priority) => ({ priority, tag: 0 }));
      const control = { priority: 7, tag: 6 };
      const index = await make({ egress: [...data, control] });
      const made = await link(NAME);
      expect(made).toMatchObject({ index, kind: "vlan", mtu: 1500, lower: left });
      expect((made?.flags ?? IFF_UP) & IFF_UP).toBe(0);
      expect(made === undefined ? undefined : vlanOf(made)).toEqual({
        ...{ lower: left, id: 832, egress: [control] },
      });
      value(await kernel.deleteLink(index));
      await make();
      const plain = await link(NAME);
      expect(plain === undefined ? undefined : vlanOf(plain)?.egress).toEqual([]);
    });

    it("is refused where there is one, no cable, or no such number", async () => {
      const options = { lower: left, id: 832 };
      await make();
      expect(code(await kernel.createVlan(NAME, options))).toBe("EEXIST");
      expect(code(await kernel.createVlan("another", options))).toBe("EEXIST");
      expect(code(await kernel.createVlan("lost", { lower: 999, id: 832 }))).toBe("ENODEV");
      for (const id of [4095, 4096]) {
        expect(code(await kernel.createVlan("high", { lower: left, id }))).toBe("ERANGE");
      }
      value(await kernel.createVlan("other", { lower: left, id: 835 }));
      value(await kernel.createVlan("far", { lower: right, id: 832 }));
    });

    it("has the carrier of its cable", async () => {
      const index = await make();
      value(await kernel.setLink(index, { up: true }));
      await whenFlags(IFF_UP | IFF_LOWER_UP);
      value(await kernel.setLink(right, { up: false }));
      await whenFlags(IFF_UP);
      value(await kernel.setLink(right, { up: true }));
      await whenFlags(IFF_UP | IFF_LOWER_UP);
    });

    it("goes down with the interface below, and up with it", async () => {
      const index = await make();
      value(await kernel.setLink(index, { up: true }));
      await whenFlags(IFF_UP | IFF_LOWER_UP);
      value(await kernel.setLink(left, { up: false }));
      await whenFlags(0);
      expect(code(await kernel.setLink(index, { up: true }))).toBe("ENETDOWN");
      value(await kernel.setLink(left, { up: true }));
      await whenFlags(IFF_UP | IFF_LOWER_UP);
    });

    it("has the hardware address of the interface below, whatever it becomes", async () => {
      const index = await make();
      expect((await link(NAME))?.mac).toBe((await link("left"))?.mac);
      // One that is down takes the new address when it comes up.
      value(await kernel.setLink(index, { up: true }));
      value(await kernel.setLink(left, { mac: MAC }));
      await until(async () => (await link(NAME))?.mac === MAC, world);
    });

    it("falls with the interface below, and that is told", async () => {
      const events: NetlinkEvent[] = [];
      value(kernel.subscribe({ links: true }, (event) => events.push(event)));
      const index = await make();
      value(await kernel.setLink(index, { up: true }));
      await whenFlags(IFF_UP | IFF_LOWER_UP);
      value(await kernel.deleteLink(left));
      await world.settle();
      expect(await link(NAME)).toBeUndefined();
      const gone = events.flatMap((event) =>
        event.kind === "link" && event.deleted ? [event.link.name] : [],
      );
      expect(gone.sort()).toEqual(["left", NAME, "right"]);
      const shown = events.filter((event) => event.kind === "link" && event.link.name === NAME);
      expect(shown.length).toBeGreaterThan(1);
    });
  });
}
