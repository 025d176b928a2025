import { ByteReader, ByteWriter, concatBytes } from "@passerelle/bytes";
import { type DecodeError, err, invariant, ok, type Result } from "@passerelle/result";
import type { Dhcpv6Option } from "../message.ts";
import { OPTION } from "../option-codes.ts";
import { decodeOptions, encodeOptions } from "../option-list.ts";

/** Option VENDOR_CLASS (RFC 9915 section 21.16): what hardware the client is. */
export interface VendorClass {
  /** IANA private enterprise number. */
  readonly enterprise: number;
  readonly classes: readonly Uint8Array[];
}

/** Option VENDOR_OPTS (RFC 9915 section 21.17): options whose codes are the vendor's own. */
export interface VendorOptions {
  readonly enterprise: number;
  readonly options: readonly Dhcpv6Option[];
}

/** Option USER_CLASS (RFC 9915 section 21.15): fields of octets, each with its length in two octets before it. */
export function decodeUserClasses(bytes: Uint8Array): Result<readonly Uint8Array[], DecodeError> {
  return decodeFields(bytes, 0);
}

export function userClassOption(classes: readonly Uint8Array[]): Dhcpv6Option {
  return { code: OPTION.USER_CLASS, data: encodeFields(classes) };
}

export function decodeVendorClass(bytes: Uint8Array): Result<VendorClass, DecodeError> {
  const reader = new ByteReader(bytes);
  const enterprise = reader.uint32();
  if (reader.overrun !== undefined) return err({ code: "vendor_truncated", at: reader.overrun });
  const classes = decodeFields(bytes, reader.at);
  return classes.ok ? ok({ enterprise, classes: classes.value }) : classes;
}

export function vendorClassOption({ enterprise, classes }: VendorClass): Dhcpv6Option {
  const head = new ByteWriter(4).uint32(enterprise).finish();
  return { code: OPTION.VENDOR_CLASS, data: concatBytes(head, encodeFields(classes)) };
}

export function decodeVendorOptions(bytes: Uint8Array): Result<VendorOptions, DecodeError> {
  const reader = new ByteReader(bytes);
  const enterprise = reader.uint32();
  if (reader.overrun !== undefined) return err({ code: "vendor_truncated", at: reader.overrun });
  const options = decodeOptions(bytes, reader.at);
  return options.ok ? ok({ enterprise, options: options.value }) : options;
}

export function vendorOptionsOption({ enterprise, options }: VendorOptions): Dhcpv6Option {
  const head = new ByteWriter(4).uint32(enterprise).finish();
  return { code: OPTION.VENDOR_OPTS, data: concatBytes(head, encodeOptions(options)) };
}

function decodeFields(
  bytes: Uint8Array,
  start: number,
): Result<readonly Uint8Array[], DecodeError> {
  const reader = new ByteReader(bytes, start);
  const fields: Uint8Array[] = [];
  while (reader.left > 0) {
    const at = reader.at;
    fields.push(reader.take(reader.uint16()));
    if (reader.overrun !== undefined) return err({ code: "class_overruns", at });
  }
  return ok(fields);
}

function encodeFields(fields: readonly Uint8Array[]): Uint8Array {
  const writer = new ByteWriter(64);
  for (const field of fields) {
    invariant(field.length <= 0xffff, "a class has at most 65535 octets");
    writer.uint16(field.length).put(field);
  }
  return writer.finish();
}
