import type { Ipv6, Mac } from "@passerelle/net";
import { IFA_F_DADFAILED, IFA_F_TENTATIVE } from "@passerelle/netlink-codec";
import { expect, it } from "vitest";
import { createFakeNetlink } from "../src/fake.ts";
import type { NetlinkEvent } from "../src/port.ts";

it("lets a cable's carrier climb to the bridge, made before its port, and to the VLAN on it", async () => {
  const kernel = createFakeNetlink();
  const bridge = await kernel.createBridge("br-lan");
  const bridgeIndex = bridge.ok ? bridge.value : 0;
  const card = kernel.addCard("eth0", "02:00:5e:00:53:01" as Mac);
  const vlan = await kernel.createVlan("br-lan.10", { lower: bridgeIndex, id: 10 });
  const vlanIndex = vlan.ok ? vlan.value : 0;
  await kernel.setLink(card, { master: bridgeIndex, up: true });
  await kernel.setLink(vlanIndex, { up: true });
  await kernel.setLink(bridgeIndex, { up: true });
  const carriers = async () => {
    const links = await kernel.links();
    return links.ok ? links.value.slice(1).map((one) => [one.name, one.carrier]) : [];
  };
  expect(await carriers()).toEqual([
    ["br-lan", 1],
    ["eth0", 1],
    ["br-lan.10", 1],
  ]);
  const events: NetlinkEvent[] = [];
  kernel.subscribe({ links: true }, (event) => events.push(event));
  await Promise.resolve();
  events.length = 0;
  kernel.setCarrier(card, false);
  await Promise.resolve();
  expect(await carriers()).toEqual([
    ["br-lan", 0],
    ["eth0", 0],
    ["br-lan.10", 0],
  ]);
  const told = events.flatMap((event) => (event.kind === "link" ? [event.link.name] : []));
  expect(told).toEqual(["eth0", "br-lan", "br-lan.10"]);
});

it("keeps an address waiting for its detection, and ends it, as told", async () => {
  const kernel = createFakeNetlink();
  const interfaceIndex = kernel.addCard("eth0", "02:00:5e:00:53:01" as Mac);
  const told: [boolean, number][] = [];
  kernel.subscribe({ addresses: true }, (event) => {
    if (event.kind === "address" && event.address.address === "2001:db8::1")
      told.push([event.deleted, event.address.flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED)]);
  });
  const spec = { interfaceIndex, address: "2001:db8::1" as Ipv6, prefixLength: 64 };
  const leased = { ...spec, preferredSeconds: 900, validSeconds: 1800 };
  kernel.detectDuplicates("wait");
  await kernel.addAddress(leased);
  await kernel.replaceAddress({ ...leased, validSeconds: 3600 });
  kernel.endDetection(spec.address, "pass");
  kernel.endDetection(spec.address, "fail");
  await kernel.removeAddress(spec);
  kernel.detectDuplicates("fail");
  await kernel.addAddress(leased);
  await kernel.addAddress(spec);
  await Promise.resolve();
  const both = IFA_F_TENTATIVE | IFA_F_DADFAILED;
  expect(told).toEqual([
    [false, IFA_F_TENTATIVE],
    [false, IFA_F_TENTATIVE],
    [false, 0],
    [true, 0],
    [false, IFA_F_TENTATIVE],
    [true, both],
    [false, IFA_F_TENTATIVE],
    [false, both],
  ]);
});

it("fails when told, once, and loses events when told", async () => {
  const kernel = createFakeNetlink();
  const events: NetlinkEvent[] = [];
  kernel.subscribe({}, (event) => events.push(event));
  kernel.failNext("ENOBUFS");
  expect(await kernel.setLink(1, { up: true })).toMatchObject({ error: { code: "ENOBUFS" } });
  expect((await kernel.setLink(1, { up: true })).ok).toBe(true);
  kernel.loseEvents();
  await Promise.resolve();
  expect(events).toEqual([{ kind: "resync" }]);
});
