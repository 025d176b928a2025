/**
 * Reads big-endian fields (network order) from octets. A read past the end sets `overrun` and gives zeros,
 * so that a decoder reads a whole header and asks once; no read ever leaves the buffer.
 */
export class ByteReader {
  readonly bytes: Uint8Array;
  readonly end: number;
  at: number;
  /** Offset of the first read that did not fit; undefined while all reads fitted. */
  overrun: number | undefined;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.bytes = bytes;
    this.at = start;
    this.end = Math.min(end, bytes.length);
    this.overrun = undefined;
  }

  get left(): number {
    return this.end - this.at;
  }

  uint8(): number {
    if (!this.#fits(1)) return 0;
    const value = this.bytes[this.at] ?? 0;
    this.at += 1;
    return value;
  }

  uint16(): number {
    if (!this.#fits(2)) return 0;
    const value = ((this.bytes[this.at] ?? 0) << 8) | (this.bytes[this.at + 1] ?? 0);
    this.at += 2;
    return value;
  }

  uint32(): number {
    if (!this.#fits(4)) return 0;
    const high = ((this.bytes[this.at] ?? 0) << 8) | (this.bytes[this.at + 1] ?? 0);
    const low = ((this.bytes[this.at + 2] ?? 0) << 8) | (this.bytes[this.at + 3] ?? 0);
    this.at += 4;
    return high * 0x1_0000 + low;
  }

  /** A copy of the next octets, so that a decoded message never aliases a reused receive buffer. */
  take(length: number): Uint8Array {
    if (!this.#fits(length)) return new Uint8Array(0);
    const part = this.bytes.slice(this.at, this.at + length);
    this.at += length;
    return part;
  }

  skip(length: number): void {
    if (this.#fits(length)) this.at += length;
  }

  #fits(length: number): boolean {
    if (length >= 0 && this.at + length <= this.end) return true;
    this.overrun ??= this.at;
    return false;
  }
}
