import * as v from "valibot";
import { state } from "./define.ts";
import { count, fault, ipv4Text, macText, portNumber, wallTime } from "./values.ts";

const opening = v.strictObject({
  id: v.string(),
  protocol: v.picklist(["tcp", "udp"]),
  port: portNumber,
  /** The last port of a range; absent: one port. */
  portLast: v.optional(portNumber),
  to: ipv4Text,
  toPort: portNumber,
  /** "person" today; "upnp" and "pcp" later. */
  owner: v.string(),
});

const traffic = v.strictObject({
  mac: macText,
  /** Octets since the counters began, forwarded between this device and the WAN. */
  upBytes: count,
  downBytes: count,
  upPackets: count,
  downPackets: count,
  /** Mean over the last period, bit/s. */
  upRate: v.number(),
  downRate: v.number(),
});
export type FirewallTraffic = v.InferOutput<typeof traffic>;

export const firewallState = state({
  name: "state",
  owner: "firewall",
  about: "Whether the rules in the kernel are the ones we want, and what they let in.",
  schema: v.strictObject({
    kind: v.picklist(["protecting", "failed"]),
    since: wallTime,
    /** SHA-256 of the ruleset text last applied and read back. */
    digest: v.optional(v.string()),
    openings: v.array(opening),
    blockedDevices: v.array(macText),
    fault: v.optional(fault),
  }),
});

export const firewallTraffic = state({
  name: "traffic",
  owner: "firewall",
  about: "Traffic of each device, counted by the kernel, published every 10 seconds.",
  schema: v.strictObject({ at: wallTime, periodMs: count, devices: v.array(traffic) }),
});

/** One point every 5 minutes for the last 24 hours, for charts. */
export const firewallHistory = state({
  name: "traffic-history",
  owner: "firewall",
  about: "Octets of each device in periods of 5 minutes, the last 24 hours.",
  schema: v.strictObject({
    periodMs: count,
    devices: v.array(
      v.strictObject({
        mac: macText,
        points: v.array(v.strictObject({ at: wallTime, up: count, down: count })),
      }),
    ),
  }),
});
