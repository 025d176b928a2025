export type Expiry =
  | { readonly kind: "fine" }
  | { readonly kind: "renew" }
  | { readonly kind: "warn"; readonly leftMs: number }
  | { readonly kind: "over" };

export const WARN_MS = 120_000;

/** What to do about a session that ends. All times are milliseconds of one clock. */
export function expiryOf(at: {
  readonly expiresAt: number;
  /** When the box last told us `expiresAt`. */
  readonly renewedAt: number;
  /** When the person last pressed anything. */
  readonly activeAt: number;
  readonly now: number;
}): Expiry {
  const leftMs = at.expiresAt - at.now;
  if (leftMs <= 0) return { kind: "over" };
  if (leftMs > WARN_MS) return { kind: "fine" };
  // A person who was there is not asked; the box says how long it lasts from now on.
  if (at.activeAt > at.renewedAt) return { kind: "renew" };
  return { kind: "warn", leftMs };
}
