import { decodeDhcpv6, encodeDhcpv6, MESSAGE_TYPE } from "@passerelle/dhcpv6";
import { decodeNdp, encodeNdp } from "@passerelle/ndp";
import { ALL_ROUTERS, linkLocalOf, parseMac } from "@passerelle/net";
import { after, instant, milliseconds } from "@passerelle/time";
import {
  checkEverything,
  type Dhcpv6Input,
  dhcpv6Server,
} from "../../packages/daemons/lan/src/core/ipv6/dhcpv6/index.ts";
import {
  type RaInput,
  routerAdvertiser,
} from "../../packages/daemons/lan/src/core/ipv6/ra/index.ts";
import { config, says } from "../../packages/daemons/lan/test/ipv6/dhcpv6-support.ts";
import { homeOfTexts, RNG, raConfig } from "../../packages/daemons/lan/test/ipv6/ra-support.ts";

const MAC = parseMac("00:11:22:33:44:01");

/** The DHCPv6 server of the home with all it remembers; what it answers must read. */
export function dhcpv6ServerParser(): (bytes: Uint8Array) => void {
  let now = instant(1000);
  let state = dhcpv6Server.initial;
  const feed = (input: Dhcpv6Input): void => {
    const step = dhcpv6Server.step(state, input, now);
    state = step.state;
    checkEverything(state);
    for (const effect of step.effects) {
      if (effect.kind === "store_leases") {
        feed({ kind: "leases_stored", commit: effect.commit, durable: true });
      }
      if (effect.kind === "send" && !decodeDhcpv6(encodeDhcpv6(effect.message)).ok) {
        throw new Error("what we answer does not read");
      }
    }
  };
  feed({ kind: "start", config: config({ now }), leases: [], bootId: "this" });
  return (bytes) => {
    const decoded = decodeDhcpv6(bytes);
    if (!decoded.ok || MAC === undefined) return;
    now = after(now, milliseconds(50));
    feed({ kind: "message", network: "lan", source: linkLocalOf(MAC), message: decoded.value });
    const deadline = dhcpv6Server.deadline(state);
    if (deadline !== undefined && deadline <= now) feed({ kind: "timeout" });
  };
}

/** What the clients of our stories say, to our server. */
export function clientMessages(): readonly Uint8Array[] {
  if (MAC === undefined) return [];
  const mac = MAC;
  const names = Object.keys(MESSAGE_TYPE) as (keyof typeof MESSAGE_TYPE)[];
  return names.map((type) => {
    const leases =
      type === "INFORMATION_REQUEST" ? {} : { na: ["2a01:cb00:1:100::5"], pd: ["::/62"] };
    return encodeDhcpv6(says({ type, mac, ...leases, rapid: type === "SOLICIT" }));
  });
}

/** The router of a network while its hosts, or somebody who pretends to be one, ask anything at all. */
export function routerParser(): (bytes: Uint8Array) => void {
  let now = instant(1000);
  let state = routerAdvertiser.initial;
  const feed = (input: RaInput): void => {
    const step = routerAdvertiser.step(state, input, now);
    state = step.state;
    routerAdvertiser.check(state);
    for (const effect of step.effects) if (effect.kind === "send") encodeNdp(effect.message);
  };
  feed({ kind: "start", config: raConfig(), stored: undefined, bootId: "this", rng: RNG });
  feed({ kind: "home", home: homeOfTexts(["2a01:cb00:1:100::/56"], now) });
  return (bytes) => {
    if (MAC === undefined) return;
    const source = linkLocalOf(MAC);
    const decoded = decodeNdp(bytes, { source, destination: ALL_ROUTERS, hopLimit: 255 });
    if (!decoded.ok || decoded.value.kind !== "router_solicitation") return;
    now = after(now, milliseconds(50));
    feed({ kind: "solicitation", source });
    const deadline = routerAdvertiser.deadline(state);
    if (deadline !== undefined && deadline <= now) feed({ kind: "timeout" });
  };
}
