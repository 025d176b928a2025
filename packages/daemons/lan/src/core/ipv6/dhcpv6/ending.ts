import { type Dhcpv6Message, MESSAGE_TYPE, STATUS } from "@passerelle/dhcpv6";
import {
  type Association,
  associationsOf,
  isElsewhere,
  isHad,
  sameCidr,
  type Verdict,
} from "./association.ts";
import type { Client } from "./client.ts";
import type { Dhcpv6Network } from "./config.ts";
import { type Lease, slotOf } from "./lease.ts";
import { sendAnswer } from "./reply.ts";
import { hostSlot } from "./state.ts";
import { count, put, quarantine, type Turn, tell } from "./turn.ts";

/** RFC 9915 section 18.3.7 for a Release, 18.3.8 for a Decline: a host on the link has the address already. */
export function onEnding(
  turn: Turn,
  network: Dhcpv6Network,
  client: Client,
  request: Dhcpv6Message,
  event: "released" | "declined",
): void {
  const slots: string[] = [];
  const unknown: Verdict[] = [];
  for (const association of associationsOf(request)) {
    const slot = slotOf(network.name, association.kind, client.duid, association.iaid);
    const lease = turn.state.leases.get(slot);
    if (lease === undefined) {
      unknown.push(withoutBinding(association));
      continue;
    }
    if (!isMeant(lease, association)) continue;
    if (event === "declined" && lease.kind === "address") {
      quarantine(turn, hostSlot(network.name, lease.host));
    }
    put(turn, slot, undefined);
    slots.push(slot);
    count(turn, network, event === "released" ? "releases" : "declines");
    tell(turn, event, lease);
  }
  if (slots.length > 0) turn.effects.push({ kind: "store_ends", slots });
  sendAnswer(turn, network, client.linkLocal, request, MESSAGE_TYPE.REPLY, {
    status: STATUS.Success,
    verdicts: unknown,
  });
}

/**
 * RFC 9915 section 18.3.3: whether the addresses are of this link. Silence where there is nothing to say:
 * no address in the message, or no prefix known to us.
 */
export function onConfirm(
  turn: Turn,
  network: Dhcpv6Network,
  client: Client,
  request: Dhcpv6Message,
): void {
  const asked = associationsOf(request)
    .filter(({ kind }) => kind === "address")
    .flatMap((association) => association.asked)
    .filter(isHad);
  if (asked.length === 0 || network.subnets.length === 0) {
    count(turn, network, "ignored");
    return;
  }
  const status = isElsewhere(network, asked) ? STATUS.NotOnLink : STATUS.Success;
  sendAnswer(turn, network, client.linkLocal, request, MESSAGE_TYPE.REPLY, { status });
}

function isMeant({ given }: Lease, { asked }: Association): boolean {
  return asked.some((prefix) => given.some((one) => sameCidr(one.prefix, prefix)));
}

function withoutBinding(association: Association): Verdict {
  return {
    association,
    given: [],
    withdrawn: [],
    status: STATUS.NoBinding,
    lease: undefined,
  };
}
