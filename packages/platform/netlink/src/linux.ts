import { isNativeError, native } from "@passerelle/native";
import {
  AttributeWriter,
  decodeInterfaceAddress,
  decodeLink,
  decodeNeighbour,
  decodeRoute,
  decodeRule,
  encodeInterfaceAddress,
  encodeLink,
  encodeRoute,
  encodeRule,
  type Family,
  IFF_UP,
  type Link,
  type NetlinkMessage,
  NLM_F_CREATE,
  NLM_F_EXCL,
  NLM_F_REPLACE,
  RT_TABLE_MAIN,
  RTM_DELADDR,
  RTM_DELLINK,
  RTM_DELROUTE,
  RTM_DELRULE,
  RTM_GETADDR,
  RTM_GETLINK,
  RTM_GETNEIGH,
  RTM_GETROUTE,
  RTM_GETRULE,
  RTM_NEWADDR,
  RTM_NEWLINK,
  RTM_NEWROUTE,
  RTM_NEWRULE,
  VETH_INFO_PEER,
} from "@passerelle/netlink-codec";
import { type DecodeError, err, ok, type Result } from "@passerelle/result";
import { subscribeLinux } from "./linux-events.ts";
import { RequestSocket } from "./linux-socket.ts";
import type { AddressSpec, Netlink, NetlinkError, RouteFilter, Subscription } from "./port.ts";
import { addressOfSpec, bridgeData, newLink, routeOfSpec, ruleOfSpec } from "./spec.ts";
import { vlanData } from "./vlan.ts";

export interface LinuxNetlinkOptions {
  /** Room for events that wait for us; beyond it they are lost and `resync` is said. Default 1 MiB. */
  readonly receiveBufferBytes?: number;
}

/** The kernel of this machine, in the network namespace of the calling thread. */
export function createLinuxNetlink(
  options: LinuxNetlinkOptions = {},
): Result<Netlink, NetlinkError> {
  try {
    const socket = new RequestSocket();
    return ok(makeNetlink(socket, options.receiveBufferBytes ?? 1 << 20));
  } catch (thrown) {
    return err(refusal(thrown));
  }
}

const CREATE = NLM_F_CREATE | NLM_F_EXCL;
const REPLACE = NLM_F_CREATE | NLM_F_REPLACE;

function makeNetlink(socket: RequestSocket, receiveBufferBytes: number): Netlink {
  const subscriptions = makeSubscriptions(receiveBufferBytes);
  const create = async (link: Link): Promise<Result<number, NetlinkError>> => {
    const made = socket.change(RTM_NEWLINK, CREATE, encodeLink(link));
    if (!made.ok) return made;
    try {
      return ok(native().interfaceIndex(link.name ?? ""));
    } catch (thrown) {
      return err(refusal(thrown));
    }
  };
  return {
    links: async () => decodeAll(socket.dump(RTM_GETLINK, linkQuery()), decodeLink),
    addresses: async (family) =>
      decodeAll(socket.dump(RTM_GETADDR, header(8, family)), decodeInterfaceAddress),
    routes: async (filter = {}) => listRoutes(socket, filter),
    neighbours: async (family) =>
      decodeAll(socket.dump(RTM_GETNEIGH, header(12, family)), decodeNeighbour),
    rules: async (family) => decodeAll(socket.dump(RTM_GETRULE, header(12, family)), decodeRule),

    createBridge: (name, options = {}) => {
      const mac = options.mac === undefined ? {} : { mac: options.mac };
      return create(newLink(name, "bridge", { ...mac, kindData: bridgeData(options) }));
    },
    createVlan: (name, options) =>
      create(newLink(name, "vlan", { lower: options.lower, kindData: vlanData(options) })),
    createDummy: (name) => create(newLink(name, "dummy")),
    createVeth: (name, peer) => {
      const bytes = encodeLink({ index: 0, hardwareType: 0, flags: 0, name: peer, unknown: [] });
      const kindData = [{ type: VETH_INFO_PEER, flags: 0, bytes }];
      return create(newLink(name, "veth", { kindData }));
    },
    deleteLink: async (index) =>
      socket.change(RTM_DELLINK, 0, encodeLink({ index, hardwareType: 0, flags: 0, unknown: [] })),
    setLink: async (index, { up, ...change }) => {
      const flags = up === true ? IFF_UP : 0;
      const link: Link = { index, hardwareType: 0, flags, ...change, unknown: [] };
      return socket.change(RTM_NEWLINK, 0, encodeLink(link, up === undefined ? 0 : IFF_UP));
    },

    addAddress: async (spec) =>
      socket.change(RTM_NEWADDR, CREATE, encodeInterfaceAddress(addressOfSpec(spec))),
    replaceAddress: async (spec) => {
      const bytes = encodeInterfaceAddress(addressOfSpec(spec));
      const replaced = socket.change(RTM_NEWADDR, REPLACE, bytes);
      return replaced.ok && needsTwice(spec)
        ? socket.change(RTM_NEWADDR, REPLACE, bytes)
        : replaced;
    },
    removeAddress: async (spec) =>
      socket.change(RTM_DELADDR, 0, encodeInterfaceAddress(addressOfSpec(spec))),
    addRoute: async (spec) => socket.change(RTM_NEWROUTE, CREATE, encodeRoute(routeOfSpec(spec))),
    replaceRoute: async (spec) =>
      socket.change(RTM_NEWROUTE, REPLACE, encodeRoute(routeOfSpec(spec))),
    removeRoute: async (spec) => {
      // A scope of "nowhere" matches any: the caller does not know what the kernel made of it.
      const route = { ...routeOfSpec(spec), scope: RT_SCOPE_NOWHERE };
      return socket.change(RTM_DELROUTE, 0, encodeRoute(route));
    },
    addRule: async (spec) => socket.change(RTM_NEWRULE, CREATE, encodeRule(ruleOfSpec(spec))),
    removeRule: async (spec) => socket.change(RTM_DELRULE, 0, encodeRule(ruleOfSpec(spec))),

    subscribe: subscriptions.subscribe,
    close() {
      subscriptions.closeAll();
      socket.close();
    },
  };
}

function makeSubscriptions(receiveBufferBytes: number): {
  readonly subscribe: Netlink["subscribe"];
  readonly closeAll: () => void;
} {
  const open = new Set<Subscription>();
  return {
    subscribe(topics, handler) {
      try {
        const inner = subscribeLinux(topics, receiveBufferBytes, handler);
        const subscription: Subscription = {
          close() {
            if (open.delete(subscription)) inner.close();
          },
        };
        open.add(subscription);
        return ok(subscription);
      } catch (thrown) {
        return err(refusal(thrown));
      }
    },
    closeAll() {
      for (const subscription of [...open]) subscription.close();
    },
  };
}

/**
 * Where an address was for ever and now has an end, Linux (seen with 6.18) writes the end of its connected route as if
 * it counted from boot: the route is over at once, and nobody on the link is reached. Asked again, it makes the route anew.
 */
function needsTwice({ address, validSeconds, noPrefixRoute }: AddressSpec): boolean {
  return typeof address === "string" && validSeconds !== undefined && noPrefixRoute !== true;
}

const RT_SCOPE_NOWHERE = 255;
const RTM_F_CLONED = 0x200;

/** The kernel filters by table; without a family it is asked twice, because 0 would add multicast routes. */
function listRoutes(
  socket: RequestSocket,
  filter: RouteFilter,
): Result<
  Awaited<ReturnType<Netlink["routes"]>> extends Result<infer T, unknown> ? T : never,
  NetlinkError
> {
  const table = filter.table ?? RT_TABLE_MAIN;
  const families: readonly Family[] = filter.family === undefined ? [4, 6] : [filter.family];
  const all = [];
  for (const family of families) {
    const query = encodeRoute({
      family,
      table,
      protocol: 0,
      scope: 0,
      type: 0,
      flags: 0,
      tos: 0,
      unknown: [],
    });
    const answer = decodeAll(socket.dump(RTM_GETROUTE, query), decodeRoute);
    // A table that never had a route does not exist.
    if (!answer.ok && answer.error.code === "ENOENT") continue;
    if (!answer.ok) return answer;
    const own = answer.value.filter(
      (route) => route.table === table && (route.flags & RTM_F_CLONED) === 0,
    );
    all.push(...own);
  }
  return ok(all);
}

/** What cannot be decoded is not ours (another family), and left out. */
function decodeAll<T>(
  answer: Result<readonly NetlinkMessage[], NetlinkError>,
  decode: (payload: Uint8Array) => Result<T, DecodeError>,
): Result<readonly T[], NetlinkError> {
  if (!answer.ok) return answer;
  const all: T[] = [];
  for (const message of answer.value) {
    const decoded = decode(message.payload);
    if (decoded.ok) all.push(decoded.value);
  }
  return ok(all);
}

/** Counters are not asked for: they are most of a link's octets. */
function linkQuery(): Uint8Array {
  return new AttributeWriter()
    .raw(new Uint8Array(16))
    .uint32(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS)
    .finish();
}

const IFLA_EXT_MASK = 29;
const RTEXT_FILTER_SKIP_STATS = 8;

function header(length: number, family: Family | undefined): Uint8Array {
  const bytes = new Uint8Array(length);
  if (family !== undefined) bytes[0] = family === 4 ? 2 : 10;
  return bytes;
}

function refusal(thrown: unknown): NetlinkError {
  if (!isNativeError(thrown)) throw thrown;
  return { code: thrown.code, text: thrown.message };
}
