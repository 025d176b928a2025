import { ByteReader, ByteWriter } from "@passerelle/bytes";
import { type Cidr4, type Ipv4, ipv4, netmask4, networkOf } from "@passerelle/net";
import { type DecodeError, err, ok, type Result } from "@passerelle/result";

/** One route of option 121 (RFC 3442). */
export interface ClasslessRoute {
  /** Host bits are zero. */
  readonly destination: Cidr4;
  /** 0.0.0.0: the destination is on this link (RFC 3442, "Local Subnet Routes"). */
  readonly router: Ipv4;
}

/** RFC 3442: only the octets of the destination that the prefix length needs are on the wire. */
export function decodeClasslessRoutes(
  bytes: Uint8Array,
): Result<readonly ClasslessRoute[], DecodeError> {
  const reader = new ByteReader(bytes);
  const routes: ClasslessRoute[] = [];
  while (reader.left > 0) {
    const at = reader.at;
    const prefixLength = reader.uint8();
    if (prefixLength > 32) return err({ code: "route_prefix_length", at });
    const significant = new Uint8Array(4);
    significant.set(reader.take(Math.ceil(prefixLength / 8)));
    const router = ipv4(reader.uint32());
    if (reader.overrun !== undefined) return err({ code: "route_truncated", at });
    const address = ipv4(new ByteReader(significant).uint32() & netmask4(prefixLength));
    routes.push({ destination: { address, prefixLength }, router });
  }
  if (routes.length === 0) return err({ code: "route_truncated", at: 0 });
  return ok(routes);
}

export function encodeClasslessRoutes(routes: readonly ClasslessRoute[]): Uint8Array {
  const writer = new ByteWriter();
  for (const { destination, router } of routes) {
    const address = new ByteWriter(4).uint32(networkOf(destination)).finish();
    writer.uint8(destination.prefixLength);
    writer.put(address.subarray(0, Math.ceil(destination.prefixLength / 8))).uint32(router);
  }
  return writer.finish();
}
