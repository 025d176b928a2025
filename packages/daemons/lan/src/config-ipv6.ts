import { parseCidr6 } from "@passerelle/net";
import * as v from "valibot";
import { uniqueLocalProblem } from "./core/ipv6/unique-local.ts";

/** A prefix that a person would rather have than one that is drawn. */
const ownPrefix = v.pipe(
  v.string(),
  v.check((text) => {
    const prefix = parseCidr6(text);
    return prefix !== undefined && uniqueLocalProblem(prefix) === undefined;
  }, "a /48 of fd00::/8 with 40 random bits, such as fd12:3456:789a::/48 (RFC 4193)"),
);

export const ipv6ConfigSchema = v.strictObject({
  /** Off: no advertisements, no DHCPv6 and no addresses of IPv6 in any network of the home. */
  enabled: v.boolean(),
  /** The home's own prefix: "auto" is drawn once and kept. */
  ula: v.union([v.picklist(["auto", "off"]), ownPrefix]),
  /** Who makes the addresses of devices: they themselves, they and DHCPv6, or DHCPv6 alone. */
  addressing: v.picklist(["slaac", "slaac-and-dhcpv6", "dhcpv6"]),
});
export type Ipv6Config = v.InferOutput<typeof ipv6ConfigSchema>;

/** Of a section that says nothing: those stored before there was IPv6. */
export const defaultIpv6Config: Ipv6Config = { enabled: true, ula: "auto", addressing: "slaac" };
