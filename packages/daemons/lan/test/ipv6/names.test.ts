import { toHex } from "@passerelle/bytes";
import { clientFqdnOption, duidLl, FQDN_FLAG } from "@passerelle/dhcpv6";
import { withHost6 } from "@passerelle/net";
import { instant } from "@passerelle/time";
import { expect, test } from "vitest";
import { type Dhcpv6Input, dhcpv6Server } from "../../src/core/ipv6/dhcpv6/index.ts";
import { macOfEui64 } from "../../src/core/ipv6/eui64.ts";
import {
  type AddressFact,
  factOfNeighbour,
  factsOfLeases,
  type KnownNames,
  namedAddresses,
} from "../../src/core/ipv6/names.ts";
import { config, message } from "./dhcpv6-support.ts";
import { cidr6, ip6, mac } from "./support.ts";

const laptop = mac("00:11:22:33:44:01");
const known: KnownNames = {
  ofMac: (network, hardware) => (network === "lan" && hardware === laptop ? "laptop" : undefined),
  isTaken: (label) => label === "laptop" || label === "nas",
};
const fact = (address: string, parts: Partial<AddressFact> = {}): AddressFact => ({
  network: "lan",
  address: ip6(address),
  ...parts,
});
const told = (facts: readonly AddressFact[]): readonly string[] =>
  namedAddresses(facts, known).map(({ address, label }) => `${label} ${address}`);

test("an address made of the hardware address is told from others", () => {
  expect(macOfEui64(ip6("fe80::211:22ff:fe33:4401"))).toBe(laptop);
  expect(macOfEui64(ip6("2a01::1d8f:8d87:b72c:7ec0"))).toBeUndefined();
  expect(macOfEui64(ip6("fe80::3ff:ffff:feff:ffff"))).toBeUndefined();
});

test("a neighbour's address is worth a name where it stays: not a temporary, not a link-local one", () => {
  const stays = ip6("2a01:cb00:1:100:211:22ff:fe33:4401");
  expect(factOfNeighbour("lan", stays, laptop)).toEqual({
    network: "lan",
    address: stays,
    mac: laptop,
  });
  expect(factOfNeighbour("lan", ip6("2a01:cb00:1:100:5c11:9999:1:2"), laptop)).toBeUndefined();
  expect(factOfNeighbour("lan", ip6("fe80::211:22ff:fe33:4401"), laptop)).toBeUndefined();
});

test("a device has the name that it has by IPv4; else what it calls itself, where nobody has that", () => {
  expect(
    told([
      fact("2a01::9", { mac: laptop, hostname: "other" }),
      fact("2a01::7", { duid: "0003", hostname: "nas" }),
      fact("2a01::8", { duid: "0004", hostname: "Télé salon.example" }),
      fact("fd12::8", { duid: "0004", hostname: "Télé salon.example" }),
      fact("2a01::b", { duid: "0005", hostname: "tele-salon" }),
      fact("2a01::c", { duid: "0006", hostname: "box" }),
      fact("2a01::d", { mac: laptop, network: "guest" }),
    ]),
  ).toEqual(["tele-salon 2a01::8", "laptop 2a01::9", "tele-salon fd12::8"]);
});

test("a client of DHCPv6 is a fact while its lease is, under the name it gives", () => {
  const name = clientFqdnOption({ flags: FQDN_FLAG.S, name: "laptop.example", isPartial: false });
  const inputs: readonly Dhcpv6Input[] = [
    { kind: "start", config: config({ now: instant(0) }), leases: [], bootId: "boot" },
    message({ type: "REQUEST", mac: laptop, na: [], pd: [], more: [name] }),
    { kind: "leases_stored", commit: 1, durable: true },
  ];
  let state = dhcpv6Server.initial;
  for (const input of inputs) state = dhcpv6Server.step(state, input, instant(0)).state;
  if (state.kind === "idle") throw new Error("started");
  const facts = factsOfLeases(state.leases.values(), instant(1));
  expect(facts).toEqual([
    {
      network: "lan",
      address: withHost6(cidr6("2a01:cb00:1:100::/64"), ip6("::1d8f:8d87:b72c:7ec0")),
      duid: toHex(duidLl(laptop)),
      mac: laptop,
      hostname: "laptop.example",
    },
  ]);
  expect(factsOfLeases(state.leases.values(), instant(5_400_000))).toEqual([]);
});
