import {
  dnsSearchListOption,
  encodeNdp,
  mtuOption,
  type NdpEnvelope,
  type NdpOption,
  PREFIX_FLAG,
  prefixInformationOption,
  RA_FLAG,
  recursiveDnsServersOption,
  routeInformationOption,
} from "@passerelle/ndp";
import { ALL_NODES, type Cidr6, type Ipv6, parseCidr6, parseIpv6 } from "@passerelle/net";

export function ip6(text: string): Ipv6 {
  const address = parseIpv6(text);
  if (address === undefined) throw new Error(`no address: ${text}`);
  return address;
}

export function cidr6(text: string): Cidr6 {
  const prefix = parseCidr6(text);
  if (prefix === undefined) throw new Error(`no prefix: ${text}`);
  return prefix;
}

/** What a router says, with everything a sane one has. */
export interface AdvertisedFields {
  readonly from?: string;
  /** Seconds. */
  readonly lifetime?: number;
  readonly managed?: boolean;
  readonly other?: boolean;
  readonly preference?: number;
  readonly prefix?: string;
  readonly valid?: number;
  readonly preferred?: number;
  /** PREFIX_FLAG bits. */
  readonly flags?: number;
  readonly resolver?: string;
  readonly resolverLifetime?: number;
  readonly domain?: string;
  readonly route?: string;
  readonly routeLifetime?: number;
  readonly mtu?: number;
  readonly hopLimit?: number;
}

export interface Heard {
  readonly kind: "ndp";
  readonly payload: Uint8Array;
  readonly envelope: NdpEnvelope;
}

export function advertisement(fields: AdvertisedFields = {}): Heard {
  const flags =
    (fields.managed === true ? RA_FLAG.M : 0) |
    (fields.other === true ? RA_FLAG.O : 0) |
    (fields.preference ?? 0);
  return {
    kind: "ndp",
    payload: encodeNdp({
      ...{ kind: "router_advertisement", curHopLimit: 64, flags },
      routerLifetime: fields.lifetime ?? 1800,
      ...{ reachableTime: 0, retransTimer: 0, options: optionsOf(fields) },
    }),
    envelope: {
      source: ip6(fields.from ?? "fe80::a"),
      destination: ALL_NODES,
      hopLimit: fields.hopLimit ?? 255,
    },
  };
}

function optionsOf(fields: AdvertisedFields): NdpOption[] {
  const { prefix, resolver, domain, route, mtu } = fields;
  return [
    ...(mtu === undefined ? [] : [mtuOption(mtu)]),
    ...(prefix === undefined
      ? []
      : [
          prefixInformationOption({
            prefix: cidr6(prefix),
            flags: fields.flags ?? PREFIX_FLAG.L | PREFIX_FLAG.A,
            validLifetime: fields.valid ?? 86_400,
            preferredLifetime: fields.preferred ?? Math.min(14_400, fields.valid ?? 86_400),
          }),
        ]),
    ...(resolver === undefined
      ? []
      : [
          recursiveDnsServersOption({
            lifetime: fields.resolverLifetime ?? 3600,
            addresses: [ip6(resolver)],
          }),
        ]),
    ...(domain === undefined
      ? []
      : [dnsSearchListOption({ lifetime: 3600, names: [domain as never] })]),
    ...(route === undefined
      ? []
      : [
          routeInformationOption({
            prefix: cidr6(route),
            preference: "medium",
            routeLifetime: fields.routeLifetime ?? 3600,
          }),
        ]),
  ];
}
