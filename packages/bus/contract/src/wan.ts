import * as v from "valibot";
import { command, event, state } from "./define.ts";
import {
  cidr4Text,
  cidr6Text,
  count,
  fault,
  hostileText,
  interfaceName,
  ipv4Text,
  ipv6Text,
  macText,
  portNumber,
  wallTime,
} from "./values.ts";

const route = v.strictObject({ destination: cidr4Text, gateway: ipv4Text });

/** The Ethernet line: what the cable says. */
const access = v.variant("kind", [
  v.strictObject({ kind: v.literal("absent") }),
  v.strictObject({ kind: v.literal("no_carrier"), since: wallTime }),
  v.strictObject({ kind: v.literal("up"), since: wallTime }),
]);

/** What carries the session: the cable itself, or a VLAN of the operator's on it. */
const link = v.variant("kind", [
  v.strictObject({ kind: v.literal("untagged") }),
  v.strictObject({
    kind: v.picklist(["waiting", "configuring", "up"]),
    vlan: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(4094)),
    since: wallTime,
  }),
]);

/** The session of the line: by DHCP, with the names of RFC 2131 figure 5, or over PPPoE. */
const session = v.variant("kind", [
  v.strictObject({ kind: v.literal("idle") }),
  v.strictObject({ kind: v.literal("selecting"), attempts: count }),
  v.strictObject({ kind: v.literal("requesting") }),
  v.strictObject({ kind: v.literal("rebooting") }),
  v.strictObject({
    kind: v.picklist(["bound", "renewing", "rebinding"]),
    address: cidr4Text,
    gateway: v.optional(ipv4Text),
    server: ipv4Text,
    resolvers: v.array(ipv4Text),
    domain: v.optional(hostileText),
    routes: v.array(route),
    /** Calendar times, for people. */
    obtainedAt: wallTime,
    renewsAt: wallTime,
    expiresAt: wallTime,
  }),
  /** PPPoE: the pause before the next dial. */
  v.strictObject({ kind: v.literal("pausing"), until: wallTime }),
  /** PPPoE: a concentrator is looked for; LCP; who we are; IPCP and IPV6CP; the end. */
  v.strictObject({
    kind: v.picklist([
      "discovering",
      "negotiating",
      "authenticating",
      "configuring",
      "terminating",
    ]),
  }),
  v.strictObject({
    kind: v.literal("connected"),
    /** Absent where the operator gives IPv6 alone. */
    address: v.exactOptional(cidr4Text),
    /** The operator's end, where it says one. */
    gateway: v.exactOptional(ipv4Text),
    resolvers: v.array(ipv4Text),
    /** What the concentrator calls itself. */
    concentrator: hostileText,
    obtainedAt: wallTime,
  }),
]);

/** IPv6 of the line, which comes and goes without IPv4 (RFC 7084 WLL-3). */
const ipv6 = v.strictObject({
  /** "off": the operator has none; "looking": neither a router nor a lease yet. */
  kind: v.picklist(["off", "down", "looking", "ready"]),
  /** Link-local addresses of the routers in use. */
  routers: v.array(ipv6Text),
  addresses: v.array(ipv6Text),
  /** Delegated to the home. */
  prefixes: v.array(cidr6Text),
  resolvers: v.array(ipv6Text),
  /** Why there is not all that was asked for. */
  fault: v.optional(fault),
});

/** Whether the Internet answers, which is not the same as having an address. */
const reach = v.variant("kind", [
  v.strictObject({ kind: v.literal("unknown") }),
  v.strictObject({ kind: v.literal("online"), since: wallTime, rttMs: v.optional(v.number()) }),
  v.strictObject({ kind: v.literal("limited"), since: wallTime, fault }),
  v.strictObject({ kind: v.literal("offline"), since: wallTime, fault }),
]);

export type WanAccess = v.InferOutput<typeof access>;
export type WanLink = v.InferOutput<typeof link>;
export type WanIpv6 = v.InferOutput<typeof ipv6>;
export type WanSession = v.InferOutput<typeof session>;
export type WanReach = v.InferOutput<typeof reach>;

export const wanState = state({
  name: "state",
  owner: "wan",
  about: "The line from cable to Internet, and in one sentence why it is as it is.",
  schema: v.strictObject({
    /** What the addresses are on: the port, the VLAN on it, or the session of PPPoE. */
    interface: interfaceName,
    /** The interface of the cable. */
    port: interfaceName,
    mac: v.optional(macText),
    profile: v.string(),
    access,
    link,
    session,
    ipv6,
    reach,
    /**
     * The IPv4 address is not the home's alone, so nobody on the Internet reaches it by IPv4. "operator": several homes
     * share one behind it (RFC 6598); "router": another router stands before us, or the operator uses such addresses.
     */
    sharedAddress: v.exactOptional(v.picklist(["operator", "router"])),
    /** The line is bounded to these rates (kbit/s), by this kind of queue; "refused": the kernel has none. */
    shaping: v.exactOptional(
      v.strictObject({
        kind: v.picklist(["cake", "htb_fq_codel", "htb", "refused"]),
        ...{ download: count, upload: count },
      }),
    ),
    /** Present whenever the home is not fully online. */
    cause: v.optional(fault),
    since: wallTime,
    /** What the configuration has the line tried with: diagnoses try the same and no stranger's server. */
    health: v.optional(
      v.strictObject({
        names: v.array(v.pipe(v.string(), v.maxLength(253))),
        server: v.optional(v.strictObject({ address: ipv4Text, port: portNumber })),
      }),
    ),
  }),
});
export type WanState = v.InferOutput<typeof wanState.schema>;

/** What `lan` forwards names to. Empty while the line is down. */
export const wanResolvers = state({
  name: "resolvers",
  owner: "wan",
  about: "Upstream resolvers of the line in use.",
  schema: v.strictObject({ resolvers: v.array(ipv4Text), domain: v.optional(hostileText) }),
});

/** Milliseconds since the machine booted (CLOCK_MONOTONIC): every process of one boot agrees, and no clock that is set moves it. */
const instant = v.pipe(v.number(), v.minValue(0));

/** What the home may use of the Internet's addresses. Empty while the operator gives none; never past an end. */
export const wanPrefixes = state({
  name: "prefixes",
  owner: "wan",
  about:
    "Prefixes of IPv6 that the operator delegates to the home, and whether IPv6 leads anywhere.",
  schema: v.strictObject({
    prefixes: v.array(
      v.strictObject({
        prefix: cidr6Text,
        /** RFC 6603: this part of it is the operator's link. */
        excluded: v.optional(cidr6Text),
        /** Absent: for ever. */
        preferredUntil: v.optional(instant),
        validUntil: v.optional(instant),
      }),
    ),
    /** There is a router to send to (RFC 7084 G-5). */
    reachable: v.boolean(),
  }),
});
export type WanPrefixes = v.InferOutput<typeof wanPrefixes.schema>;

export const wanTransition = event({
  name: "transition",
  owner: "wan",
  about: "Each change of modem, access, link, session or reach, with its cause.",
  schema: v.strictObject({
    at: wallTime,
    layer: v.picklist(["dsl", "access", "link", "session", "reach"]),
    from: v.string(),
    to: v.string(),
    cause: v.optional(fault),
  }),
});

/** The last 200 transitions, oldest first: the timeline of the line. */
export const wanHistory = state({
  name: "history",
  owner: "wan",
  about: "The last 200 transitions of the line.",
  schema: v.strictObject({ transitions: v.array(wanTransition.schema) }),
});

export const wanReconnect = command({
  name: "reconnect",
  owner: "wan",
  callers: ["web"],
  about: "Starts the session again from its beginning, keeping the line up.",
  request: v.strictObject({}),
  reply: v.strictObject({}),
});
