import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { addVethPair, enterPrivateNetwork } from "@passerelle/native";
import { ALL_ROUTERS } from "@passerelle/net";
import { expect, it } from "vitest";
import { createLinuxSockets } from "../src/linux.ts";
import { v6, value } from "./world.ts";

/** The priority has no place in a packet until a VLAN gives it one: the kernel's own filter sees it before. */
const RULES = `
table ip6 seen {
  counter dhcpv6 {}
  counter discovery {}
  chain output {
    type filter hook output priority filter;
    meta priority 0:6 udp dport 547 counter name "dhcpv6"
    meta priority 0:6 icmpv6 type nd-router-solicit ip6 hoplimit 255 counter name "discovery"
  }
}`;

it("gives DHCPv6 and neighbour discovery their priority inside the kernel", () => {
  enterPrivateNetwork();
  writeFileSync("/proc/sys/net/ipv6/conf/default/accept_dad", "0");
  addVethPair("left", "right");
  execFileSync("nft", ["-f", "-"], { input: RULES });
  const sockets = createLinuxSockets();
  for (const priority of [0, 6]) {
    const common = { family: 6, device: "left", priority } as const;
    const client = value(sockets.openDatagram({ ...common, tos: 0xc0 }));
    value(client.send(new Uint8Array(4), v6("ff02::1:2"), 547));
    const icmp = value(sockets.openIcmp({ ...common, trafficClass: 0xc0 }));
    value(icmp.send(Uint8Array.of(133, 0, 0, 0, 0, 0, 0, 0), ALL_ROUTERS, { ttl: 255 }));
    for (const socket of [client, icmp]) socket.close();
  }
  const listed = execFileSync("nft", ["list", "counters"]).toString();
  expect(listed.match(/packets \d+/g)).toEqual(["packets 1", "packets 1"]);
});
