import { type DecodeError, err, ok, type Result } from "@passerelle/result";
import {
  addressBytes,
  addressOf,
  defined,
  type Family,
  familyNumber,
  familyOf,
  type IpAddress,
  type Prefix,
} from "./address-bytes.ts";
import {
  type Attribute,
  AttributeSet,
  AttributeWriter,
  decodeAttributes,
  putUint32,
  uint32,
} from "./attribute.ts";

/** A route (struct rtmsg and RTA_* attributes). */
export interface Route {
  readonly family: Family;
  /** Absent: the default route. */
  readonly destination?: Prefix;
  /** Only packets from there (IPv6 source routes). */
  readonly source?: Prefix;
  readonly gateway?: IpAddress;
  /** The device. */
  readonly interfaceIndex?: number;
  /** Priority: the smaller goes first. Absent is 0 for IPv4 and 1024 for IPv6. */
  readonly metric?: number;
  readonly table: number;
  /** Who made it: RTPROT_*. */
  readonly protocol: number;
  /** RT_SCOPE_*. */
  readonly scope: number;
  /** RTN_*: unicast, local, blackhole, unreachable … */
  readonly type: number;
  /** RTNH_F_* and RTM_F_*; 4 is "onlink". */
  readonly flags: number;
  /** The address that our own packets get. */
  readonly preferredSource?: IpAddress;
  readonly tos: number;
  /** RTAX_MTU, RTAX_ADVMSS …, by number. */
  readonly metrics?: readonly Attribute[];
  /** RFC 4191 preference of an advertised router: 0 medium, 1 high, 3 low. */
  readonly preference?: number;
  /**
   * Seconds until it ends by itself (IPv6); absent for ever. The kernel tells hundredths, which are
   * rounded down: at 0 it is over and leads nowhere, although it may still be listed for half a minute.
   */
  readonly expiresSeconds?: number;
  readonly unknown: readonly Attribute[];
}

/** Attribute numbers inside `metrics`. */
export const RTAX_MTU = 2;
export const RTAX_ADVMSS = 8;

export function decodeRoute(payload: Uint8Array): Result<Route, DecodeError> {
  if (payload.length < HEADER_BYTES) return err({ code: "route_cut", at: payload.length });
  const family = familyOf(payload[0]);
  if (family === undefined) return err({ code: "family_unknown", at: 0 });
  const attributes = decodeAttributes(payload, HEADER_BYTES);
  if (!attributes.ok) return attributes;
  const set = new AttributeSet(attributes.value);
  const metricBytes = set.bytes(RTA_METRICS);
  const metrics = metricBytes === undefined ? undefined : decodeAttributes(metricBytes);
  return ok({
    family,
    table: set.uint32(RTA_TABLE) ?? payload[4] ?? 0,
    protocol: payload[5] ?? 0,
    scope: payload[6] ?? 0,
    type: payload[7] ?? 0,
    flags: uint32(payload, 8),
    tos: payload[3] ?? 0,
    ...defined({
      destination: prefixOf(set, RTA_DST, family, payload[1] ?? 0),
      source: prefixOf(set, RTA_SRC, family, payload[2] ?? 0),
      gateway: addressOf(set, RTA_GATEWAY, family),
      interfaceIndex: set.uint32(RTA_OIF),
      metric: set.uint32(RTA_PRIORITY),
      preferredSource: addressOf(set, RTA_PREFSRC, family),
      metrics: metrics?.ok === true ? metrics.value : undefined,
      preference: set.uint8(RTA_PREF),
      expiresSeconds: endOf(set),
    }),
    unknown: set.rest,
  });
}

export function encodeRoute(route: Route): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES);
  const { metrics } = route;
  header[0] = familyNumber(route.family);
  header[1] = route.destination?.prefixLength ?? 0;
  header[2] = route.source?.prefixLength ?? 0;
  header[3] = route.tos;
  // The header has one octet for the table; RTA_TABLE has the whole number.
  header[4] = route.table > 255 ? RT_TABLE_COMPAT : route.table;
  header[5] = route.protocol;
  header[6] = route.scope;
  header[7] = route.type;
  putUint32(header, 8, route.flags);
  const writer = new AttributeWriter()
    .raw(header)
    .optional(RTA_DST, addressBytes(route.destination?.address))
    .optional(RTA_SRC, addressBytes(route.source?.address))
    .optional(RTA_GATEWAY, addressBytes(route.gateway))
    .uint32(RTA_OIF, route.interfaceIndex)
    .uint32(RTA_PRIORITY, route.metric)
    .uint32(RTA_TABLE, route.table)
    .optional(RTA_PREFSRC, addressBytes(route.preferredSource))
    .uint8(RTA_PREF, route.preference)
    .uint32(RTA_EXPIRES, route.expiresSeconds);
  if (metrics !== undefined) writer.nested(RTA_METRICS, (inner) => inner.all(metrics));
  return writer.all(route.unknown).finish();
}

/** Whole seconds are for the kernel's ears (RTA_EXPIRES); it answers in ticks of its cache (struct rta_cacheinfo). */
function endOf(set: AttributeSet): number | undefined {
  const cache = set.bytes(RTA_CACHEINFO, 32);
  const seconds = set.uint32(RTA_EXPIRES);
  if (seconds !== undefined) return seconds;
  const ticks = cache === undefined ? 0 : uint32(cache, 8) | 0;
  return ticks === 0 ? undefined : Math.max(0, Math.floor(ticks / USER_HZ));
}

export function prefixOf(
  set: AttributeSet,
  type: number,
  family: Family,
  prefixLength: number,
): Prefix | undefined {
  const address = addressOf(set, type, family);
  return address === undefined ? undefined : { address, prefixLength };
}

const HEADER_BYTES = 12;
const RT_TABLE_COMPAT = 252;
const RTA_DST = 1;
const RTA_SRC = 2;
const RTA_OIF = 4;
const RTA_GATEWAY = 5;
const RTA_PRIORITY = 6;
const RTA_PREFSRC = 7;
const RTA_METRICS = 8;
const RTA_CACHEINFO = 12;
const RTA_TABLE = 15;
const RTA_PREF = 20;
const RTA_EXPIRES = 23;
/** Ticks a second that the kernel shows to programs, on every architecture of ours. */
const USER_HZ = 100;
