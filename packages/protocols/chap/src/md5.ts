import { ByteWriter } from "@passerelle/bytes";

/**
 * MD5 (RFC 1321). Broken for signatures; here because CHAP (RFC 1994) and the operators' DHCP
 * authentication are made of it. Use it for nothing new.
 *
 * @returns 16 octets
 */
export function md5(message: Uint8Array): Uint8Array {
  const padded = pad(message);
  let a = 0x67452301;
  let b = 0xefcdab89;
  let c = 0x98badcfe;
  let d = 0x10325476;
  const words = new Uint32Array(16);
  for (let block = 0; block < padded.length; block += 64) {
    for (let i = 0; i < 16; i += 1) words[i] = littleEndian32(padded, block + i * 4);
    const [a1, b1, c1, d1] = compress(words, a, b, c, d);
    a = (a + a1) >>> 0;
    b = (b + b1) >>> 0;
    c = (c + c1) >>> 0;
    d = (d + d1) >>> 0;
  }
  return digestOf(a, b, c, d);
}

/** RFC 1321 section 3.4: four rounds of sixteen operations on one block. */
function compress(
  words: Uint32Array,
  a0: number,
  b0: number,
  c0: number,
  d0: number,
): readonly [number, number, number, number] {
  let a = a0;
  let b = b0;
  let c = c0;
  let d = d0;
  for (let i = 0; i < 64; i += 1) {
    const round = i >>> 4;
    const mixed = mix(round, b, c, d);
    const word = words[WORD_OF_ROUND[round]?.(i) ?? 0] ?? 0;
    const sum = (a + mixed + (SINES[i] ?? 0) + word) >>> 0;
    const shift = SHIFTS[round * 4 + (i & 3)] ?? 0;
    a = d;
    d = c;
    c = b;
    b = (b + ((sum << shift) | (sum >>> (32 - shift)))) >>> 0;
  }
  return [a, b, c, d];
}

function mix(round: number, x: number, y: number, z: number): number {
  if (round === 0) return (x & y) | (~x & z);
  if (round === 1) return (x & z) | (y & ~z);
  if (round === 2) return x ^ y ^ z;
  return y ^ (x | ~z);
}

/** RFC 1321 sections 3.1 and 3.2: one bit, zeros, the length in bits as 64 bits, low word first. */
function pad(message: Uint8Array): Uint8Array {
  const zeros = (119 - (message.length % 64)) % 64;
  const lowBits = (message.length << 3) >>> 0;
  const highBits = Math.floor(message.length / 0x2000_0000) >>> 0;
  const writer = new ByteWriter(message.length + 72).put(message).uint8(0x80).zeros(zeros);
  for (const word of [lowBits, highBits]) putLittleEndian32(writer, word);
  return writer.finish();
}

function digestOf(...state: readonly number[]): Uint8Array {
  const writer = new ByteWriter(16);
  for (const word of state) putLittleEndian32(writer, word);
  return writer.finish();
}

function putLittleEndian32(writer: ByteWriter, word: number): void {
  for (let shift = 0; shift < 32; shift += 8) writer.uint8((word >>> shift) & 0xff);
}

function littleEndian32(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] ?? 0) |
      ((bytes[at + 1] ?? 0) << 8) |
      ((bytes[at + 2] ?? 0) << 16) |
      ((bytes[at + 3] ?? 0) << 24)) >>>
    0
  );
}

const WORD_OF_ROUND: readonly ((i: number) => number)[] = [
  (i) => i,
  (i) => (5 * i + 1) & 15,
  (i) => (3 * i + 5) & 15,
  (i) => (7 * i) & 15,
];

const SHIFTS = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21] as const;

/** RFC 1321 section 3.4: T[i] is the integer part of 4294967296 times abs(sin(i)), i in radians. */
const SINES = Uint32Array.from({ length: 64 }, (_, i) =>
  Math.floor(Math.abs(Math.sin(i + 1)) * 0x1_0000_0000),
);
