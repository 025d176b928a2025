import {
  type Dhcpv4Message,
  MESSAGE_TYPE,
  requestedAddressOf,
  serverIdOf,
} from "@passerelle/dhcpv4";
import { contains4, IPV4_ANY } from "@passerelle/net";
import { isOwn } from "./choose.ts";
import type { Client } from "./client.ts";
import { type DhcpNetwork, poolSize } from "./config.ts";
import { dropCommit, storeEnd } from "./grant.ts";
import { sendReply } from "./reply.ts";
import { bind, count, letGo, quarantine, rememberClient, type Turn, tell } from "./turn.ts";

/** RFC 2131 section 4.3.3: the client found somebody else at its address. */
export function onDecline(
  turn: Turn,
  network: DhcpNetwork,
  client: Client,
  request: Dhcpv4Message,
): void {
  const address = requestedAddressOf(request);
  const server = serverIdOf(request);
  const binding = address === undefined ? undefined : turn.state.bindings.get(address);
  const isOurs = server === undefined || server === network.server;
  if (!isOurs || binding === undefined || !isOwn(turn.state, binding, client)) {
    count(turn, network, "ignored");
    return;
  }
  dropCommit(turn, binding);
  storeEnd(turn, binding);
  if (quarantinedIn(turn, network) < Math.max(QUARANTINED_MIN, poolSize(network) / 10)) {
    quarantine(turn, network, binding.address, client);
  } else {
    // A client that declines everything must not use up the pool.
    bind(turn, binding.address, undefined);
  }
  count(turn, network, "declines");
  tell(turn, "declined", network.name, binding.address, client);
}

/** RFC 2131 section 4.3.4: the address is free, and remembered for the client. */
export function onRelease(
  turn: Turn,
  network: DhcpNetwork,
  client: Client,
  request: Dhcpv4Message,
): void {
  const binding = turn.state.bindings.get(request.ciaddr);
  const isHeld = binding?.kind === "bound" || binding?.kind === "storing";
  if (!isHeld || !isOwn(turn.state, binding, client)) {
    count(turn, network, "ignored");
    return;
  }
  dropCommit(turn, binding);
  storeEnd(turn, binding);
  rememberClient(turn, network.name, binding.client);
  letGo(turn, binding);
  count(turn, network, "releases");
  tell(turn, "released", network.name, binding.address, client);
}

/** RFC 2131 section 4.3.5: parameters without a lease, to the address the client has. */
export function onInform(turn: Turn, network: DhcpNetwork, request: Dhcpv4Message): void {
  if (request.ciaddr === IPV4_ANY || !contains4(network.subnet, request.ciaddr)) {
    count(turn, network, "ignored");
    return;
  }
  count(turn, network, "informs");
  sendReply(turn, network, request, { type: MESSAGE_TYPE.DHCPACK, yiaddr: IPV4_ANY });
}

function quarantinedIn(turn: Turn, network: DhcpNetwork): number {
  let quarantined = 0;
  for (const binding of turn.state.bindings.values()) {
    if (binding.kind === "quarantined" && binding.network === network.name) quarantined += 1;
  }
  return quarantined;
}

const QUARANTINED_MIN = 4;
