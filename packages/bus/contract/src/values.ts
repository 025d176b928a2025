import {
  formatCidr4,
  formatCidr6,
  parseCidr4,
  parseCidr6,
  parseIpv4,
  parseIpv6,
  parseMac,
} from "@passerelle/net";
import * as v from "valibot";

/** Values that many topics share. Texts of strangers are bounded here once. */

export const fault = v.strictObject({
  code: v.pipe(v.string(), v.regex(/^[a-z0-9_]{2,64}$/)),
  text: v.strictObject({ fr: v.string(), en: v.string() }),
  next: v.optional(v.strictObject({ fr: v.string(), en: v.string() })),
  raw: v.optional(v.pipe(v.string(), v.maxLength(2000))),
});

export const ipv4Text = v.pipe(
  v.string(),
  v.check((text) => parseIpv4(text) !== undefined, "an IPv4 address such as 192.168.1.1"),
);

export const ipv6Text = v.pipe(
  v.string(),
  v.check((text) => parseIpv6(text) !== undefined, "an IPv6 address"),
);

export const ipText = v.union([ipv4Text, ipv6Text]);

/** An address with its prefix length, e.g. 192.168.1.1/24. */
export const cidr4Text = v.pipe(
  v.string(),
  v.check((text) => {
    const cidr = parseCidr4(text);
    return cidr !== undefined && formatCidr4(cidr) === text;
  }, "an IPv4 address with its prefix length, such as 192.168.1.1/24"),
);

/** A prefix of IPv6, e.g. 2001:db8:1200::/56. */
export const cidr6Text = v.pipe(
  v.string(),
  v.check((text) => {
    const cidr = parseCidr6(text);
    return cidr !== undefined && formatCidr6(cidr) === text;
  }, "an IPv6 prefix such as 2001:db8:1200::/56"),
);

export const macText = v.pipe(
  v.string(),
  v.check((text) => parseMac(text) === text, "a hardware address such as 00:11:22:33:44:55"),
);

/** A Linux interface name: 1 to 15 characters, no slash or blank, never "." or "..". */
export const interfaceName = v.pipe(
  v.string(),
  v.regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,14}$/, "an interface name such as eth0"),
);

/** Milliseconds since 1970-01-01 UTC, for people. */
export const wallTime = v.pipe(v.number(), v.integer(), v.minValue(0));

export const count = v.pipe(v.number(), v.integer(), v.minValue(0));

export const portNumber = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535));

/** What a stranger called itself: bounded, kept as it came, never trusted as markup or path. */
export const hostileText = v.pipe(v.string(), v.maxLength(255));

export const zone = v.picklist(["lan", "guest"]);
export type Zone = v.InferOutput<typeof zone>;
