/**
 * A map as a value: `with` and `without` give a new map and leave the old one as it is. Entries are spread
 * over buckets and only one bucket is copied, so that a table of ten thousand leases changes in microseconds.
 */
export class PersistentMap<K extends string | number, V> {
  readonly size: number;
  readonly #buckets: readonly (ReadonlyMap<K, V> | undefined)[];

  private constructor(buckets: readonly (ReadonlyMap<K, V> | undefined)[], size: number) {
    this.#buckets = buckets;
    this.size = size;
  }

  static empty<K extends string | number, V>(): PersistentMap<K, V> {
    return new PersistentMap<K, V>(new Array<undefined>(BUCKETS).fill(undefined), 0);
  }

  /** All at once; of two entries with one key the last stays. */
  static from<K extends string | number, V>(
    entries: Iterable<readonly [K, V]>,
  ): PersistentMap<K, V> {
    const buckets = new Array<Map<K, V> | undefined>(BUCKETS).fill(undefined);
    for (const [key, value] of entries) {
      const at = bucketOf(key);
      const bucket = buckets[at];
      if (bucket === undefined) buckets[at] = new Map([[key, value]]);
      else bucket.set(key, value);
    }
    const size = buckets.reduce((sum, bucket) => sum + (bucket?.size ?? 0), 0);
    return new PersistentMap<K, V>(buckets, size);
  }

  get(key: K): V | undefined {
    return this.#buckets[bucketOf(key)]?.get(key);
  }

  has(key: K): boolean {
    return this.#buckets[bucketOf(key)]?.has(key) === true;
  }

  with(key: K, value: V): PersistentMap<K, V> {
    const at = bucketOf(key);
    const old = this.#buckets[at];
    const bucket = new Map(old);
    bucket.set(key, value);
    const buckets = this.#buckets.slice();
    buckets[at] = bucket;
    return new PersistentMap(buckets, this.size + bucket.size - (old?.size ?? 0));
  }

  without(key: K): PersistentMap<K, V> {
    const at = bucketOf(key);
    const old = this.#buckets[at];
    if (old?.has(key) !== true) return this;
    const bucket = new Map(old);
    bucket.delete(key);
    const buckets = this.#buckets.slice();
    buckets[at] = bucket;
    return new PersistentMap(buckets, this.size - 1);
  }

  *values(): Generator<V, void, undefined> {
    for (const bucket of this.#buckets) if (bucket !== undefined) yield* bucket.values();
  }
}

const BUCKETS = 256;

function bucketOf(key: string | number): number {
  if (typeof key === "number") return (key ^ (key >>> 8)) & (BUCKETS - 1);
  let hash = 0;
  for (let i = 0; i < key.length; i += 1) hash = (Math.imul(hash, 31) + key.charCodeAt(i)) | 0;
  return (hash ^ (hash >>> 8) ^ (hash >>> 16)) & (BUCKETS - 1);
}
