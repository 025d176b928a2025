/**
 * What goes over a talk with the agent in a lab's machine: frames of one octet of kind, four of length (the highest
 * first) and so many of payload. One talk is one program, or one call: `start` begins it and `end` is the last of it.
 */
export const FRAME = {
  /** JSON, a Start. The only frame that must come first. */
  start: 1,
  /** Octets for standard input; none at all ends it. */
  input: 2,
  /** The name of a signal for the program. */
  signal: 3,
  /** Octets of standard output. */
  output: 4,
  /** Octets of standard error. */
  error: 5,
  /** JSON, an End. */
  end: 6,
} as const;
export type FrameKind = keyof typeof FRAME;

export interface Frame {
  readonly kind: FrameKind;
  readonly payload: Uint8Array;
}

/** More than any answer has; a length above it is no frame of ours. */
export const PAYLOAD_OCTETS_MAX = 16 * 1024 * 1024;
const HEAD_OCTETS = 5;

export function encodeFrame(kind: FrameKind, payload: Uint8Array | string = ""): Uint8Array {
  const body = Buffer.from(payload);
  if (!(body.length <= PAYLOAD_OCTETS_MAX)) {
    throw new Error(`invariant: a frame of ${body.length} octets`);
  }
  const head = Buffer.alloc(HEAD_OCTETS);
  head.writeUInt8(FRAME[kind], 0);
  head.writeUInt32BE(body.length, 1);
  return Buffer.concat([head, body]);
}

/** Gives whole frames out of octets that come in any pieces. Throws at what no end of ours sends. */
export class FrameReader {
  #pieces: Uint8Array[] = [];
  #length = 0;

  read(chunk: Uint8Array): readonly Frame[] {
    this.#pieces.push(chunk);
    this.#length += chunk.length;
    const frames: Frame[] = [];
    for (let frame = this.#next(); frame !== undefined; frame = this.#next()) frames.push(frame);
    return frames;
  }

  /** True where the octets so far end in the middle of a frame. */
  get isInside(): boolean {
    return this.#length > 0;
  }

  #next(): Frame | undefined {
    if (this.#length < HEAD_OCTETS) return undefined;
    const head = this.#joined(HEAD_OCTETS);
    const kind = kindOf(head.readUInt8(0));
    const length = head.readUInt32BE(1);
    if (!(length <= PAYLOAD_OCTETS_MAX)) throw new Error(`a frame of ${length} octets`);
    if (this.#length < HEAD_OCTETS + length) return undefined;
    const all = this.#joined(HEAD_OCTETS + length);
    this.#pieces = [all.subarray(HEAD_OCTETS + length)];
    this.#length -= HEAD_OCTETS + length;
    return { kind, payload: all.subarray(HEAD_OCTETS, HEAD_OCTETS + length) };
  }

  /** The first piece, made so long that it has these octets: a long frame is joined once. */
  #joined(octets: number): Buffer {
    const [first] = this.#pieces;
    if (first === undefined || first.length < octets) {
      this.#pieces = [Buffer.concat(this.#pieces)];
    }
    const [joined = new Uint8Array()] = this.#pieces;
    return Buffer.from(joined.buffer, joined.byteOffset, joined.byteLength);
  }
}

function kindOf(octet: number): FrameKind {
  const found = Object.entries(FRAME).find(([, value]) => value === octet);
  if (found === undefined) throw new Error(`no kind of frame: ${octet}`);
  return found[0] as FrameKind;
}
