import { section as define, values } from "@passerelle/contract";
import { type Ipv4, parseCidr4, parseIpv4 } from "@passerelle/net";
import * as v from "valibot";
import { defaultDnsConfig, dnsConfigSchema } from "./config-dns.ts";
import { lanImpact } from "./config-impact.ts";
import { defaultIpv6Config, ipv6ConfigSchema } from "./config-ipv6.ts";
import { validateLan } from "./config-validate.ts";

const hexText = v.pipe(v.string(), v.regex(/^([0-9a-f]{2}){1,255}$/, "lower-case hexadecimal"));
const asciiText = v.pipe(v.string(), v.regex(/^[\x20-\x7e]{1,255}$/, "plain ASCII text"));
const domainText = v.pipe(
  v.string(),
  v.regex(/^[a-zA-Z0-9_-]{1,63}(\.[a-zA-Z0-9_-]{1,63})*$/, "a domain name"),
  v.maxLength(253),
);
/** What a stored name may be: it becomes a DNS label. */
const hostLabel = v.pipe(
  v.string(),
  v.regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, "a host name such as printer"),
);

const dhcp = v.strictObject({
  enabled: v.boolean(),
  first: values.ipv4Text,
  last: values.ipv4Text,
  /** Seconds; 2 minutes to 7 days. */
  leaseSeconds: v.pipe(v.number(), v.integer(), v.minValue(120), v.maxValue(604_800)),
  /** Ask by ARP before an address is offered for the first time. */
  probe: v.boolean(),
  /** New leases for devices never seen before, a second in the mean. */
  newLeasesPerSecond: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100_000)),
  /** Resolvers told to devices; empty: the gateway itself. */
  resolvers: v.pipe(v.array(values.ipv4Text), v.maxLength(3)),
  /** Option 42. */
  timeServers: v.pipe(v.array(values.ipv4Text), v.maxLength(3)),
  /** Option 114 (RFC 8910): where a device signs in, for a guest network with a portal. */
  captivePortal: v.optional(asciiText),
});

const network = v.strictObject({
  name: v.pipe(v.string(), v.regex(/^[a-z][a-z0-9-]{0,14}$/, "a short name such as lan")),
  zone: values.zone,
  bridge: values.interfaceName,
  ports: v.pipe(v.array(values.interfaceName), v.maxLength(32)),
  address: values.cidr4Text,
  dhcp,
});

const reservation = v.pipe(
  v.strictObject({
    address: values.ipv4Text,
    mac: v.optional(values.macText),
    /** Option 61, hexadecimal. */
    clientId: v.optional(hexText),
    name: v.optional(hostLabel),
  }),
  v.check(
    (one) => (one.mac === undefined) !== (one.clientId === undefined),
    "either a hardware address or a client identifier",
  ),
);

const optionCode = v.pipe(
  v.number(),
  v.integer(),
  v.minValue(1),
  v.maxValue(254),
  // What the exchange itself is made of is not configurable.
  v.check(
    (code) => ![1, 50, 51, 52, 53, 54, 55, 57, 58, 59, 61, 82].includes(code),
    "a free option",
  ),
);
const option = v.variant("type", [
  v.strictObject({ code: optionCode, type: v.literal("hex"), value: hexText }),
  v.strictObject({ code: optionCode, type: v.literal("text"), value: asciiText }),
  v.strictObject({
    code: optionCode,
    type: v.literal("addresses"),
    value: v.pipe(v.array(values.ipv4Text), v.minLength(1), v.maxLength(8)),
  }),
  /** RFC 3397, as in option 119. */
  v.strictObject({
    code: optionCode,
    type: v.literal("names"),
    value: v.pipe(v.array(domainText), v.minLength(1), v.maxLength(8)),
  }),
  /** RFC 3361, as in option 120: all names or all addresses. */
  v.strictObject({
    code: optionCode,
    type: v.literal("sip"),
    value: v.pipe(v.array(v.union([values.ipv4Text, domainText])), v.minLength(1), v.maxLength(8)),
  }),
  v.strictObject({
    code: optionCode,
    type: v.literal("number"),
    octets: v.picklist([1, 2, 4]),
    value: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffff_ffff)),
  }),
]);

const clientClass = v.strictObject({
  name: v.pipe(v.string(), v.minLength(1), v.maxLength(63)),
  /** All that are given must hold. */
  match: v.pipe(
    v.strictObject({
      vendorClass: v.optional(asciiText),
      userClass: v.optional(asciiText),
      enterprise: v.optional(
        v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffff_ffff)),
      ),
      macPrefix: v.optional(v.pipe(v.string(), v.regex(/^[0-9a-f]{2}(:[0-9a-f]{2}){0,5}$/))),
    }),
    v.check((match) => Object.keys(match).length > 0, "at least one condition"),
  ),
  networks: v.optional(v.array(v.string())),
  options: v.pipe(v.array(option), v.maxLength(32)),
  /** Sent also to devices that do not ask for them. */
  always: v.boolean(),
});

const lanSchema = v.strictObject({
  networks: v.pipe(v.array(network), v.minLength(1), v.maxLength(8)),
  reservations: v.pipe(v.array(reservation), v.maxLength(512)),
  classes: v.pipe(v.array(clientClass), v.maxLength(32)),
  dns: dnsConfigSchema,
  /** Absent: as by default. */
  ipv6: v.optional(ipv6ConfigSchema),
});

export type LanConfig = v.InferOutput<typeof lanSchema>;
export type LanNetworkConfig = LanConfig["networks"][number];
export type LanOptionConfig = v.InferOutput<typeof option>;

export const section = define<LanConfig>({
  name: "lan",
  version: 1,
  migrations: {},
  schema: lanSchema,
  defaults: () => ({
    networks: [
      {
        name: "lan",
        zone: "lan",
        bridge: "br-lan",
        ports: ["eth1", "eth2", "eth3", "eth4"],
        address: "192.168.1.1/24",
        dhcp: defaultDhcp("192.168.1.50", "192.168.1.250", 86_400),
      },
      {
        name: "guest",
        zone: "guest",
        bridge: "br-guest",
        ports: [],
        address: "192.168.179.1/24",
        dhcp: defaultDhcp("192.168.179.50", "192.168.179.250", 14_400),
      },
    ],
    reservations: [],
    classes: [],
    dns: defaultDnsConfig,
    ipv6: defaultIpv6Config,
  }),
  secrets: [],
  impact: lanImpact,
  validate: validateLan,
});

function defaultDhcp(first: string, last: string, leaseSeconds: number): LanNetworkConfig["dhcp"] {
  return {
    enabled: true,
    first,
    last,
    leaseSeconds,
    probe: true,
    newLeasesPerSecond: 20,
    resolvers: [],
    timeServers: [],
  };
}

/** Of a text the schema let through. */
export function addressOfText(text: string): Ipv4 {
  const address = parseIpv4(text);
  if (address === undefined) throw new Error("invariant: a valid section holds addresses");
  return address;
}

export function cidrOfText(text: string): NonNullable<ReturnType<typeof parseCidr4>> {
  const cidr = parseCidr4(text);
  if (cidr === undefined) throw new Error("invariant: a valid section holds networks");
  return cidr;
}
