import { ByteReader, ByteWriter } from "@passerelle/bytes";
import { type DecodeError, err, ok, type Result } from "@passerelle/result";
import type { Dhcpv6Option } from "../message.ts";
import { OPTION } from "../option-codes.ts";
import { decodeOptions, writeOptions } from "../option-list.ts";
import {
  decodeIaAddress,
  decodeIaPrefix,
  type IaAddress,
  type IaAddressParts,
  type IaPrefix,
  type IaPrefixParts,
  iaAddressOption,
  iaPrefixOption,
} from "./lease.ts";
import { type StatusCode, statusIn } from "./status-code.ts";

/** When a client comes back, of an IA_NA or IA_PD (RFC 9915 sections 21.4 and 21.21). */
interface RenewalTimes {
  /** Seconds until the client asks its server again; 0 leaves it to the client, 0xffffffff is never. */
  readonly t1: number;
  /** Seconds until it asks any server. */
  readonly t2: number;
}

interface IdentityAssociation extends RenewalTimes {
  /** Chosen by the client, 32 bits; those of IA_NA and those of IA_PD are two kinds. */
  readonly iaid: number;
  /** Success where the option has none. */
  readonly status: StatusCode;
  /** All the options inside, in order, those too that did not read. */
  readonly options: readonly Dhcpv6Option[];
}

export interface IaNa extends IdentityAssociation {
  readonly addresses: readonly IaAddress[];
}

export interface IaPd extends IdentityAssociation {
  readonly prefixes: readonly IaPrefix[];
}

/** An IA_TA is obsolete (RFC 9915 section 21.5): enough is read to answer it with "none". */
export interface IaTa {
  readonly iaid: number;
  readonly options: readonly Dhcpv6Option[];
}

/** RFC 9915 sections 21.4 and 21.21: a client discards an IA whose T1 comes after its T2. */
export function areTimesSane({ t1, t2 }: RenewalTimes): boolean {
  return t1 <= t2 || t2 === 0;
}

/** An address in it that does not read is left out of `addresses`. */
export function decodeIaNa(bytes: Uint8Array): Result<IaNa, DecodeError> {
  const decoded = decodeIa(bytes);
  if (!decoded.ok) return decoded;
  const addresses = readEach(decoded.value.options, OPTION.IAADDR, decodeIaAddress);
  return ok({ ...decoded.value, addresses });
}

/** A prefix in it that does not read is left out of `prefixes`. */
export function decodeIaPd(bytes: Uint8Array): Result<IaPd, DecodeError> {
  const decoded = decodeIa(bytes);
  if (!decoded.ok) return decoded;
  const prefixes = readEach(decoded.value.options, OPTION.IAPREFIX, decodeIaPrefix);
  return ok({ ...decoded.value, prefixes });
}

export function decodeIaTa(bytes: Uint8Array): Result<IaTa, DecodeError> {
  const reader = new ByteReader(bytes);
  const iaid = reader.uint32();
  if (reader.overrun !== undefined) return err({ code: "ia_truncated", at: reader.overrun });
  const options = decodeOptions(bytes, reader.at);
  return options.ok ? ok({ iaid, options: options.value }) : options;
}

interface IaParts extends Partial<RenewalTimes> {
  readonly iaid: number;
  /** Behind the leases: a status, and what else there is. */
  readonly options?: readonly Dhcpv6Option[];
}

/** Without times it is a client's. */
export interface IaNaParts extends IaParts {
  readonly addresses?: readonly IaAddressParts[];
}

export interface IaPdParts extends IaParts {
  readonly prefixes?: readonly IaPrefixParts[];
}

export function iaNaOption(parts: IaNaParts): Dhcpv6Option {
  const leases = (parts.addresses ?? []).map(iaAddressOption);
  return { code: OPTION.IA_NA, data: encodeIa(parts, leases) };
}

export function iaPdOption(parts: IaPdParts): Dhcpv6Option {
  const leases = (parts.prefixes ?? []).map(iaPrefixOption);
  return { code: OPTION.IA_PD, data: encodeIa(parts, leases) };
}

/** The values of every option with this code that reads, in order. */
export function readEach<T>(
  options: readonly Dhcpv6Option[],
  code: number,
  decode: (bytes: Uint8Array) => Result<T, DecodeError>,
): readonly T[] {
  return options.flatMap((option) => {
    if (option.code !== code) return [];
    const decoded = decode(option.data);
    return decoded.ok ? [decoded.value] : [];
  });
}

function decodeIa(bytes: Uint8Array): Result<IdentityAssociation, DecodeError> {
  const reader = new ByteReader(bytes);
  const iaid = reader.uint32();
  const t1 = reader.uint32();
  const t2 = reader.uint32();
  if (reader.overrun !== undefined) return err({ code: "ia_truncated", at: reader.overrun });
  const decoded = decodeOptions(bytes, reader.at);
  if (!decoded.ok) return decoded;
  return ok({ iaid, t1, t2, status: statusIn(decoded.value), options: decoded.value });
}

function encodeIa(parts: IaParts, leases: readonly Dhcpv6Option[]): Uint8Array {
  const { iaid, t1 = 0, t2 = 0, options = [] } = parts;
  const writer = new ByteWriter(12).uint32(iaid).uint32(t1).uint32(t2);
  return writeOptions(writer, [...leases, ...options]).finish();
}
