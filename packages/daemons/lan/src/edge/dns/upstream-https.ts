import { type ClientHttp2Session, connect as connectHttp2, constants } from "node:http2";
import { connect as connectTls, type SecureContext } from "node:tls";
import { MESSAGE_BYTES_MAX, writeUint16 } from "@passerelle/dns";
import type { Clock } from "@passerelle/service";
import { milliseconds } from "@passerelle/time";
import { EXCHANGE_MS, type Exchange, type UpstreamTransport } from "./upstream-transport.ts";

export interface HttpsOptions {
  readonly address: string;
  readonly port: number;
  readonly serverName: string | undefined;
  readonly path: string;
  readonly clock: Clock;
  readonly secureContext?: SecureContext;
}

/** DNS over HTTPS to one upstream by POST on one HTTP/2 connection (RFC 8484). The address is configured: no name has to be resolved first. */
export class HttpsUpstream implements UpstreamTransport {
  readonly #options: HttpsOptions;
  readonly #authority: string;
  #session: ClientHttp2Session | undefined;
  #idle: { cancel(): void } | undefined;
  #ticket: Buffer | undefined;

  constructor(options: HttpsOptions) {
    this.#options = options;
    const host =
      options.serverName ??
      (options.address.includes(":") ? `[${options.address}]` : options.address);
    this.#authority = options.port === 443 ? host : `${host}:${options.port}`;
  }

  send(exchange: Exchange): void {
    // RFC 8484 section 4.1: ID 0, so that caches on the way can serve it.
    writeUint16(exchange.query, 0, 0);
    const session = this.#usable();
    this.#armIdle();
    const stream = session.request({
      ":method": "POST",
      ":authority": this.#authority,
      ":path": this.#options.path,
      "content-type": "application/dns-message",
      accept: "application/dns-message",
    });
    let done = false;
    const fail = (): void => {
      if (done) return;
      done = true;
      exchange.unreachable();
    };
    const pieces: Uint8Array[] = [];
    let length = 0;
    let status = 0;
    stream.setTimeout(EXCHANGE_MS, () => stream.close(constants.NGHTTP2_CANCEL));
    stream.on("response", (headers) => {
      const type = headers["content-type"];
      status = type === "application/dns-message" ? (headers[":status"] ?? 0) : 0;
    });
    stream.on("data", (piece: Buffer) => {
      length += piece.length;
      if (length > MESSAGE_BYTES_MAX) stream.close(constants.NGHTTP2_CANCEL);
      else pieces.push(piece);
    });
    stream.on("end", () => {
      if (done || status !== 200) return;
      done = exchange.reply(Buffer.concat(pieces));
    });
    stream.on("error", fail);
    stream.on("close", fail);
    stream.end(exchange.query);
  }

  close(): void {
    this.#idle?.cancel();
    this.#session?.destroy();
    this.#session = undefined;
  }

  #usable(): ClientHttp2Session {
    const present = this.#session;
    if (present !== undefined && !present.closed && !present.destroyed) return present;
    const { address, port, serverName, secureContext } = this.#options;
    const session = connectHttp2(`https://${this.#authority}`, {
      settings: { enablePush: false },
      createConnection: () => {
        const socket = connectTls({
          host: address,
          port,
          minVersion: "TLSv1.2",
          ALPNProtocols: ["h2"],
          ...(serverName === undefined ? {} : { servername: serverName }),
          ...(secureContext === undefined ? {} : { secureContext }),
          ...(this.#ticket === undefined ? {} : { session: this.#ticket }),
        });
        socket.on("session", (ticket) => {
          this.#ticket = ticket;
        });
        socket.setNoDelay(true);
        return socket;
      },
    });
    // Its streams are closed and tell who waits.
    session.on("error", () => undefined);
    session.on("goaway", () => session.close());
    this.#session = session;
    return session;
  }

  #armIdle(): void {
    this.#idle?.cancel();
    this.#idle = this.#options.clock.later(milliseconds(IDLE_MS), () => this.#session?.close());
  }
}

const IDLE_MS = 30_000;
