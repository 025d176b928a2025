import type { DecodeError, Result } from "@passerelle/result";
import { err, ok } from "@passerelle/result";

/** One attribute as it is on the wire; what is nested inside stays octets. */
export interface Attribute {
  /** Without the two flag bits. */
  readonly type: number;
  /** NLA_F_NESTED (0x8000) and NLA_F_NET_BYTEORDER (0x4000). */
  readonly flags: number;
  readonly bytes: Uint8Array;
}

const NLA_F_NESTED = 0x8000;
const TYPE_MASK = 0x3fff;
/** The kernel's own tables stay below a hundred; a longer list is not from it. */
const ATTRIBUTES_MAX = 1024;

/** Attributes fill `bytes` from `start` to its end. Trailing octets shorter than a header are padding. */
export function decodeAttributes(
  bytes: Uint8Array,
  start = 0,
): Result<readonly Attribute[], DecodeError> {
  const attributes: Attribute[] = [];
  let at = start;
  while (at + 4 <= bytes.length) {
    const length = uint16(bytes, at);
    if (length < 4) return err({ code: "attribute_too_short", at });
    if (at + length > bytes.length) return err({ code: "attribute_overruns", at });
    if (attributes.length === ATTRIBUTES_MAX) return err({ code: "too_many_attributes", at });
    const head = uint16(bytes, at + 2);
    attributes.push({
      type: head & TYPE_MASK,
      flags: head & ~TYPE_MASK,
      bytes: bytes.slice(at + 4, at + length),
    });
    at += align4(length);
  }
  return ok(attributes);
}

/**
 * Attributes that a decoder takes one by one; what it did not know, or what had not the length it
 * expected, is left over and kept.
 */
export class AttributeSet {
  #left: Attribute[];

  constructor(attributes: readonly Attribute[]) {
    this.#left = [...attributes];
  }

  get rest(): readonly Attribute[] {
    return this.#left;
  }

  bytes(type: number, length?: number): Uint8Array | undefined {
    const fits = (one: Attribute): boolean =>
      one.type === type && (length === undefined || one.bytes.length === length);
    const at = this.#left.findIndex(fits);
    return at < 0 ? undefined : this.#left.splice(at, 1)[0]?.bytes;
  }

  uint8(type: number): number | undefined {
    return this.bytes(type, 1)?.[0];
  }

  uint16(type: number): number | undefined {
    const bytes = this.bytes(type, 2);
    return bytes === undefined ? undefined : uint16(bytes, 0);
  }

  uint32(type: number): number | undefined {
    const bytes = this.bytes(type, 4);
    return bytes === undefined ? undefined : uint32(bytes, 0);
  }

  /** Zero-terminated text; Latin-1, since names of interfaces are octets to the kernel. */
  text(type: number): string | undefined {
    const bytes = this.bytes(type);
    return bytes === undefined ? undefined : textOf(bytes);
  }
}

/** Writes a fixed header and attributes, in host byte order. */
export class AttributeWriter {
  #bytes = new Uint8Array(256);
  #length = 0;

  /** Octets as they are, without a header: the fixed part in front. */
  raw(bytes: Uint8Array): this {
    this.#grow(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
    return this;
  }

  attribute(type: number, bytes: Uint8Array, flags = 0): this {
    const length = 4 + bytes.length;
    if (!(length <= 0xffff)) throw new Error("invariant: an attribute is below 64 KiB");
    this.#grow(align4(length));
    putUint16(this.#bytes, this.#length, length);
    putUint16(this.#bytes, this.#length + 2, type | flags);
    this.#bytes.set(bytes, this.#length + 4);
    this.#length += align4(length);
    return this;
  }

  uint8(type: number, value: number | undefined): this {
    return value === undefined ? this : this.attribute(type, Uint8Array.of(value));
  }

  uint16(type: number, value: number | undefined): this {
    if (value === undefined) return this;
    return this.attribute(type, Uint8Array.of(value & 0xff, value >>> 8));
  }

  uint32(type: number, value: number | undefined): this {
    return value === undefined ? this : this.attribute(type, uint32Bytes(value));
  }

  text(type: number, value: string | undefined): this {
    if (value === undefined) return this;
    const bytes = new Uint8Array(value.length + 1);
    for (let i = 0; i < value.length; i += 1) bytes[i] = value.charCodeAt(i);
    return this.attribute(type, bytes);
  }

  optional(type: number, bytes: Uint8Array | undefined): this {
    return bytes === undefined ? this : this.attribute(type, bytes);
  }

  nested(type: number, write: (inner: AttributeWriter) => void): this {
    const inner = new AttributeWriter();
    write(inner);
    return this.attribute(type, inner.finish(), NLA_F_NESTED);
  }

  all(attributes: readonly Attribute[]): this {
    for (const one of attributes) this.attribute(one.type, one.bytes, one.flags);
    return this;
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #grow(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#length + more, this.#bytes.length * 2));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

export function align4(length: number): number {
  return (length + 3) & ~3;
}

export function uint16(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
}

export function uint32(bytes: Uint8Array, at: number): number {
  return (uint16(bytes, at) | (uint16(bytes, at + 2) << 16)) >>> 0;
}

export function putUint16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value & 0xff;
  bytes[at + 1] = (value >>> 8) & 0xff;
}

export function putUint32(bytes: Uint8Array, at: number, value: number): void {
  putUint16(bytes, at, value);
  putUint16(bytes, at + 2, value >>> 16);
}

export function uint32Bytes(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  putUint32(bytes, 0, value);
  return bytes;
}

/** Up to the first zero. */
export function textOf(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) {
    if (byte === 0) break;
    text += String.fromCharCode(byte);
  }
  return text;
}
