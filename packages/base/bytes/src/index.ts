export * from "./hex.ts";
export * from "./reader.ts";
export * from "./writer.ts";

/** Compares two byte strings octet by octet. */
export function bytesEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return false;
  return true;
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** ASCII text to octets; throws for anything above 0x7f, which no wire field of ours may carry. */
export function asciiBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (!(code <= 0x7f)) throw new Error("invariant: ASCII text");
    bytes[i] = code;
  }
  return bytes;
}

/** Octets as Latin-1 text: every octet one character, nothing lost, nothing interpreted. */
export function latin1Text(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
