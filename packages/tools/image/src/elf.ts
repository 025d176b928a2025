/** What a 64-bit little-endian ELF file says of itself: enough to link it in the head and to judge its hardening. */
export interface ElfFacts {
  readonly machine: "aarch64" | "other";
  /** ET_DYN: loads anywhere. A library is one as well. */
  readonly isPositionIndependent: boolean;
  /** A program asks for an interpreter, or has an entry and none of it in a static one. */
  readonly interpreter: string | undefined;
  readonly needed: readonly string[];
  readonly soname: string | undefined;
  readonly runPaths: readonly string[];
  /** PT_GNU_STACK says that the stack is no code. */
  readonly hasNoExecStack: boolean;
  /** partial: PT_GNU_RELRO; full: and every symbol bound at the start. */
  readonly relro: "none" | "partial" | "full";
}

/** Undefined where the octets are no such file, or are cut short. */
export function readElf(bytes: Uint8Array): ElfFacts | undefined {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.length < HEADER_BYTES || view.readUInt32BE(0) !== MAGIC) return undefined;
  if (view[4] !== CLASS_64 || view[5] !== LITTLE_ENDIAN) return undefined;
  try {
    return read(view);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

interface Segment {
  readonly type: number;
  readonly flags: number;
  readonly offset: number;
  readonly address: number;
  readonly size: number;
}

function read(view: Buffer): ElfFacts {
  const segments = readSegments(view);
  const dynamic = readDynamic(view, segments);
  const values = (tag: number): readonly number[] =>
    dynamic.filter((entry) => entry.tag === tag).map(({ value }) => value);
  const [table] = values(DT_STRTAB);
  const text = (at: number): string =>
    table === undefined ? "" : textAt(view, offsetOf(segments, table) + at);
  const texts = (tag: number): readonly string[] => values(tag).map(text);
  const stack = segments.find(({ type }) => type === PT_GNU_STACK);
  const interpreter = segments.find(({ type }) => type === PT_INTERP);
  const flags = (values(DT_FLAGS)[0] ?? 0) & DF_BIND_NOW;
  const flags1 = (values(DT_FLAGS_1)[0] ?? 0) & DF_1_NOW;
  const isBoundNow = flags !== 0 || flags1 !== 0 || values(DT_BIND_NOW).length > 0;
  const hasRelro = segments.some(({ type }) => type === PT_GNU_RELRO);
  return {
    machine: view.readUInt16LE(18) === EM_AARCH64 ? "aarch64" : "other",
    isPositionIndependent: view.readUInt16LE(16) === ET_DYN,
    interpreter: interpreter === undefined ? undefined : textAt(view, interpreter.offset),
    needed: texts(DT_NEEDED),
    soname: texts(DT_SONAME)[0],
    runPaths: [...texts(DT_RPATH), ...texts(DT_RUNPATH)].flatMap((list) => list.split(":")),
    hasNoExecStack: stack !== undefined && (stack.flags & PF_X) === 0,
    relro: hasRelro ? (isBoundNow ? "full" : "partial") : "none",
  };
}

function readSegments(view: Buffer): readonly Segment[] {
  const start = Number(view.readBigUInt64LE(32));
  const size = view.readUInt16LE(54);
  const count = Math.min(view.readUInt16LE(56), SEGMENTS_MAX);
  return Array.from({ length: count }, (_, index) => {
    const at = start + index * size;
    return {
      type: view.readUInt32LE(at),
      flags: view.readUInt32LE(at + 4),
      offset: Number(view.readBigUInt64LE(at + 8)),
      address: Number(view.readBigUInt64LE(at + 16)),
      size: Number(view.readBigUInt64LE(at + 32)),
    };
  });
}

function readDynamic(
  view: Buffer,
  segments: readonly Segment[],
): readonly { readonly tag: number; readonly value: number }[] {
  const segment = segments.find(({ type }) => type === PT_DYNAMIC);
  if (segment === undefined) return [];
  const entries: { tag: number; value: number }[] = [];
  for (let at = segment.offset; at < segment.offset + segment.size; at += 16) {
    const tag = Number(view.readBigInt64LE(at));
    if (tag === DT_NULL) break;
    entries.push({ tag, value: Number(view.readBigUInt64LE(at + 8)) });
  }
  return entries;
}

/** An address in memory as a place in the file. */
function offsetOf(segments: readonly Segment[], address: number): number {
  const segment = segments.find(
    (s) => s.type === PT_LOAD && address >= s.address && address < s.address + s.size,
  );
  if (segment === undefined) throw new RangeError("an address in no segment");
  return segment.offset + (address - segment.address);
}

function textAt(view: Buffer, offset: number): string {
  const end = view.indexOf(0, offset);
  if (offset < 0 || offset >= view.length || end < 0) throw new RangeError("a text without end");
  return view.toString("latin1", offset, end);
}

const MAGIC = 0x7f45_4c46;
const HEADER_BYTES = 64;
const CLASS_64 = 2;
const LITTLE_ENDIAN = 1;
const ET_DYN = 3;
const EM_AARCH64 = 183;
const SEGMENTS_MAX = 64;
const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const PT_INTERP = 3;
const PT_GNU_STACK = 0x6474_e551;
const PT_GNU_RELRO = 0x6474_e552;
const PF_X = 1;
const DT_NULL = 0;
const DT_NEEDED = 1;
const DT_STRTAB = 5;
const DT_SONAME = 14;
const DT_RPATH = 15;
const DT_BIND_NOW = 24;
const DT_RUNPATH = 29;
const DT_FLAGS = 30;
const DT_FLAGS_1 = 0x6fff_fffb;
const DF_BIND_NOW = 8;
const DF_1_NOW = 1;
