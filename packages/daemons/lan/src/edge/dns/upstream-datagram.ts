import { readUint16, writeUint16 } from "@passerelle/dns";
import type { Ipv4, Ipv6 } from "@passerelle/net";
import type { Clock, Logger } from "@passerelle/service";
import type { DatagramBatch, DatagramSocket, Sockets } from "@passerelle/sockets";
import { milliseconds } from "@passerelle/time";
import type { Randomness } from "./randomness.ts";
import { EXCHANGE_MS, type Exchange, type UpstreamAddress } from "./upstream-transport.ts";

/**
 * Queries over UDP from sockets with random ports (RFC 5452 section 4.5): a pool a family, each socket used
 * for a few queries and then replaced, so that a port found out by scanning is worth nothing.
 */
export class DatagramPool {
  readonly #sockets: Sockets;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #random: Randomness;
  readonly #pools: Record<4 | 6, PoolSocket[]> = { 4: [], 6: [] };
  readonly #retired = new Set<PoolSocket>();
  #sweep: { cancel(): void } | undefined;
  #closed = false;
  /** Answers nobody waited for: late ones, or attempts to forge. */
  strays = 0;

  constructor(options: { sockets: Sockets; clock: Clock; log: Logger; random: Randomness }) {
    this.#sockets = options.sockets;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#random = options.random;
  }

  send(to: UpstreamAddress, exchange: Exchange): void {
    const family = typeof to.address === "number" ? 4 : 6;
    const socket = this.#closed ? undefined : this.#pick(family);
    if (socket === undefined || socket.waiting.size >= WAITING_MAX) {
      exchange.unreachable();
      return;
    }
    let id = this.#random.uint16();
    for (let tries = 0; socket.waiting.has(id) && tries < 16; tries += 1)
      id = this.#random.uint16();
    writeUint16(exchange.query, 0, id);
    const endsAt = this.#clock.now() + EXCHANGE_MS;
    socket.waiting.set(id, { exchange, address: to.address, port: to.port, endsAt });
    socket.uses += 1;
    if (socket.uses >= USES_MAX && this.#retired.size < RETIRED_MAX) this.#retire(family, socket);
    const sent = socket.socket.send(exchange.query, to.address, to.port);
    if (!sent.ok && sent.error.code !== "EAGAIN") {
      socket.waiting.delete(id);
      exchange.unreachable();
    }
    this.#armSweep();
  }

  close(): void {
    this.#closed = true;
    this.#sweep?.cancel();
    for (const socket of [...this.#pools[4], ...this.#pools[6], ...this.#retired])
      socket.socket.close();
    this.#pools[4] = [];
    this.#pools[6] = [];
    this.#retired.clear();
  }

  #pick(family: 4 | 6): PoolSocket | undefined {
    const pool = this.#pools[family];
    const chosen = this.#random.below(POOL_SIZE);
    const present = pool[chosen];
    if (present !== undefined) return present;
    // Port 0: the kernel draws one at random from its range.
    const opened = this.#sockets.openDatagram({ family, port: 0, slotBytes: SLOT_BYTES });
    if (!opened.ok) {
      this.#log.warn("dns: no socket to ask upstream", { error: opened.error.code });
      return pool[0];
    }
    const socket: PoolSocket = { socket: opened.value, waiting: new Map(), uses: 0, chosen };
    opened.value.onBatch((batch) => this.#receive(socket, batch));
    // Places of the pool fill one after the other; `below` finds the first ones at once.
    if (chosen > pool.length) socket.chosen = pool.length;
    pool[socket.chosen] = socket;
    return socket;
  }

  #receive(from: PoolSocket, batch: DatagramBatch): void {
    for (let i = 0; i < batch.count; i += 1) {
      const bytes = batch.payload(i);
      const id = readUint16(bytes, 0);
      const waiting = bytes.length >= 2 && !batch.truncated(i) ? from.waiting.get(id) : undefined;
      const wanted =
        waiting !== undefined &&
        batch.sourcePort(i) === waiting.port &&
        batch.source(i) === waiting.address;
      if (!wanted || waiting === undefined) this.strays += 1;
      else if (waiting.exchange.reply(bytes)) from.waiting.delete(id);
    }
  }

  /** Takes a socket out of the pool; it stays open until its questions are answered or too old. */
  #retire(family: 4 | 6, socket: PoolSocket): void {
    const pool = this.#pools[family];
    const last = pool.pop();
    if (last !== undefined && last !== socket) {
      last.chosen = socket.chosen;
      pool[socket.chosen] = last;
    }
    this.#retired.add(socket);
  }

  #armSweep(): void {
    this.#sweep ??= this.#clock.later(milliseconds(SWEEP_MS), () => {
      this.#sweep = undefined;
      if (this.#sweepOld()) this.#armSweep();
    });
  }

  /** True while something still waits. */
  #sweepOld(): boolean {
    const now = this.#clock.now();
    let left = 0;
    for (const socket of [...this.#pools[4], ...this.#pools[6], ...this.#retired]) {
      for (const [id, waiting] of socket.waiting)
        if (waiting.endsAt <= now) socket.waiting.delete(id);
      left += socket.waiting.size;
    }
    for (const socket of this.#retired) {
      if (socket.waiting.size > 0) continue;
      this.#retired.delete(socket);
      socket.socket.close();
    }
    return left > 0;
  }
}

interface PoolSocket {
  readonly socket: DatagramSocket;
  readonly waiting: Map<number, Waiting>;
  uses: number;
  /** Its place in the pool. */
  chosen: number;
}

interface Waiting {
  readonly exchange: Exchange;
  readonly address: Ipv4 | Ipv6;
  readonly port: number;
  readonly endsAt: number;
}

const POOL_SIZE = 8;
const USES_MAX = 64;
/** Each holds a receive buffer: while many wait for answers that do not come, ports live longer. */
const RETIRED_MAX = 16;
const WAITING_MAX = 4096;
/** We ask for 1232 octets; what is longer than this is not an answer to us. */
const SLOT_BYTES = 2048;
const SWEEP_MS = 1000;
