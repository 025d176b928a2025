import { asciiBytes, concatBytes } from "@passerelle/bytes";
import { type Ipv4, ipv4Bytes } from "@passerelle/net";
import type { Dhcpv4Option } from "../message.ts";
import { type MessageType, OPTION } from "../option-codes.ts";

/** Builders of the options that are a number, some addresses or a text. */

export function uint8Option(code: number, value: number): Dhcpv4Option {
  return { code, data: Uint8Array.of(value) };
}

export function uint16Option(code: number, value: number): Dhcpv4Option {
  return { code, data: Uint8Array.of(value >>> 8, value & 0xff) };
}

/** Also seconds: lease time, T1, T2. */
export function uint32Option(code: number, value: number): Dhcpv4Option {
  return {
    code,
    data: Uint8Array.of(value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff),
  };
}

export function addressOption(code: number, ...addresses: readonly Ipv4[]): Dhcpv4Option {
  return { code, data: concatBytes(...addresses.map(ipv4Bytes)) };
}

/** ASCII text of ours; throws for anything else. */
export function textOption(code: number, text: string): Dhcpv4Option {
  return { code, data: asciiBytes(text) };
}

export function messageTypeOption(type: MessageType): Dhcpv4Option {
  return uint8Option(OPTION.DHCP_MSG_TYPE, type);
}

export function parameterListOption(codes: readonly number[]): Dhcpv4Option {
  return { code: OPTION.PARAMETER_LIST, data: Uint8Array.from(codes) };
}
