/** Cuts a stream into messages by their length in front (RFC 1035 section 4.2.2). */
export class StreamFrames {
  #rest: Uint8Array = new Uint8Array(0);

  /** Octets of a message that is not complete yet. */
  get pendingBytes(): number {
    return this.#rest.length;
  }

  /** Gives each complete message, as a view that ends with the call; stops where `take` says false. */
  push(piece: Uint8Array, take: (message: Uint8Array) => boolean): void {
    let bytes = piece;
    if (this.#rest.length > 0) {
      bytes = new Uint8Array(this.#rest.length + piece.length);
      bytes.set(this.#rest);
      bytes.set(piece, this.#rest.length);
    }
    let at = 0;
    while (at + 2 <= bytes.length) {
      const length = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
      if (at + 2 + length > bytes.length) break;
      const go = take(bytes.subarray(at + 2, at + 2 + length));
      at += 2 + length;
      if (!go) {
        at = bytes.length;
        break;
      }
    }
    this.#rest = bytes.slice(at);
  }
}

/** A message with its length in front, in one piece, so that it leaves in one segment (RFC 7766 section 8). */
export function frame(message: Uint8Array): Uint8Array {
  const framed = new Uint8Array(message.length + 2);
  framed[0] = message.length >>> 8;
  framed[1] = message.length & 0xff;
  framed.set(message, 2);
  return framed;
}
