import type { Rng } from "@passerelle/machine";
import type { Ipv6 } from "@passerelle/net";
import type { Announced, Former } from "./announced.ts";
import type { Home, RaConfig } from "./config.ts";

/** Everything that can happen to the router of one network. */
export type RaInput =
  | {
      readonly kind: "start";
      readonly config: RaConfig;
      readonly stored: StoredAnnouncements | undefined;
      readonly bootId: string;
      readonly rng: Rng;
    }
  | { readonly kind: "configure"; readonly config: RaConfig }
  /** What there is to tell; the first one after a start says what of the life before is stale. */
  | { readonly kind: "home"; readonly home: Home }
  /** A router solicitation that keeps the rules of RFC 4861 section 6.1.1. */
  | { readonly kind: "solicitation"; readonly source: Ipv6 }
  /** `farewell`: the network is one of ours no more, and not only for the time of a restart. */
  | { readonly kind: "stop"; readonly farewell: boolean }
  | { readonly kind: "timeout" };

/** What hosts were told, as the store keeps it (RFC 9096 section 3.5). */
export interface StoredAnnouncements {
  readonly told: readonly Announced[];
  readonly former: readonly Former[];
  /** The boot whose monotonic clock the instants are of. */
  readonly bootId: string;
}
