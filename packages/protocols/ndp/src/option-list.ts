import { ByteReader, ByteWriter } from "@passerelle/bytes";
import { type DecodeError, err, invariant, ok, type Result } from "@passerelle/result";
import type { NdpOption } from "./message.ts";

/** Type and length. */
const HEADER_LENGTH = 2;
/** The length counts in these. */
const UNIT = 8;
const DATA_LENGTH_MAX = 255 * UNIT - HEADER_LENGTH;

/** @param start where the options begin; the offset of a fault counts from the start of `bytes` */
export function decodeOptions(
  bytes: Uint8Array,
  start: number,
): Result<readonly NdpOption[], DecodeError> {
  const reader = new ByteReader(bytes, start);
  const options: NdpOption[] = [];
  while (reader.left > 0) {
    const at = reader.at;
    const type = reader.uint8();
    const length = reader.uint8();
    if (reader.overrun !== undefined) return err({ code: "ndp_option_overruns", at });
    // RFC 4861 section 4.6: a packet with an option of length 0 is dropped whole.
    if (length === 0) return err({ code: "ndp_option_length", at: at + 1 });
    const data = reader.take(length * UNIT - HEADER_LENGTH);
    if (reader.overrun !== undefined) return err({ code: "ndp_option_overruns", at });
    options.push({ type, data });
  }
  return ok(options);
}

export function writeOptions(writer: ByteWriter, options: readonly NdpOption[]): ByteWriter {
  for (const { type, data } of options) {
    invariant((data.length + HEADER_LENGTH) % UNIT === 0, "an option is whole units of 8 octets");
    invariant(data.length > 0 && data.length <= DATA_LENGTH_MAX, "an option has 1 to 255 units");
    writer
      .uint8(type)
      .uint8((data.length + HEADER_LENGTH) / UNIT)
      .put(data);
  }
  return writer;
}

/** An option whose data is filled up with zeros to whole units. */
export function paddedOption(type: number, data: Uint8Array): NdpOption {
  const units = Math.max(1, Math.ceil((data.length + HEADER_LENGTH) / UNIT));
  const writer = new ByteWriter(units * UNIT).put(data);
  return { type, data: writer.zeros(units * UNIT - HEADER_LENGTH - data.length).finish() };
}
