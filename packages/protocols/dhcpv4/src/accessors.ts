import { latin1Text } from "@passerelle/bytes";
import { IPV4_ANY, type Ipv4, ipv4FromBytes } from "@passerelle/net";
import { MESSAGE_LENGTH_SAFE } from "./encode.ts";
import type { Dhcpv4Message } from "./message.ts";
import { MESSAGE_TYPE, type MessageType, OPTION } from "./option-codes.ts";
import { type ClasslessRoute, decodeClasslessRoutes } from "./options/classless-routes.ts";
import { decodeDomainSearch } from "./options/domain-search.ts";

/** The octets of an option; undefined where the message has none. */
export function optionOf(message: Dhcpv4Message, code: number): Uint8Array | undefined {
  return message.options.find((option) => option.code === code)?.data;
}

/** An option of exactly one, two or four octets as a number; undefined where absent or of another length. */
export function numberOf(
  message: Dhcpv4Message,
  code: number,
  octets: 1 | 2 | 4,
): number | undefined {
  const data = optionOf(message, code);
  if (data === undefined || data.length !== octets) return undefined;
  let value = 0;
  for (const octet of data) value = value * 256 + octet;
  return value;
}

/** The first address of an option; undefined where absent or shorter than one. */
export function addressOf(message: Dhcpv4Message, code: number): Ipv4 | undefined {
  return addressesOf(message, code)[0];
}

/** Addresses of a list option (routers, resolvers, time servers). Empty where absent; a ragged rest is left out. */
export function addressesOf(message: Dhcpv4Message, code: number): readonly Ipv4[] {
  const data = optionOf(message, code) ?? new Uint8Array(0);
  const addresses: Ipv4[] = [];
  for (let at = 0; at + 4 <= data.length; at += 4) {
    addresses.push(ipv4FromBytes(data, at) ?? IPV4_ANY);
  }
  return addresses;
}

/** Text, one character an octet, up to the first NUL (clients end strings with it); undefined where absent or empty. */
export function textOf(message: Dhcpv4Message, code: number): string | undefined {
  const data = optionOf(message, code);
  if (data === undefined) return undefined;
  const zero = data.indexOf(0);
  const text = latin1Text(zero < 0 ? data : data.subarray(0, zero));
  return text === "" ? undefined : text;
}

/** Undefined where the message has no type, i.e. is plain BOOTP, or one we do not know. */
export function messageTypeOf(message: Dhcpv4Message): MessageType | undefined {
  const value = numberOf(message, OPTION.DHCP_MSG_TYPE, 1);
  return Object.values(MESSAGE_TYPE).find((type) => type === value);
}

/** Option 61 as it came. RFC 2132 section 9.14: at least two octets, shorter ones are no identifier. */
export function clientIdOf(message: Dhcpv4Message): Uint8Array | undefined {
  const data = optionOf(message, OPTION.CLIENT_ID);
  return data !== undefined && data.length >= 2 ? data : undefined;
}

export function requestedAddressOf(message: Dhcpv4Message): Ipv4 | undefined {
  return exactAddressOf(message, OPTION.ADDRESS_REQUEST);
}

export function serverIdOf(message: Dhcpv4Message): Ipv4 | undefined {
  return exactAddressOf(message, OPTION.DHCP_SERVER_ID);
}

/** Seconds; 0xffffffff is for ever. */
export function leaseSecondsOf(message: Dhcpv4Message): number | undefined {
  return numberOf(message, OPTION.ADDRESS_TIME, 4);
}

/** T1, seconds. */
export function renewalSecondsOf(message: Dhcpv4Message): number | undefined {
  return numberOf(message, OPTION.RENEWAL_TIME, 4);
}

/** T2, seconds. */
export function rebindingSecondsOf(message: Dhcpv4Message): number | undefined {
  return numberOf(message, OPTION.REBINDING_TIME, 4);
}

export function hostnameOf(message: Dhcpv4Message): string | undefined {
  return textOf(message, OPTION.HOSTNAME);
}

export function domainNameOf(message: Dhcpv4Message): string | undefined {
  return textOf(message, OPTION.DOMAIN_NAME);
}

/** Option 60. */
export function vendorClassOf(message: Dhcpv4Message): string | undefined {
  return textOf(message, OPTION.CLASS_ID);
}

/** Codes that the client asks for, the most wanted first (RFC 2132 section 9.8). */
export function parameterListOf(message: Dhcpv4Message): readonly number[] {
  return [...(optionOf(message, OPTION.PARAMETER_LIST) ?? [])];
}

/** Option 114, a URI. */
export function captivePortalOf(message: Dhcpv4Message): string | undefined {
  return textOf(message, OPTION.DHCP_CAPTIVE_PORTAL);
}

/** Option 119; undefined where absent or broken. */
export function domainSearchOf(message: Dhcpv4Message): readonly string[] | undefined {
  const decoded = decoding(optionOf(message, OPTION.DOMAIN_SEARCH), decodeDomainSearch);
  return decoded;
}

/** Option 121; undefined where absent or broken. RFC 3442: where it is there, routers (3) count for nothing. */
export function classlessRoutesOf(message: Dhcpv4Message): readonly ClasslessRoute[] | undefined {
  return decoding(optionOf(message, OPTION.CLASSLESS_STATIC_ROUTE_OPTION), decodeClasslessRoutes);
}

/**
 * Longest DHCP message that the sender takes, for `encodeDhcpv4Within`. Option 57 counts the IPv4 and
 * UDP headers for some clients and does not for others, so that they are taken off (28 octets).
 */
export function messageLengthMaxOf(message: Dhcpv4Message): number {
  const asked = numberOf(message, OPTION.DHCP_MAX_MSG_SIZE, 2) ?? 0;
  return Math.max(MESSAGE_LENGTH_SAFE, Math.min(asked, 1500) - 28);
}

function exactAddressOf(message: Dhcpv4Message, code: number): Ipv4 | undefined {
  const data = optionOf(message, code);
  return data?.length === 4 ? ipv4FromBytes(data) : undefined;
}

function decoding<T>(
  data: Uint8Array | undefined,
  decode: (bytes: Uint8Array) => { readonly ok: true; readonly value: T } | { readonly ok: false },
): T | undefined {
  if (data === undefined) return undefined;
  const decoded = decode(data);
  return decoded.ok ? decoded.value : undefined;
}
