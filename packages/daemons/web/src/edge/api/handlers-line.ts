import type { Operation } from "@passerelle/api";
import {
  lanFlushDns,
  wanDslHistory,
  wanDslResync,
  wanDslSpectrum,
  wanReconnect,
} from "@passerelle/contract";
import { done, type Handling, shown } from "./handling.ts";
import type { Mirror } from "./mirror.ts";
import type { Handlers } from "./port.ts";

type LineOperation = Extract<
  Operation,
  | `${string} /wan${string}`
  | `${string} /firewall`
  | `${string} /lan`
  | `${string} /dhcpv4/${string}`
  | `${string} /dns/${string}`
>;

/** The line and the networks: what their owners say. */
export function lineHandlers({ bus, mirror }: Handling): Handlers<LineOperation> {
  return {
    "GET /wan": async () => shown(wanOf(mirror)),
    "GET /wan/history": async () => shown(mirror.get("wanHistory")),
    "POST /wan/reconnect": async () => done(await bus.request(wanReconnect, {})),
    "GET /wan/dsl": async () => shown(mirror.get("wanDsl")),
    "GET /wan/dsl/history": async () => bus.request(wanDslHistory, {}),
    "GET /wan/dsl/spectrum": async () => bus.request(wanDslSpectrum, {}),
    "POST /wan/dsl/resync": async () => done(await bus.request(wanDslResync, {})),
    "GET /firewall": async () => shown(mirror.get("firewallState")),
    "GET /lan": async () => shown(mirror.get("lanState")),
    "GET /dhcpv4/leases": async () => shown(mirror.get("lanLeases")),
    "POST /dns/flush": async () => bus.request(lanFlushDns, {}),
  };
}

export function wanOf(mirror: Mirror) {
  const line = mirror.get("wanState");
  if (line === undefined) return undefined;
  return { line, resolvers: mirror.get("wanResolvers")?.resolvers ?? [] };
}
