/** Which of several routers is taken (RFC 4191 section 2.1). */
export type RouterPreference = "high" | "medium" | "low";

/** Two signed bits, at the same place in a router advertisement and in a route. */
const PREFERENCE_MASK = 0x18;
const BITS = { high: 0x08, medium: 0x00, low: 0x18 } as const;

/**
 * The preference in the flags of a router advertisement or a route; undefined for the reserved value: of a
 * router it counts as medium, a route with it is ignored (RFC 4191 sections 2.2 and 2.3).
 */
export function preferenceIn(flags: number): RouterPreference | undefined {
  switch (flags & PREFERENCE_MASK) {
    case BITS.high:
      return "high";
    case BITS.medium:
      return "medium";
    case BITS.low:
      return "low";
    default:
      return undefined;
  }
}

/** To be or-ed with other flags. */
export function preferenceFlags(preference: RouterPreference): number {
  return BITS[preference];
}
