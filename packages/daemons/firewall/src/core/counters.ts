import type { Count } from "./traffic.ts";

/** Reads the elements of a counting set from nft's JSON; other elements are passed over. */
export function readCounters(listing: readonly unknown[], set: string): Map<string, Count> {
  const counts = new Map<string, Count>();
  for (const item of listing) {
    const found = member(item, "set");
    if (member(found, "name") !== set) continue;
    const elements = member(found, "elem");
    for (const entry of Array.isArray(elements) ? (elements as unknown[]) : []) {
      const element = member(entry, "elem");
      const key = member(element, "val");
      const counter = member(element, "counter");
      const bytes = member(counter, "bytes");
      const packets = member(counter, "packets");
      if (typeof key === "string" && isCount(bytes) && isCount(packets)) {
        counts.set(key, { bytes, packets });
      }
    }
  }
  return counts;
}

function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}
