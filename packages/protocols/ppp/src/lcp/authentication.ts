import { ByteReader } from "@passerelle/bytes";
import { unreachable } from "@passerelle/result";
import { uint16Data } from "../numbers.ts";
import { PPP_PROTOCOL } from "../protocol-numbers.ts";

/** How we can say who we are. MS-CHAP and EAP are not among them: a peer that asks for one is asked for these. */
export type AuthenticationMethod = "chap_md5" | "pap";

/** RFC 1994 section 3. */
const ALGORITHM_MD5 = 5;

/** The method that an Authentication-Protocol option asks for; undefined for one that we do not have. */
export function methodOf(data: Uint8Array): AuthenticationMethod | undefined {
  const reader = new ByteReader(data);
  const protocol = reader.uint16();
  if (protocol === PPP_PROTOCOL.PAP && data.length === 2) return "pap";
  if (protocol === PPP_PROTOCOL.CHAP && data.length === 3 && reader.uint8() === ALGORITHM_MD5) {
    return "chap_md5";
  }
  return undefined;
}

export function authenticationData(method: AuthenticationMethod): Uint8Array {
  switch (method) {
    case "pap":
      return uint16Data(PPP_PROTOCOL.PAP);
    case "chap_md5":
      return Uint8Array.of(PPP_PROTOCOL.CHAP >>> 8, PPP_PROTOCOL.CHAP & 0xff, ALGORITHM_MD5);
    default:
      return unreachable(method);
  }
}
