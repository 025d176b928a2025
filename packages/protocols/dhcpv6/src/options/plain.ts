import { asciiBytes, ByteWriter, concatBytes } from "@passerelle/bytes";
import { encodeNameList, type NameText } from "@passerelle/dns";
import { type Ipv6, ipv6Bytes } from "@passerelle/net";
import { invariant } from "@passerelle/result";
import type { Duration } from "@passerelle/time";
import { isDuid } from "../duid.ts";
import type { Dhcpv6Option, MessageType } from "../message.ts";
import { OPTION } from "../option-codes.ts";

/** Builders of the options that are nothing, a number, some addresses, names or a text. */

/** An option that says all by being there: rapid commit, reconfigure accept. */
export function emptyOption(code: number): Dhcpv6Option {
  return { code, data: new Uint8Array(0) };
}

/** Preference. */
export function uint8Option(code: number, value: number): Dhcpv6Option {
  return { code, data: Uint8Array.of(value) };
}

/** Seconds: information refresh time, SOL_MAX_RT, INF_MAX_RT. */
export function uint32Option(code: number, value: number): Dhcpv6Option {
  return { code, data: new ByteWriter(4).uint32(value).finish() };
}

/** Resolvers, SIP servers, time servers. */
export function addressesOption(code: number, addresses: readonly Ipv6[]): Dhcpv6Option {
  return { code, data: concatBytes(...addresses.map(ipv6Bytes)) };
}

/** Search list, SIP domains, AFTR name. */
export function namesOption(code: number, names: readonly NameText[]): Dhcpv6Option {
  return { code, data: encodeNameList(names) };
}

/** ASCII text of ours, a URI; throws for anything else. */
export function textOption(code: number, text: string): Dhcpv6Option {
  return { code, data: asciiBytes(text) };
}

export function clientIdOption(duid: Uint8Array): Dhcpv6Option {
  invariant(isDuid(duid), "a DUID has 3 to 130 octets");
  return { code: OPTION.CLIENTID, data: duid };
}

export function serverIdOption(duid: Uint8Array): Dhcpv6Option {
  invariant(isDuid(duid), "a DUID has 3 to 130 octets");
  return { code: OPTION.SERVERID, data: duid };
}

/** The codes that a client would like to have (RFC 9915 section 21.7), in the order given. */
export function optionRequestOption(codes: readonly number[]): Dhcpv6Option {
  const writer = new ByteWriter(codes.length * 2);
  for (const code of codes) writer.uint16(code);
  return { code: OPTION.ORO, data: writer.finish() };
}

/** RFC 9915 section 21.9: hundredths of a second since the exchange began, 0xffff for more than that holds. */
export function elapsedTimeOption(sinceFirst: Duration): Dhcpv6Option {
  const hundredths = Math.min(0xffff, Math.floor(sinceFirst / 10));
  return { code: OPTION.ELAPSED_TIME, data: new ByteWriter(2).uint16(hundredths).finish() };
}

/** What a server wants of a client: RENEW, REBIND or INFORMATION_REQUEST (RFC 9915 section 21.19). */
export function reconfigureMessageOption(msgType: MessageType): Dhcpv6Option {
  return uint8Option(OPTION.RECONF_MSG, msgType);
}
