import { type Ipv6, ipv6Bytes, isMulticastMac, type Mac, macFromBytes } from "@passerelle/net";

/** The hardware address that an address was made of (RFC 4291 appendix A); undefined where it was made otherwise. */
export function macOfEui64(address: Ipv6): Mac | undefined {
  const [a = 0, b = 0, c = 0, d, e, ...rest] = ipv6Bytes(address).subarray(8);
  if (d !== 0xff || e !== 0xfe) return undefined;
  const mac = macFromBytes(Uint8Array.of(a ^ 0x02, b, c, ...rest));
  return mac === undefined || isMulticastMac(mac) ? undefined : mac;
}
