/** Who is at the two ends. */
export interface Inventory {
  readonly near?: Equipment;
  readonly far?: Equipment;
}

export interface Equipment {
  /** ITU-T G.994.1 vendor id as text, e.g. "BDCM", "IFTN", "META". */
  readonly vendor?: string;
  readonly version?: string;
  readonly serial?: string;
  readonly chipset?: string;
}

/**
 * Reads the eight octets of ITU-T G.994.1 section 9.3.3.1: country (2), provider code (4 letters), what the
 * vendor pleases (2). Undefined where the letters are no letters.
 */
export function readVendorId(octets: readonly number[]): Equipment | undefined {
  if (octets.length < 8) return undefined;
  const letters = String.fromCharCode(...octets.slice(2, 6)).trim();
  if (!/^[\x21-\x7e]{1,4}$/.test(letters)) return undefined;
  const high = octets[6] ?? 0;
  const low = octets[7] ?? 0;
  return high === 0 && low === 0
    ? { vendor: letters }
    : { vendor: letters, version: `${high}.${low}` };
}
