import { ByteReader, ByteWriter } from "@passerelle/bytes";
import { type DecodeError, err, invariant, ok, type Result } from "@passerelle/result";

/** Option 77 as RFC 3004 section 4 writes it: classes, each with its length before it. */
export function decodeUserClasses(bytes: Uint8Array): Result<readonly Uint8Array[], DecodeError> {
  const reader = new ByteReader(bytes);
  const classes: Uint8Array[] = [];
  while (reader.left > 0) {
    const at = reader.at;
    const length = reader.uint8();
    // RFC 3004 section 4: the length of a class is at least one.
    if (length === 0) return err({ code: "user_class_empty", at });
    classes.push(reader.take(length));
    if (reader.overrun !== undefined) return err({ code: "user_class_overruns", at });
  }
  return ok(classes);
}

export function encodeUserClasses(classes: readonly Uint8Array[]): Uint8Array {
  const writer = new ByteWriter();
  for (const one of classes) {
    invariant(one.length >= 1 && one.length <= 255, "a user class has 1 to 255 octets");
    writer.uint8(one.length).put(one);
  }
  return writer.finish();
}

/** The classes of a client, also of one that puts bare text into the option, as some operators' boxes do. */
export function userClassesOf(bytes: Uint8Array): readonly Uint8Array[] {
  const listed = decodeUserClasses(bytes);
  return listed.ok ? listed.value : [bytes];
}
