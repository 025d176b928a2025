import type { Ipv4, Ipv6 } from "@passerelle/net";
import { ok, type Result } from "@passerelle/result";
import type { Clock } from "@passerelle/service";
import type { DatagramBatch, DatagramSocket, SocketError, Sockets } from "@passerelle/sockets";
import type { DnsCounters } from "./counters.ts";
import type { Responder } from "./responder.ts";

export interface DatagramListenerOptions {
  readonly sockets: Sockets;
  readonly clock: Clock;
  readonly responder: Responder;
  readonly counters: DnsCounters;
  readonly address: Ipv4 | Ipv6;
  readonly port: number;
  /** The only interface it hears: what comes by the line is never answered. */
  readonly device: string | undefined;
}

/** Serves UDP on one address. */
export function listenDatagrams(
  options: DatagramListenerOptions,
): Result<{ close(): void }, SocketError> {
  const { sockets, clock, responder, counters, address, port, device } = options;
  const opened = sockets.openDatagram({
    family: typeof address === "number" ? 4 : 6,
    address,
    port,
    reuseAddress: true,
    receiveBufferBytes: RECEIVE_BUFFER_BYTES,
    slotBytes: SLOT_BYTES,
    ...(device === undefined ? {} : { device }),
  });
  if (!opened.ok) return opened;
  const socket = opened.value;
  socket.onBatch((batch) => {
    const now = clock.now();
    const { outbox } = socket;
    counters.queriesUdp += batch.count;
    let hits = 0;
    for (let i = 0; i < batch.count; i += 1) {
      const at = batch.offset(i);
      const length = batch.length(i);
      const written = responder.fast(
        batch.bytes,
        at,
        length,
        outbox.bytes,
        outbox.reserve(),
        false,
        now,
      );
      if (written > 0) {
        outbox.reply(batch, i, written);
        hits += 1;
      } else {
        takeLongWay(socket, responder, batch, i);
      }
    }
    counters.cacheHits += hits;
  });
  return ok({ close: () => socket.close() });
}

function takeLongWay(
  socket: DatagramSocket,
  responder: Responder,
  batch: DatagramBatch,
  i: number,
): void {
  const port = batch.sourcePort(i);
  // A datagram from port 0 cannot be answered; a cut one cannot be read.
  if (port === 0 || batch.truncated(i)) return;
  const address = batch.source(i);
  const index = batch.interfaceIndex(i);
  const options = index === 0 ? undefined : { interfaceIndex: index };
  responder.handle(batch.payload(i).slice(), {
    id: address,
    stream: false,
    reply: (bytes) => {
      socket.send(bytes, address, port, options);
    },
  });
}

/** A burst of some thousand queries. */
const RECEIVE_BUFFER_BYTES = 1 << 20;
/** No honest query is longer. */
const SLOT_BYTES = 2048;
