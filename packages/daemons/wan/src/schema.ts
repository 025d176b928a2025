import { ipv4 } from "@passerelle/net";
import { instant } from "@passerelle/time";
import * as v from "valibot";
import type { Lease } from "./core/lease.ts";

/** What the lease file holds. It is ours, but a disk can lie: it is checked like a stranger's. */
export interface StoredLease {
  readonly version: 1;
  /** Times of the lease mean something in this boot only. */
  readonly bootId: string;
  /** Digest of interface, profile and identity: another client does not ask for this address. */
  readonly line: string;
  readonly lease: Lease;
}

const address = v.pipe(
  v.number(),
  v.integer(),
  v.minValue(1),
  v.maxValue(0xffff_ffff),
  v.transform(ipv4),
);
const time = v.pipe(v.number(), v.minValue(0), v.transform(instant));
const prefixLength = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(32));
const destination = v.strictObject({
  address: v.pipe(v.number(), v.integer(), v.minValue(0), v.transform(ipv4)),
  prefixLength,
});

export const storedLeaseSchema: v.GenericSchema<unknown, StoredLease> = v.strictObject({
  version: v.literal(1),
  bootId: v.string(),
  line: v.string(),
  lease: v.pipe(
    v.strictObject({
      address,
      prefixLength: v.pipe(prefixLength, v.minValue(1)),
      server: address,
      gateway: v.exactOptional(address),
      routes: v.pipe(
        v.array(v.strictObject({ destination, gateway: v.exactOptional(address) })),
        v.maxLength(32),
      ),
      resolvers: v.pipe(v.array(address), v.maxLength(4)),
      domain: v.exactOptional(v.pipe(v.string(), v.maxLength(253))),
      obtainedAt: time,
      renewsAt: v.exactOptional(time),
      rebindsAt: v.exactOptional(time),
      expiresAt: v.exactOptional(time),
    }),
    v.check((lease) => hasOrderedTimes(lease), "T1, T2 and end in their order, or none of them"),
  ),
}) as unknown as v.GenericSchema<unknown, StoredLease>;

function hasOrderedTimes(lease: {
  readonly obtainedAt: number;
  readonly renewsAt?: number;
  readonly rebindsAt?: number;
  readonly expiresAt?: number;
}): boolean {
  const { obtainedAt, renewsAt, rebindsAt, expiresAt } = lease;
  if (renewsAt === undefined || rebindsAt === undefined || expiresAt === undefined) {
    return renewsAt === undefined && rebindsAt === undefined && expiresAt === undefined;
  }
  return obtainedAt <= renewsAt && renewsAt < rebindsAt && rebindsAt < expiresAt;
}
