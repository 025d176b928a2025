import { asciiBytes, concatBytes } from "@passerelle/bytes";
import { encodeAttribute, RADIUS_VALUE_MAX, RadiusAttributeType } from "./radius.ts";
import { chapResponse } from "./response.ts";

export interface OrangeCredentials {
  /** "fti/" and seven characters in practice; ASCII of any length a RADIUS User-Name can hold. */
  readonly login: string;
  /** ASCII, as printed on the operator's letter. */
  readonly password: string;
  /** 16 octets, new at every INIT. */
  readonly challenge: Uint8Array;
  /** CHAP identifier, 0 to 255: any octet does when the digest uses the same one. */
  readonly identifier: number;
}

/**
 * The value of DHCPv4 option 90 and of DHCPv6 option 11 on Orange lines: a delayed-authentication
 * header of zeros (RFC 3118) and then plain CHAP in RADIUS attributes.
 */
export function orangeAuthentication(credentials: OrangeCredentials): Uint8Array {
  const { login, password, challenge, identifier } = credentials;
  if (!(challenge.length === ORANGE_CHALLENGE_LENGTH)) {
    throw new Error("invariant: the challenge is 16 octets");
  }
  if (!(identifier >= 0 && identifier <= 255))
    throw new Error("invariant: one octet of identifier");
  const digest = chapResponse(identifier, asciiBytes(password), challenge);
  return concatBytes(
    new Uint8Array(RFC3118_HEADER_LENGTH),
    encodeAttribute({ type: RadiusAttributeType.vendorSpecific, value: ORANGE_VENDOR }),
    encodeAttribute({ type: RadiusAttributeType.userName, value: asciiBytes(login) }),
    encodeAttribute({ type: RadiusAttributeType.chapChallenge, value: challenge }),
    encodeAttribute({
      type: RadiusAttributeType.chapPassword,
      value: concatBytes(Uint8Array.of(identifier), digest),
    }),
  );
}

export const ORANGE_CHALLENGE_LENGTH = 16;

/** Longest login: a DHCP option is 255 octets and everything but the login takes 59. */
export const ORANGE_LOGIN_MAX = Math.min(RADIUS_VALUE_MAX, 255 - 59);

/** RFC 3118 section 2: protocol, algorithm, RDM and eight octets of replay detection, all zero. */
const RFC3118_HEADER_LENGTH = 11;

/** RFC 2865 section 5.26: vendor 1368 (0x558, Orange), sub-attribute 1 of length 3, "A". */
const ORANGE_VENDOR = Uint8Array.of(0x00, 0x00, 0x05, 0x58, 0x01, 0x03, 0x41);
