import { ByteReader, ByteWriter } from "@passerelle/bytes";
import { type DecodeError, err, invariant, ok, type Result } from "@passerelle/result";
import type { Dhcpv6Option } from "./message.ts";

/**
 * Options one after another to the end of the octets, without padding (RFC 9915 section 21.1): of a message,
 * and in the same form inside an IA, an address, a prefix or a vendor's option.
 *
 * @param start where they begin; the offset of a fault counts from the start of `bytes`
 */
export function decodeOptions(
  bytes: Uint8Array,
  start = 0,
): Result<readonly Dhcpv6Option[], DecodeError> {
  const reader = new ByteReader(bytes, start);
  const options: Dhcpv6Option[] = [];
  while (reader.left > 0) {
    const at = reader.at;
    const code = reader.uint16();
    const data = reader.take(reader.uint16());
    if (reader.overrun !== undefined) return err({ code: "option_overruns", at });
    options.push({ code, data });
  }
  return ok(options);
}

export function encodeOptions(options: readonly Dhcpv6Option[]): Uint8Array {
  return writeOptions(new ByteWriter(), options).finish();
}

export function writeOptions(writer: ByteWriter, options: readonly Dhcpv6Option[]): ByteWriter {
  for (const { code, data } of options) {
    invariant(code >= 0 && code <= 0xffff, "an option code has sixteen bits");
    invariant(data.length <= 0xffff, "an option has at most 65535 octets");
    writer.uint16(code).uint16(data.length).put(data);
  }
  return writer;
}

/** The first with this code. A singleton that comes twice counts once (RFC 9915 section 21). */
export function optionIn(options: readonly Dhcpv6Option[], code: number): Uint8Array | undefined {
  return options.find((option) => option.code === code)?.data;
}

/** The options whose codes are none of these. */
export function optionsBut(
  options: readonly Dhcpv6Option[],
  ...codes: readonly number[]
): readonly Dhcpv6Option[] {
  return options.filter((option) => !codes.includes(option.code));
}
