import { ByteReader, ByteWriter } from "@passerelle/bytes";
import { type Cidr6, IPV6_ANY, ipv6Bytes, ipv6FromBytes, networkOf6 } from "@passerelle/net";
import { type DecodeError, err, ok, type Result } from "@passerelle/result";
import { NDP_OPTION, type NdpOption } from "./message.ts";
import { preferenceFlags, preferenceIn, type RouterPreference } from "./preference.ts";

/** A destination for which the sender is the router, default router or not (RFC 4191 section 2.3). */
export interface RouteInformation {
  /** Host bits are zero. */
  readonly prefix: Cidr6;
  readonly preference: RouterPreference;
  /** Seconds; 0xffffffff is for ever, 0 takes the route back. */
  readonly routeLifetime: number;
}

export function decodeRouteInformation(data: Uint8Array): Result<RouteInformation, DecodeError> {
  const reader = new ByteReader(data);
  const prefixLength = reader.uint8();
  const preference = preferenceIn(reader.uint8());
  const routeLifetime = reader.uint32();
  const octets = reader.left;
  // RFC 4191 section 2.3: none, eight or sixteen octets of prefix, and enough of them for its length.
  const isWhole = octets === 0 || octets === 8 || octets === 16;
  if (reader.overrun !== undefined || !isWhole || prefixLength > octets * 8) {
    return err({ code: "route_length", at: 0 });
  }
  if (preference === undefined) return err({ code: "route_preference", at: 1 });
  const whole = new Uint8Array(16);
  whole.set(reader.take(octets));
  const address = ipv6FromBytes(whole) ?? IPV6_ANY;
  const prefix = { address: networkOf6({ address, prefixLength }), prefixLength };
  return ok({ prefix, preference, routeLifetime });
}

export function routeInformationOption(route: RouteInformation): NdpOption {
  const { prefix, preference, routeLifetime } = route;
  const writer = new ByteWriter(22).uint8(prefix.prefixLength).uint8(preferenceFlags(preference));
  const octets = Math.ceil(prefix.prefixLength / 64) * 8;
  writer.uint32(routeLifetime).put(ipv6Bytes(networkOf6(prefix)).subarray(0, octets));
  return { type: NDP_OPTION.ROUTE_INFORMATION, data: writer.finish() };
}
