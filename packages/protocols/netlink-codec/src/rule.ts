import { type DecodeError, err, ok, type Result } from "@passerelle/result";
import {
  addressBytes,
  defined,
  type Family,
  familyNumber,
  familyOf,
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
import { prefixOf } from "./route.ts";

/** A policy routing rule (struct fib_rule_hdr and FRA_* attributes). */
export interface Rule {
  readonly family: Family;
  /** Rules are tried in ascending order; absent is 0. */
  readonly priority?: number;
  readonly table: number;
  /** FR_ACT_*. */
  readonly action: number;
  readonly source?: Prefix;
  readonly destination?: Prefix;
  readonly inputInterface?: string;
  readonly outputInterface?: string;
  /** Packets whose mark, masked, equals this. */
  readonly mark?: number;
  readonly markMask?: number;
  /** Ignores routes of this prefix length or shorter: 0 leaves out the default route. */
  readonly suppressPrefixLength?: number;
  /** Who made it: RTPROT_*. */
  readonly protocol?: number;
  /** FIB_RULE_*; 2 is "not". */
  readonly flags: number;
  readonly tos: number;
  readonly unknown: readonly Attribute[];
}

export function decodeRule(payload: Uint8Array): Result<Rule, DecodeError> {
  if (payload.length < HEADER_BYTES) return err({ code: "rule_cut", at: payload.length });
  const family = familyOf(payload[0]);
  if (family === undefined) return err({ code: "family_unknown", at: 0 });
  const attributes = decodeAttributes(payload, HEADER_BYTES);
  if (!attributes.ok) return attributes;
  const set = new AttributeSet(attributes.value);
  const suppress = set.uint32(FRA_SUPPRESS_PREFIXLEN);
  return ok({
    family,
    table: set.uint32(FRA_TABLE) ?? payload[4] ?? 0,
    action: payload[7] ?? 0,
    flags: uint32(payload, 8),
    tos: payload[3] ?? 0,
    ...defined({
      priority: set.uint32(FRA_PRIORITY),
      destination: prefixOf(set, FRA_DST, family, payload[1] ?? 0),
      source: prefixOf(set, FRA_SRC, family, payload[2] ?? 0),
      inputInterface: set.text(FRA_IIFNAME),
      outputInterface: set.text(FRA_OIFNAME),
      mark: set.uint32(FRA_FWMARK),
      markMask: set.uint32(FRA_FWMASK),
      // The kernel says -1 where nothing is suppressed.
      suppressPrefixLength: suppress === 0xffff_ffff ? undefined : suppress,
      protocol: set.uint8(FRA_PROTOCOL),
    }),
    unknown: set.rest,
  });
}

export function encodeRule(rule: Rule): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES);
  header[0] = familyNumber(rule.family);
  header[1] = rule.destination?.prefixLength ?? 0;
  header[2] = rule.source?.prefixLength ?? 0;
  header[3] = rule.tos;
  header[4] = rule.table > 255 ? RT_TABLE_UNSPEC : rule.table;
  header[7] = rule.action;
  putUint32(header, 8, rule.flags);
  return new AttributeWriter()
    .raw(header)
    .uint32(FRA_PRIORITY, rule.priority)
    .optional(FRA_DST, addressBytes(rule.destination?.address))
    .optional(FRA_SRC, addressBytes(rule.source?.address))
    .text(FRA_IIFNAME, rule.inputInterface)
    .text(FRA_OIFNAME, rule.outputInterface)
    .uint32(FRA_FWMARK, rule.mark)
    .uint32(FRA_FWMASK, rule.markMask)
    .uint32(FRA_TABLE, rule.table)
    .uint32(FRA_SUPPRESS_PREFIXLEN, rule.suppressPrefixLength)
    .uint8(FRA_PROTOCOL, rule.protocol)
    .all(rule.unknown)
    .finish();
}

const HEADER_BYTES = 12;
const RT_TABLE_UNSPEC = 0;
const FRA_DST = 1;
const FRA_SRC = 2;
const FRA_IIFNAME = 3;
const FRA_PRIORITY = 6;
const FRA_FWMARK = 10;
const FRA_SUPPRESS_PREFIXLEN = 14;
const FRA_TABLE = 15;
const FRA_FWMASK = 16;
const FRA_OIFNAME = 17;
const FRA_PROTOCOL = 21;
