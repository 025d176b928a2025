import type { SessionAddress } from "@passerelle/ppp";

/** What line-program.ts is told. */
export interface LineOrder {
  readonly interface: string;
  readonly name: string;
  readonly user: string;
  readonly password: string;
  readonly remembered?: SessionAddress;
  /** A session that was up this long is dialled again at once when the operator ends it. */
  readonly steadyAfterMs: number;
}

/** What it tells. */
export type LineNews =
  | {
      readonly kind: "phase";
      readonly phase: string;
      readonly cause?: string;
      readonly text?: string;
    }
  /** It sent a packet of this code of RFC 2516. */
  | { readonly kind: "discovery"; readonly code: number }
  | { readonly kind: "remember"; readonly session: SessionAddress }
  | { readonly kind: "forget" }
  /** The kernel has the address. */
  | { readonly kind: "ipv4"; readonly address: string; readonly resolvers: readonly string[] }
  | { readonly kind: "ipv6"; readonly address: string }
  | { readonly kind: "files"; readonly count: number };
