import { formatIpv4, type Ipv4 } from "@passerelle/net";
import type { DhcpState } from "../src/core/dhcp/index.ts";

/** Place and kind of each address, then what is being probed. */
export function describeState(state: DhcpState): string {
  if (state.kind === "idle") return "idle";
  const bindings = [...state.bindings.values()].sort((a, b) => a.address - b.address);
  const told = bindings.map((one) => `${placeOf(one.address)}:${one.kind}`);
  const probed = state.probes.map((one) => `probing ${formatIpv4(one.address)}`);
  return `serving ${[...told, ...probed].join(" ")}`.trim();
}

/** The last octet; with the third where the network is not the first one of the stories. */
function placeOf(address: Ipv4): string {
  return formatIpv4(address)
    .replace(/^192\.168\.1\./, "")
    .replace(/^192\.168\./, "");
}
