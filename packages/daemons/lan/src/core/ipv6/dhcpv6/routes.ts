import { compareIpv6, contains6 } from "@passerelle/net";
import { networkNamed } from "./config.ts";
import type { DelegatedRoute } from "./effect.ts";
import type { Turn } from "./turn.ts";

/** RFC 9818: a route for all that is delegated and still good, by the link-local address of who has it. */
export function routesOf({ state, now }: Turn): readonly DelegatedRoute[] {
  const routes: DelegatedRoute[] = [];
  for (const { slot } of state.blocks) {
    const lease = state.leases.get(slot);
    if (lease === undefined) continue;
    const pools = networkNamed(state.config, lease.network)?.pools ?? [];
    for (const { prefix, validUntil } of lease.given) {
      // What the operator took back is routed to nobody (RFC 9096, L-14).
      const isOfToday = pools.some((pool) => contains6(pool.prefix, prefix.address));
      if (!isOfToday || validUntil <= now) continue;
      routes.push({ network: lease.network, prefix, via: lease.client.linkLocal });
    }
  }
  return routes.sort((a, b) => compareIpv6(a.prefix.address, b.prefix.address));
}

/** Asks for other routes, where others are needed, before any answer says that they are there. */
export function followRoutes(turn: Turn): void {
  const routes = routesOf(turn);
  const text = JSON.stringify(routes);
  if (text === turn.state.routes || (routes.length === 0 && turn.state.routes === "")) return;
  turn.state = { ...turn.state, routes: text };
  turn.effects.unshift({ kind: "routes", routes });
}
