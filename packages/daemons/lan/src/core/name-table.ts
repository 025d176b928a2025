import type { Ipv4 } from "@passerelle/net";
import { labelsOf, type NameWish, precedes } from "./names.ts";

/** What became of an address's name. */
export interface NameChange {
  readonly address: Ipv4;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

interface Entry {
  readonly address: Ipv4;
  readonly rank: number;
  readonly labels: readonly string[];
}

/**
 * The names of the home, kept right one address at a time: after any changes it says what `chooseNames` would
 * say of all wishes together. One change costs as many steps as names move by it: mostly one.
 */
export class NameTable {
  readonly #entries = new Map<Ipv4, Entry>();
  readonly #holders = new Map<string, Entry>();
  readonly #names = new Map<Ipv4, string>();
  /** Label → everybody who would take it. */
  readonly #wanted = new Map<string, Set<Entry>>();

  get names(): ReadonlyMap<Ipv4, string> {
    return this.#names;
  }

  /** Whose name it is. */
  addressOf(label: string): Ipv4 | undefined {
    return this.#holders.get(label)?.address;
  }

  /** Replaces what an address wishes; undefined: it is there no more. Only real changes are told. */
  set(address: Ipv4, wish: NameWish | undefined): readonly NameChange[] {
    const old = this.#entries.get(address);
    const labels = wish === undefined ? [] : labelsOf(wish.wishes);
    const next =
      wish === undefined || labels.length === 0 ? undefined : { address, rank: wish.rank, labels };
    if (isSame(old, next)) return [];
    const before = new Map<Ipv4, string | undefined>([[address, this.#names.get(address)]]);
    if (old !== undefined) this.#remove(old, before);
    if (next !== undefined) {
      this.#entries.set(address, next);
      for (const label of labels) this.#wantedBy(label).add(next);
      this.#settle(next, before);
    }
    return [...before]
      .map(([of, was]) => ({ address: of, before: was, after: this.#names.get(of) }))
      .filter((change) => change.before !== change.after);
  }

  clear(): void {
    for (const map of [this.#entries, this.#holders, this.#names, this.#wanted]) map.clear();
  }

  #remove(entry: Entry, before: Map<Ipv4, string | undefined>): void {
    this.#entries.delete(entry.address);
    for (const label of entry.labels) {
      const wanting = this.#wanted.get(label);
      wanting?.delete(entry);
      if (wanting?.size === 0) this.#wanted.delete(label);
    }
    const freed = this.#names.get(entry.address);
    this.#names.delete(entry.address);
    if (freed === undefined) return;
    this.#holders.delete(freed);
    this.#fill(freed, before);
  }

  /** Gives an entry the best name it can have; who loses one by that looks for another. */
  #settle(entry: Entry, before: Map<Ipv4, string | undefined>): void {
    let seeking: Entry | undefined = entry;
    while (seeking !== undefined) {
      const mine: Entry = seeking;
      seeking = undefined;
      for (const label of mine.labels) {
        const holder = this.#holders.get(label);
        if (holder !== undefined && !precedes(mine, holder)) continue;
        if (holder !== undefined) {
          note(before, holder.address, label);
          this.#names.delete(holder.address);
          seeking = holder;
        }
        this.#give(label, mine);
        break;
      }
    }
  }

  /** A name is free: the first of those who would rather have it takes it, and leaves its own to the next. */
  #fill(free: string, before: Map<Ipv4, string | undefined>): void {
    let label: string | undefined = free;
    while (label !== undefined) {
      const open: string = label;
      label = undefined;
      let first: Entry | undefined;
      for (const one of this.#wanted.get(open) ?? []) {
        if (!this.#prefers(one, open)) continue;
        if (first === undefined || precedes(one, first)) first = one;
      }
      if (first === undefined) return;
      label = this.#names.get(first.address);
      note(before, first.address, label);
      if (label !== undefined) this.#holders.delete(label);
      this.#give(open, first);
    }
  }

  #prefers({ address, labels }: Entry, label: string): boolean {
    const own = this.#names.get(address);
    return own === undefined || labels.indexOf(label) < labels.indexOf(own);
  }

  #give(label: string, entry: Entry): void {
    this.#holders.set(label, entry);
    this.#names.set(entry.address, label);
  }

  #wantedBy(label: string): Set<Entry> {
    const known = this.#wanted.get(label);
    if (known !== undefined) return known;
    const fresh = new Set<Entry>();
    this.#wanted.set(label, fresh);
    return fresh;
  }
}

function note(before: Map<Ipv4, string | undefined>, of: Ipv4, was: string | undefined): void {
  if (!before.has(of)) before.set(of, was);
}

function isSame(a: Entry | undefined, b: Entry | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return (
    a.rank === b.rank &&
    a.labels.length === b.labels.length &&
    a.labels.every((label, at) => label === b.labels[at])
  );
}
