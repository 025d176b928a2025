import { ByteReader, ByteWriter } from "@passerelle/bytes";
import { type Cidr6, type Ipv6, ipv6Bytes, ipv6FromBytes, networkOf6 } from "@passerelle/net";
import { type DecodeError, err, invariant, ok, type Result } from "@passerelle/result";
import type { Dhcpv6Option } from "../message.ts";
import { OPTION } from "../option-codes.ts";
import { decodeOptions, optionIn, optionsBut, writeOptions } from "../option-list.ts";
import { decodePdExclude, encodePdExclude } from "./pd-exclude.ts";
import { type StatusCode, statusIn } from "./status-code.ts";

/** What an address and a prefix have in common. */
interface Lifetimes {
  /** Seconds from now on; 0xffffffff is for ever. 0 in what a client asks for. */
  readonly preferredLifetime: number;
  /** Seconds; 0 takes the lease back. */
  readonly validLifetime: number;
}

/** An address in an IA_NA (RFC 9915 section 21.6). */
export interface IaAddress extends Lifetimes {
  readonly address: Ipv6;
  /** Success where the option has none. */
  readonly status: StatusCode;
  /** All the options inside, in order. */
  readonly options: readonly Dhcpv6Option[];
}

/** A prefix in an IA_PD (RFC 9915 section 21.22). */
export interface IaPrefix extends Lifetimes {
  /** Host bits are zero. :: with a length is what a client would like to have. */
  readonly prefix: Cidr6;
  /** RFC 6603: this part of the prefix is the operator's link and not for the home. */
  readonly excluded: Cidr6 | undefined;
  readonly status: StatusCode;
  readonly options: readonly Dhcpv6Option[];
}

/** RFC 9915 sections 21.6 and 21.22: a client discards a lease that is preferred for longer than it is valid. */
export function areLifetimesSane({ preferredLifetime, validLifetime }: Lifetimes): boolean {
  return preferredLifetime <= validLifetime;
}

export function decodeIaAddress(bytes: Uint8Array): Result<IaAddress, DecodeError> {
  const reader = new ByteReader(bytes);
  const address = ipv6FromBytes(reader.take(16));
  const preferredLifetime = reader.uint32();
  const validLifetime = reader.uint32();
  if (address === undefined || reader.overrun !== undefined) {
    return err({ code: "ia_address_truncated", at: reader.overrun ?? 0 });
  }
  const decoded = decodeOptions(bytes, reader.at);
  if (!decoded.ok) return decoded;
  const options = decoded.value;
  const status = statusIn(options);
  return ok({ address, preferredLifetime, validLifetime, status, options });
}

export function decodeIaPrefix(bytes: Uint8Array): Result<IaPrefix, DecodeError> {
  const reader = new ByteReader(bytes);
  const preferredLifetime = reader.uint32();
  const validLifetime = reader.uint32();
  const prefixLength = reader.uint8();
  const address = ipv6FromBytes(reader.take(16));
  if (address === undefined) {
    return err({ code: "ia_prefix_truncated", at: reader.overrun ?? 0 });
  }
  if (prefixLength > 128) return err({ code: "ia_prefix_length", at: 8 });
  const decoded = decodeOptions(bytes, reader.at);
  if (!decoded.ok) return decoded;
  const options = decoded.value;
  const prefix = { address: networkOf6({ address, prefixLength }), prefixLength };
  const exclude = optionIn(options, OPTION.PD_EXCLUDE);
  const excluded = exclude === undefined ? undefined : decodePdExclude(exclude, prefix);
  return ok({
    preferredLifetime,
    validLifetime,
    prefix,
    // RFC 6603 section 4.2: an option that does not fit the prefix is ignored.
    excluded: excluded?.ok === true ? excluded.value : undefined,
    status: statusIn(options),
    options,
  });
}

/** What is given for an IAADDR. Without lifetimes it is a client's. */
export interface IaAddressParts extends Partial<Lifetimes> {
  readonly address: Ipv6;
  readonly options?: readonly Dhcpv6Option[];
}

export function iaAddressOption(parts: IaAddressParts): Dhcpv6Option {
  const { address, preferredLifetime = 0, validLifetime = 0, options = [] } = parts;
  const writer = new ByteWriter(24).put(ipv6Bytes(address));
  writer.uint32(preferredLifetime).uint32(validLifetime);
  return { code: OPTION.IAADDR, data: writeOptions(writer, options).finish() };
}

/** What is given for an IAPREFIX. Without lifetimes it is a client's. */
export interface IaPrefixParts extends Partial<Lifetimes> {
  readonly prefix: Cidr6;
  readonly excluded?: Cidr6 | undefined;
  /** Further options; one of PD_EXCLUDE is written from `excluded` alone where that is given. */
  readonly options?: readonly Dhcpv6Option[];
}

export function iaPrefixOption(parts: IaPrefixParts): Dhcpv6Option {
  const { prefix, excluded, preferredLifetime = 0, validLifetime = 0, options = [] } = parts;
  invariant(prefix.prefixLength >= 0 && prefix.prefixLength <= 128, "a prefix has 0 to 128 bits");
  const writer = new ByteWriter(25)
    .uint32(preferredLifetime)
    .uint32(validLifetime)
    .uint8(prefix.prefixLength)
    .put(ipv6Bytes(networkOf6(prefix)));
  const rest = excluded === undefined ? options : optionsBut(options, OPTION.PD_EXCLUDE);
  writeOptions(writer, rest);
  if (excluded !== undefined) {
    writeOptions(writer, [{ code: OPTION.PD_EXCLUDE, data: encodePdExclude(excluded, prefix) }]);
  }
  return { code: OPTION.IAPREFIX, data: writer.finish() };
}
