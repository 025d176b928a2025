/** What a walk of a MIB gave, by object identifier without a leading dot. Octet strings are octets. */
export type SnmpValues = ReadonlyMap<string, number | string | Uint8Array>;

export function snmpNumber(values: SnmpValues, oid: string): number | undefined {
  const value = values.get(oid);
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

export function snmpCount(values: SnmpValues, oid: string): number | undefined {
  const value = snmpNumber(values, oid);
  return value !== undefined && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** Tenths; both ends of the range of a MIB's integer mean "not known" (RFC 5650 section 2.5). */
export function snmpTenths(values: SnmpValues, oid: string): number | undefined {
  const value = snmpNumber(values, oid);
  return value === undefined || value >= OUT_OF_RANGE || value <= -OUT_OF_RANGE
    ? undefined
    : value / 10;
}

const OUT_OF_RANGE = 0x7fff_fffe;

/** The numbers of the bits that are set in a BITS value: bit 0 is the highest of the first octet (RFC 2578 7.1.4). */
export function snmpBits(values: SnmpValues, oid: string): readonly number[] {
  const value = values.get(oid);
  if (!(value instanceof Uint8Array)) return [];
  const bits: number[] = [];
  for (const [index, octet] of value.slice(0, 32).entries()) {
    for (let bit = 0; bit < 8; bit += 1) if ((octet >> (7 - bit)) & 1) bits.push(index * 8 + bit);
  }
  return bits;
}
