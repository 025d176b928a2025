import { toHex } from "@passerelle/bytes";
import { clientFqdnOf, clientIdOf, type Dhcpv6Message, macInDuid } from "@passerelle/dhcpv6";
import type { Ipv6, Mac } from "@passerelle/net";
import { macOfEui64 } from "../eui64.ts";

/** Who sent a message, as far as it says. Texts are a stranger's: bounded, not interpreted. */
export interface Client {
  /** Lower-case hexadecimal; names the client (RFC 9915 section 11). */
  readonly duid: string;
  /** Where it is on the link, and where its own network is behind, if it has one. */
  readonly linkLocal: Ipv6;
  /** A guess: of the link-local address, else of the DUID, which may be of another interface. */
  readonly mac?: Mac;
  /** Option CLIENT_FQDN (RFC 4704). */
  readonly hostname?: string;
}

export function clientOf(message: Dhcpv6Message, source: Ipv6): Client | undefined {
  const identifier = clientIdOf(message);
  if (identifier === undefined) return undefined;
  const mac = macOfEui64(source) ?? macInDuid(identifier);
  const name = clientFqdnOf(message)?.name;
  return {
    duid: toHex(identifier),
    linkLocal: source,
    ...(mac === undefined ? {} : { mac }),
    ...(name === undefined || name === "." || name === ""
      ? {}
      : { hostname: `${name}`.slice(0, TEXT_MAX) }),
  };
}

const TEXT_MAX = 255;
