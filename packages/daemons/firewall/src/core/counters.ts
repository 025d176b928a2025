import type { Count } from "./traffic.ts";

interface CountingSet {
  readonly name: string;
  readonly elements: readonly { readonly key: string; readonly counter?: Count }[];
}

/** The counters of a set's elements, by key; an element without one is passed over. */
export function readCounters(sets: readonly CountingSet[], name: string): Map<string, Count> {
  const elements = sets.find((set) => set.name === name)?.elements ?? [];
  return new Map(
    elements.flatMap(({ key, counter }) =>
      counter === undefined ? [] : [[key, counter] as const],
    ),
  );
}
