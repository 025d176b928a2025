import type { RouterAdvertisement } from "@passerelle/ndp";
import type { Ipv6 } from "@passerelle/net";
import type { StoredAnnouncements } from "./input.ts";

/** Everything the router of one network can ask for. */
export type RaEffect =
  /** From our link-local address, with hop limit 255; to `ALL_NODES` or to one host. */
  | {
      readonly kind: "send";
      readonly network: string;
      readonly to: Ipv6;
      readonly message: RouterAdvertisement;
    }
  /** Comes before the `send` that tells it. Nobody waits for the disk. */
  | { readonly kind: "store"; readonly network: string; readonly record: StoredAnnouncements }
  /** Nothing more will be sent. */
  | { readonly kind: "stopped"; readonly network: string };
