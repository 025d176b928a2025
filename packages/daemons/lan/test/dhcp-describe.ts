import { formatIpv4 } from "@passerelle/net";
import type { DhcpState } from "../src/core/dhcp/index.ts";

/** Last octet and kind of each address, then what is being probed. */
export function describeState(state: DhcpState): string {
  if (state.kind === "idle") return "idle";
  const bindings = [...state.bindings.values()].sort((a, b) => a.address - b.address);
  const told = bindings.map((one) => `${formatIpv4(one.address).split(".")[3]}:${one.kind}`);
  const probed = state.probes.map((one) => `probing ${formatIpv4(one.address)}`);
  return `serving ${[...told, ...probed].join(" ")}`.trim();
}
