/**
 * The first items that fit into a bus payload: thousands of devices, or a few with names made long on purpose,
 * must not keep the rest from being told. Items are values: each is measured once.
 */
export function fitting<T extends object>(items: Iterable<T>, octetsMax = OCTETS_MAX): T[] {
  const kept: T[] = [];
  let octets = 0;
  for (const item of items) {
    octets += jsonOctets(item) + 1;
    if (octets > octetsMax) break;
    kept.push(item);
  }
  return kept;
}

/** Octets of the JSON text in UTF-8, never too few. */
export function jsonOctets(item: object): number {
  const known = measured.get(item);
  if (known !== undefined) return known;
  const text = JSON.stringify(item) ?? "";
  let octets = text.length;
  for (let i = 0; i < text.length; i += 1) if (text.charCodeAt(i) > 0x7f) octets += 2;
  measured.set(item, octets);
  return octets;
}

const measured = new WeakMap<object, number>();

/** The bus takes one mebibyte; the rest is for the document around the list. */
const OCTETS_MAX = 1_000_000;
