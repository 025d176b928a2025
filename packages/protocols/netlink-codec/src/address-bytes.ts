import {
  type Ipv4,
  type Ipv6,
  ipv4Bytes,
  ipv4FromBytes,
  ipv6Bytes,
  ipv6FromBytes,
} from "@passerelle/net";
import type { AttributeSet } from "./attribute.ts";
import { AF_INET, AF_INET6 } from "./constants.ts";

export type Family = 4 | 6;
export type IpAddress = Ipv4 | Ipv6;

/** An address with a prefix length: what a route or a rule matches. */
export interface Prefix {
  readonly address: IpAddress;
  readonly prefixLength: number;
}

export function familyOf(number: number | undefined): Family | undefined {
  if (number === AF_INET) return 4;
  return number === AF_INET6 ? 6 : undefined;
}

export function familyNumber(family: Family | undefined): number {
  if (family === undefined) return 0;
  return family === 4 ? AF_INET : AF_INET6;
}

export function addressOf(set: AttributeSet, type: number, family: Family): IpAddress | undefined {
  const bytes = set.bytes(type, family === 4 ? 4 : 16);
  if (bytes === undefined) return undefined;
  return family === 4 ? ipv4FromBytes(bytes) : ipv6FromBytes(bytes);
}

export function addressBytes(address: IpAddress | undefined): Uint8Array | undefined {
  if (address === undefined) return undefined;
  return typeof address === "number" ? ipv4Bytes(address) : ipv6Bytes(address);
}

/** Leaves out the keys without a value, as exactOptionalPropertyTypes wants it. */
export function defined<T extends object>(
  fields: T,
): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const kept: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fields)) if (value !== undefined) kept[key] = value;
  return kept as { [K in keyof T]?: Exclude<T[K], undefined> };
}
