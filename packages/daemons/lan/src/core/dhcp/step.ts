import { BOOTREQUEST, type Dhcpv4Message, MESSAGE_TYPE, messageTypeOf } from "@passerelle/dhcpv4";
import { ignored, type Machine, type Step } from "@passerelle/machine";
import { IPV4_ANY, type Ipv4, type Mac } from "@passerelle/net";
import { unreachable } from "@passerelle/result";
import { after, earliest, type Instant, isDue, seconds } from "@passerelle/time";
import { type Client, clientOf, keyOfMac } from "./client.ts";
import { type DhcpNetwork, networkHolding, networkNamed, reservationFor } from "./config.ts";
import { onDiscover } from "./discover.ts";
import type { DhcpEffect } from "./effect.ts";
import { onDecline, onInform, onRelease } from "./ending.ts";
import { onLeaseStored, storeEnd } from "./grant.ts";
import type { DhcpInput } from "./input.ts";
import { onRequest, refuse } from "./request.ts";
import { reconfigure, restore } from "./restore.ts";
import { checkServing, type DhcpState, type Probe, type Serving, VACANT_MAX } from "./state.ts";
import { count, letGo, quarantine, type Turn, tell } from "./turn.ts";

/** The DHCPv4 server of all networks of the home (RFC 2131), without sockets, disk or clock. */
export const dhcpServer: Machine<DhcpState, DhcpInput, DhcpEffect> = {
  initial: { kind: "idle" },
  step,
  deadline,
  check: checkServing,
};

function step(state: DhcpState, input: DhcpInput, now: Instant): Step<DhcpState, DhcpEffect> {
  if (state.kind === "idle") {
    return input.kind === "start" ? { state: restore(input, now), effects: [] } : ignored(state);
  }
  const turn: Turn = { state, effects: [], now };
  switch (input.kind) {
    case "start":
      return ignored(state);
    case "configure":
      turn.state = reconfigure(state, input.config, now);
      break;
    case "message":
      onMessage(turn, input.network, input.message);
      break;
    case "arp_seen":
      onArpSeen(turn, input.address, input.mac);
      break;
    case "lease_stored":
      onLeaseStored(turn, input.commit, input.durable);
      break;
    case "timeout":
      onTimeout(turn);
      break;
    default:
      return unreachable(input);
  }
  return { state: turn.state, effects: turn.effects };
}

function deadline(state: DhcpState): Instant | undefined {
  if (state.kind === "idle") return undefined;
  let first = state.sweepAt;
  for (const probe of state.probes) {
    first = earliest(first, probe.askedAgain ? probe.until : probe.askAgainAt);
  }
  return first;
}

function onMessage(turn: Turn, cameBy: string, message: Dhcpv4Message): void {
  const network = networkOfMessage(turn.state, cameBy, message);
  if (network === undefined) return;
  const found =
    message.op === BOOTREQUEST && message.hops <= HOPS_MAX ? clientOf(message) : undefined;
  if (found === undefined) {
    count(turn, network, "malformed");
    return;
  }
  const client = canonical(turn.state, network, found);
  switch (messageTypeOf(message)) {
    case MESSAGE_TYPE.DHCPDISCOVER:
      count(turn, network, "discovers");
      onDiscover(turn, network, client, message);
      return;
    case MESSAGE_TYPE.DHCPREQUEST:
      count(turn, network, "requests");
      onRequest(turn, network, client, message);
      return;
    case MESSAGE_TYPE.DHCPDECLINE:
      onDecline(turn, network, client, message);
      return;
    case MESSAGE_TYPE.DHCPRELEASE:
      onRelease(turn, network, client, message);
      return;
    case MESSAGE_TYPE.DHCPINFORM:
      onInform(turn, network, message);
      return;
    case MESSAGE_TYPE.DHCPOFFER:
    case MESSAGE_TYPE.DHCPACK:
    case MESSAGE_TYPE.DHCPNAK:
    case undefined:
      count(turn, network, "ignored");
  }
}

/** RFC 2131 section 4.3.1: a relay agent's address says where the client is, else the interface does. */
function networkOfMessage(
  state: Serving,
  cameBy: string,
  message: Dhcpv4Message,
): DhcpNetwork | undefined {
  return message.giaddr === IPV4_ANY
    ? networkNamed(state.config, cameBy)
    : networkHolding(state.config, message.giaddr);
}

/** Hardware with a reservation of its own is one client, whatever identifier its software makes up. */
function canonical(state: Serving, network: DhcpNetwork, client: Client): Client {
  const reservation = reservationFor(state.config, network, client);
  return reservation?.match.kind === "mac" ? { ...client, key: keyOfMac(client.mac) } : client;
}

function onArpSeen(turn: Turn, address: Ipv4, mac: Mac): void {
  const probe = turn.state.probes.find((one) => one.address === address);
  if (probe === undefined || probe.client.mac === mac) return;
  const network = endProbe(turn, probe);
  if (network === undefined) return;
  count(turn, network, "conflicts");
  quarantine(turn, network, address, { key: keyOfMac(mac), mac });
  if (probe.then === "offer") onDiscover(turn, network, probe.client, probe.request);
  else refuse(turn, network, probe.client, probe.request, address);
}

function onTimeout(turn: Turn): void {
  for (const probe of turn.state.probes) {
    if (isDue(probe.until, turn.now)) finishProbe(turn, probe);
    else if (!probe.askedAgain && isDue(probe.askAgainAt, turn.now)) askAgain(turn, probe);
  }
  if (isDue(turn.state.sweepAt, turn.now)) sweep(turn);
}

function finishProbe(turn: Turn, probe: Probe): void {
  const network = endProbe(turn, probe);
  if (network === undefined) return;
  const fresh = turn.state.vacant.filter((one) => one.until > turn.now).slice(1 - VACANT_MAX);
  const vacant = [...fresh, { address: probe.address, until: after(turn.now, VACANT_HOLD) }];
  turn.state = { ...turn.state, vacant };
  // Judged anew: what was free when we asked may be taken by now.
  if (probe.then === "offer") onDiscover(turn, network, probe.client, probe.request);
  else onRequest(turn, network, probe.client, probe.request);
}

function askAgain(turn: Turn, probe: Probe): void {
  const probes = turn.state.probes.map((one) =>
    one === probe ? { ...probe, askedAgain: true } : one,
  );
  turn.state = { ...turn.state, probes };
  turn.effects.push({ kind: "probe", network: probe.network, address: probe.address });
}

function endProbe(turn: Turn, probe: Probe): DhcpNetwork | undefined {
  turn.state = { ...turn.state, probes: turn.state.probes.filter((one) => one !== probe) };
  return networkNamed(turn.state.config, probe.network);
}

/** Ends what is over and finds out when the next thing ends. */
function sweep(turn: Turn): void {
  let next: Instant | undefined;
  let ended = 0;
  for (const binding of turn.state.bindings.values()) {
    if (binding.kind === "remembered" || binding.kind === "storing") continue;
    const ends = binding.kind === "bound" ? binding.expires : binding.until;
    if (!isDue(ends, turn.now) || ended >= ENDS_MAX) {
      next = earliest(next, ends);
      continue;
    }
    ended += 1;
    if (binding.kind === "bound") {
      storeEnd(turn, binding);
      tell(turn, "expired", binding.network, binding.address, binding.client);
    }
    letGo(turn, binding);
  }
  // Not more than one sweep a second, however finely the ends are spread.
  const soonest = after(turn.now, seconds(1));
  turn.state = { ...turn.state, sweepAt: next !== undefined && next < soonest ? soonest : next };
}

/** RFC 1542 section 4.1.1: a limit of 16 hops. */
const HOPS_MAX = 16;
/** Leases ended by one sweep; the rest waits for the next, so that nobody waits long for an answer. */
const ENDS_MAX = 256;
const VACANT_HOLD = seconds(60);
