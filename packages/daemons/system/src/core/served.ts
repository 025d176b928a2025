import type { lanState, StateTopic } from "@passerelle/contract";

type LanState = typeof lanState extends StateTopic<infer T> ? T : never;

/**
 * Whether the home has what it lives on: addresses and names. A disk that takes no leases is one fault, and a home without its
 * IPv6 another: neither tells a good release from a bad one, for the operator or the board may be the cause.
 */
export function servesHome({ kind, faults }: Pick<LanState, "kind" | "faults">): boolean {
  if (kind === "serving") return true;
  return kind === "degraded" && faults.every(({ code }) => SERVES_ANYWAY.has(code));
}

const SERVES_ANYWAY: ReadonlySet<string> = new Set([
  ...["leases_not_stored", "ipv6_prefix_too_small", "lan_ipv6_refused", "ipv6_not_serving"],
]);
