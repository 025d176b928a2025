import { asciiBytes, ByteReader, ByteWriter, latin1Text } from "@passerelle/bytes";
import { type DecodeError, err, ok, type Result } from "@passerelle/result";
import type { Dhcpv6Option } from "../message.ts";
import { OPTION } from "../option-codes.ts";
import { optionIn } from "../option-list.ts";

/** How an exchange went, of the whole message or of the IA or lease that it stands in (RFC 9915 section 21.13). */
export interface StatusCode {
  /** See `STATUS`; others are kept. */
  readonly code: number;
  /** For people, often empty. A stranger wrote it. */
  readonly message: string;
}

/** IANA "Status Codes", those of RFC 9915. */
export const STATUS = {
  Success: 0,
  UnspecFail: 1,
  NoAddrsAvail: 2,
  NoBinding: 3,
  NotOnLink: 4,
  /** Obsolete: no client sends to a unicast address any more. */
  UseMulticast: 5,
  NoPrefixAvail: 6,
} as const;

export function decodeStatusCode(bytes: Uint8Array): Result<StatusCode, DecodeError> {
  const reader = new ByteReader(bytes);
  const code = reader.uint16();
  if (reader.overrun !== undefined) return err({ code: "status_truncated", at: reader.overrun });
  return ok({ code, message: utf8Text(reader.take(reader.left)) });
}

/** @param message ASCII */
export function statusCodeOption(code: number, message = ""): Dhcpv6Option {
  return {
    code: OPTION.STATUS_CODE,
    data: new ByteWriter(2 + message.length).uint16(code).put(asciiBytes(message)).finish(),
  };
}

/** RFC 9915 section 7.5: where there is none, or one that does not read, all is well. */
export function statusIn(options: readonly Dhcpv6Option[]): StatusCode {
  const data = optionIn(options, OPTION.STATUS_CODE);
  const decoded = data === undefined ? undefined : decodeStatusCode(data);
  return decoded?.ok === true ? decoded.value : SUCCESS;
}

const SUCCESS: StatusCode = { code: STATUS.Success, message: "" };

/** Latin-1 where it is no UTF-8, so that something can be shown. */
function utf8Text(bytes: Uint8Array): string {
  let escaped = "";
  for (const octet of bytes) escaped += `%${octet.toString(16).padStart(2, "0")}`;
  try {
    return decodeURIComponent(escaped);
  } catch {
    return latin1Text(bytes);
  }
}
