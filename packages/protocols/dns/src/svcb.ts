import { type Ipv4, type Ipv6, ipv4FromBytes, ipv6FromBytes } from "@passerelle/net";
import { plainNameEnd, readUint16 } from "./wire.ts";

/** IANA "Service Parameter Keys (SvcParamKeys)": addresses given as hints (RFC 9460 section 7.3). */
const IPV4_HINT = 4;
const IPV6_HINT = 6;

/** The addresses an HTTPS or SVCB record hints at; undefined where the RDATA is malformed. */
export function svcbHints(
  bytes: Uint8Array,
  at: number,
  length: number,
): { readonly ipv4: readonly Ipv4[]; readonly ipv6: readonly Ipv6[] } | undefined {
  const end = at + length;
  // RFC 9460 section 2.2: priority, then an uncompressed target name.
  let here = plainNameEnd(bytes, at + 2, end);
  if (here < 0) return undefined;
  const ipv4: Ipv4[] = [];
  const ipv6: Ipv6[] = [];
  while (here < end) {
    const size = readUint16(bytes, here + 2);
    const value = here + 4;
    if (!(value + size <= end)) return undefined;
    const key = readUint16(bytes, here);
    const step = key === IPV4_HINT ? 4 : 16;
    if (key === IPV4_HINT || key === IPV6_HINT) {
      if (size % step !== 0) return undefined;
      for (let i = value; i < value + size; i += step) {
        const four = key === IPV4_HINT ? ipv4FromBytes(bytes, i) : undefined;
        const six = key === IPV6_HINT ? ipv6FromBytes(bytes, i) : undefined;
        if (four !== undefined) ipv4.push(four);
        if (six !== undefined) ipv6.push(six);
      }
    }
    here = value + size;
  }
  return { ipv4, ipv6 };
}
