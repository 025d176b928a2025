import type { SectionProblem } from "@passerelle/contract";
import {
  broadcastOf,
  type Cidr4,
  contains4,
  networkOf,
  overlaps4,
  parseCidr4,
  parseIpv4,
} from "@passerelle/net";
import type { LanConfig, LanNetworkConfig } from "./config.ts";

/** Rules that one value alone can't show. */
export function validateLan(config: LanConfig): readonly SectionProblem[] {
  return [
    ...config.networks.flatMap((network, i) => networkProblems(network, `/networks/${i}`)),
    ...betweenNetworks(config),
    ...reservationProblems(config),
  ];
}

function networkProblems(network: LanNetworkConfig, path: string): readonly SectionProblem[] {
  const problems: SectionProblem[] = [];
  const say = (where: string, message: string): void => {
    problems.push({ path: `${path}${where}`, message });
  };
  const cidr = parseCidr4(network.address);
  const first = parseIpv4(network.dhcp.first);
  const last = parseIpv4(network.dhcp.last);
  if (cidr === undefined || first === undefined || last === undefined) return problems;
  if (cidr.prefixLength < 16 || cidr.prefixLength > 30) {
    say("/address", "a network of the home has a prefix length from 16 to 30");
  }
  if (cidr.address === networkOf(cidr) || cidr.address === broadcastOf(cidr)) {
    say("/address", "the address of the gateway can't be the first or the last of its network");
  }
  if (!isPrivate(cidr)) say("/address", "a network of the home has private addresses (RFC 1918)");
  for (const [key, address] of [
    ["first", first],
    ["last", last],
  ] as const) {
    const isHost =
      contains4(cidr, address) && address !== networkOf(cidr) && address !== broadcastOf(cidr);
    if (!isHost) say(`/dhcp/${key}`, `the pool lies inside ${network.address}`);
  }
  if (first > last) say("/dhcp/last", "the pool ends before it begins");
  if (first === last && first === cidr.address) say("/dhcp/first", "the pool is empty");
  return problems;
}

function betweenNetworks(config: LanConfig): readonly SectionProblem[] {
  const problems: SectionProblem[] = [];
  const seen = { name: new Set<string>(), bridge: new Set<string>(), port: new Set<string>() };
  const unique = (kind: keyof typeof seen, value: string, path: string): void => {
    if (seen[kind].has(value)) problems.push({ path, message: `${value} is used twice` });
    seen[kind].add(value);
  };
  for (const [i, network] of config.networks.entries()) {
    unique("name", network.name, `/networks/${i}/name`);
    unique("bridge", network.bridge, `/networks/${i}/bridge`);
    for (const [j, port] of network.ports.entries()) {
      unique("port", port, `/networks/${i}/ports/${j}`);
      if (config.networks.some((one) => one.bridge === port)) {
        problems.push({ path: `/networks/${i}/ports/${j}`, message: "a bridge can't be a port" });
      }
    }
    const mine = parseCidr4(network.address);
    for (const other of config.networks.slice(0, i)) {
      const theirs = parseCidr4(other.address);
      if (mine !== undefined && theirs !== undefined && overlaps4(mine, theirs)) {
        const message = `overlaps ${other.name} (${other.address})`;
        problems.push({ path: `/networks/${i}/address`, message });
      }
    }
  }
  if (!config.networks.some((network) => network.zone === "lan")) {
    problems.push({ path: "/networks", message: "at least one network is the home's own" });
  }
  return problems;
}

function reservationProblems(config: LanConfig): readonly SectionProblem[] {
  const problems: SectionProblem[] = [];
  const addresses = new Set<string>();
  const clients = new Set<string>();
  for (const [i, one] of config.reservations.entries()) {
    const path = `/reservations/${i}`;
    const address = parseIpv4(one.address);
    if (address === undefined) continue;
    const network = config.networks.find((candidate) => {
      const cidr = parseCidr4(candidate.address);
      return cidr !== undefined && contains4(cidr, address);
    });
    const cidr = network === undefined ? undefined : parseCidr4(network.address);
    if (network === undefined || cidr === undefined) {
      problems.push({ path: `${path}/address`, message: "lies in no network of the home" });
    } else if (
      [cidr.address, networkOf(cidr), broadcastOf(cidr)].some((taken) => taken === address)
    ) {
      problems.push({ path: `${path}/address`, message: "can't be given to a device" });
    }
    if (addresses.has(one.address)) {
      problems.push({ path: `${path}/address`, message: `${one.address} is reserved twice` });
    }
    addresses.add(one.address);
    // One device may have a place in each network, not two in one.
    const client = `${network?.name} ${one.mac ?? one.clientId}`;
    if (clients.has(client)) problems.push({ path, message: "this device has a reservation here" });
    clients.add(client);
  }
  return problems;
}

function isPrivate(cidr: Cidr4): boolean {
  return ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"].some((text) => {
    const range = parseCidr4(text);
    return (
      range !== undefined &&
      cidr.prefixLength >= range.prefixLength &&
      contains4(range, cidr.address)
    );
  });
}
