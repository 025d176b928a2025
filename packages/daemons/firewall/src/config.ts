import { section as define, type Section, values } from "@passerelle/contract";
import { type Cidr4, networkOf, overlaps4, parseCidr4 } from "@passerelle/net";
import * as v from "valibot";
import { parseCidr6 } from "./core/cidr6.ts";
import { impactOf } from "./core/impact.ts";

const prefix4 = v.pipe(
  values.cidr4Text,
  v.check((text) => {
    const cidr = parseCidr4(text);
    return cidr !== undefined && networkOf(cidr) === cidr.address;
  }, "a network such as 192.0.2.0/24, without host bits"),
);

const prefix6 = v.pipe(
  v.string(),
  v.check((text) => parseCidr6(text) !== undefined, "an IPv6 prefix such as 2001:db8::/32"),
);

/** Becomes part of a comment in the ruleset: letters, digits, "_" and "-" only. */
const identifier = v.pipe(
  v.string(),
  v.regex(/^[a-zA-Z0-9_-]{1,32}$/, "1 to 32 letters, digits, _ or -"),
);

const SERVICES_MAX = 32;

const forward = v.strictObject({
  id: identifier,
  /** For people. */
  name: v.optional(v.pipe(v.string(), v.maxLength(63))),
  enabled: v.boolean(),
  protocol: v.picklist(["tcp", "udp", "both"]),
  /** The port on the WAN address; with `portLast` the first of a range. */
  port: values.portNumber,
  portLast: v.optional(values.portNumber),
  to: values.ipv4Text,
  /** The port at the device; absent: the same. A range keeps its ports. */
  toPort: v.optional(values.portNumber),
  /** Who may use it; absent: anybody. */
  source: v.optional(prefix4),
});

const schema = v.strictObject({
  forwards: v.pipe(v.array(forward), v.maxLength(256)),
  /** The device that gets whatever nothing else takes. */
  dmz: v.optional(values.ipv4Text),
  /** Devices that reach neither the Internet nor other networks. */
  blocked: v.pipe(v.array(values.macText), v.maxLength(256)),
  /** Services of the router itself that the inside may reach, beside DHCP, DNS and ping. Never from the WAN. */
  services: v.pipe(
    v.array(
      v.strictObject({
        name: identifier,
        zone: values.zone,
        protocol: v.picklist(["tcp", "udp"]),
        port: values.portNumber,
      }),
    ),
    v.maxLength(SERVICES_MAX),
  ),
  /** Whether the router answers ping from the WAN. */
  answerPing: v.boolean(),
  /** Refuses packets of the home for private networks that aren't here. */
  rejectPrivateDestinations: v.boolean(),
  /** Sources that never come from the WAN of this operator, beside the home's own prefixes. */
  refusedSources: v.strictObject({
    ipv4: v.pipe(v.array(prefix4), v.maxLength(64)),
    ipv6: v.pipe(v.array(prefix6), v.maxLength(64)),
  }),
});

export type FirewallConfig = v.InferOutput<typeof schema>;

export const section: Section<FirewallConfig> = define<FirewallConfig>({
  name: "firewall",
  version: 2,
  migrations: { 1: withServices },
  schema,
  defaults: () => ({
    forwards: [],
    blocked: [],
    services: SERVICES.map((service) => ({ ...service })),
    answerPing: true,
    rejectPrivateDestinations: true,
    refusedSources: { ipv4: [...REFUSED_SOURCES4], ipv6: [...REFUSED_SOURCES6] },
  }),
  secrets: [],
  impact: impactOf,
  validate,
});

/** S-02: what the box itself offers to its home: the page and the API of `web`, the clock of `system`. */
const SERVICES: FirewallConfig["services"] = [
  { name: "http", zone: "lan", protocol: "tcp", port: 80 },
  { name: "https", zone: "lan", protocol: "tcp", port: 443 },
  { name: "ntp", zone: "lan", protocol: "udp", port: 123 },
];

/**
 * RFC 6890 entries that can't be a source on any line. Private and shared ranges (RFC 1918, RFC 6598) aren't here:
 * operators number their lines and servers with them.
 */
const REFUSED_SOURCES4: readonly string[] = [
  "0.0.0.0/8",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "192.0.2.0/24",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/3",
];

/** RFC 6092 REC-1, REC-3, REC-7: multicast, loopback, mapped, documentation, site-local and unique local sources. */
const REFUSED_SOURCES6: readonly string[] = [
  "::1/128",
  "::ffff:0:0/96",
  "2001:db8::/32",
  "fc00::/7",
  "fec0::/10",
  "ff00::/8",
];

/** A box of the first release had no page that its firewall should let people to. */
function withServices(old: unknown): unknown {
  if (typeof old !== "object" || old === null || !("services" in old)) return old;
  const { services } = old;
  if (!Array.isArray(services)) return old;
  const has = (wanted: (typeof SERVICES)[number]): boolean =>
    services.some((one: unknown) => JSON.stringify(one) === JSON.stringify(wanted));
  const more = SERVICES.filter((service) => !has(service));
  return { ...old, services: [...more, ...services].slice(0, SERVICES_MAX) };
}

/** What the router itself receives on the WAN: its DHCP client. */
const OWN_PORTS: readonly { readonly protocol: "tcp" | "udp"; readonly port: number }[] = [
  { protocol: "udp", port: 68 },
];

function validate(config: FirewallConfig): { path: string; message: string }[] {
  const problems: { path: string; message: string }[] = [];
  const enabled = [...config.forwards.entries()].filter(([, f]) => f.enabled);
  const ids = new Set<string>();
  for (const [i, f] of config.forwards.entries()) {
    const path = `/forwards/${i}`;
    if (ids.has(f.id)) problems.push({ path: `${path}/id`, message: `id "${f.id}" is used twice` });
    ids.add(f.id);
    problems.push(...rangeProblems(path, f));
    const own = OWN_PORTS.find((o) => speaks(f, o.protocol) && covers(f, o.port));
    if (f.enabled && own !== undefined) {
      problems.push({
        path: `${path}/port`,
        message: `${own.protocol} port ${own.port} is the router's own`,
      });
    }
  }
  for (const [n, [i, a]] of enabled.entries()) {
    for (const [, b] of enabled.slice(0, n)) {
      if (!collide(a, b)) continue;
      problems.push({ path: `/forwards/${i}/port`, message: `collides with forward "${b.id}"` });
    }
  }
  return problems;
}

type Forward = FirewallConfig["forwards"][number];

function rangeProblems(path: string, f: Forward): { path: string; message: string }[] {
  if (f.portLast === undefined) return [];
  if (f.portLast < f.port) {
    return [{ path: `${path}/portLast`, message: "the last port comes before the first" }];
  }
  if (f.portLast > f.port && f.toPort !== undefined && f.toPort !== f.port) {
    return [{ path: `${path}/toPort`, message: "a range of ports keeps its ports" }];
  }
  return [];
}

function collide(a: Forward, b: Forward): boolean {
  const sameProtocol =
    (speaks(a, "tcp") && speaks(b, "tcp")) || (speaks(a, "udp") && speaks(b, "udp"));
  const meet = a.port <= (b.portLast ?? b.port) && b.port <= (a.portLast ?? a.port);
  return sameProtocol && meet && sourcesMeet(a.source, b.source);
}

function sourcesMeet(a: string | undefined, b: string | undefined): boolean {
  const one = a === undefined ? ANYBODY : parseCidr4(a);
  const other = b === undefined ? ANYBODY : parseCidr4(b);
  return one !== undefined && other !== undefined && overlaps4(one, other);
}

const ANYBODY: Cidr4 | undefined = parseCidr4("0.0.0.0/0");

function speaks(f: Forward, protocol: "tcp" | "udp"): boolean {
  return f.protocol === "both" || f.protocol === protocol;
}

function covers(f: Forward, port: number): boolean {
  return f.port <= port && port <= (f.portLast ?? f.port);
}
