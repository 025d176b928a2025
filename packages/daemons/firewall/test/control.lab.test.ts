import { afterAll, beforeAll, expect, test } from "vitest";
import { ask, openForBusiness, serve, startGateway } from "./lab/gateway.ts";
import { until } from "./lab/hosts.ts";
import { ADDRESS, createNeighbourhood, type Neighbourhood } from "./lab/neighbourhood.ts";

// The priority that the kernel would hand to a VLAN, read by rules of our own after all others: the tag itself is seen
// where a kernel has VLANs (test/lab/vm).

let n: Neighbourhood;

beforeAll(async () => {
  n = await createNeighbourhood();
  await openForBusiness(n, await startGateway(n.gw));
  await serve(n.wan, 7000);
  await n.gw.must(["nft", WITNESS]);
});
afterAll(() => n.hosts.end());

/** Last words on what leaves: how many packets of a kind, and how many of them as control traffic. */
const WITNESS = `
table arp witness { chain output { type filter hook output priority 1000;
  oifname "wan0" counter comment "arp"
  oifname "wan0" meta priority 0:7 counter comment "arp, control"
  oifname "br-lan" meta priority 0:7 counter comment "arp of the home, control"
 }
}
table inet witness { chain postrouting { type filter hook postrouting priority 1000;
  oifname "wan0" icmpv6 type nd-neighbor-solicit counter comment "nd"
  oifname "wan0" icmpv6 type nd-neighbor-solicit meta priority 0:7 counter comment "nd, control"
  oifname "wan0" meta l4proto { tcp, udp } counter comment "data"
  oifname "wan0" meta l4proto { tcp, udp } meta priority 0:7 counter comment "data, control"
 }
}`;

async function counted(): Promise<ReadonlyMap<string, number>> {
  const text = await n.gw.must(["nft", "list", "ruleset"]);
  const lines = text.matchAll(/counter packets (\d+) bytes \d+ comment "([a-z, ]+)"/g);
  return new Map([...lines].map(([, packets, kind = ""]) => [kind, Number(packets)]));
}

test("ARP and neighbour discovery on the line are control traffic, those of the home are not", async () => {
  await n.gw.must(["ip", "neigh", "flush", "all"]);
  await n.gw.run(["ping", "-c", "1", "-W", "1", ADDRESS.wan]);
  await n.gw.run(["ping", "-c", "1", "-W", "1", ADDRESS.wan6]);
  await n.gw.run(["ping", "-c", "1", "-W", "1", ADDRESS.lan1]);
  const seen = await counted();
  for (const kind of ["arp", "nd"]) {
    expect(seen.get(kind), kind).toBeGreaterThan(0);
    expect(seen.get(`${kind}, control`), kind).toBe(seen.get(kind));
  }
  expect(seen.get("arp of the home, control")).toBe(0);
});

test("data of the home never is, whatever its TOS octet says", async () => {
  for (const tos of ["0x10", "0xc0", "0xe0", "0xff"]) {
    const script = `
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, ${tos})
s.sendto(b"x", ("${ADDRESS.wan}", 7000))`;
    await n.lan1.must(["python3", "-c", script]);
  }
  expect(await ask(n.lan1, "tcp", ADDRESS.wan, 7000)).toBe(ADDRESS.gwWan);
  const seen = await counted();
  expect(seen.get("data")).toBeGreaterThan(6);
  expect(seen.get("data, control")).toBe(0);
});

test("the table of ARP comes back when another program takes it away", async () => {
  await n.gw.must(["nft", "delete", "table", "arp", "passerelle"]);
  await until("it is back", async () => {
    const listed = await n.gw.run(["nft", "list", "table", "arp", "passerelle"]);
    return listed.stdout.includes('oifname "wan0" meta priority set 0:7') || undefined;
  });
});
