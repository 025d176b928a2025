import type { Cidr6, Ipv6 } from "@passerelle/net";
import type { Instant } from "@passerelle/time";
import type { Client } from "./client.ts";

/**
 * What one identity association has. The place is the client's for as long as the lease lasts; which
 * addresses or prefixes that makes follows from the prefixes of the day.
 */
export type Lease = LeaseBase & (AddressPlace | DelegationPlace);

interface LeaseBase {
  readonly network: string;
  readonly client: Client;
  /** 32 bits, chosen by the client. */
  readonly iaid: number;
  /** What the client was told that is not over yet; never empty. */
  readonly given: readonly Given[];
}

export interface AddressPlace {
  readonly kind: "address";
  /** Without prefix. */
  readonly host: Ipv6;
}

export interface DelegationPlace {
  readonly kind: "delegation";
  readonly block: Block;
}

/** A part of every pool, counted in parts of its size from the end: where networks of the home begin, it is last. */
export interface Block {
  /** Bits of the prefixes: up to 64. */
  readonly prefixLength: number;
  readonly fromEnd: number;
}

/** An address (128 bits) or a prefix, as told. */
export interface Given {
  readonly prefix: Cidr6;
  readonly preferredUntil: Instant;
  readonly validUntil: Instant;
}

export type LeaseKind = Lease["kind"];

/** Names a lease. The two kinds of IA have identifiers of their own (RFC 9915 section 4.2). */
export function slotOf(network: string, kind: LeaseKind, duid: string, iaid: number): string {
  return `${network} ${kind} ${duid} ${iaid}`;
}

export function slotOfLease({ network, kind, client, iaid }: Lease): string {
  return slotOf(network, kind, client.duid, iaid);
}

/** Blocks share addresses in one pool where they do in all. */
export function blocksOverlap(a: Block, b: Block): boolean {
  const sizeA = sizeOf(a);
  const sizeB = sizeOf(b);
  const startA = a.fromEnd * sizeA;
  const startB = b.fromEnd * sizeB;
  return startA < startB + sizeB && startB < startA + sizeA;
}

/** In /64s. */
export function sizeOf({ prefixLength }: Block): number {
  return 2 ** (SUBNET_LENGTH - prefixLength);
}

export const SUBNET_LENGTH = 64;
