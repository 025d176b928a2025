import type { Annex, Mode, Standard } from "../model/standard.ts";

/**
 * The mode that a line came up in, from the eight octets of ITU-T G.997.1 section 7.3.1.1.1 (xTU transmission system
 * enabling), where one bit stands for one standard with its annex. The first bit that is set counts.
 */
export function modeOfXtse(octets: readonly number[]): Mode {
  for (const [index, octet] of octets.entries()) {
    for (let bit = 0; bit < 8; bit += 1) {
      const [standard, annex] = ((octet >> bit) & 1 ? BITS[index]?.[bit] : undefined) ?? [];
      if (standard !== undefined) return annex === undefined ? { standard } : { standard, annex };
    }
  }
  return {};
}

type Meaning = readonly [Standard, Annex?];

/** By octet and bit; odd and even bits of a pair are non-overlapped and overlapped spectrum. */
const BITS: readonly (readonly (Meaning | undefined)[])[] = [
  [
    ["T1.413"],
    undefined,
    ["G.992.1", "A"],
    ["G.992.1", "A"],
    ["G.992.1", "B"],
    ["G.992.1", "B"],
    ["G.992.1", "C"],
    ["G.992.1", "C"],
  ],
  [
    ["G.992.2", "A"],
    ["G.992.2", "A"],
    ["G.992.2", "C"],
    ["G.992.2", "C"],
  ],
  [
    undefined,
    undefined,
    ["G.992.3", "A"],
    ["G.992.3", "A"],
    ["G.992.3", "B"],
    ["G.992.3", "B"],
    ["G.992.3", "C"],
    ["G.992.3", "C"],
  ],
  [
    ["G.992.4", "A"],
    ["G.992.4", "A"],
    undefined,
    undefined,
    ["G.992.3", "I"],
    ["G.992.3", "I"],
    ["G.992.3", "J"],
    ["G.992.3", "J"],
  ],
  [
    ["G.992.4", "I"],
    ["G.992.4", "I"],
    ["G.992.3", "L"],
    ["G.992.3", "L"],
    ["G.992.3", "L"],
    ["G.992.3", "L"],
    ["G.992.3", "M"],
    ["G.992.3", "M"],
  ],
  [
    ["G.992.5", "A"],
    ["G.992.5", "A"],
    ["G.992.5", "B"],
    ["G.992.5", "B"],
    ["G.992.5", "C"],
    ["G.992.5", "C"],
    ["G.992.5", "I"],
    ["G.992.5", "I"],
  ],
  [
    ["G.992.5", "J"],
    ["G.992.5", "J"],
    ["G.992.5", "M"],
    ["G.992.5", "M"],
  ],
  [
    ["G.993.2", "A"],
    ["G.993.2", "B"],
    ["G.993.2", "C"],
  ],
];
