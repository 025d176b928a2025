import { err, ok, type Result } from "@passerelle/result";

/**
 * Cuts a stream into MQTT packets, so that a length is checked before its octets are kept. The codec
 * behind it sees whole packets only.
 */
export class Framing {
  readonly #packetBytesMax: number;
  #chunks: Buffer[] = [];
  #buffered = 0;

  constructor(packetBytesMax: number) {
    this.#packetBytesMax = packetBytesMax;
  }

  /** The packets that `chunk` completed. An error is final: the stream has lost its place. */
  push(chunk: Buffer): Result<readonly Buffer[], "malformed" | "too_large"> {
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    const packets: Buffer[] = [];
    for (;;) {
      const head = this.#head();
      if (head === "malformed") return err("malformed");
      if (head === undefined) return ok(packets);
      if (head.total > this.#packetBytesMax) return err("too_large");
      if (this.#buffered < head.total) return ok(packets);
      const whole = this.#joined();
      packets.push(whole.subarray(0, head.total));
      const rest = whole.subarray(head.total);
      this.#chunks = rest.length === 0 ? [] : [rest];
      this.#buffered = rest.length;
    }
  }

  /** Octets of the packet at the front, or undefined while its length is not all there. */
  #head(): { readonly total: number } | "malformed" | undefined {
    const front = this.#chunks[0];
    const bytes = front !== undefined && front.length >= HEAD_MAX ? front : this.#start();
    let length = 0;
    // MQTT 5 section 1.5.5: one to four octets, seven bits each, the lowest first.
    for (let at = 1; at < HEAD_MAX; at += 1) {
      const octet = bytes[at];
      if (octet === undefined) return undefined;
      length += (octet & 0x7f) * 128 ** (at - 1);
      if (octet < 0x80) return { total: 1 + at + length };
    }
    return "malformed";
  }

  #start(): Buffer {
    return Buffer.concat(this.#chunks, Math.min(this.#buffered, HEAD_MAX));
  }

  #joined(): Buffer {
    const [only, second] = this.#chunks;
    return only !== undefined && second === undefined ? only : Buffer.concat(this.#chunks);
  }
}

/** One octet of type and flags, and up to four of length. */
const HEAD_MAX = 5;
