import { concatBytes } from "@passerelle/bytes";
import { type DecodeError, err, invariant, ok, type Result } from "@passerelle/result";
import { decodeName, formatName, type NameText, parseName } from "./name.ts";

/** More than any search list that a resolver looks through. */
export const NAME_LIST_MAX = 32;

/**
 * Names one after another to the end of the octets, as DHCPv6 and router advertisements carry them (RFC 9915
 * section 10, RFC 8106 section 5.2). Both forbid compression. The root says nothing in a list and is left
 * out: router advertisements fill up with its zero octets.
 */
export function decodeNameList(bytes: Uint8Array): Result<readonly NameText[], DecodeError> {
  const names: NameText[] = [];
  let at = 0;
  while (at < bytes.length) {
    const name = decodeName(bytes, at);
    if (!name.ok) return name;
    const { wire, next } = name.value;
    // A pointer takes two octets, and no name has two: where one was followed, the lengths differ.
    if (wire.length !== next - at) return err({ code: "name_compressed", at });
    if (wire.length > 1) {
      if (names.length >= NAME_LIST_MAX) return err({ code: "names_too_many", at });
      names.push(formatName(wire));
    }
    at = next;
  }
  return ok(names);
}

/** Throws for a text that is no name: ours is the mistake. */
export function encodeNameList(names: readonly NameText[]): Uint8Array {
  return concatBytes(
    ...names.map((name) => {
      const wire = parseName(name);
      invariant(wire !== undefined, "a name of ours can be written");
      return wire;
    }),
  );
}
