import { BATCH_MAX, native, type SocketHandle } from "@passerelle/native";
import { DatagramBatch } from "./batch.ts";
import type { DatagramCounters } from "./port.ts";

export interface Receiver {
  listen(handler: (batch: DatagramBatch) => void): void;
  stop(): void;
}

export function makeReceiver(
  handle: SocketHandle,
  slotBytes: number,
  counters: DatagramCounters,
): Receiver {
  let batch: DatagramBatch | undefined;
  let handler: ((batch: DatagramBatch) => void) | undefined;
  let stopped = false;
  const readable = (): void => {
    const into = batch;
    if (into === undefined) return;
    const { bytes, meta, names } = into;
    for (let round = 0; round < ROUNDS_MAX && !stopped; round += 1) {
      const got = native().receiveBatch(handle, bytes, meta, names, 0, BATCH_MAX);
      if (got < 0) counters.receiveErrors += 1;
      if (got <= 0) return;
      into.count = got;
      counters.received += got;
      for (let i = 0; i < got; i += 1) if (into.truncated(i)) counters.truncated += 1;
      handler?.(into);
      if (got < BATCH_MAX) return;
    }
  };
  return {
    listen(next) {
      handler = next;
      if (batch !== undefined) return;
      batch = new DatagramBatch(BATCH_MAX, slotBytes);
      native().watch(handle, readable);
    },
    stop() {
      stopped = true;
      handler = undefined;
    },
  };
}

/** Batches taken in one wake-up before other work gets its turn; the poll is level-triggered and comes back. */
const ROUNDS_MAX = 8;
