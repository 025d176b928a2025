import { fromHex } from "@passerelle/bytes";
import {
  addressOption,
  type Dhcpv4Option,
  encodeDomainSearch,
  encodeSipServers,
  OPTION,
  textOption,
  uint8Option,
  uint16Option,
  uint32Option,
} from "@passerelle/dhcpv4";
import { broadcastOf, parseIpv4, parseMac } from "@passerelle/net";
import { seconds } from "@passerelle/time";
import {
  addressOfText,
  cidrOfText,
  type LanConfig,
  type LanNetworkConfig,
  type LanOptionConfig,
} from "./config.ts";
import type { ClassMatch, DhcpConfig, DhcpNetwork, Reservation } from "./core/dhcp/index.ts";
import type { Kept } from "./core/former/index.ts";

/** What the DHCP server is told, from a valid section and the addresses of before that are still ours. */
export function toDhcpConfig(config: LanConfig, kept: readonly Kept[] = []): DhcpConfig {
  return {
    networks: config.networks
      .filter((network) => network.dhcp.enabled)
      .map((network) => toNetwork(network, config.dns.domain, kept)),
    reservations: config.reservations.map(toReservation),
    classes: config.classes.map((one) => ({
      name: one.name,
      match: toMatch(one.match),
      ...(one.networks === undefined ? {} : { networks: one.networks }),
      options: one.options.map(toOption),
      always: one.always,
    })),
  };
}

function toNetwork(network: LanNetworkConfig, domain: string, kept: readonly Kept[]): DhcpNetwork {
  const cidr = cidrOfText(network.address);
  const { dhcp } = network;
  const resolvers = dhcp.resolvers.length > 0 ? dhcp.resolvers.map(addressOfText) : [cidr.address];
  const options: Dhcpv4Option[] = [
    addressOption(OPTION.ROUTER, cidr.address),
    addressOption(OPTION.DOMAIN_SERVER, ...resolvers),
    addressOption(OPTION.BROADCAST_ADDRESS, broadcastOf(cidr)),
  ];
  // A guest learns neither the home's domain nor its search list.
  if (network.zone === "lan") {
    options.push(textOption(OPTION.DOMAIN_NAME, domain), {
      code: OPTION.DOMAIN_SEARCH,
      data: encodeDomainSearch([domain]),
    });
  }
  if (dhcp.timeServers.length > 0) {
    options.push(addressOption(OPTION.NTP_SERVERS, ...dhcp.timeServers.map(addressOfText)));
  }
  if (dhcp.captivePortal !== undefined) {
    options.push(textOption(OPTION.DHCP_CAPTIVE_PORTAL, dhcp.captivePortal));
  }
  return {
    name: network.name,
    server: cidr.address,
    subnet: cidr,
    former: kept.filter((one) => one.network === network.name).map(({ address }) => address),
    first: addressOfText(dhcp.first),
    last: addressOfText(dhcp.last),
    leaseTime: seconds(dhcp.leaseSeconds),
    probe: dhcp.probe,
    newLeasesPerSecond: dhcp.newLeasesPerSecond,
    options,
  };
}

function toReservation(one: LanConfig["reservations"][number]): Reservation {
  const mac = one.mac === undefined ? undefined : parseMac(one.mac);
  const match: Reservation["match"] =
    mac === undefined ? { kind: "client-id", clientId: one.clientId ?? "" } : { kind: "mac", mac };
  const name = one.name === undefined ? {} : { name: one.name };
  return { address: addressOfText(one.address), match, ...name };
}

function toMatch(match: LanConfig["classes"][number]["match"]): ClassMatch {
  const { vendorClass, userClass, enterprise, macPrefix } = match;
  return {
    ...(vendorClass === undefined ? {} : { vendorClass }),
    ...(userClass === undefined ? {} : { userClass }),
    ...(enterprise === undefined ? {} : { enterprise }),
    ...(macPrefix === undefined ? {} : { macPrefix }),
  };
}

export function toOption(option: LanOptionConfig): Dhcpv4Option {
  const { code } = option;
  switch (option.type) {
    case "hex":
      return { code, data: fromHex(option.value) ?? new Uint8Array(0) };
    case "text":
      return textOption(code, option.value);
    case "addresses":
      return addressOption(code, ...option.value.map(addressOfText));
    case "names":
      return { code, data: encodeDomainSearch(option.value) };
    case "sip": {
      const addresses = option.value.flatMap((text) => parseIpv4(text) ?? []);
      const data =
        addresses.length === option.value.length
          ? encodeSipServers({ kind: "addresses", addresses })
          : encodeSipServers({ kind: "names", names: option.value });
      return { code, data };
    }
    case "number":
      if (option.octets === 1) return uint8Option(code, option.value & 0xff);
      if (option.octets === 2) return uint16Option(code, option.value & 0xffff);
      return uint32Option(code, option.value);
  }
}
