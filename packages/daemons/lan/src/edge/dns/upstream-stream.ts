import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls, type SecureContext } from "node:tls";
import { readUint16, writeUint16 } from "@passerelle/dns";
import type { Clock } from "@passerelle/service";
import { milliseconds } from "@passerelle/time";
import type { Randomness } from "./randomness.ts";
import { frame, StreamFrames } from "./stream-frames.ts";
import { EXCHANGE_MS, type Exchange, type UpstreamTransport } from "./upstream-transport.ts";

export interface StreamOptions {
  /** As text. */
  readonly address: string;
  readonly port: number;
  readonly clock: Clock;
  readonly random: Randomness;
  /** Absent: plain TCP. */
  readonly tls?: TlsOptions;
}

export interface TlsOptions {
  /** The name the certificate must carry (RFC 8310 section 8.1); absent: the address. */
  readonly serverName: string | undefined;
  /** Trusted authorities instead of the built-in ones; tests use it. */
  readonly secureContext?: SecureContext;
}

/** DNS over TCP or TLS to one upstream: one connection, many questions on it, answers in any order (RFC 7766 section 6). */
export class StreamUpstream implements UpstreamTransport {
  readonly #options: StreamOptions;
  #connection: Connection | undefined;
  #session: Buffer | undefined;

  constructor(options: StreamOptions) {
    this.#options = options;
  }

  send(exchange: Exchange): void {
    const connection = this.#connection?.usable === true ? this.#connection : this.#open();
    connection.send(exchange, this.#options.random.uint16());
  }

  close(): void {
    this.#connection?.end();
    this.#connection = undefined;
  }

  #open(): Connection {
    const { address, port, tls, clock } = this.#options;
    let socket: Socket;
    if (tls === undefined) {
      socket = connectTcp({ host: address, port, noDelay: true });
    } else {
      const secure = connectTls({
        host: address,
        port,
        minVersion: "TLSv1.2",
        ALPNProtocols: ["dot"],
        ...(tls.serverName === undefined ? {} : { servername: tls.serverName }),
        ...(tls.secureContext === undefined ? {} : { secureContext: tls.secureContext }),
        ...(this.#session === undefined ? {} : { session: this.#session }),
      });
      secure.on("session", (session) => {
        this.#session = session;
      });
      secure.setNoDelay(true);
      socket = secure;
    }
    const connection = new Connection(socket, clock);
    this.#connection = connection;
    return connection;
  }
}

class Connection {
  usable = true;
  readonly #socket: Socket;
  readonly #waiting = new Map<number, Exchange>();
  readonly #frames = new StreamFrames();
  readonly #clock: Clock;
  #quiet: { cancel(): void } | undefined;

  constructor(socket: Socket, clock: Clock) {
    this.#socket = socket;
    this.#clock = clock;
    socket.on("data", (piece: Buffer) => this.#receive(piece));
    // "close" follows and tells who waits.
    socket.on("error", () => undefined);
    socket.on("close", () => this.#closed());
    this.#armQuiet();
  }

  send(exchange: Exchange, randomId: number): void {
    let id = randomId;
    for (let tries = 0; this.#waiting.has(id) && tries < WAITING_MAX; tries += 1)
      id = (id + 1) & 0xffff;
    if (this.#waiting.size >= WAITING_MAX) {
      exchange.unreachable();
      return;
    }
    writeUint16(exchange.query, 0, id);
    this.#waiting.set(id, exchange);
    this.#socket.write(frame(exchange.query));
    this.#armQuiet();
  }

  end(): void {
    this.#waiting.clear();
    this.#socket.destroy();
  }

  #receive(piece: Uint8Array): void {
    this.#armQuiet();
    this.#frames.push(piece, (message) => {
      if (message.length < 2) return true;
      const id = readUint16(message, 0);
      if (this.#waiting.get(id)?.reply(message) === true) this.#waiting.delete(id);
      return true;
    });
  }

  /** A connection on which nothing moves is closed: an idle one politely, a dead one because it is dead. */
  #armQuiet(): void {
    this.#quiet?.cancel();
    this.#quiet = this.#clock.later(
      milliseconds(this.#waiting.size > 0 ? EXCHANGE_MS : IDLE_MS),
      () => {
        this.#socket.destroy();
      },
    );
  }

  #closed(): void {
    this.usable = false;
    this.#quiet?.cancel();
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const exchange of waiting) exchange.unreachable();
  }
}

/** RFC 7766 section 6.2.3 leaves it to the client; resolvers commonly close after ten seconds or more. */
const IDLE_MS = 10_000;
const WAITING_MAX = 512;
