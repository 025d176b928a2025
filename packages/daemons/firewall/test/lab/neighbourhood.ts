import { createHosts, type Host, type HostSet } from "./hosts.ts";

/** wan ── gw ── { lan1, lan2 } on br-lan, guest on br-guest. */
export interface Neighbourhood {
  readonly gw: Host;
  readonly wan: Host;
  readonly lan1: Host;
  readonly lan2: Host;
  readonly guest: Host;
  readonly hosts: HostSet;
}

/**
 * Addresses that look public: the rules drop documentation ranges, and nothing leaves the namespaces. `internet` is a
 * second address of the WAN host, behind a route as the real ones are.
 */
export const ADDRESS = {
  gwWan: "81.250.0.100",
  wan: "81.250.0.1",
  internet: "93.184.216.34",
  gwLan: "192.168.1.1",
  lan1: "192.168.1.10",
  lan2: "192.168.1.11",
  gwGuest: "192.168.2.1",
  guest: "192.168.2.10",
  gwWan6: "2a01:cb00:1::100",
  wan6: "2a01:cb00:1::1",
  gwLan6: "2a01:cb00:2::1",
  lan1v6: "2a01:cb00:2::10",
} as const;

export const MAC = {
  gwWan: "02:70:61:01:00:01",
  wan: "02:70:61:01:00:02",
  gwLan: "02:70:61:02:00:01",
  lan1: "02:70:61:02:00:10",
  lan2: "02:70:61:02:00:11",
  gwGuest: "02:70:61:03:00:01",
  guest: "02:70:61:03:00:10",
} as const;

export async function createNeighbourhood(): Promise<Neighbourhood> {
  const hosts = createHosts();
  try {
    const gw = await hosts.host("gw");
    const wan = await hosts.host("wan");
    const lan1 = await hosts.host("lan1");
    const lan2 = await hosts.host("lan2");
    const guest = await hosts.host("guest");
    await wireGateway(gw, { wan, lan1, lan2, guest });
    await address(wan, MAC.wan, [
      `${ADDRESS.wan}/24`,
      `${ADDRESS.internet}/32`,
      `${ADDRESS.wan6}/64`,
    ]);
    await wan.must(["ip", "route", "add", "192.168.0.0/16", "via", ADDRESS.gwWan]);
    await wan.must(["ip", "-6", "route", "add", "2a01:cb00:2::/64", "via", ADDRESS.gwWan6]);
    await client(lan1, MAC.lan1, [`${ADDRESS.lan1}/24`, `${ADDRESS.lan1v6}/64`], ADDRESS.gwLan);
    await lan1.must(["ip", "-6", "route", "add", "default", "via", ADDRESS.gwLan6]);
    await client(lan2, MAC.lan2, [`${ADDRESS.lan2}/24`], ADDRESS.gwLan);
    await client(guest, MAC.guest, [`${ADDRESS.guest}/24`], ADDRESS.gwGuest);
    return { gw, wan, lan1, lan2, guest, hosts };
  } catch (error) {
    await hosts.end();
    throw error;
  }
}

async function wireGateway(
  gw: Host,
  others: Readonly<Record<"wan" | "lan1" | "lan2" | "guest", Host>>,
): Promise<void> {
  const cable = (port: string, host: Host) =>
    `link add ${port} type veth peer name eth0 netns ${host.pid}`;
  const lines = [
    cable("wan0", others.wan),
    cable("lan0", others.lan1),
    cable("lan1", others.lan2),
    cable("guest0", others.guest),
    "link add br-lan type bridge",
    "link add br-guest type bridge",
    "link set lan0 master br-lan up",
    "link set lan1 master br-lan up",
    "link set guest0 master br-guest up",
    `link set wan0 address ${MAC.gwWan} up`,
    `link set br-lan address ${MAC.gwLan} up`,
    `link set br-guest address ${MAC.gwGuest} up`,
    `address add ${ADDRESS.gwWan}/24 dev wan0`,
    `address add ${ADDRESS.gwLan}/24 dev br-lan`,
    `address add ${ADDRESS.gwGuest}/24 dev br-guest`,
    `address add ${ADDRESS.gwWan6}/64 dev wan0 nodad`,
    `address add ${ADDRESS.gwLan6}/64 dev br-lan nodad`,
    `route add default via ${ADDRESS.wan}`,
    `-6 route add default via ${ADDRESS.wan6}`,
  ];
  for (const line of lines) await gw.must(["ip", ...line.split(" ")]);
}

async function address(host: Host, mac: string, addresses: readonly string[]): Promise<void> {
  await host.must(["ip", "link", "set", "eth0", "address", mac, "up"]);
  for (const text of addresses) {
    const nodad = text.includes(":") ? ["nodad"] : [];
    await host.must(["ip", "address", "add", text, "dev", "eth0", ...nodad]);
  }
}

async function client(
  host: Host,
  mac: string,
  addresses: readonly string[],
  gateway: string,
): Promise<void> {
  await address(host, mac, addresses);
  await host.must(["ip", "route", "add", "default", "via", gateway]);
}
