import { type DecodeError, err, ok, type Result } from "@passerelle/result";
import { HEADER_BYTES } from "./codes.ts";

/**
 * A domain name as text: labels joined by dots without a final dot, the root is ".". A dot or backslash
 * inside a label is escaped by a backslash, every octet outside printable ASCII as \DDD (RFC 1035
 * section 5.1), so that text ↔ wire loses nothing. Case is kept; compare with `foldName`.
 */
export type NameText = string;

export const NAME_BYTES_MAX = 255;
export const LABEL_BYTES_MAX = 63;
/** A name of 255 octets has at most 127 labels, so an honest chain of pointers is never longer. */
export const POINTER_HOPS_MAX = 127;

export interface DecodedName {
  /** Uncompressed, ending with the root label. */
  readonly wire: Uint8Array;
  /** Offset after the name where it stands (after the first pointer). */
  readonly next: number;
}

/**
 * Reads a possibly compressed name. A pointer must lead to an octet before the piece of name it ends
 * (RFC 1035 section 4.1.4: "a prior occurance"), so that no loop can exist.
 */
export function decodeName(
  bytes: Uint8Array,
  at: number,
  end = bytes.length,
): Result<DecodedName, DecodeError> {
  const out = new Uint8Array(NAME_BYTES_MAX);
  let length = 0;
  let here = at;
  let pieceStart = at;
  let next = -1;
  for (let hops = 0; ; ) {
    if (!(here < end)) return err({ code: "name_truncated", at: here });
    const octet = bytes[here] ?? 0;
    if (octet >= 0xc0) {
      if (!(here + 2 <= end)) return err({ code: "name_truncated", at: here });
      const target = ((octet & 0x3f) << 8) | (bytes[here + 1] ?? 0);
      if (!(target < pieceStart && target >= HEADER_BYTES)) {
        return err({ code: "name_pointer_not_backward", at: here });
      }
      hops += 1;
      if (!(hops <= POINTER_HOPS_MAX)) return err({ code: "name_pointers_too_many", at: here });
      if (next === -1) next = here + 2;
      here = target;
      pieceStart = target;
      continue;
    }
    // 0x40 and 0x80 are unassigned or obsolete (RFC 6891 section 5).
    if (octet > LABEL_BYTES_MAX) return err({ code: "name_label_type", at: here });
    const after = here + 1 + octet;
    if (!(after <= end)) return err({ code: "name_truncated", at: here });
    if (!(length + 1 + octet <= NAME_BYTES_MAX)) return err({ code: "name_too_long", at: here });
    for (let i = here; i < after; i += 1) {
      out[length] = bytes[i] ?? 0;
      length += 1;
    }
    here = after;
    if (octet === 0) break;
  }
  return ok({ wire: out.slice(0, length), next: next === -1 ? here : next });
}

/**
 * Steps over a name with the same checks as `decodeName`, without building it.
 * Gives the offset after it, or -(offset of the fault) - 1.
 */
export function skipName(bytes: Uint8Array, at: number, end: number): number {
  let here = at;
  let pieceStart = at;
  let next = -1;
  let length = 0;
  for (let hops = 0; ; ) {
    if (!(here < end)) return -here - 1;
    const octet = bytes[here] ?? 0;
    if (octet >= 0xc0) {
      if (!(here + 2 <= end)) return -here - 1;
      const target = ((octet & 0x3f) << 8) | (bytes[here + 1] ?? 0);
      hops += 1;
      if (!(target < pieceStart && target >= HEADER_BYTES && hops <= POINTER_HOPS_MAX)) {
        return -here - 1;
      }
      if (next === -1) next = here + 2;
      here = target;
      pieceStart = target;
      continue;
    }
    length += 1 + octet;
    if (!(octet <= LABEL_BYTES_MAX && length <= NAME_BYTES_MAX)) return -here - 1;
    if (!(here + 1 + octet <= end)) return -here - 1;
    here += 1 + octet;
    if (octet === 0) return next === -1 ? here : next;
  }
}

/** Uncompressed wire form of a name to text. The octets must be one whole name. */
export function formatName(wire: Uint8Array, at = 0): NameText {
  let text = "";
  let here = at;
  for (let left = NAME_BYTES_MAX; left > 0; left -= 1) {
    const length = wire[here] ?? 0;
    if (length === 0) break;
    if (text !== "") text += ".";
    for (let i = here + 1; i <= here + length; i += 1) text += formatOctet(wire[i] ?? 0);
    here += 1 + length;
  }
  return text === "" ? "." : text;
}

function formatOctet(octet: number): string {
  if (octet === DOT || octet === BACKSLASH) return `\\${String.fromCharCode(octet)}`;
  if (octet > 0x20 && octet < 0x7f) return String.fromCharCode(octet);
  return `\\${octet.toString().padStart(3, "0")}`;
}

/** Text to wire form; a final dot is allowed. Undefined where it is no name: empty label, too long, bad escape. */
export function parseName(text: NameText): Uint8Array | undefined {
  if (text === "." || text === "") return Uint8Array.of(0);
  const out = new Uint8Array(NAME_BYTES_MAX + 1);
  let labelAt = 0;
  let at = 1;
  const size = text.length;
  for (let i = 0; i < size; ) {
    let code = text.charCodeAt(i);
    i += 1;
    if (code === DOT) {
      const length = at - labelAt - 1;
      if (length === 0) return undefined;
      out[labelAt] = length;
      if (i === size) return at < NAME_BYTES_MAX ? endName(out, at) : undefined;
      labelAt = at;
      at += 1;
      continue;
    }
    if (code === BACKSLASH) {
      const escaped = parseEscape(text, i);
      if (escaped === undefined) return undefined;
      code = escaped.octet;
      i = escaped.next;
    }
    if (code > 0xff || at - labelAt > LABEL_BYTES_MAX || at >= NAME_BYTES_MAX) return undefined;
    out[at] = code;
    at += 1;
  }
  const length = at - labelAt - 1;
  if (length === 0 || at >= NAME_BYTES_MAX) return undefined;
  out[labelAt] = length;
  return endName(out, at);
}

function endName(out: Uint8Array, at: number): Uint8Array {
  out[at] = 0;
  return out.slice(0, at + 1);
}

function parseEscape(text: string, at: number): { octet: number; next: number } | undefined {
  const digits = /^[0-9]{3}/.exec(text.slice(at, at + 3));
  if (digits !== null) {
    const octet = Number(digits[0]);
    return octet <= 255 ? { octet, next: at + 3 } : undefined;
  }
  if (at >= text.length) return undefined;
  const octet = text.charCodeAt(at);
  // A lone digit starts a \DDD that is not complete.
  return octet >= 0x30 && octet <= 0x39 ? undefined : { octet, next: at + 1 };
}

/** ASCII lower case, the only folding of DNS (RFC 4343). Escapes hold digits and signs only, so text folds safely. */
export function foldName(text: NameText): NameText {
  let folded = "";
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    folded += code >= 0x41 && code <= 0x5a ? String.fromCharCode(code + 0x20) : text.charAt(i);
  }
  return folded.endsWith(".") && folded.length > 1 && !folded.endsWith("\\.")
    ? folded.slice(0, -1)
    : folded;
}

/** True where `name` is `zone` or lies below it. Both folded. */
export function isWithin(name: NameText, zone: NameText): boolean {
  if (zone === ".") return true;
  if (!name.endsWith(zone)) return false;
  if (name.length === zone.length) return true;
  const before = name.length - zone.length - 1;
  return name.charCodeAt(before) === DOT && !isEscaped(name, before);
}

/** Labels of a name, escapes kept; the root has none. */
export function labelsOf(name: NameText): readonly string[] {
  if (name === ".") return [];
  const labels: string[] = [];
  let start = 0;
  for (let i = 0; i < name.length; i += 1) {
    const code = name.charCodeAt(i);
    if (code === BACKSLASH) i += 1;
    else if (code === DOT) {
      labels.push(name.slice(start, i));
      start = i + 1;
    }
  }
  labels.push(name.slice(start));
  return labels;
}

function isEscaped(text: string, at: number): boolean {
  let slashes = 0;
  for (let i = at - 1; i >= 0 && text.charCodeAt(i) === BACKSLASH; i -= 1) slashes += 1;
  return slashes % 2 === 1;
}

const DOT = 0x2e;
const BACKSLASH = 0x5c;
