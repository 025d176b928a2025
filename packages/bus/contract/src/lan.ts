import * as v from "valibot";
import { command, event, state } from "./define.ts";
import {
  cidr4Text,
  cidr6Text,
  count,
  fault,
  hostileText,
  interfaceName,
  ipText,
  ipv4Text,
  ipv6Text,
  macText,
  wallTime,
  zone,
} from "./values.ts";

const network = v.strictObject({
  name: v.string(),
  zone,
  bridge: interfaceName,
  ports: v.array(interfaceName),
  address: cidr4Text,
  /** Addresses it had before it moved that are still ours: devices that have not followed yet live by them. */
  former: v.optional(
    v.array(
      v.strictObject({
        address: cidr4Text,
        /** The latest: earlier where every device has followed. */
        until: wallTime,
      }),
    ),
  ),
  /** Its part of each prefix, with the gateway's address in it; absent where it has none. */
  ipv6: v.optional(
    v.strictObject({
      subnets: v.array(
        v.strictObject({
          prefix: cidr6Text,
          address: ipv6Text,
          /** Until when what is new may use it, and until when it works at all; absent: for ever. */
          preferredUntil: v.optional(wallTime),
          validUntil: v.optional(wallTime),
        }),
      ),
    }),
  ),
  dhcp: v.optional(v.strictObject({ first: ipv4Text, last: ipv4Text, leased: count, free: count })),
});

const upstream = v.strictObject({
  address: v.string(),
  protocol: v.picklist(["udp", "tls", "https"]),
  /** False while it is passed over because it did not answer. */
  healthy: v.boolean(),
  /** Smoothed time to answer in milliseconds; absent before the first. */
  rttMs: v.optional(v.number()),
});

const lease = v.strictObject({
  address: ipv4Text,
  mac: macText,
  /** Option 61 in hexadecimal, where the client sent one. */
  clientId: v.optional(v.string()),
  hostname: v.optional(hostileText),
  /** The name under which DNS answers, without the domain. */
  dnsName: v.optional(v.string()),
  vendorClass: v.optional(hostileText),
  network: v.string(),
  kind: v.picklist(["dynamic", "static"]),
  /** Calendar time, for people; the daemon times by the monotonic clock. */
  expiresAt: wallTime,
});

const device = v.strictObject({
  /** Stable for one device, also when its addresses change. */
  id: v.string(),
  name: v.string(),
  /** Where the name came from; a person's word wins. */
  nameSource: v.picklist(["person", "dhcp", "vendor", "address"]),
  macs: v.array(macText),
  /** True where the address is one that the device made up (private Wi-Fi address). */
  privateMac: v.boolean(),
  addresses: v.array(ipText),
  vendor: v.optional(hostileText),
  hostname: v.optional(hostileText),
  network: v.optional(v.string()),
  online: v.boolean(),
  firstSeen: wallTime,
  lastSeen: wallTime,
  /** How we know: "dhcp", "arp". */
  evidence: v.array(v.string()),
});

export type LanNetwork = v.InferOutput<typeof network>;
export type LanUpstream = v.InferOutput<typeof upstream>;
export type LanLease = v.InferOutput<typeof lease>;
export type LanDevice = v.InferOutput<typeof device>;

export const lanState = state({
  name: "state",
  owner: "lan",
  about: "The networks of the home and what serves them.",
  schema: v.strictObject({
    kind: v.picklist(["starting", "serving", "degraded"]),
    since: wallTime,
    networks: v.array(network),
    dns: v.strictObject({ domain: v.string(), upstreams: v.array(upstream), blockedNames: count }),
    faults: v.array(fault),
  }),
});

export const lanLeases = state({
  name: "leases",
  owner: "lan",
  about: "Every DHCP lease in force.",
  schema: v.strictObject({ leases: v.array(lease) }),
});

export const lanDevices = state({
  name: "devices",
  owner: "lan",
  about: "The inventory: every device ever seen and not forgotten.",
  schema: v.strictObject({ devices: v.array(device) }),
});

export const lanStatistics = state({
  name: "statistics",
  owner: "lan",
  about: "Counters since start, published every 10 seconds where they changed.",
  schema: v.strictObject({ dhcp: v.record(v.string(), count), dns: v.record(v.string(), count) }),
});

export const lanLeaseEvent = event({
  name: "lease",
  owner: "lan",
  about: "A lease was granted, renewed, released, declined or has expired.",
  schema: v.strictObject({
    kind: v.picklist(["granted", "renewed", "released", "declined", "expired", "refused"]),
    at: wallTime,
    address: v.optional(ipv4Text),
    mac: macText,
    network: v.string(),
  }),
});

export const lanDeviceEvent = event({
  name: "device",
  owner: "lan",
  about: "A device was seen for the first time, came back or went away.",
  schema: v.strictObject({ kind: v.picklist(["new", "online", "offline"]), at: wallTime, device }),
});

export const lanRenameDevice = command({
  name: "rename-device",
  owner: "lan",
  callers: ["web"],
  about: "Gives a device the name a person chose.",
  request: v.strictObject({
    id: v.string(),
    name: v.pipe(v.string(), v.minLength(1), v.maxLength(63)),
  }),
  reply: v.strictObject({ device }),
});

export const lanForgetDevice = command({
  name: "forget-device",
  owner: "lan",
  callers: ["web"],
  about: "Removes a device from the inventory until it is seen again.",
  request: v.strictObject({ id: v.string() }),
  reply: v.strictObject({}),
});

export const lanFlushDns = command({
  name: "flush-dns",
  owner: "lan",
  callers: ["web"],
  about: "Empties the DNS cache.",
  request: v.strictObject({}),
  reply: v.strictObject({ entries: count }),
});
