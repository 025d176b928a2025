import type { Fault } from "@passerelle/result";
import type { FirewallConfig } from "../config.ts";
import type { Found } from "./readback.ts";
import type { DeviceAddresses, LanFacts, WanFacts } from "./wanted.ts";

/** Everything that can happen to the firewall. */
export type Input =
  | { readonly kind: "start" }
  /** What the kernel held when we looked. */
  | { readonly kind: "found"; readonly table: Found }
  | { readonly kind: "configured"; readonly config: FirewallConfig }
  | { readonly kind: "lan_known"; readonly lan: LanFacts }
  | { readonly kind: "wan_known"; readonly wan: WanFacts }
  | { readonly kind: "addresses_known"; readonly addresses: DeviceAddresses }
  /** The transaction went through and the read-back agrees. */
  | { readonly kind: "applied"; readonly digest: string }
  /** It did not: the rules of before are still in force. */
  | { readonly kind: "apply_failed"; readonly fault: Fault }
  | { readonly kind: "settings_failed"; readonly fault: Fault }
  | { readonly kind: "verified" }
  /** Another program changed our table. */
  | { readonly kind: "differs"; readonly what: string }
  | { readonly kind: "verify_failed"; readonly fault: Fault }
  /** Another program changed something in nftables, perhaps nothing of ours. */
  | { readonly kind: "touched" }
  | { readonly kind: "timeout" };

export const INPUT_KINDS = [
  "start",
  "found",
  "configured",
  "lan_known",
  "wan_known",
  "addresses_known",
  "applied",
  "apply_failed",
  "settings_failed",
  "verified",
  "differs",
  "verify_failed",
  "touched",
  "timeout",
] as const satisfies readonly Input["kind"][];
