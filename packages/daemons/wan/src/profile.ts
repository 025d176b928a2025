import { parseCidr4, parseIpv6 } from "@passerelle/net";
import * as v from "valibot";
import bouyguesFr from "../profiles/bouygues-fr.json" with { type: "json" };
import btUk from "../profiles/bt-uk.json" with { type: "json" };
import dtDe from "../profiles/dt-de.json" with { type: "json" };
import genericDhcp from "../profiles/generic-dhcp.json" with { type: "json" };
import genericPppoe from "../profiles/generic-pppoe.json" with { type: "json" };
import kpnNl from "../profiles/kpn-nl.json" with { type: "json" };
import movistarEs from "../profiles/movistar-es.json" with { type: "json" };
import orangeFr from "../profiles/orange-fr.json" with { type: "json" };
import orangeFrPppoe from "../profiles/orange-fr-pppoe.json" with { type: "json" };
import sfrFr from "../profiles/sfr-fr.json" with { type: "json" };
import type { Profile } from "./core/profile.ts";

export type { Profile } from "./core/profile.ts";

/** The profile of that name; undefined for a name nobody ships. Throws where the file itself is wrong. */
export function findProfile(id: string): Profile | undefined {
  const file = Object.hasOwn(FILES, id) ? FILES[id] : undefined;
  return file === undefined ? undefined : v.parse(profileSchema, file);
}

export function profileNames(): readonly string[] {
  return Object.keys(FILES);
}

const FILES: Readonly<Record<string, unknown>> = {
  "generic-dhcp": genericDhcp,
  "orange-fr": orangeFr,
  "sfr-fr": sfrFr,
  "bouygues-fr": bouyguesFr,
  "generic-pppoe": genericPppoe,
  "orange-fr-pppoe": orangeFrPppoe,
  "dt-de": dtDe,
  "kpn-nl": kpnNl,
  "bt-uk": btUk,
  "movistar-es": movistarEs,
};

const octet = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(255));
const asciiText = v.pipe(v.string(), v.regex(/^[\x20-\x7e]{1,128}$/));
/** 0 and 255 are no options (RFC 2132 section 3); those below are the protocol's own and never a profile's. */
const PROTOCOL_CODES = [0, 12, 50, 51, 52, 53, 54, 55, 255];
const optionCode = v.pipe(
  octet,
  v.check((code) => !PROTOCOL_CODES.includes(code), "an option a profile may set"),
);
const pcp = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(7));
const milliseconds = v.pipe(v.number(), v.integer(), v.minValue(100), v.maxValue(3_600_000));

/** RFC 9915: who the client is, what it leases and its state are the machine's. */
const PROTOCOL_CODES6 = [0, 1, 2, 3, 4, 5, 6, 8, 13, 14, 25, 26];
const optionCode6 = v.pipe(
  v.number(),
  v.integer(),
  v.minValue(0),
  v.maxValue(0xffff),
  v.check((code) => !PROTOCOL_CODES6.includes(code), "an option a profile may set"),
);
const wish = v.picklist(["auto", "always", "never"]);

const template = templateOf(optionCode);
const template6 = templateOf(optionCode6);

function templateOf(code: v.GenericSchema<number>) {
  return v.pipe(
    v.strictObject({
      code,
      text: v.optional(
        // ASCII, and no brace but those of {boxModel}.
        v.pipe(v.string(), v.maxLength(200), v.regex(/^(?:[\x20-\x7a|~]|\{boxModel\})+$/)),
      ),
      hex: v.optional(
        v.pipe(
          v.string(),
          v.maxLength(510),
          v.regex(/^(?:[0-9a-f]{2}|\{mac\}|\{auth\}|\{boxModel\})+$/),
        ),
      ),
      lengthByte: v.optional(v.boolean()),
      lengthWord: v.optional(v.boolean()),
    }),
    v.check((one) => (one.text === undefined) !== (one.hex === undefined), "either text or hex"),
  );
}

export const profileSchema: v.GenericSchema<unknown, Profile> = v.pipe(
  v.strictObject({
    id: v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,40}$/)),
    title: v.pipe(v.string(), v.minLength(1)),
    sources: v.pipe(
      v.array(
        v.strictObject({
          about: v.pipe(v.string(), v.minLength(1)),
          date: v.pipe(v.string(), v.regex(/^\d{4}(-\d{2}){0,2}$/)),
        }),
      ),
      v.minLength(1),
    ),
    link: v.strictObject({
      vlan: v.exactOptional(
        v.strictObject({
          id: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(4094)),
          pcpControl: pcp,
          pcpData: pcp,
        }),
      ),
      mac: v.picklist(["own", "clone"]),
    }),
    pppoe: v.exactOptional(
      v.strictObject({
        // RFC 4638 section 4: an Ethernet of 1508 octets carries a full packet.
        payloadMax: v.pipe(v.number(), v.integer(), v.minValue(576), v.maxValue(1500)),
        serviceName: v.exactOptional(v.pipe(v.string(), v.regex(/^[\x21-\x7e]{1,64}$/))),
        methods: v.exactOptional(
          v.pipe(v.array(v.picklist(["chap_md5", "pap"])), v.minLength(1), v.maxLength(2)),
        ),
        credentials: v.exactOptional(v.strictObject({ login: asciiText, password: asciiText })),
      }),
    ),
    dhcp: v.exactOptional(
      v.strictObject({
        parameterRequestList: v.pipe(v.array(octet), v.minLength(1), v.maxLength(64)),
        broadcast: v.boolean(),
        options: v.pipe(v.array(template), v.maxLength(32)),
        hostname: v.boolean(),
        conflictProbe: v.boolean(),
        retransmit: v.strictObject({ firstMs: milliseconds, capMs: milliseconds }),
      }),
    ),
    ipv6: v.exactOptional(
      v.strictObject({
        address: wish,
        prefix: wish,
        prefixLength: v.pipe(v.number(), v.integer(), v.minValue(32), v.maxValue(64)),
        rapidCommit: v.boolean(),
        optionRequest: v.pipe(
          v.array(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(0xffff))),
          v.maxLength(32),
        ),
        options: v.pipe(v.array(template6), v.maxLength(16)),
        router: v.exactOptional(
          v.pipe(
            v.string(),
            v.check((text) => parseIpv6(text) === text && /^fe[89ab]/.test(text), "link-local"),
          ),
        ),
      }),
    ),
    boxModel: v.exactOptional(v.pipe(v.string(), v.regex(/^[\x21-\x7e]{1,64}$/))),
    authentication: v.exactOptional(v.strictObject({ scheme: v.literal("orange-chap") })),
    health: v.strictObject({
      parkingPrefixes: v.array(
        v.pipe(
          v.string(),
          v.check((text) => parseCidr4(text) !== undefined, "a prefix"),
        ),
      ),
    }),
  }),
  v.check(
    (profile) =>
      ![...(profile.dhcp?.options ?? []), ...(profile.ipv6?.options ?? [])].some((option) =>
        option.hex?.includes("{auth}"),
      ) || profile.authentication !== undefined,
    "{auth} needs an authentication scheme",
  ),
  v.check(
    ({ dhcp }) => dhcp === undefined || dhcp.retransmit.firstMs <= dhcp.retransmit.capMs,
    "the first wait is not longer than the longest",
  ),
  v.check(
    ({ dhcp, pppoe }) => (dhcp === undefined) !== (pppoe === undefined),
    "either DHCP or PPPoE",
  ),
) as unknown as v.GenericSchema<unknown, Profile>;
