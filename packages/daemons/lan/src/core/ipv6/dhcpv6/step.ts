import {
  type Dhcpv6Message,
  hasOption,
  MESSAGE_TYPE,
  OPTION,
  refusalByServer,
} from "@passerelle/dhcpv6";
import { ignored, type Machine, type Step } from "@passerelle/machine";
import { type Ipv6, isLinkLocal6 } from "@passerelle/net";
import { unreachable } from "@passerelle/result";
import { after, earliest, type Instant, isDue, seconds } from "@passerelle/time";
import { associationsOf, judge } from "./association.ts";
import { type Client, clientOf } from "./client.ts";
import { type Dhcpv6Network, networkNamed } from "./config.ts";
import type { Dhcpv6Effect } from "./effect.ts";
import { onConfirm, onEnding } from "./ending.ts";
import { grant, isWaiting, onLeasesStored } from "./grant.ts";
import type { Dhcpv6Input } from "./input.ts";
import { slotOfLease } from "./lease.ts";
import { offerOptions, sendAnswer } from "./reply.ts";
import { reconfigure, restore } from "./restore.ts";
import { followRoutes } from "./routes.ts";
import { checkServing, type Dhcpv6State, type Serving } from "./state.ts";
import { count, put, type Turn, tell, wakeAt } from "./turn.ts";

/** The DHCPv6 server of all networks of the home (RFC 9915, RFC 9818), without sockets, disk or clock. */
export const dhcpv6Server: Machine<Dhcpv6State, Dhcpv6Input, Dhcpv6Effect> = {
  initial: { kind: "idle" },
  step,
  deadline: (state) => (state.kind === "idle" ? undefined : state.sweepAt),
  check: checkServing,
};

function step(
  state: Dhcpv6State,
  input: Dhcpv6Input,
  now: Instant,
): Step<Dhcpv6State, Dhcpv6Effect> {
  if (state.kind === "idle") {
    if (input.kind !== "start") return ignored(state);
    return finished({ state: restore(input, now), effects: [], now }, undefined);
  }
  const turn: Turn = { state, effects: [], now };
  switch (input.kind) {
    case "start":
      return ignored(state);
    case "configure":
      turn.state = reconfigure(state, input.config, now);
      break;
    case "message":
      onMessage(turn, input.network, input.source, input.message);
      break;
    case "leases_stored":
      onLeasesStored(turn, input.commit, input.durable);
      break;
    case "timeout":
      if (isDue(state.sweepAt, now)) sweep(turn);
      break;
    default:
      return unreachable(input);
  }
  return finished(turn, state);
}

function finished(turn: Turn, before: Serving | undefined): Step<Dhcpv6State, Dhcpv6Effect> {
  const { leases, config } = turn.state;
  if (leases !== before?.leases || config !== before.config) followRoutes(turn);
  return { state: turn.state, effects: turn.effects };
}

function onMessage(turn: Turn, cameBy: string, source: Ipv6, message: Dhcpv6Message): void {
  const network = networkNamed(turn.state.config, cameBy);
  if (network === undefined) return;
  const refusal = isLinkLocal6(source)
    ? refusalByServer(message, turn.state.config.serverId)
    : "source";
  if (refusal !== undefined) {
    count(turn, network, `refused_${refusal}`);
    return;
  }
  if (message.msgType === MESSAGE_TYPE.INFORMATION_REQUEST) {
    count(turn, network, "information_requests");
    sendAnswer(turn, network, source, message, MESSAGE_TYPE.REPLY, {});
    return;
  }
  const client = clientOf(message, source);
  if (client === undefined) return;
  if (isWaiting(turn, network, client)) {
    count(turn, network, "retransmissions");
    return;
  }
  switch (message.msgType) {
    case MESSAGE_TYPE.SOLICIT:
      count(turn, network, "solicits");
      if (hasOption(message, OPTION.RAPID_COMMIT)) {
        grant(turn, network, client, message, "rapid");
        return;
      }
      offer(turn, network, client, message);
      return;
    case MESSAGE_TYPE.REQUEST:
      count(turn, network, "requests");
      grant(turn, network, client, message, "request");
      return;
    case MESSAGE_TYPE.RENEW:
    case MESSAGE_TYPE.REBIND:
      // We alone have the leases, so that whom a client asks changes nothing.
      grant(turn, network, client, message, "extend");
      return;
    case MESSAGE_TYPE.CONFIRM:
      onConfirm(turn, network, client, message);
      return;
    case MESSAGE_TYPE.RELEASE:
      onEnding(turn, network, client, message, "released");
      return;
    case MESSAGE_TYPE.DECLINE:
      onEnding(turn, network, client, message, "declined");
      return;
    case MESSAGE_TYPE.ADVERTISE:
    case MESSAGE_TYPE.REPLY:
    case MESSAGE_TYPE.RECONFIGURE:
      // Refused above.
      return;
  }
}

/** RFC 9915 section 18.3.1. Nothing is kept of an offer: the same client comes to the same place again. */
function offer(turn: Turn, network: Dhcpv6Network, client: Client, request: Dhcpv6Message): void {
  const verdicts = associationsOf(request).map((association) =>
    judge(turn, network, client, association, "offer"),
  );
  const extra = offerOptions();
  const answer = { verdicts, extra };
  sendAnswer(turn, network, client.linkLocal, request, MESSAGE_TYPE.ADVERTISE, answer);
}

/** Ends what is over and finds out when the next thing ends. */
function sweep(turn: Turn): void {
  const ended: string[] = [];
  let next: Instant | undefined;
  for (const lease of turn.state.leases.values()) {
    const given = lease.given.filter(({ validUntil }) => validUntil > turn.now);
    const slot = slotOfLease(lease);
    if (given.length === 0) {
      put(turn, slot, undefined);
      ended.push(slot);
      tell(turn, "expired", lease);
      continue;
    }
    if (given.length < lease.given.length) put(turn, slot, { ...lease, given });
    next = earliest(next, ...given.map(({ validUntil }) => validUntil));
  }
  if (ended.length > 0) turn.effects.push({ kind: "store_ends", slots: ended });
  turn.state = { ...turn.state, sweepAt: undefined };
  // Not more than one sweep a second, however finely the ends are spread.
  const soonest = after(turn.now, seconds(1));
  if (next !== undefined) wakeAt(turn, next < soonest ? soonest : next);
}
