import { ByteReader, ByteWriter } from "@passerelle/bytes";
import { type DecodeError, err, invariant, ok, type Result } from "@passerelle/result";

/** One enterprise's part of option 124 or 125 (RFC 3925): classes there, sub-options here, both raw. */
export interface VendorBlock {
  /** IANA private enterprise number, e.g. 3561 for the Broadband Forum. */
  readonly enterprise: number;
  readonly data: Uint8Array;
}

/** The Broadband Forum's, whose sub-options tell a gateway and its devices of each other (TR-069 annex F). */
export const ENTERPRISE_BROADBAND_FORUM = 3561;

export function decodeVendorBlocks(bytes: Uint8Array): Result<readonly VendorBlock[], DecodeError> {
  const reader = new ByteReader(bytes);
  const blocks: VendorBlock[] = [];
  while (reader.left > 0) {
    const at = reader.at;
    const enterprise = reader.uint32();
    const data = reader.take(reader.uint8());
    if (reader.overrun !== undefined) return err({ code: "vendor_block_overruns", at });
    blocks.push({ enterprise, data });
  }
  return ok(blocks);
}

export function encodeVendorBlocks(blocks: readonly VendorBlock[]): Uint8Array {
  const writer = new ByteWriter();
  for (const { enterprise, data } of blocks) {
    invariant(data.length <= 255, "a vendor block has at most 255 octets");
    writer.uint32(enterprise).uint8(data.length).put(data);
  }
  return writer.finish();
}

/** Sub-options inside a block: code, length, data. */
export function decodeVendorSuboptions(
  bytes: Uint8Array,
): Result<ReadonlyMap<number, Uint8Array>, DecodeError> {
  const reader = new ByteReader(bytes);
  const suboptions = new Map<number, Uint8Array>();
  while (reader.left > 0) {
    const at = reader.at;
    const code = reader.uint8();
    const data = reader.take(reader.uint8());
    if (reader.overrun !== undefined) return err({ code: "vendor_suboption_overruns", at });
    suboptions.set(code, data);
  }
  return ok(suboptions);
}

export function encodeVendorSuboptions(
  suboptions: Iterable<readonly [code: number, data: Uint8Array]>,
): Uint8Array {
  const writer = new ByteWriter();
  for (const [code, data] of suboptions) {
    invariant(data.length <= 255, "a sub-option has at most 255 octets");
    writer.uint8(code).uint8(data.length).put(data);
  }
  return writer.finish();
}
