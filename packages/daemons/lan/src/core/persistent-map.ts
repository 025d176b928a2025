/**
 * A map as a value: `with` and `without` give a new map and leave the old one as it is. Entries lie in
 * small buckets under two levels of branches, and one path is copied, so that a table of ten thousand leases
 * changes in a microsecond and leaves little behind.
 */
export class PersistentMap<K extends string | number, V> {
  readonly size: number;
  readonly #branches: Branches<K, V>;

  private constructor(branches: Branches<K, V>, size: number) {
    this.#branches = branches;
    this.size = size;
  }

  static empty<K extends string | number, V>(): PersistentMap<K, V> {
    return new PersistentMap<K, V>(new Array<undefined>(WIDTH).fill(undefined), 0);
  }

  /** All at once; of two entries with one key the last stays. */
  static from<K extends string | number, V>(
    entries: Iterable<readonly [K, V]>,
  ): PersistentMap<K, V> {
    const branches: (Bucket<K, V>[] | undefined)[] = new Array(WIDTH).fill(undefined);
    let size = 0;
    for (const [key, value] of entries) {
      const hash = hashOf(key);
      const high = hash >>> BITS;
      const branch = branches[high] ?? new Array<Bucket<K, V>>(WIDTH).fill(undefined);
      branches[high] = branch;
      const at = hash & (WIDTH - 1);
      const bucket = branch[at];
      const next = replaced(bucket, key, value);
      size += next.length - (bucket?.length ?? 0);
      branch[at] = next;
    }
    return new PersistentMap<K, V>(branches, size);
  }

  get(key: K): V | undefined {
    return this.#entry(key)?.value;
  }

  has(key: K): boolean {
    return this.#entry(key) !== undefined;
  }

  with(key: K, value: V): PersistentMap<K, V> {
    const hash = hashOf(key);
    const old = this.#bucket(hash);
    const bucket = replaced(old, key, value);
    return this.#withBucket(hash, bucket, this.size + bucket.length - (old?.length ?? 0));
  }

  without(key: K): PersistentMap<K, V> {
    if (!this.has(key)) return this;
    const hash = hashOf(key);
    const bucket = this.#bucket(hash)?.filter((entry) => entry.key !== key);
    return this.#withBucket(hash, bucket?.length === 0 ? undefined : bucket, this.size - 1);
  }

  *values(): Generator<V, void, undefined> {
    for (const branch of this.#branches) {
      for (const bucket of branch ?? []) for (const entry of bucket ?? []) yield entry.value;
    }
  }

  #bucket(hash: number): Bucket<K, V> {
    return this.#branches[hash >>> BITS]?.[hash & (WIDTH - 1)];
  }

  #entry(key: K): Entry<K, V> | undefined {
    const bucket = this.#bucket(hashOf(key));
    if (bucket !== undefined) for (const entry of bucket) if (entry.key === key) return entry;
    return undefined;
  }

  #withBucket(hash: number, bucket: Bucket<K, V>, size: number): PersistentMap<K, V> {
    const high = hash >>> BITS;
    const branches = this.#branches.slice();
    const branch = branches[high]?.slice() ?? new Array<Bucket<K, V>>(WIDTH).fill(undefined);
    branch[hash & (WIDTH - 1)] = bucket;
    branches[high] = branch;
    return new PersistentMap(branches, size);
  }
}

type Branches<K, V> = readonly (readonly Bucket<K, V>[] | undefined)[];
type Bucket<K, V> = readonly Entry<K, V>[] | undefined;
interface Entry<K, V> {
  readonly key: K;
  readonly value: V;
}

function replaced<K, V>(bucket: Bucket<K, V>, key: K, value: V): readonly Entry<K, V>[] {
  if (bucket === undefined) return [{ key, value }];
  const next = bucket.slice();
  const at = bucket.findIndex((entry) => entry.key === key);
  next[at < 0 ? bucket.length : at] = { key, value };
  return next;
}

const BITS = 6;
const WIDTH = 1 << BITS;
const MASK = WIDTH * WIDTH - 1;

/** Two times `BITS` bits. */
function hashOf(key: string | number): number {
  // Neighbours among numbers (addresses of one pool) fall into different buckets.
  if (typeof key === "number") return (key ^ (key >>> 12)) & MASK;
  let hash = 0;
  for (let i = 0; i < key.length; i += 1) hash = (Math.imul(hash, 31) + key.charCodeAt(i)) | 0;
  return (hash ^ (hash >>> 12) ^ (hash >>> 24)) & MASK;
}
