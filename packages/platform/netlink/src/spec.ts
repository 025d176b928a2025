import {
  type Attribute,
  FR_ACT_TO_TBL,
  IFA_F_NODAD,
  IFA_F_NOPREFIXROUTE,
  IFLA_BR_MCAST_QUERIER,
  IFLA_BR_MCAST_SNOOPING,
  IFLA_BR_STP_STATE,
  type InterfaceAddress,
  type IpAddress,
  type Link,
  type Route,
  RT_SCOPE_HOST,
  RT_SCOPE_LINK,
  RT_SCOPE_UNIVERSE,
  RT_TABLE_MAIN,
  RTN_BLACKHOLE,
  RTN_PROHIBIT,
  RTN_UNICAST,
  RTN_UNREACHABLE,
  RTPROT_PASSERELLE,
  type Rule,
  uint32Bytes,
} from "@passerelle/netlink-codec";
import { invariant } from "@passerelle/result";
import type { AddressSpec, BridgeOptions, RouteSpec, RuleSpec } from "./port.ts";

// What a caller wishes, with our defaults, as the kernel's own objects. Both bodies use it.

export function addressOfSpec(spec: AddressSpec): InterfaceAddress {
  const { noDuplicateDetection, noPrefixRoute, protocol, ...rest } = spec;
  return {
    ...rest,
    protocol: protocol ?? RTPROT_PASSERELLE,
    family: typeof spec.address === "number" ? 4 : 6,
    flags:
      (noDuplicateDetection === true ? IFA_F_NODAD : 0) |
      (noPrefixRoute === true ? IFA_F_NOPREFIXROUTE : 0),
    scope: scopeOfAddress(spec.address),
    unknown: [],
  };
}

export function scopeOfAddress(address: IpAddress): number {
  if (typeof address === "number")
    return address >>> 24 === 127 ? RT_SCOPE_HOST : RT_SCOPE_UNIVERSE;
  if (address === "::1") return RT_SCOPE_HOST;
  return /^fe[89ab]/.test(address) ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
}

const ROUTE_TYPES = {
  unicast: RTN_UNICAST,
  blackhole: RTN_BLACKHOLE,
  unreachable: RTN_UNREACHABLE,
  prohibit: RTN_PROHIBIT,
} as const;
/** ICMPV6_ROUTER_PREF_*: two bits, signed. */
const PREFERENCES = { medium: 0, high: 1, low: 3 } as const;
const RTNH_F_ONLINK = 4;

export function routeOfSpec(spec: RouteSpec): Route {
  const { table, protocol, type = "unicast", onLink, preference, ...rest } = spec;
  invariant(
    spec.family === 6 || (preference === undefined && spec.expiresSeconds === undefined),
    "only routes of IPv6 have an end or a preference",
  );
  // IPv4: what needs no gateway lies on the link. IPv6 has one scope only.
  const direct = spec.family === 4 && type === "unicast" && spec.gateway === undefined;
  return {
    ...rest,
    table: table ?? RT_TABLE_MAIN,
    protocol: protocol ?? RTPROT_PASSERELLE,
    scope: direct ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE,
    type: ROUTE_TYPES[type],
    flags: onLink === true ? RTNH_F_ONLINK : 0,
    ...(preference === undefined ? {} : { preference: PREFERENCES[preference] }),
    tos: 0,
    unknown: [],
  };
}

export function ruleOfSpec(spec: RuleSpec): Rule {
  return {
    ...spec,
    action: FR_ACT_TO_TBL,
    flags: 0,
    tos: 0,
    protocol: RTPROT_PASSERELLE,
    unknown: [],
  };
}

export function newLink(name: string, kind: string, more: Partial<Link> = {}): Link {
  return { index: 0, hardwareType: 0, flags: 0, name, kind, ...more, unknown: [] };
}

export function bridgeData(options: BridgeOptions): readonly Attribute[] {
  const octet = (type: number, on: boolean | undefined): readonly Attribute[] =>
    on === undefined ? [] : [{ type, flags: 0, bytes: Uint8Array.of(on ? 1 : 0) }];
  return [
    {
      type: IFLA_BR_STP_STATE,
      flags: 0,
      bytes: uint32Bytes(options.spanningTree === true ? 1 : 0),
    },
    ...octet(IFLA_BR_MCAST_SNOOPING, options.multicastSnooping),
    ...octet(IFLA_BR_MCAST_QUERIER, options.multicastQuerier),
  ];
}
