import { concatBytes } from "@passerelle/bytes";
import { invariant } from "@passerelle/result";
import { encodeDhcpv6 } from "./encode.ts";
import { hmacMd5 } from "./hmac-md5.ts";
import type { Dhcpv6Message, Dhcpv6Option } from "./message.ts";
import { OPTION } from "./option-codes.ts";
import { optionIn, optionsBut } from "./option-list.ts";
import {
  type Authentication,
  authenticationOption,
  decodeAuthentication,
} from "./options/authentication.ts";

/**
 * The reconfigure key authentication protocol (RFC 9915 section 20.4): the server gives a key in a Reply and
 * proves with it later that a Reconfigure is its own. The key goes over the link in clear: it protects
 * against those who were not there.
 */
export const RECONFIGURE_KEY_LENGTH = 16;

const PROTOCOL = 3;
const ALGORITHM_HMAC_MD5 = 1;
/** RFC 9915 section 20.3: a number that only grows. */
const RDM_MONOTONIC = 0;
const TYPE_KEY = 1;
const TYPE_DIGEST = 2;
const INFORMATION_LENGTH = 1 + RECONFIGURE_KEY_LENGTH;

/** For a server's Reply. @param key 16 octets that nobody can guess @param replayDetection 8 octets */
export function reconfigureKeyOption(key: Uint8Array, replayDetection: Uint8Array): Dhcpv6Option {
  invariant(key.length === RECONFIGURE_KEY_LENGTH, "a reconfigure key has 16 octets");
  return option(TYPE_KEY, key, replayDetection);
}

/** The key that a Reply gives; undefined where it gives none. */
export function reconfigureKeyOf(message: Dhcpv6Message): Uint8Array | undefined {
  return informationOf(message, TYPE_KEY)?.value;
}

/** A Reconfigure with the proof behind its other options; one that is there is replaced. */
export function signReconfigure(
  message: Dhcpv6Message,
  key: Uint8Array,
  replayDetection: Uint8Array,
): Dhcpv6Message {
  const zeros = new Uint8Array(RECONFIGURE_KEY_LENGTH);
  const others = optionsBut(message.options, OPTION.AUTH);
  const unsigned = [...others, option(TYPE_DIGEST, zeros, replayDetection)];
  const digest = hmacMd5(key, encodeDhcpv6({ ...message, options: unsigned }));
  return { ...message, options: [...others, option(TYPE_DIGEST, digest, replayDetection)] };
}

/**
 * The replay detection of a Reconfigure whose proof is right; undefined for any other. Whether it has
 * grown since the last one is for the client to see (`isLater`).
 */
export function verifyReconfigure(message: Dhcpv6Message, key: Uint8Array): Uint8Array | undefined {
  const proof = informationOf(message, TYPE_DIGEST);
  if (proof === undefined) return undefined;
  const { replayDetection } = proof.authentication;
  const zeroed = option(TYPE_DIGEST, new Uint8Array(RECONFIGURE_KEY_LENGTH), replayDetection);
  const options = message.options.map((one) => (one.code === OPTION.AUTH ? zeroed : one));
  const digest = hmacMd5(key, encodeDhcpv6({ ...message, options }));
  // Every octet is looked at, so that the time taken says nothing of how many were right.
  const difference = digest.reduce((sum, octet, i) => sum | (octet ^ (proof.value[i] ?? 0)), 0);
  return difference === 0 ? replayDetection : undefined;
}

/** True where a replay detection is greater than the last one seen (RFC 9915 section 20.3). */
export function isLater(replayDetection: Uint8Array, last: Uint8Array): boolean {
  for (const [i, octet] of replayDetection.entries()) {
    const difference = octet - (last[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return false;
}

function option(type: number, value: Uint8Array, replayDetection: Uint8Array): Dhcpv6Option {
  return authenticationOption({
    protocol: PROTOCOL,
    algorithm: ALGORITHM_HMAC_MD5,
    rdm: RDM_MONOTONIC,
    replayDetection,
    information: concatBytes(Uint8Array.of(type), value),
  });
}

function informationOf(
  message: Dhcpv6Message,
  type: number,
): { readonly authentication: Authentication; readonly value: Uint8Array } | undefined {
  const all = message.options.filter(({ code }) => code === OPTION.AUTH);
  const data = optionIn(all, OPTION.AUTH);
  // Two of them would leave open which one the digest is over.
  if (data === undefined || all.length !== 1) return undefined;
  const decoded = decodeAuthentication(data);
  if (!decoded.ok) return undefined;
  const authentication = decoded.value;
  const { protocol, algorithm, rdm, information } = authentication;
  const isOurs = protocol === PROTOCOL && algorithm === ALGORITHM_HMAC_MD5 && rdm === RDM_MONOTONIC;
  if (!isOurs || information[0] !== type || information.length !== INFORMATION_LENGTH) {
    return undefined;
  }
  return { authentication, value: information.slice(1) };
}
