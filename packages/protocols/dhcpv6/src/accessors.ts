import { latin1Text } from "@passerelle/bytes";
import { decodeNameList, type NameText } from "@passerelle/dns";
import { IPV6_ANY, type Ipv6, ipv6FromBytes } from "@passerelle/net";
import type { DecodeError, Result } from "@passerelle/result";
import { type Duration, milliseconds } from "@passerelle/time";
import { isDuid } from "./duid.ts";
import type { Dhcpv6Message, Dhcpv6Option } from "./message.ts";
import { MESSAGE_TYPE } from "./message.ts";
import { OPTION } from "./option-codes.ts";
import { optionIn } from "./option-list.ts";
import { type Authentication, decodeAuthentication } from "./options/authentication.ts";
import {
  decodeUserClasses,
  decodeVendorClass,
  decodeVendorOptions,
  type VendorClass,
  type VendorOptions,
} from "./options/classes.ts";
import { type ClientFqdn, decodeClientFqdn } from "./options/client-fqdn.ts";
import {
  decodeIaNa,
  decodeIaPd,
  decodeIaTa,
  type IaNa,
  type IaPd,
  type IaTa,
  readEach,
} from "./options/identity-association.ts";
import { type StatusCode, statusIn } from "./options/status-code.ts";

/** Whatever has options: a message of either kind, an IA, a lease. */
interface WithOptions {
  readonly options: readonly Dhcpv6Option[];
}

/** The octets of the first option with this code; undefined where there is none. */
export function optionOf(message: WithOptions, code: number): Uint8Array | undefined {
  return optionIn(message.options, code);
}

export function hasOption(message: WithOptions, code: number): boolean {
  return optionOf(message, code) !== undefined;
}

/** An option of exactly one, two or four octets as a number; undefined where absent or of another length. */
export function numberOf(
  message: WithOptions,
  code: number,
  octets: 1 | 2 | 4,
): number | undefined {
  const data = optionOf(message, code);
  if (data === undefined || data.length !== octets) return undefined;
  return data.reduce((value, octet) => value * 256 + octet, 0);
}

/** Addresses of a list option. Empty where absent; a ragged rest is left out. */
export function addressesOf(message: WithOptions, code: number): readonly Ipv6[] {
  const data = optionOf(message, code) ?? new Uint8Array(0);
  const addresses: Ipv6[] = [];
  for (let at = 0; at + 16 <= data.length; at += 16) {
    addresses.push(ipv6FromBytes(data, at) ?? IPV6_ANY);
  }
  return addresses;
}

/** Names of a list option; undefined where absent or broken. */
export function namesOf(message: WithOptions, code: number): readonly NameText[] | undefined {
  return decoding(message, code, decodeNameList);
}

/** The client's DUID; undefined where absent or of a length that no DUID has. */
export function clientIdOf(message: WithOptions): Uint8Array | undefined {
  const data = optionOf(message, OPTION.CLIENTID);
  return data !== undefined && isDuid(data) ? data : undefined;
}

export function serverIdOf(message: WithOptions): Uint8Array | undefined {
  const data = optionOf(message, OPTION.SERVERID);
  return data !== undefined && isDuid(data) ? data : undefined;
}

/** Success where the message has none; the IAs and leases have their own. */
export function statusOf(message: WithOptions): StatusCode {
  return statusIn(message.options);
}

/** Every IA_NA that reads, in order. */
export function iaNasOf(message: WithOptions): readonly IaNa[] {
  return readEach(message.options, OPTION.IA_NA, decodeIaNa);
}

/** Every IA_PD that reads, in order. */
export function iaPdsOf(message: WithOptions): readonly IaPd[] {
  return readEach(message.options, OPTION.IA_PD, decodeIaPd);
}

export function iaTasOf(message: WithOptions): readonly IaTa[] {
  return readEach(message.options, OPTION.IA_TA, decodeIaTa);
}

/** Codes that the client asks for; an odd octet at the end is left out. */
export function optionRequestOf(message: WithOptions): readonly number[] {
  const data = optionOf(message, OPTION.ORO) ?? new Uint8Array(0);
  return Array.from(
    { length: data.length >>> 1 },
    (_, i) => (data[i * 2] ?? 0) * 256 + (data[i * 2 + 1] ?? 0),
  );
}

/** RFC 9915 section 18.2.1: 0 where a server says none; 255 ends the client's search. */
export function preferenceOf(message: WithOptions): number {
  return numberOf(message, OPTION.PREFERENCE, 1) ?? 0;
}

/** Since the client began the exchange, as it says; at most 655.35 seconds. */
export function elapsedTimeOf(message: WithOptions): Duration | undefined {
  const hundredths = numberOf(message, OPTION.ELAPSED_TIME, 2);
  return hundredths === undefined ? undefined : milliseconds(hundredths * 10);
}

export function authenticationOf(message: WithOptions): Authentication | undefined {
  return decoding(message, OPTION.AUTH, decodeAuthentication);
}

export function userClassesOf(message: WithOptions): readonly Uint8Array[] | undefined {
  return decoding(message, OPTION.USER_CLASS, decodeUserClasses);
}

/** One for each vendor. */
export function vendorClassesOf(message: WithOptions): readonly VendorClass[] {
  return readEach(message.options, OPTION.VENDOR_CLASS, decodeVendorClass);
}

/** One for each vendor. */
export function vendorOptionsOf(message: WithOptions): readonly VendorOptions[] {
  return readEach(message.options, OPTION.VENDOR_OPTS, decodeVendorOptions);
}

/** What a Reconfigure asks for; undefined where it is none of the three (RFC 9915 section 21.19). */
export function reconfigureMessageOf(message: Dhcpv6Message): ReconfigureAnswer | undefined {
  const asked = numberOf(message, OPTION.RECONF_MSG, 1);
  return RECONFIGURE_ANSWERS.find((type) => type === asked);
}

export function dnsServersOf(message: WithOptions): readonly Ipv6[] {
  return addressesOf(message, OPTION.DNS_SERVERS);
}

export function domainSearchOf(message: WithOptions): readonly NameText[] | undefined {
  return namesOf(message, OPTION.DOMAIN_LIST);
}

/**
 * Seconds after which a stateless client asks again (RFC 9915 section 21.23): at least 600, 86400 where the
 * server says nothing, 0xffffffff for never.
 */
export function informationRefreshSecondsOf(message: WithOptions): number {
  const asked = numberOf(message, OPTION.INFORMATION_REFRESH_TIME, 4);
  return asked === undefined ? IRT_DEFAULT_SECONDS : Math.max(IRT_MINIMUM_SECONDS, asked);
}

/** Seconds; undefined where absent or outside 60 to 86400, which a client ignores (RFC 9915 section 21.24). */
export function solMaxRtSecondsOf(message: WithOptions): number | undefined {
  return maxRtSecondsOf(message, OPTION.SOL_MAX_RT);
}

/** Seconds; as `solMaxRtSecondsOf` (RFC 9915 section 21.25). */
export function infMaxRtSecondsOf(message: WithOptions): number | undefined {
  return maxRtSecondsOf(message, OPTION.INF_MAX_RT);
}

/** The other end of a DS-Lite tunnel (RFC 6334); undefined where it is not exactly one name. */
export function aftrNameOf(message: WithOptions): NameText | undefined {
  const names = namesOf(message, OPTION.AFTR_NAME);
  return names?.length === 1 ? names[0] : undefined;
}

/** A URI (RFC 8910), as a stranger wrote it. */
export function captivePortalOf(message: WithOptions): string | undefined {
  const data = optionOf(message, OPTION.CAPTIVE_PORTAL);
  return data === undefined || data.length === 0 ? undefined : latin1Text(data);
}

export function clientFqdnOf(message: WithOptions): ClientFqdn | undefined {
  return decoding(message, OPTION.CLIENT_FQDN, decodeClientFqdn);
}

const RECONFIGURE_ANSWERS = [
  MESSAGE_TYPE.RENEW,
  MESSAGE_TYPE.REBIND,
  MESSAGE_TYPE.INFORMATION_REQUEST,
] as const;
export type ReconfigureAnswer = (typeof RECONFIGURE_ANSWERS)[number];

/** RFC 9915 section 7.6, IRT_DEFAULT and IRT_MINIMUM. */
const IRT_DEFAULT_SECONDS = 86_400;
const IRT_MINIMUM_SECONDS = 600;

function maxRtSecondsOf(message: WithOptions, code: number): number | undefined {
  const asked = numberOf(message, code, 4);
  return asked !== undefined && asked >= 60 && asked <= 86_400 ? asked : undefined;
}

function decoding<T>(
  message: WithOptions,
  code: number,
  decode: (bytes: Uint8Array) => Result<T, DecodeError>,
): T | undefined {
  const data = optionOf(message, code);
  if (data === undefined) return undefined;
  const decoded = decode(data);
  return decoded.ok ? decoded.value : undefined;
}
