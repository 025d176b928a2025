import { ByteReader, latin1Text } from "@passerelle/bytes";
import { type Mac, macFromBytes } from "@passerelle/net";
import type { DecodeError, Result } from "@passerelle/result";
import {
  type DnsSearchList,
  decodeDnsSearchList,
  decodeRecursiveDnsServers,
  type RecursiveDnsServers,
} from "./dns.ts";
import { NDP_OPTION, type NdpMessage, RA_FLAG, type RouterAdvertisement } from "./message.ts";
import { decodePref64, type Pref64 } from "./pref64.ts";
import { preferenceIn, type RouterPreference } from "./preference.ts";
import { decodePrefixInformation, type PrefixInformation } from "./prefix-information.ts";
import { decodeRouteInformation, type RouteInformation } from "./route-information.ts";

/** The data of the first option of this type; undefined where there is none. */
export function optionOf(message: NdpMessage, type: number): Uint8Array | undefined {
  return message.options.find((option) => option.type === type)?.data;
}

/** "Addresses by DHCPv6." */
export function isManaged(advertisement: RouterAdvertisement): boolean {
  return (advertisement.flags & RA_FLAG.M) !== 0;
}

/** "Other things by DHCPv6." */
export function hasOtherConfiguration(advertisement: RouterAdvertisement): boolean {
  return (advertisement.flags & RA_FLAG.O) !== 0;
}

/** RFC 4191 section 2.2: the reserved value is medium, and so is any of a router that is no default router. */
export function routerPreferenceOf(advertisement: RouterAdvertisement): RouterPreference {
  if (advertisement.routerLifetime === 0) return "medium";
  return preferenceIn(advertisement.flags) ?? "medium";
}

/** Undefined where absent, or not of Ethernet. */
export function sourceLinkLayerAddressOf(message: NdpMessage): Mac | undefined {
  return macOf(message, NDP_OPTION.SOURCE_LINK_LAYER_ADDRESS);
}

/** Undefined where absent, or not of Ethernet. */
export function targetLinkLayerAddressOf(message: NdpMessage): Mac | undefined {
  return macOf(message, NDP_OPTION.TARGET_LINK_LAYER_ADDRESS);
}

/** Octets of the link's MTU as the router says: whether it makes sense is for the host to see. */
export function mtuBytesOf(message: NdpMessage): number | undefined {
  const data = optionOf(message, NDP_OPTION.MTU);
  return data?.length === 6 ? new ByteReader(data, 2).uint32() : undefined;
}

/** Every prefix that reads, in order. */
export function prefixesOf(message: NdpMessage): readonly PrefixInformation[] {
  return readEach(message, NDP_OPTION.PREFIX_INFORMATION, decodePrefixInformation);
}

/** Every route that reads, in order. */
export function routesOf(message: NdpMessage): readonly RouteInformation[] {
  return readEach(message, NDP_OPTION.ROUTE_INFORMATION, decodeRouteInformation);
}

export function recursiveDnsServersOf(message: NdpMessage): readonly RecursiveDnsServers[] {
  return readEach(message, NDP_OPTION.RECURSIVE_DNS_SERVER, decodeRecursiveDnsServers);
}

export function dnsSearchListsOf(message: NdpMessage): readonly DnsSearchList[] {
  return readEach(message, NDP_OPTION.DNS_SEARCH_LIST, decodeDnsSearchList);
}

export function pref64sOf(message: NdpMessage): readonly Pref64[] {
  return readEach(message, NDP_OPTION.PREF64, decodePref64);
}

/** A URI (RFC 8910), as a stranger wrote it, without the zeros behind it. */
export function captivePortalOf(message: NdpMessage): string | undefined {
  const data = optionOf(message, NDP_OPTION.CAPTIVE_PORTAL);
  if (data === undefined) return undefined;
  const zero = data.indexOf(0);
  const text = latin1Text(zero < 0 ? data : data.subarray(0, zero));
  return text === "" ? undefined : text;
}

/** The 48 further flags of RFC 5175, none of which means anything to us. */
export function flagsExtensionOf(message: NdpMessage): Uint8Array | undefined {
  const data = optionOf(message, NDP_OPTION.RA_FLAGS_EXTENSION);
  return data?.length === 6 ? data : undefined;
}

function macOf(message: NdpMessage, type: number): Mac | undefined {
  const data = optionOf(message, type);
  return data?.length === 6 ? macFromBytes(data) : undefined;
}

function readEach<T>(
  message: NdpMessage,
  type: number,
  decode: (data: Uint8Array) => Result<T, DecodeError>,
): readonly T[] {
  return message.options.flatMap((option) => {
    if (option.type !== type) return [];
    const decoded = decode(option.data);
    return decoded.ok ? [decoded.value] : [];
  });
}
