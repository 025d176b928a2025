import type { DatagramBatch } from "./batch.ts";
import type { Datagram, DatagramCounters } from "./port.ts";

export function newCounters(): DatagramCounters {
  return { received: 0, truncated: 0, sent: 0, sendDropped: 0, sendFailed: 0, receiveErrors: 0 };
}

/** One datagram of a batch as an object with octets of its own. */
export function copyDatagram(batch: DatagramBatch, i: number): Datagram {
  const destination = batch.destination(i);
  return {
    bytes: batch.payload(i).slice(),
    source: batch.source(i),
    sourcePort: batch.sourcePort(i),
    interfaceIndex: batch.interfaceIndex(i),
    ...(destination === undefined ? {} : { destination }),
    truncated: batch.truncated(i),
  };
}
