import type { Result } from "@passerelle/result";

/**
 * Feeds every proper prefix of `bytes` to a decoder. Returns the lengths at which it threw (never allowed)
 * and those it accepted (allowed only where the format has no length of its own).
 */
export function cutAtEveryByte<T, E>(
  bytes: Uint8Array,
  decode: (cut: Uint8Array) => Result<T, E>,
): { readonly threw: readonly number[]; readonly accepted: readonly number[] } {
  const threw: number[] = [];
  const accepted: number[] = [];
  for (let length = 0; length < bytes.length; length += 1) {
    try {
      if (decode(bytes.slice(0, length)).ok) accepted.push(length);
    } catch {
      threw.push(length);
    }
  }
  return { threw, accepted };
}

/** How long a fuzz test may run: PASSERELLE_FUZZ_SECONDS, or a moment in the ordinary run. */
export function fuzzMilliseconds(ordinary = 500): number {
  const asked = Number(process.env.PASSERELLE_FUZZ_SECONDS ?? "");
  return Number.isFinite(asked) && asked > 0 ? asked * 1000 : ordinary;
}
