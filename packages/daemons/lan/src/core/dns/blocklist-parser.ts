import type { BlocklistBuilder } from "./blocklist.ts";

/**
 * Reads lists of names in the three common notations, line by line, from octets as they come:
 * hosts ("0.0.0.0 name"), domains ("name", "*.name", ".name") and AdBlock ("||name^", "@@||name^").
 * Anything else (element hiding, paths, regular expressions, other modifiers) is counted and skipped.
 */
export class BlocklistParser {
  readonly #builder: BlocklistBuilder;
  /** A line that began in an earlier piece. */
  #rest = new Uint8Array(0);
  names = 0;
  skipped = 0;

  constructor(builder: BlocklistBuilder) {
    this.#builder = builder;
  }

  push(piece: Uint8Array): void {
    let bytes = piece;
    if (this.#rest.length > 0) {
      bytes = new Uint8Array(this.#rest.length + piece.length);
      bytes.set(this.#rest);
      bytes.set(piece, this.#rest.length);
    }
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      this.#line(bytes, start, end);
      start = end + 1;
    }
    // A line longer than any rule is no rule: forget it instead of growing.
    this.#rest = bytes.length - start <= LINE_BYTES_MAX ? bytes.slice(start) : new Uint8Array(0);
  }

  /** The last line needs no newline. */
  finish(): void {
    this.#line(this.#rest, 0, this.#rest.length);
    this.#rest = new Uint8Array(0);
  }

  #line(bytes: Uint8Array, start: number, end: number): void {
    let from = start;
    let to = end;
    while (from < to && isBlank(bytes[from])) from += 1;
    while (to > from && isBlank(bytes[to - 1])) to -= 1;
    const first = bytes[from];
    if (from === to || first === HASH || first === EXCLAMATION || first === BRACKET) return;
    if (first === PIPE || first === AT) {
      this.#adblock(bytes, from, to);
      return;
    }
    const wordEnd = endOfWord(bytes, from, to);
    if (looksLikeAddress(bytes, from, wordEnd)) this.#hosts(bytes, wordEnd, to);
    else if (hasMoreWords(bytes, wordEnd, to)) this.skipped += 1;
    else this.#domain(bytes, from, wordEnd);
  }

  #adblock(bytes: Uint8Array, start: number, to: number): void {
    let from = start;
    const allow = bytes[from] === AT && bytes[from + 1] === AT;
    if (allow) from += 2;
    const anchored = bytes[from] === PIPE && bytes[from + 1] === PIPE;
    from += 2;
    let end = from;
    while (end < to && isNameOctet(bytes[end])) end += 1;
    // Only the whole host ("^", or nothing) and "$important", which means nothing else here.
    const tail = String.fromCharCode(...bytes.subarray(end, Math.min(to, end + 12)));
    const plain = tail === "" || tail === "^" || tail === "^$important" || tail === "^|";
    if (!(anchored && plain && isName(bytes, from, end))) {
      this.skipped += 1;
      return;
    }
    this.names += 1;
    if (allow) this.#builder.allow(bytes, from, end);
    else this.#builder.addSubtree(bytes, from, end);
  }

  #hosts(bytes: Uint8Array, start: number, to: number): void {
    let from = start;
    for (;;) {
      while (from < to && isBlank(bytes[from])) from += 1;
      if (from >= to || bytes[from] === HASH) return;
      const end = endOfWord(bytes, from, to);
      const nameEnd = bytes[end - 1] === DOT ? end - 1 : end;
      // A single label here is a name of the machine the list was made for (localhost, broadcasthost …).
      const dotted = bytes.subarray(from, nameEnd).includes(DOT);
      if (dotted && isName(bytes, from, nameEnd) && !isLocaldomain(bytes, from, nameEnd)) {
        this.names += 1;
        this.#builder.addExact(bytes, from, nameEnd);
      } else {
        this.skipped += 1;
      }
      from = end;
    }
  }

  #domain(bytes: Uint8Array, start: number, end: number): void {
    let from = start;
    if (bytes[from] === STAR && bytes[from + 1] === DOT) from += 2;
    else if (bytes[from] === DOT) from += 1;
    const to = bytes[end - 1] === DOT ? end - 1 : end;
    if (!isName(bytes, from, to) || !bytes.subarray(from, to).includes(DOT)) {
      this.skipped += 1;
      return;
    }
    this.names += 1;
    this.#builder.addSubtree(bytes, from, to);
  }
}

const LINE_BYTES_MAX = 4096;
const NEWLINE = 0x0a;
const HASH = 0x23;
const STAR = 0x2a;
const DOT = 0x2e;
const COLON = 0x3a;
const EXCLAMATION = 0x21;
const AT = 0x40;
const BRACKET = 0x5b;
const PIPE = 0x7c;

function isBlank(octet: number | undefined): boolean {
  return octet === 0x20 || octet === 0x09 || octet === 0x0d;
}

function endOfWord(bytes: Uint8Array, from: number, to: number): number {
  let end = from;
  while (end < to && !isBlank(bytes[end])) end += 1;
  return end;
}

function hasMoreWords(bytes: Uint8Array, from: number, to: number): boolean {
  let at = from;
  while (at < to && isBlank(bytes[at])) at += 1;
  return at < to && bytes[at] !== HASH;
}

/** Digits and dots only, or anything with a colon: what starts a line of a hosts file. */
function looksLikeAddress(bytes: Uint8Array, from: number, to: number): boolean {
  let numeric = true;
  for (let i = from; i < to; i += 1) {
    const octet = bytes[i] ?? 0;
    if (octet === COLON) return true;
    if (octet !== DOT && !(octet >= 0x30 && octet <= 0x39)) numeric = false;
  }
  return numeric;
}

function isNameOctet(octet: number | undefined): boolean {
  if (octet === undefined) return false;
  const lower = octet | 0x20;
  return (
    (lower >= 0x61 && lower <= 0x7a) ||
    (octet >= 0x30 && octet <= 0x39) ||
    octet === 0x2d ||
    octet === 0x5f ||
    octet === DOT
  );
}

/** Letters, digits, hyphens, underscores; labels of 1 to 63; 253 characters at most. */
function isName(bytes: Uint8Array, from: number, to: number): boolean {
  if (!(to > from && to - from <= 253)) return false;
  let label = 0;
  for (let i = from; i < to; i += 1) {
    const octet = bytes[i];
    if (!isNameOctet(octet)) return false;
    if (octet === DOT) {
      if (label === 0) return false;
      label = 0;
    } else {
      label += 1;
      if (label > 63) return false;
    }
  }
  return label > 0;
}

const LOCALDOMAIN = "localhost.localdomain";

function isLocaldomain(bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from !== LOCALDOMAIN.length) return false;
  for (let i = 0; i < LOCALDOMAIN.length; i += 1) {
    if (bytes[from + i] !== LOCALDOMAIN.charCodeAt(i)) return false;
  }
  return true;
}
