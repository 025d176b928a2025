import { type Cidr6, type Ipv6, type Mac, parseCidr6, parseIpv6, parseMac } from "@passerelle/net";
import { type Instant, instant } from "@passerelle/time";
import type { HomePrefix } from "../../src/core/ipv6/plan.ts";

export function ip6(text: string): Ipv6 {
  const address = parseIpv6(text);
  if (address === undefined) throw new Error(`not an address: ${text}`);
  return address;
}

export function cidr6(text: string): Cidr6 {
  const parsed = parseCidr6(text);
  if (parsed === undefined) throw new Error(`not a prefix: ${text}`);
  return parsed;
}

export function mac(text: string): Mac {
  const parsed = parseMac(text);
  if (parsed === undefined) throw new Error(`not a MAC: ${text}`);
  return parsed;
}

/**
 * A prefix as stories write it: `2001:1:2::/56`, with `~600` seconds preferred and `!1200` seconds valid from
 * now on, and `-2001:1:2:ff::/64` for the excluded part.
 */
export function homePrefix(text: string, now: Instant): HomePrefix {
  const [, prefix = "", ends = ""] = /^([0-9a-f:]+\/\d+)(.*)$/.exec(text) ?? [];
  const end = (sign: string): Instant | undefined => {
    const found = new RegExp(`\\${sign}(\\d+)`).exec(ends)?.[1];
    return found === undefined ? undefined : instant(now + Number(found) * 1000);
  };
  const preferredUntil = end("~");
  const validUntil = end("!");
  const excluded = /-(.*)$/.exec(ends)?.[1];
  return {
    prefix: cidr6(prefix),
    ...(preferredUntil === undefined ? {} : { preferredUntil }),
    ...(validUntil === undefined ? {} : { validUntil }),
    ...(excluded === undefined ? {} : { excluded: cidr6(excluded) }),
  };
}
