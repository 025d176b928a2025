import { bytesEqual } from "@passerelle/bytes";
import { type Cidr6, ipv6Bytes, ipv6FromBytes, isUniqueLocal6, networkOf6 } from "@passerelle/net";
import { invariant } from "@passerelle/result";

/** Octets of a global identifier (RFC 4193 section 3.2.2). */
export const GLOBAL_ID_LENGTH = 5;

/**
 * A prefix of the home's own, for as long as the home lasts (RFC 4193 section 3.1).
 *
 * @param globalId drawn once from real entropy, then kept
 */
export function uniqueLocalPrefix(globalId: Uint8Array): Cidr6 {
  invariant(globalId.length === GLOBAL_ID_LENGTH, "a global identifier has 40 bits");
  const bytes = new Uint8Array(16);
  // fc00::/7 with the L bit: assigned by who uses it.
  bytes[0] = 0xfd;
  bytes.set(globalId, 1);
  const address = ipv6FromBytes(bytes);
  invariant(address !== undefined, "sixteen octets are an address");
  return { address, prefixLength: PREFIX_LENGTH };
}

/** What is wrong with a prefix that a person would like to have instead; undefined where nothing is. */
export function uniqueLocalProblem(prefix: Cidr6): UniqueLocalProblem | undefined {
  const [first = 0] = ipv6Bytes(prefix.address);
  if (!isUniqueLocal6(prefix.address) || first !== 0xfd) return "not_unique_local";
  if (prefix.prefixLength !== PREFIX_LENGTH) return "not_48_bits";
  if (networkOf6(prefix) !== prefix.address) return "host_bits";
  const globalId = ipv6Bytes(prefix.address).subarray(1, 1 + GLOBAL_ID_LENGTH);
  // RFC 4193 section 3.2: it must not be made up of zeros, so that two homes that are joined do not clash.
  return bytesEqual(globalId, new Uint8Array(GLOBAL_ID_LENGTH)) ? "not_random" : undefined;
}

export type UniqueLocalProblem = "not_unique_local" | "not_48_bits" | "host_bits" | "not_random";

const PREFIX_LENGTH = 48;
