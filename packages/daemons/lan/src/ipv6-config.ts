import { addressesOption, type Dhcpv6Option, namesOption, OPTION } from "@passerelle/dhcpv6";
import type { Ipv6 } from "@passerelle/net";
import { seconds } from "@passerelle/time";
import type { LanConfig, LanNetworkConfig } from "./config.ts";
import { defaultIpv6Config, type Ipv6Config } from "./config-ipv6.ts";
import type { Dhcpv6Config, Dhcpv6Network } from "./core/ipv6/dhcpv6/index.ts";
import type { Plan } from "./core/ipv6/plan.ts";
import type { RaConfig } from "./core/ipv6/ra/index.ts";

export function ipv6ConfigOf(config: LanConfig): Ipv6Config {
  return config.ipv6 ?? defaultIpv6Config;
}

/** The networks that have IPv6: all of them, or none. */
export function ipv6Networks(config: LanConfig): readonly LanNetworkConfig[] {
  return ipv6ConfigOf(config).enabled ? config.networks : [];
}

/** What the router of one network is told. */
export function toRaConfig(config: LanConfig, { name, zone }: LanNetworkConfig): RaConfig {
  return {
    network: name,
    addressing: ipv6ConfigOf(config).addressing,
    maxInterval: MAX_INTERVAL,
    mtuBytes: undefined,
    resolvers: [],
    // A guest does not learn the home's domain.
    searchDomains: zone === "lan" ? [config.dns.domain] : [],
  };
}

/**
 * What the DHCPv6 server is told.
 *
 * @param resolvers of a network, the same that its router tells
 */
export function toDhcpv6Config(
  config: LanConfig,
  serverId: Uint8Array,
  plan: Plan,
  resolvers: (network: string) => readonly Ipv6[],
): Dhcpv6Config {
  const { addressing } = ipv6ConfigOf(config);
  const network = ({ name, zone, dhcp }: LanNetworkConfig): Dhcpv6Network => ({
    name,
    addresses: addressing !== "slaac",
    // A router of a guest's is not one of the home.
    delegates: zone === "lan",
    delegatedLength: SUBNET_LENGTH,
    subnets: plan.subnets[name] ?? [],
    pools: plan.pools,
    options: optionsOf(resolvers(name), zone === "lan" ? config.dns.domain : undefined),
    newLeasesPerSecond: dhcp.newLeasesPerSecond,
  });
  return { serverId, networks: ipv6Networks(config).map(network), reservations: [] };
}

function optionsOf(resolvers: readonly Ipv6[], domain: string | undefined): Dhcpv6Option[] {
  return [
    ...(resolvers.length === 0 ? [] : [addressesOption(OPTION.DNS_SERVERS, resolvers)]),
    ...(domain === undefined ? [] : [namesOption(OPTION.DOMAIN_LIST, [domain])]),
  ];
}

/** RFC 4861 section 6.2.1: what a router does that nobody told otherwise. */
const MAX_INTERVAL = seconds(600);
const SUBNET_LENGTH = 64;
