import { type Ipv4, ipv4Bytes, ipv4FromBytes, ipv6Bytes, ipv6FromBytes } from "@passerelle/net";
import {
  IFA_F_NOPREFIXROUTE,
  IFF_UP,
  type InterfaceAddress,
  type IpAddress,
  type Prefix,
  type Route,
  RT_SCOPE_LINK,
  RT_TABLE_MAIN,
  RTN_UNICAST,
  RTPROT_KERNEL,
} from "@passerelle/netlink-codec";
import { ok, type Result } from "@passerelle/result";
import { type FakeState, fakeRefusal, linkOf } from "./fake-state.ts";
import type { NetlinkError } from "./port.ts";

const IPV6_METRIC = 1024;
const IPV6_CONNECTED_METRIC = 256;
const RTNH_F_ONLINK = 4;
const LOOPBACK_INDEX = 1;

/** What the kernel adds for an address on a link that is up. */
export function connectedRoutes(state: FakeState, address: InterfaceAddress): void {
  const { family, interfaceIndex, prefixLength } = address;
  const whole = prefixLength === (family === 4 ? 32 : 128);
  // The loopback's own network lies in the local table, which we do not keep.
  if (interfaceIndex === LOOPBACK_INDEX || (whole && family === 4)) return;
  if ((address.flags & IFA_F_NOPREFIXROUTE) !== 0) return;
  const destination = { address: networkOf(address.address, prefixLength), prefixLength };
  const route: Route = {
    family,
    destination,
    interfaceIndex,
    table: RT_TABLE_MAIN,
    protocol: RTPROT_KERNEL,
    scope: family === 4 ? RT_SCOPE_LINK : 0,
    type: RTN_UNICAST,
    flags: 0,
    tos: 0,
    ...(family === 4
      ? { preferredSource: address.address }
      : { metric: IPV6_CONNECTED_METRIC, preference: 0, ...endOf(address) }),
    unknown: [],
  };
  // Two interfaces may have the same network: every Ethernet has fe80::/64.
  const same = (one: Route): boolean =>
    one.interfaceIndex === interfaceIndex && routeKey(one) === routeKey(route);
  const there = state.routes.find(same);
  if (there !== undefined && there.expiresSeconds === route.expiresSeconds) return;
  state.routes = state.routes.filter((one) => one !== there);
  state.routes.push(route);
  state.events.push({ kind: "route", deleted: false, route });
}

/** Of a network of IPv6, that of the address that brought it. */
function endOf({ validSeconds }: InterfaceAddress): { readonly expiresSeconds?: number } {
  return validSeconds === undefined ? {} : { expiresSeconds: validSeconds };
}

export function putRoute(
  state: FakeState,
  wanted: Route,
  replace: boolean,
): Result<void, NetlinkError> {
  const invalid = refusalOf(state, wanted);
  if (invalid !== undefined) return fakeRefusal(invalid);
  const interfaceIndex = wanted.interfaceIndex ?? deviceOf(state, wanted);
  const { preference = 0 } = wanted;
  const route: Route = {
    ...wanted,
    ...(interfaceIndex === undefined ? {} : { interfaceIndex }),
    ...(wanted.family === 6 ? { metric: wanted.metric || IPV6_METRIC, preference } : {}),
  };
  const there = state.routes.find((one) => routeKey(one) === routeKey(route));
  if (there !== undefined && !replace) return fakeRefusal("EEXIST");
  state.routes = state.routes.filter((one) => one !== there);
  state.routes.push(route);
  state.events.push({ kind: "route", deleted: false, route });
  return ok(undefined);
}

export function removeRoute(state: FakeState, wanted: Route): Result<void, NetlinkError> {
  const agrees = (one: Route, field: keyof Route): boolean =>
    wanted[field] === undefined || wanted[field] === one[field];
  const found = state.routes.find(
    (one) =>
      one.family === wanted.family &&
      one.table === wanted.table &&
      one.protocol === wanted.protocol &&
      one.type === wanted.type &&
      samePrefix(one.destination ?? EMPTY, wanted.destination ?? EMPTY) &&
      (["metric", "gateway", "interfaceIndex", "preferredSource"] as const).every((field) =>
        agrees(one, field),
      ),
  );
  if (found === undefined) return fakeRefusal("ESRCH");
  dropRoutes(state, (route) => route === found);
  return ok(undefined);
}

/**
 * Takes routes away. Of IPv4 routes that fall with their link or source address Linux says nothing
 * (fib_flush); of those that somebody removed, and of IPv6, it does.
 */
export function dropRoutes(
  state: FakeState,
  which: (route: Route) => boolean,
  isTold: (route: Route) => boolean = () => true,
): void {
  const gone = state.routes.filter(which);
  state.routes = state.routes.filter((route) => !gone.includes(route));
  for (const route of gone) {
    if (isTold(route)) state.events.push({ kind: "route", deleted: true, route });
  }
}

/** Compares networks: host bits do not count. */
export function samePrefix(a: Prefix, b: Prefix): boolean {
  return (
    a.prefixLength === b.prefixLength &&
    networkOf(a.address, a.prefixLength) === networkOf(b.address, b.prefixLength)
  );
}

function refusalOf(state: FakeState, route: Route): string | undefined {
  const { destination, gateway, interfaceIndex } = route;
  if (destination !== undefined) {
    const { address, prefixLength } = destination;
    // IPv4 refuses host bits; IPv6 cuts them off without a word.
    if (typeof address === "number" && networkOf(address, prefixLength) !== address)
      return "EINVAL";
  }
  if (route.type !== RTN_UNICAST) return undefined;
  const link = interfaceIndex === undefined ? undefined : linkOf(state, interfaceIndex);
  if (interfaceIndex !== undefined && link === undefined) {
    return route.family === 4 && gateway !== undefined ? "ENETUNREACH" : "ENODEV";
  }
  if (link !== undefined && (link.flags & IFF_UP) === 0) return "ENETDOWN";
  if (gateway === undefined) return link === undefined ? "ENODEV" : undefined;
  if ((route.flags & RTNH_F_ONLINK) !== 0) return undefined;
  const unreachable = route.family === 4 ? "ENETUNREACH" : "EHOSTUNREACH";
  return deviceOf(state, route) === undefined ? unreachable : undefined;
}

/** The interface whose connected route leads to the gateway. What leads nowhere is the loopback's, in IPv6. */
function deviceOf(state: FakeState, route: Route): number | undefined {
  const { gateway } = route;
  if (route.family === 6 && route.type !== RTN_UNICAST) return LOOPBACK_INDEX;
  if (gateway === undefined) return undefined;
  return state.routes.find(
    (one) =>
      one.family === route.family &&
      one.gateway === undefined &&
      one.type === RTN_UNICAST &&
      one.destination !== undefined &&
      (route.interfaceIndex === undefined || route.interfaceIndex === one.interfaceIndex) &&
      samePrefix(one.destination, { address: gateway, prefixLength: one.destination.prefixLength }),
  )?.interfaceIndex;
}

/** What two routes that somebody asks for cannot share. */
function routeKey(route: Route): string {
  const { address, prefixLength } = route.destination ?? EMPTY;
  const network = prefixLength === 0 ? "default" : networkOf(address, prefixLength);
  const key = [route.family, network, prefixLength, route.metric ?? 0, route.table, route.tos];
  return key.join(" ");
}

const EMPTY: Prefix = { address: 0 as Ipv4, prefixLength: 0 };

function networkOf(address: IpAddress, prefixLength: number): IpAddress {
  const bytes = typeof address === "number" ? ipv4Bytes(address) : ipv6Bytes(address);
  for (let bit = prefixLength; bit < bytes.length * 8; bit += 1) {
    bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) & ~(0x80 >> (bit & 7));
  }
  const network = bytes.length === 4 ? ipv4FromBytes(bytes) : ipv6FromBytes(bytes);
  if (network === undefined) throw new Error("invariant: a network is an address");
  return network;
}
