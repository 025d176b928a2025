import { type Cidr4, contains4, type Ipv4, ipv4, overlaps4 } from "@passerelle/net";
import { type InterfaceAddress, type Route, RTPROT_KERNEL } from "@passerelle/netlink-codec";
import { isPrivate } from "../ipv4.ts";

/** How the modem is reached from this box. */
export interface ModemWay {
  readonly address: Ipv4;
  /** Our own address in the modem's network, on the port; absent: a network that we are in anyway leads there. */
  readonly from?: Cidr4;
}

/** What the kernel knows of networks, and which interface the port is. */
export interface Networks {
  readonly port: number | undefined;
  readonly addresses: readonly InterfaceAddress[];
  /** Of the main table. */
  readonly routes: readonly Route[];
}

/** Why a modem is not asked: nothing of ours leads to it, or the home has the very network that it is in. */
export type ModemObstacle = "not_at_home" | "network_taken";

/**
 * Undefined: the way leads to the modem and nowhere else. What a modem is told (a password in clear, by telnet) must
 * never take the default route, nor one that the operator gave us (RFC 3442).
 */
export function obstacleTo(way: ModemWay, networks: Networks): ModemObstacle | undefined {
  if (isTaken(way, networks)) return "network_taken";
  if (contains4(LOOPBACK, way.address)) return undefined;
  if (!isPrivate(way.address) && !contains4(LINK_LOCAL, way.address)) return "not_at_home";
  const route = routeTo(way.address, networks.routes);
  if (route?.destination === undefined) return "not_at_home";
  const isConnected = route.protocol === RTPROT_KERNEL && route.gateway === undefined;
  const isWanted = way.from === undefined || route.interfaceIndex === networks.port;
  return isConnected && isWanted ? undefined : "not_at_home";
}

/** True where our address in the modem's network would split a network that another interface is in. */
export function isTaken({ from }: ModemWay, { port, addresses }: Networks): boolean {
  if (from === undefined) return false;
  return addresses.some(({ interfaceIndex, address, prefixLength }) => {
    if (interfaceIndex === port || typeof address !== "number") return false;
    return overlaps4(from, { address, prefixLength });
  });
}

/** The one that the kernel takes: the longest. */
function routeTo(address: Ipv4, routes: readonly Route[]): Route | undefined {
  let best: Route | undefined;
  for (const route of routes) {
    const length = lengthTo(address, route);
    if (length === undefined) continue;
    if (best === undefined || length > (best.destination?.prefixLength ?? 0)) best = route;
  }
  return best;
}

function lengthTo(address: Ipv4, { family, destination }: Route): number | undefined {
  if (family !== 4) return undefined;
  if (destination === undefined) return 0;
  const { address: network, prefixLength } = destination;
  if (typeof network !== "number") return undefined;
  return contains4({ address: network, prefixLength }, address) ? prefixLength : undefined;
}

const LOOPBACK: Cidr4 = { address: ipv4(0x7f00_0000), prefixLength: 8 };
const LINK_LOCAL: Cidr4 = { address: ipv4(0xa9fe_0000), prefixLength: 16 };
