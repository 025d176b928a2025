import { formatDuid, parseDuid } from "@passerelle/dhcpv6";
import { type Ipv6, ipv4, parseIpv6, parseMac } from "@passerelle/net";
import type { RememberedSession } from "@passerelle/ppp";
import { instant } from "@passerelle/time";
import * as v from "valibot";
import type { Lease6 } from "./core/dhcpv6/lease.ts";
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

/** The lease of IPv6 likewise. */
export interface StoredLease6 {
  readonly version: 1;
  readonly bootId: string;
  readonly line: string;
  readonly lease: Lease6;
}

const address6 = v.pipe(
  v.string(),
  v.check((text) => parseIpv6(text) === text, "an address"),
  v.transform((text) => text as Ipv6),
);
const prefix6 = v.strictObject({
  address: address6,
  prefixLength: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(128)),
});
const ends = { preferredUntil: v.exactOptional(time), validUntil: v.exactOptional(time) };
const leases6 = <T extends v.GenericSchema>(one: T) => v.pipe(v.array(one), v.maxLength(8));

const storedLease6Schema: v.GenericSchema<unknown, StoredLease6> = v.strictObject({
  version: v.literal(1),
  bootId: v.string(),
  line: v.string(),
  lease: v.pipe(
    v.strictObject({
      server: v.pipe(
        v.string(),
        v.check((text) => parseDuid(text) !== undefined, "a DUID"),
        v.transform((text) => parseDuid(text) ?? new Uint8Array(0)),
      ),
      addresses: leases6(v.strictObject({ address: address6, ...ends })),
      prefixes: leases6(
        v.strictObject({ prefix: prefix6, excluded: v.exactOptional(prefix6), ...ends }),
      ),
      obtainedAt: time,
      renewsAt: v.exactOptional(time),
      rebindsAt: v.exactOptional(time),
    }),
    v.check(
      ({ renewsAt, rebindsAt }) =>
        (renewsAt === undefined) === (rebindsAt === undefined) &&
        (renewsAt ?? 0) <= (rebindsAt ?? 0),
      "T1 and T2 in their order, or none of them",
    ),
    v.check(
      ({ addresses, prefixes }) => addresses.length + prefixes.length > 0,
      "a lease of something",
    ),
  ),
}) as unknown as v.GenericSchema<unknown, StoredLease6>;

/** A session over PPPoE that the concentrator may still have, and the kernel too while the boot lasts. */
export interface StoredSession {
  readonly version: 1;
  readonly bootId: string;
  readonly line: string;
  readonly lease: RememberedSession;
}

const mac = v.pipe(
  v.string(),
  v.check((text) => parseMac(text) === text, "a MAC"),
);
const sessionId = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(0xfffe));
const packetSize = v.pipe(v.number(), v.integer(), v.minValue(576), v.maxValue(0xffff));
const optionalAddress = v.exactOptional(
  v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffff_ffff), v.transform(ipv4)),
);
const identifier = v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/));

const snapshotSchema = v.pipe(
  v.strictObject({
    ...{ peer: mac, sessionId, acName: v.pipe(v.string(), v.maxLength(256)) },
    hostUniq: v.pipe(v.string(), v.regex(/^(?:[0-9a-f]{2}){0,64}$/)),
    ...{ payloadMax: packetSize, payloadProven: packetSize, upSince: time },
    lcp: v.strictObject({
      mru: v.exactOptional(packetSize),
      magic: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(1))),
      peerMru: packetSize,
    }),
    method: v.exactOptional(v.picklist(["chap_md5", "pap"])),
    ipcp: v.exactOptional(
      v.strictObject({
        ...{ address, primaryDns: optionalAddress, secondaryDns: optionalAddress },
        peerAddress: optionalAddress,
      }),
    ),
    ipv6cp: v.exactOptional(
      v.strictObject({
        interfaceIdentifier: identifier,
        peerInterfaceIdentifier: v.exactOptional(identifier),
      }),
    ),
  }),
  v.check(({ payloadMax, payloadProven }) => payloadProven <= payloadMax, "proven is agreed"),
  v.check(({ ipcp, ipv6cp }) => ipcp !== undefined || ipv6cp !== undefined, "something is open"),
);

const storedSessionSchema: v.GenericSchema<unknown, StoredSession> = v.strictObject({
  version: v.literal(1),
  bootId: v.string(),
  line: v.string(),
  lease: v.strictObject({ peer: mac, sessionId, up: v.exactOptional(snapshotSchema) }),
}) as unknown as v.GenericSchema<unknown, StoredSession>;

/** As the file has it. */
export function plainLease6(lease: Lease6): unknown {
  return { ...lease, server: formatDuid(lease.server) };
}

export function readStoredLease(value: unknown): StoredLease | undefined {
  const parsed = v.safeParse(storedLeaseSchema, value);
  return parsed.success ? parsed.output : undefined;
}

export function readStoredSession(value: unknown): StoredSession | undefined {
  const parsed = v.safeParse(storedSessionSchema, value);
  return parsed.success ? parsed.output : undefined;
}

export function readStoredLease6(value: unknown): StoredLease6 | undefined {
  const parsed = v.safeParse(storedLease6Schema, value);
  return parsed.success ? parsed.output : undefined;
}
