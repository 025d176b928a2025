import {
  firewallHistory,
  firewallState,
  lanDevices,
  lanLeases,
  lanState,
  values,
} from "@passerelle/contract";
import * as v from "valibot";
import { route } from "./define.ts";

const { count, hostileText, ipv4Text, portNumber, wallTime } = values;

/** A device of the home: the inventory of `lan`, with its traffic and what was decided for it. */
export const host = v.strictObject({
  ...lanDevices.schema.entries.devices.item.entries,
  /** bit/s with the Internet over the last 10 seconds; absent: nothing counted yet. */
  downRate: v.optional(v.number()),
  upRate: v.optional(v.number()),
  downBytes: v.optional(count),
  upBytes: v.optional(count),
  blocked: v.boolean(),
  /** The address that is kept for it. */
  reservedAddress: v.optional(ipv4Text),
  /** Ids of the port mappings that lead to it. */
  portMappings: v.array(v.string()),
});
export type Host = v.InferOutput<typeof host>;

/** An opening from the Internet to a device. */
export const portMapping = v.strictObject({
  id: v.string(),
  name: v.optional(v.string()),
  enabled: v.boolean(),
  protocol: v.picklist(["tcp", "udp", "both"]),
  /** Port on the Internet side; with `portLast` the first of a range. */
  port: portNumber,
  portLast: v.optional(portNumber),
  to: ipv4Text,
  toPort: v.optional(portNumber),
  /** Network that may use it; absent: everybody. */
  source: v.optional(v.string()),
  /** The device behind the address, where it is known. */
  host: v.optional(v.string()),
  /** Who opened it, as the history of the configuration says. */
  owner: v.optional(hostileText),
  createdAt: v.optional(wallTime),
  /** Whether the kernel lets it in now. */
  active: v.boolean(),
});
export type PortMapping = v.InferOutput<typeof portMapping>;

const newMapping = {
  name: v.optional(v.pipe(v.string(), v.maxLength(63))),
  protocol: v.picklist(["tcp", "udp", "both"]),
  port: portNumber,
  portLast: v.optional(portNumber),
  to: ipv4Text,
  toPort: v.optional(portNumber),
  source: v.optional(v.pipe(v.string(), v.maxLength(18))),
};

/** Answered by every change of the configuration: what it became, and how to keep it where it is on probation. */
export const applied = v.strictObject({
  revision: count,
  probation: v.optional(v.strictObject({ token: v.string(), seconds: count })),
});

const changeErrors = ["config_invalid", "stale_revision", "probation_running"] as const;

export const homeRoutes = {
  "GET /hosts": route({
    tag: "Hosts",
    access: "read",
    about: "Every device of the home.",
    reply: v.strictObject({ hosts: v.array(host) }),
  }),
  "GET /hosts/{id}": route({
    tag: "Hosts",
    access: "read",
    about: "One device.",
    reply: host,
    errors: ["unknown_device"],
  }),
  "PATCH /hosts/{id}": route({
    tag: "Hosts",
    access: "devices",
    about:
      "Renames a device, blocks it, keeps an address for it; null gives the address up. What is left out stays.",
    body: v.strictObject({
      name: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(63))),
      blocked: v.optional(v.boolean()),
      reservedAddress: v.optional(v.nullable(ipv4Text)),
    }),
    reply: host,
    errors: ["unknown_device", ...changeErrors],
  }),
  "DELETE /hosts/{id}": route({
    tag: "Hosts",
    access: "devices",
    about: "Forgets a device until it is seen again.",
    errors: ["unknown_device"],
  }),
  "POST /hosts/{id}/wake": route({
    tag: "Hosts",
    access: "devices",
    about: "Sends a magic packet (wake-on-LAN).",
    errors: ["unknown_device"],
  }),
  "GET /hosts/{id}/traffic": route({
    tag: "Hosts",
    access: "read",
    about: "Octets of a device with the Internet in periods of 5 minutes, the last 24 hours.",
    reply: v.strictObject({
      periodMs: count,
      points: firewallHistory.schema.entries.devices.item.entries.points,
    }),
    errors: ["unknown_device"],
  }),
  "GET /nat/port-mappings": route({
    tag: "NAT",
    access: "read",
    about: "Openings from the Internet.",
    reply: v.strictObject({ portMappings: v.array(portMapping) }),
  }),
  "POST /nat/port-mappings": route({
    tag: "NAT",
    access: "settings",
    stepUp: true,
    status: 201,
    about: "Opens a port to a device.",
    body: v.strictObject(newMapping),
    reply: portMapping,
    errors: [...changeErrors],
  }),
  "PATCH /nat/port-mappings/{id}": route({
    tag: "NAT",
    access: "settings",
    stepUp: true,
    about: "Switches an opening on or off, or renames it.",
    body: v.strictObject({ enabled: v.optional(v.boolean()), name: newMapping.name }),
    reply: portMapping,
    errors: ["unknown_port_mapping", ...changeErrors],
  }),
  "DELETE /nat/port-mappings/{id}": route({
    tag: "NAT",
    access: "settings",
    about: "Closes an opening and ends what it let in.",
    errors: ["unknown_port_mapping", ...changeErrors],
  }),
  "GET /firewall": route({
    tag: "Firewall",
    access: "read",
    about: "Whether the rules in force are ours, and what they let in.",
    reply: firewallState.schema,
  }),
  "GET /lan": route({
    tag: "LAN",
    access: "read",
    about: "The networks of the home and what serves them.",
    reply: lanState.schema,
  }),
  "GET /dhcpv4/leases": route({
    tag: "LAN",
    access: "read",
    about: "Every DHCP lease in force.",
    reply: lanLeases.schema,
  }),
  "POST /dns/flush": route({
    tag: "LAN",
    access: "settings",
    about: "Empties the cache of names.",
    reply: v.strictObject({ entries: count }),
  }),
};
