import { err, ok, type Result } from "@passerelle/result";
import { type Duration, milliseconds } from "@passerelle/time";
import type { Store } from "./port.ts";
import { StoreError } from "./store-error.ts";

/**
 * Many small writes share one fsync: they wait a few milliseconds together, are committed in one
 * transaction, and only then is each told. A DHCPACK, for instance, leaves when its lease is on the disk.
 */
export interface GroupCommit {
  /**
   * `write` runs later, inside the shared transaction, in the order of the calls; it only talks to the store.
   * `done` is called exactly once, after the commit is durable or has failed. A write that the schema refuses
   * fails alone; a full or failing disk fails all. The call that fills the group commits before it returns.
   */
  enqueue(write: () => void, done: (result: Result<void, StoreError>) => void): void;
  /** Commits what waits, now. */
  flush(): void;
  /** How many writes wait, for dumps. */
  readonly waiting: number;
}

export interface GroupCommitOptions {
  readonly store: Store;
  /** `Clock.later` of the service. */
  readonly later: (wait: Duration, callback: () => void) => { cancel(): void };
  /** How long the first write of a group waits for others; 3 ms unless told. */
  readonly wait?: Duration;
  /** Size at which a group no longer waits; 64 unless told. */
  readonly writesMax?: number;
}

interface Waiting {
  readonly write: () => void;
  readonly done: (result: Result<void, StoreError>) => void;
}

export function createGroupCommit(options: GroupCommitOptions): GroupCommit {
  const wait = options.wait ?? milliseconds(3);
  const writesMax = options.writesMax ?? 64;
  let group: Waiting[] = [];
  let timer: { cancel(): void } | undefined;

  function flush(): void {
    timer?.cancel();
    timer = undefined;
    const writes = group;
    group = [];
    if (writes.length > 0) tell(writes, commit(options.store, writes));
  }

  return {
    enqueue: (write, done) => {
      group.push({ write, done });
      if (group.length >= writesMax) flush();
      else timer ??= options.later(wait, flush);
    },
    flush,
    get waiting() {
      return group.length;
    },
  };
}

function commit(store: Store, writes: readonly Waiting[]): readonly Result<void, StoreError>[] {
  const committed = store.attempt(() => writes.map(({ write }) => writeAlone(store, write)));
  return committed.ok ? committed.value : writes.map(() => committed);
}

/** One write in its savepoint: undone alone where it fails alone. */
function writeAlone(store: Store, write: () => void): Result<void, StoreError> {
  try {
    store.transaction(write);
    return ok(undefined);
  } catch (thrown) {
    if (!(thrown instanceof StoreError)) {
      return err(new StoreError("store_failed", String(thrown), { cause: thrown }));
    }
    // SQLite may have rolled back everything already: the group ends here.
    if (thrown.concernsEverything) throw thrown;
    return err(thrown);
  }
}

/** Everyone is told, whatever one of them throws; the first throw is passed on after that. */
function tell(writes: readonly Waiting[], results: readonly Result<void, StoreError>[]): void {
  const thrown: unknown[] = [];
  writes.forEach(({ done }, index) => {
    const result = results[index];
    if (result === undefined) throw new Error("invariant: one result a write");
    try {
      done(result);
    } catch (error) {
      thrown.push(error);
    }
  });
  if (thrown.length > 0) throw thrown[0];
}
