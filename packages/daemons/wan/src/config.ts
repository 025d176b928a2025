import { section as define, type Section, values } from "@passerelle/contract";
import {
  broadcastOf,
  contains4,
  networkOf,
  parseCidr4,
  parseIpv4,
  parseMac,
} from "@passerelle/net";
import * as v from "valibot";
import { isPrivate } from "./core/ipv4.ts";
import { LOGIN_MAX, needsCredentials } from "./core/profile.ts";
import { findProfile, profileNames } from "./profile.ts";

/** One label of a host name. */
const label = v.pipe(v.string(), v.regex(/^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$/));
const dnsName = v.pipe(
  v.string(),
  v.maxLength(253),
  v.regex(/^[a-zA-Z0-9_](?:[a-zA-Z0-9_-]{0,62})(?:\.[a-zA-Z0-9_](?:[a-zA-Z0-9_-]{0,62}))*$/),
);
const asciiText = v.pipe(v.string(), v.regex(/^[\x20-\x7e]*$/, "ASCII characters only"));

const rate = v.pipe(v.number(), v.integer(), v.minValue(100), v.maxValue(10_000_000));

/** Where a modem is. */
const place = {
  address: values.ipv4Text,
  /** Our own address in the modem's network, put on the port. Absent: the box is in that network anyway. */
  from: v.exactOptional(values.cidr4Text),
};
/** What a modem wants to know of who asks. A console cannot be told characters beyond these. */
const login = {
  ...place,
  /** Absent: 23 of telnet, 49000 of TR-064. */
  port: v.exactOptional(values.portNumber),
  user: v.pipe(asciiText, v.maxLength(64)),
  password: v.pipe(asciiText, v.maxLength(128)),
};

const modem = v.variant("driver", [
  /** A line made up, for demonstrations; `speed`: recorded seconds that pass in one of ours. */
  v.strictObject({
    driver: v.literal("replay"),
    recording: v.picklist(["adsl2plus", "vdsl2"]),
    speed: v.pipe(v.number(), v.minValue(1), v.maxValue(600)),
  }),
  v.strictObject({ driver: v.literal("draytek"), ...login }),
  v.strictObject({ driver: v.literal("broadcom"), ...login }),
  v.strictObject({ driver: v.literal("tr064"), ...login }),
  v.strictObject({
    driver: v.literal("snmp"),
    ...place,
    port: v.exactOptional(values.portNumber),
    community: v.pipe(asciiText, v.minLength(1), v.maxLength(64)),
  }),
  /** The modem is in this box. */
  v.strictObject({ driver: v.literal("lantiq") }),
]);

const wanConfigSchema = v.strictObject({
  /** The interface of the cable to the operator. */
  interface: values.interfaceName,
  /** Name of a file in profiles/. */
  profile: v.pipe(v.string(), v.maxLength(40)),
  /** "untagged": the interface carries the operator's VLAN already; "profile": the VLAN of the profile is made on it. */
  link: v.picklist(["untagged", "profile"]),
  /** "own", or the address of the box that is replaced. */
  mac: v.union([v.literal("own"), values.macText]),
  credentials: v.exactOptional(
    v.strictObject({
      login: v.pipe(asciiText, v.minLength(1), v.maxLength(LOGIN_MAX)),
      password: v.pipe(asciiText, v.maxLength(128)),
    }),
  ),
  /** Sent as option 12 where the profile allows it. */
  hostname: v.exactOptional(label),
  /** Takes the place of the profile's box model in its texts. */
  boxModel: v.exactOptional(v.pipe(v.string(), v.regex(/^[\x21-\x7e]{1,64}$/))),
  /**
   * Bounds what goes through, in kbit/s, to a little less than the line carries: large transfers then wait in our queue,
   * where calls and games overtake them. "modem": to what the modem says of the wires, each time they come up. Absent: the
   * line is not bounded.
   */
  shaping: v.exactOptional(
    v.union([
      v.strictObject({ download: rate, upload: rate }),
      v.strictObject({ follow: v.literal("modem") }),
    ]),
  ),
  /** How the modem before this box is asked how its line is. Absent: nobody asks it. */
  modem: v.exactOptional(modem),
  health: v.strictObject({
    /** Asked of each resolver in turn to see whether the Internet answers. */
    names: v.pipe(v.array(dnsName), v.minLength(1), v.maxLength(8)),
    /** A server that has to answer besides; by address, because names are what the other test is about. */
    probe: v.exactOptional(
      v.variant("kind", [
        v.strictObject({
          kind: v.literal("tcp"),
          address: values.ipv4Text,
          port: values.portNumber,
        }),
        v.strictObject({
          kind: v.literal("http"),
          address: values.ipv4Text,
          port: values.portNumber,
          host: dnsName,
          path: v.pipe(v.string(), v.maxLength(200), v.regex(/^\/[\x21-\x7e]*$/)),
        }),
      ]),
    ),
  }),
});

export type WanConfig = v.InferOutput<typeof wanConfigSchema>;

export const section: Section<WanConfig> = define({
  name: "wan",
  version: 1,
  migrations: {},
  schema: wanConfigSchema,
  defaults: () => ({
    interface: "wan",
    profile: "generic-dhcp",
    link: "profile",
    mac: "own",
    health: { names: ["example.com", "example.net"] },
  }),
  secrets: ["/credentials/password", "/modem/password", "/modem/community"],
  impact: (before, after) => {
    if (sameLine(before, after)) return [];
    return [
      {
        severity: "short_interruption",
        text: {
          fr: "Internet sera interrompu quelques secondes.",
          en: "The Internet will be interrupted for some seconds.",
        },
      },
    ];
  },
  validate: (config) => {
    const profile = findProfile(config.profile);
    if (profile === undefined) {
      const known = profileNames().join(", ");
      return [{ path: "/profile", message: `no such profile; there are ${known}` }];
    }
    const problems = [];
    if (needsCredentials(profile) && config.credentials === undefined) {
      problems.push({
        path: "/credentials",
        message: `${profile.title} needs the login and the password of the operator's letter`,
      });
    }
    if (config.shaping !== undefined && "follow" in config.shaping && config.modem === undefined) {
      problems.push({
        path: "/shaping",
        message: "there is no modem whose rates could be followed",
      });
    }
    const misplaced = modemMisplaced(config.modem);
    if (misplaced !== undefined) problems.push({ path: "/modem/from", message: misplaced });
    const { mac } = config;
    if (mac !== "own" && isNoStationAddress(mac)) {
      problems.push({ path: "/mac", message: "not the address of one device" });
    }
    if (config.health.probe !== undefined && parseIpv4(config.health.probe.address) === 0) {
      problems.push({ path: "/health/probe/address", message: "not an address of a server" });
    }
    return problems;
  },
});

/** True where the operator sees the same client on the same line: only our own questions and queues differ. */
export function sameLine(a: WanConfig, b: WanConfig): boolean {
  const line = ({ health: _, shaping: __, modem: ___, ...rest }: WanConfig): string =>
    JSON.stringify(Object.entries(rest).sort(([x], [y]) => (x < y ? -1 : 1)));
  return line(a) === line(b);
}

/** Why our address cannot be one of a box in the modem's network. */
function modemMisplaced(modem: WanConfig["modem"]): string | undefined {
  if (modem === undefined || !("from" in modem)) return undefined;
  const from = parseCidr4(modem.from);
  const address = parseIpv4(modem.address);
  if (from === undefined || address === undefined) return "not an address in a network";
  const { prefixLength } = from;
  if (prefixLength < 8 || prefixLength > 30) return "a network of a modem has 8 to 30 bits";
  if (!isPrivate(from.address)) return "not a private address (RFC 1918)";
  if (!contains4(from, address)) return "the modem is not in that network";
  const others = [address, networkOf(from), broadcastOf(from)];
  return others.includes(from.address) ? "not an address for the box" : undefined;
}

function isNoStationAddress(text: string): boolean {
  const mac = parseMac(text);
  return mac === undefined || /^.[13579bdf]/.test(mac) || mac === "00:00:00:00:00:00";
}
