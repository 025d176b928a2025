import type { SnmpValues } from "@passerelle/xdsl";

/** One row of a walk, as net-snmp gives it. */
export interface SnmpRow {
  readonly oid: string;
  /** The tag of its type in BER. */
  readonly type: number;
  readonly value: unknown;
}

/** Values as `snapshotOfSnmp` reads them. Exceptions, and numbers beyond 2^53, are left out. */
export function snmpValues(rows: readonly SnmpRow[]): SnmpValues {
  const values = new Map<string, number | string | Uint8Array>();
  for (const row of rows) {
    const value = valueIn(row);
    if (value !== undefined) values.set(row.oid, value);
  }
  return values;
}

export function isEndOfMib({ type }: SnmpRow): boolean {
  return type === END_OF_MIB_VIEW;
}

function valueIn({ oid, type, value }: SnmpRow): number | string | Uint8Array | undefined {
  if (typeof value === "number" || typeof value === "string") return value;
  if (!(value instanceof Uint8Array)) return undefined;
  if (type === COUNTER64) return numberOf(value);
  return oid === SYS_DESCR ? new TextDecoder().decode(value) : Uint8Array.from(value);
}

/** net-snmp leaves a Counter64 as its octets, the highest first. */
function numberOf(octets: Uint8Array): number | undefined {
  const number = octets.reduce((sum, octet) => sum * 256 + octet, 0);
  return Number.isSafeInteger(number) ? number : undefined;
}

/** The one text that is read: what a model calls itself. */
const SYS_DESCR = "1.3.6.1.2.1.1.1.0";
/** RFC 2578 and RFC 3416. */
const COUNTER64 = 0x46;
const END_OF_MIB_VIEW = 0x82;
