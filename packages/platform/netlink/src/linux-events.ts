import {
  decodeInterfaceAddress,
  decodeLink,
  decodeNeighbour,
  decodeRoute,
  decodeRule,
  type NetlinkMessage,
  RTM_DELADDR,
  RTM_DELLINK,
  RTM_DELNEIGH,
  RTM_DELROUTE,
  RTM_DELRULE,
  RTM_NEWADDR,
  RTM_NEWLINK,
  RTM_NEWNEIGH,
  RTM_NEWROUTE,
  RTM_NEWRULE,
  RTNLGRP_IPV4_IFADDR,
  RTNLGRP_IPV4_ROUTE,
  RTNLGRP_IPV4_RULE,
  RTNLGRP_IPV6_IFADDR,
  RTNLGRP_IPV6_ROUTE,
  RTNLGRP_IPV6_RULE,
  RTNLGRP_LINK,
  RTNLGRP_NEIGH,
} from "@passerelle/netlink-codec";
import { watchGroups } from "./linux-socket.ts";
import type { NetlinkEvent, Subscription, Topics } from "./port.ts";

const GROUPS: Readonly<Record<keyof Topics, readonly number[]>> = {
  links: [RTNLGRP_LINK],
  addresses: [RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR],
  routes: [RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE],
  neighbours: [RTNLGRP_NEIGH],
  rules: [RTNLGRP_IPV4_RULE, RTNLGRP_IPV6_RULE],
};

/** Throws the kernel's refusal. */
export function subscribeLinux(
  topics: Topics,
  receiveBufferBytes: number,
  handler: (event: NetlinkEvent) => void,
): Subscription {
  const wanted = (Object.keys(GROUPS) as (keyof Topics)[]).filter(
    (topic) => topics[topic] === true,
  );
  return watchGroups(
    wanted.flatMap((topic) => GROUPS[topic]),
    receiveBufferBytes,
    (message) => {
      const event = eventOf(message);
      if (event !== undefined) handler(event);
    },
    () => handler({ kind: "resync" }),
  );
}

export function eventOf(message: NetlinkMessage): NetlinkEvent | undefined {
  const { type, payload } = message;
  const deleted = DELETIONS.has(type);
  switch (type) {
    case RTM_NEWLINK:
    case RTM_DELLINK: {
      // Family "bridge": a port joined or left. Its DELLINK does not mean that the link is gone.
      if (payload[0] !== 0) return undefined;
      const link = decodeLink(payload);
      return link.ok ? { kind: "link", deleted, link: link.value } : undefined;
    }
    case RTM_NEWADDR:
    case RTM_DELADDR: {
      const address = decodeInterfaceAddress(payload);
      return address.ok ? { kind: "address", deleted, address: address.value } : undefined;
    }
    case RTM_NEWROUTE:
    case RTM_DELROUTE: {
      const route = decodeRoute(payload);
      return route.ok ? { kind: "route", deleted, route: route.value } : undefined;
    }
    case RTM_NEWNEIGH:
    case RTM_DELNEIGH: {
      const neighbour = decodeNeighbour(payload);
      return neighbour.ok ? { kind: "neighbour", deleted, neighbour: neighbour.value } : undefined;
    }
    case RTM_NEWRULE:
    case RTM_DELRULE: {
      const rule = decodeRule(payload);
      return rule.ok ? { kind: "rule", deleted, rule: rule.value } : undefined;
    }
    default:
      return undefined;
  }
}

const DELETIONS = new Set([RTM_DELLINK, RTM_DELADDR, RTM_DELROUTE, RTM_DELNEIGH, RTM_DELRULE]);
