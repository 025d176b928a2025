import { formatIpv4, type Mac } from "@passerelle/net";
import { createFakeNetlink, type FakeNetlink } from "@passerelle/netlink";
import { beforeEach, expect, test } from "vitest";
import { type LanNetworkConfig, section } from "../src/config.ts";
import { applyBridges, removeBridges } from "../src/edge/bridges.ts";
import { cidr } from "./dhcp-support.ts";

const [lan, guest] = section.defaults({
  password: () => "",
  bytes: (n) => new Uint8Array(n),
}).networks as [LanNetworkConfig, LanNetworkConfig];
const home: LanNetworkConfig = { ...lan, ports: ["eth1", "eth2"] };
let kernel: FakeNetlink;

beforeEach(() => {
  kernel = createFakeNetlink();
  kernel.addCard("eth1", "00:11:22:33:44:01" as Mac);
  kernel.addCard("wlan0", "00:11:22:33:44:02" as Mac);
});

/** Bridges with their members and IPv4 addresses, as text. */
async function picture(): Promise<readonly string[]> {
  const [links, addresses] = [await kernel.links(), await kernel.addresses(4)];
  if (!links.ok || !addresses.ok) throw new Error("fake kernel");
  return links.value
    .filter((link) => link.kind === "bridge")
    .map((bridge) => {
      const members = links.value.filter((link) => link.master === bridge.index);
      const own = addresses.value.filter((one) => one.interfaceIndex === bridge.index);
      const texts = own.map((one) => formatIpv4(one.address as never));
      return `${bridge.name} ${(bridge.flags & 1) === 1 ? "up" : "down"} [${members.map((link) => link.name)}] ${texts}`;
    });
}

test("bridges, ports and addresses are made; a missing port is told", async () => {
  const applied = await applyBridges(kernel, [home, guest]);
  expect(applied.ok && applied.value.map((one) => one.missingPorts)).toEqual([["eth2"], []]);
  expect(await picture()).toEqual(["br-lan up [eth1] 192.168.1.1", "br-guest up [] 192.168.179.1"]);
});

test("a second run changes nothing", async () => {
  await applyBridges(kernel, [home, guest]);
  const events: string[] = [];
  kernel.subscribe({ links: true, addresses: true }, (event) => events.push(event.kind));
  await applyBridges(kernel, [home, guest]);
  await Promise.resolve();
  expect(events).toEqual([]);
});

test("a new address takes the old one's place; a port moves to another network", async () => {
  await applyBridges(kernel, [home, guest]);
  await applyBridges(kernel, [
    { ...home, address: "192.168.7.1/24", ports: [] },
    { ...guest, ports: ["eth1"] },
  ]);
  expect(await picture()).toEqual(["br-lan up [] 192.168.7.1", "br-guest up [eth1] 192.168.179.1"]);
});

test("an address of before stays while it is kept", async () => {
  const kept = [{ network: "lan", address: cidr("192.168.1.1/24") }];
  const moved = { ...home, address: "192.168.7.1/24" };
  await applyBridges(kernel, [home]);
  await applyBridges(kernel, [moved, guest], kept);
  const both = "br-lan up [eth1] 192.168.1.1,192.168.7.1";
  expect(await picture()).toEqual([both, "br-guest up [] 192.168.179.1"]);
  // After a reboot the bridge is new.
  await removeBridges(kernel, [moved], [guest]);
  await applyBridges(kernel, [moved], kept);
  expect((await picture()).at(-1)).toBe("br-lan up [eth1] 192.168.7.1,192.168.1.1");
});

test("where the kernel takes all addresses of a network with its first, what is wanted comes back", async () => {
  await applyBridges(kernel, [home]);
  const moved = { ...home, address: "192.168.1.254/24" };
  const remove = kernel.removeAddress.bind(kernel);
  kernel.removeAddress = async (spec) => {
    await remove({ ...spec, address: cidr(moved.address).address });
    return remove(spec);
  };
  expect(await applyBridges(kernel, [moved])).toMatchObject({ ok: true });
  expect(await picture()).toEqual(["br-lan up [eth1] 192.168.1.254"]);
});

test("an access point that its own daemon put into the bridge stays", async () => {
  const applied = await applyBridges(kernel, [home]);
  const links = await kernel.links();
  if (!applied.ok || !links.ok) throw new Error("applied");
  const radio = links.value.find((link) => link.name === "wlan0");
  await kernel.setLink(radio?.index ?? 0, { master: applied.value[0]?.index ?? 0 });
  await applyBridges(kernel, [home]);
  expect(await picture()).toEqual(["br-lan up [eth1,wlan0] 192.168.1.1"]);
});

test("a network that is gone takes its bridge with it, and nothing else", async () => {
  await applyBridges(kernel, [home, guest]);
  await removeBridges(kernel, [home, guest], [home]);
  expect(await picture()).toEqual(["br-lan up [eth1] 192.168.1.1"]);
});

test("what the kernel refuses is a fault with its errno", async () => {
  kernel.failNext("EPERM");
  const applied = await applyBridges(kernel, [home]);
  expect(applied.ok ? "applied" : applied.error).toMatchObject({
    code: "lan_kernel_refused",
    raw: expect.stringContaining("EPERM"),
  });
  const taken = await applyBridges(kernel, [{ ...home, bridge: "wlan0" }]);
  expect(taken.ok ? "applied" : taken.error.code).toBe("lan_bridge_name_taken");
});
