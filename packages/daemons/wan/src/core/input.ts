import type { Cidr4 } from "@passerelle/net";
import type { LinkStatus } from "./access.ts";
import type { DslWord } from "./dsl/state.ts";
import type { Ipv6Input } from "./ipv6/step.ts";
import type { PppLineInput } from "./ppp/line.ts";
import type { ReachInput } from "./reach/step.ts";
import type { SessionInput } from "./session/input.ts";
import type { Shaping } from "./shaping.ts";

/** Everything that can happen to the line. */
export type WanInput =
  /** The kernel's word on our interface; `link` absent: there is none of that name. */
  | { readonly kind: "link"; readonly link?: LinkStatus }
  /** The kernel's word on the VLAN of the profile; absent: there is none. */
  | { readonly kind: "vlan"; readonly device?: LinkStatus }
  /** The kernel would not make it. */
  | { readonly kind: "vlan_refused" }
  /** The networks of the home changed. */
  | { readonly kind: "lan_networks"; readonly networks: readonly Cidr4[] }
  /** What the modem of the line says of its wires; absent: none is watched any more. */
  | { readonly kind: "dsl"; readonly word?: DslWord }
  /** What the queues of the line are now. */
  | { readonly kind: "shaping"; readonly shaping: Shaping }
  /** A line over PPPoE hears of its session. */
  | { readonly kind: "ppp"; readonly ppp: PppLineInput }
  | Ipv6Input
  | Exclude<SessionInput, { readonly kind: "link_up" | "link_down" | "link_gone" | "timeout" }>
  | Exclude<ReachInput, { readonly kind: "path_up" | "path_down" | "timeout" }>;
