import { nextBelow, nextUint32, type Rng, seedRng } from "@passerelle/machine";

/** A parser that strangers reach: it may refuse anything, and must never throw, hang or grow. */
export interface FuzzTarget {
  readonly name: string;
  /** Valid inputs to start from; mutation finds its way into the depth only from something that parses. */
  readonly seeds: readonly Uint8Array[];
  /** Parses once. A throw is a finding. */
  readonly parse: (bytes: Uint8Array) => void;
}

export interface FuzzReport {
  readonly name: string;
  readonly runs: number;
  readonly seconds: number;
  /** The slowest single call. */
  readonly slowestMs: number;
  /** Heap at the end less heap after the warm-up, both after a full collection. */
  readonly grownBytes: number;
  readonly findings: readonly Finding[];
}

export interface Finding {
  readonly kind: "threw" | "slow";
  readonly input: string;
  readonly detail: string;
}

/** One call longer than this is a hang: nothing a stranger sends may stop the loop that long. */
export const HANG_MS = 100;
const FINDINGS_MAX = 10;
const CORPUS_MAX = 400;

/** Mutates seeds for `seconds`. The story is told by the seed, so that a finding can be replayed. */
export function fuzz(target: FuzzTarget, seconds: number, seed: number): FuzzReport {
  if (target.seeds.length === 0)
    throw new Error(`${target.name}: a fuzzer without seeds stays at the door`);
  const corpus: Uint8Array[] = target.seeds.map((bytes) => bytes.slice());
  const findings: Finding[] = [];
  let rng = seedRng([seed, 0x50415353, 0x4552454c, 0x4c450000]);
  let runs = 0;
  let slowestMs = 0;
  let warmHeap = 0;
  const start = performance.now();
  const end = start + seconds * 1000;
  const warm = start + seconds * 250;
  while (performance.now() < end && findings.length < FINDINGS_MAX) {
    for (let burst = 0; burst < 200; burst += 1) {
      const made = mutate(corpus, rng);
      rng = made.rng;
      const took = runOnce(target, made.bytes, findings);
      runs += 1;
      if (took > slowestMs) slowestMs = took;
      // Keep some offspring, so that mutations pile up; the corpus is bounded.
      if (runs % 50 === 0) {
        if (corpus.length < CORPUS_MAX) corpus.push(made.bytes);
        else corpus[target.seeds.length + (runs % (CORPUS_MAX - target.seeds.length))] = made.bytes;
      }
    }
    if (warmHeap === 0 && performance.now() >= warm) warmHeap = heapAfterCollection();
  }
  return {
    name: target.name,
    runs,
    seconds: (performance.now() - start) / 1000,
    slowestMs,
    grownBytes: heapAfterCollection() - warmHeap,
    findings,
  };
}

function runOnce(target: FuzzTarget, bytes: Uint8Array, findings: Finding[]): number {
  const before = performance.now();
  try {
    target.parse(bytes);
  } catch (error) {
    findings.push({ kind: "threw", input: hex(bytes), detail: String(error) });
  }
  const took = performance.now() - before;
  if (took > HANG_MS) {
    // A pause of the collector or of a busy machine is not the parser's: it must be slow again.
    const again = performance.now();
    try {
      target.parse(bytes);
    } catch {
      // Counted above.
    }
    const second = performance.now() - again;
    if (second > HANG_MS)
      findings.push({ kind: "slow", input: hex(bytes), detail: `${second} ms` });
    return second;
  }
  return took;
}

function heapAfterCollection(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
}

function mutate(
  corpus: readonly Uint8Array[],
  rng: Rng,
): { readonly bytes: Uint8Array; readonly rng: Rng } {
  let current = rng;
  const below = (limit: number): number => {
    const drawn = nextBelow(current, limit);
    current = drawn.rng;
    return drawn.value;
  };
  let bytes: Uint8Array = (corpus[below(corpus.length)] ?? new Uint8Array(0)).slice();
  for (let times = 1 + below(6); times > 0; times -= 1) bytes = mutateOnce(bytes, corpus, below);
  const drawn = nextUint32(current);
  return { bytes: bytes.length > 4096 ? bytes.slice(0, 4096) : bytes, rng: drawn.rng };
}

const EDGES = [0, 1, 2, 0x3f, 0x40, 0x7f, 0x80, 0xbf, 0xc0, 0xfe, 0xff];

function mutateOnce(
  bytes: Uint8Array,
  corpus: readonly Uint8Array[],
  below: (limit: number) => number,
): Uint8Array {
  const at = below(bytes.length + 1);
  switch (below(7)) {
    case 0: // one octet, anything
      if (at < bytes.length) bytes[at] = below(256);
      return bytes;
    case 1: // one octet, a value that is often a limit
      if (at < bytes.length) bytes[at] = EDGES[below(EDGES.length)] ?? 0;
      return bytes;
    case 2: // one bit
      if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << below(8));
      return bytes;
    case 3: // cut
      return bytes.slice(0, at);
    case 4: // a piece taken out
      return join(
        bytes.subarray(0, at),
        bytes.subarray(Math.min(bytes.length, at + 1 + below(16))),
      );
    case 5: // a piece said twice
      return join(bytes.subarray(0, at), bytes.subarray(Math.max(0, at - 1 - below(32))));
    default: {
      // the head of one, the tail of another
      const other = corpus[below(corpus.length)] ?? bytes;
      return join(bytes.subarray(0, at), other.subarray(below(other.length + 1)));
    }
  }
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  const all = new Uint8Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
