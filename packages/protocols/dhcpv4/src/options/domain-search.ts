import { asciiBytes, ByteWriter, latin1Text } from "@passerelle/bytes";
import { type DecodeError, err, invariant, ok, type Result } from "@passerelle/result";

const NAMES_MAX = 32;
const NAME_OCTETS_MAX = 255;
const POINTER_HOPS_MAX = 16;

/** Option 119 (RFC 3397): DNS names with compression inside the option. Names come without the dot at their end. */
export function decodeDomainSearch(bytes: Uint8Array): Result<readonly string[], DecodeError> {
  const names: string[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (names.length >= NAMES_MAX) return err({ code: "search_too_many", at });
    const read = readName(bytes, at);
    if (!read.ok) return read;
    if (read.value.name !== "") names.push(read.value.name);
    at = read.value.next;
  }
  return ok(names);
}

function readName(
  bytes: Uint8Array,
  start: number,
): Result<{ readonly name: string; readonly next: number }, DecodeError> {
  const labels: string[] = [];
  let at = start;
  let next: number | undefined;
  let octets = 0;
  let hops = 0;
  for (;;) {
    const length = bytes[at];
    if (length === undefined) return err({ code: "search_truncated", at });
    if (length === 0) return ok({ name: labels.join("."), next: next ?? at + 1 });
    if (length >= 0xc0) {
      const low = bytes[at + 1];
      if (low === undefined) return err({ code: "search_truncated", at });
      const target = ((length & 0x3f) << 8) | low;
      next ??= at + 2;
      hops += 1;
      // RFC 1035 section 4.1.4: a pointer is to a prior occurrence, so that forward ones are loops or lies.
      if (target >= at || hops > POINTER_HOPS_MAX) return err({ code: "search_pointer", at });
      at = target;
      continue;
    }
    if (length > 63) return err({ code: "search_label", at });
    if (at + 1 + length > bytes.length) return err({ code: "search_truncated", at });
    octets += length + 1;
    if (octets >= NAME_OCTETS_MAX) return err({ code: "search_too_long", at });
    const label = bytes.subarray(at + 1, at + 1 + length);
    // A label with a dot or a sign that no host name has can't be written as text without a trick.
    if (!label.every(isNameOctet)) return err({ code: "search_label", at });
    labels.push(latin1Text(label));
    at += 1 + length;
  }
}

/** Without compression where the names are few; suffixes already written are pointed at. */
export function encodeDomainSearch(names: readonly string[]): Uint8Array {
  const writer = new ByteWriter();
  const written = new Map<string, number>();
  for (const name of names) writeName(writer, name, written);
  return writer.finish();
}

function writeName(writer: ByteWriter, name: string, written: Map<string, number>): void {
  const labels = name.split(".");
  for (const [i, label] of labels.entries()) {
    const suffix = labels.slice(i).join(".").toLowerCase();
    const known = written.get(suffix);
    if (known !== undefined) {
      writer.uint16(0xc000 | known);
      return;
    }
    if (writer.length < 0x4000) written.set(suffix, writer.length);
    const octets = asciiBytes(label);
    invariant(octets.length >= 1 && octets.length <= 63, "a label has 1 to 63 octets");
    writer.uint8(octets.length).put(octets);
  }
  writer.uint8(0);
}

function isNameOctet(octet: number): boolean {
  const isLetter = (octet | 0x20) >= 0x61 && (octet | 0x20) <= 0x7a;
  const isDigit = octet >= 0x30 && octet <= 0x39;
  return isLetter || isDigit || octet === 0x2d || octet === 0x5f;
}
