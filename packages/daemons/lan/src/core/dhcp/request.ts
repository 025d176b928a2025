import {
  type Dhcpv4Message,
  MESSAGE_TYPE,
  requestedAddressOf,
  serverIdOf,
} from "@passerelle/dhcpv4";
import { IPV4_ANY, type Ipv4 } from "@passerelle/net";
import { admits, isFreeFor, isOwn, mayHave } from "./choose.ts";
import type { Client } from "./client.ts";
import { type DhcpNetwork, formerHolding, reservationFor } from "./config.ts";
import { needsProbe, startProbe } from "./discover.ts";
import { grant } from "./grant.ts";
import { sendReply } from "./reply.ts";
import { bindingOf, isTaken } from "./state.ts";
import { count, letGo, type Turn, tell } from "./turn.ts";

/** RFC 2131 section 4.3.2: in which state a client sends its DHCPREQUEST, by what it filled in. */
type RequestKind =
  | { readonly kind: "selecting"; readonly server: Ipv4; readonly address: Ipv4 }
  | { readonly kind: "rebooting"; readonly address: Ipv4 }
  /** RENEWING by unicast, REBINDING by broadcast; we answer both alike because we alone have the leases. */
  | { readonly kind: "extending"; readonly address: Ipv4 }
  | { readonly kind: "senseless" };

export function classifyRequest(request: Dhcpv4Message): RequestKind {
  const server = serverIdOf(request);
  const requested = requestedAddressOf(request);
  if (server !== undefined && requested !== undefined) {
    return { kind: "selecting", server, address: requested };
  }
  if (request.ciaddr !== IPV4_ANY) return { kind: "extending", address: request.ciaddr };
  if (requested !== undefined && server === undefined) {
    return { kind: "rebooting", address: requested };
  }
  return { kind: "senseless" };
}

export function onRequest(
  turn: Turn,
  network: DhcpNetwork,
  client: Client,
  request: Dhcpv4Message,
): void {
  const asked = classifyRequest(request);
  if (asked.kind === "senseless") {
    count(turn, network, "malformed");
    return;
  }
  const isFormer = network.former.some(({ address }) => address === serverIdOf(request));
  if (asked.kind === "selecting" && asked.server !== network.server && !isFormer) {
    withdrawOffer(turn, network, client);
    count(turn, network, "other_server");
    return;
  }
  switch (judge(turn, network, client, asked.kind, asked.address)) {
    case "grant":
      grant(turn, network, client, request, asked.address);
      return;
    case "probe":
      startProbe(turn, network, client, request, asked.address, "grant");
      return;
    case "wait":
      return;
    case "refuse":
      refuse(turn, network, client, request, asked.address);
  }
}

/**
 * We are the only server of the network and say so (authoritative): an address that can't be right is
 * refused also to a client we never saw. One that could be right is granted, so that a lost lease file heals by itself.
 */
function judge(
  turn: Turn,
  network: DhcpNetwork,
  client: Client,
  kind: "selecting" | "rebooting" | "extending",
  address: Ipv4,
): "grant" | "probe" | "refuse" | "wait" {
  const { state } = turn;
  if (!mayHave(state, network, client, address)) return "refuse";
  const reserved = reservationFor(state.config, network, client);
  // A client with a reservation moves to it, once nobody else is there.
  if (
    reserved !== undefined &&
    reserved.address !== address &&
    isFreeFor(state, client, reserved.address)
  ) {
    return "refuse";
  }
  const binding = state.bindings.get(address);
  if (binding !== undefined && isOwn(state, binding, client)) {
    return isTaken(binding) || admits(turn, network, client) ? "grant" : "wait";
  }
  if (binding !== undefined && isTaken(binding)) return "refuse";
  if (state.probes.some((one) => one.address === address)) {
    const isIts = state.probes.some(
      (one) => one.address === address && one.client.key === client.key,
    );
    return isIts ? "wait" : "refuse";
  }
  // Who extends a lease we forgot holds the address; who reboots, or takes an offer that lapsed, does not yet.
  if (kind !== "extending" && needsProbe(turn, network, address)) return "probe";
  return admits(turn, network, client) ? "grant" : "wait";
}

export function refuse(
  turn: Turn,
  network: DhcpNetwork,
  client: Client,
  request: Dhcpv4Message,
  address: Ipv4,
): void {
  count(turn, network, "naks");
  tell(turn, "refused", network.name, address, client);
  const text = "address not available here";
  // A client that renews may believe the server that it has the lease of and nobody else (udhcpc).
  const server = formerHolding(network, address)?.address ?? network.server;
  sendReply(turn, network, request, { type: MESSAGE_TYPE.DHCPNAK, yiaddr: IPV4_ANY, server, text });
}

/** RFC 2131 section 3.1 step 4: another server was chosen, our offer is free again. */
function withdrawOffer(turn: Turn, network: DhcpNetwork, client: Client): void {
  const binding = bindingOf(turn.state, network.name, client);
  if (binding?.kind === "offered") letGo(turn, binding);
}
