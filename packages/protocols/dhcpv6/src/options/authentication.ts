import { ByteReader, ByteWriter } from "@passerelle/bytes";
import { type DecodeError, err, invariant, ok, type Result } from "@passerelle/result";
import type { Dhcpv6Option } from "../message.ts";
import { OPTION } from "../option-codes.ts";

/** Option AUTH (RFC 9915 section 21.11). Some operators put their own octets into it (`orangeAuthentication`). */
export interface Authentication {
  readonly protocol: number;
  readonly algorithm: number;
  /** Replay detection method. */
  readonly rdm: number;
  /** 8 octets; of method 0 a number that only grows. */
  readonly replayDetection: Uint8Array;
  /** What the protocol and algorithm make of it. */
  readonly information: Uint8Array;
}

const REPLAY_DETECTION_LENGTH = 8;
/** Octets before the information. */
export const AUTHENTICATION_HEADER_LENGTH = 3 + REPLAY_DETECTION_LENGTH;

export function decodeAuthentication(bytes: Uint8Array): Result<Authentication, DecodeError> {
  const reader = new ByteReader(bytes);
  const protocol = reader.uint8();
  const algorithm = reader.uint8();
  const rdm = reader.uint8();
  const replayDetection = reader.take(REPLAY_DETECTION_LENGTH);
  if (reader.overrun !== undefined) return err({ code: "auth_truncated", at: reader.overrun });
  const information = reader.take(reader.left);
  return ok({ protocol, algorithm, rdm, replayDetection, information });
}

export function authenticationOption(authentication: Authentication): Dhcpv6Option {
  const { protocol, algorithm, rdm, replayDetection, information } = authentication;
  invariant(replayDetection.length === REPLAY_DETECTION_LENGTH, "replay detection has 8 octets");
  const writer = new ByteWriter(64).uint8(protocol).uint8(algorithm).uint8(rdm);
  return { code: OPTION.AUTH, data: writer.put(replayDetection).put(information).finish() };
}
