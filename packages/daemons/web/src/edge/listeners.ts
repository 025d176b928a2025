import { chmodSync, rmSync } from "node:fs";
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from "node:http";
import { createServer as createSecureServer, type Server as SecureServer } from "node:https";
import type { Socket } from "node:net";
import type { Clock, Logger } from "@passerelle/service";
import { seconds } from "@passerelle/time";
import { type Connections, countConnections } from "./connections.ts";
import { type Entry, endSocket, type Front, isUpload } from "./front.ts";

/** Key and certificate as TLS wants them. */
export interface TlsIdentity {
  readonly key: string;
  /** The leaf, then the authority. */
  readonly cert: string;
}

/** Where the door is. Nothing listens at a wildcard: an address that is not of the home is never called. */
export interface Listeners {
  /** What should be listened at; new addresses first, then those that are gone are left. */
  follow(wanted: Wanted): void;
  /** Addresses that listen. */
  readonly serving: readonly string[];
  /** Addresses that can't be listened at, with the reason. */
  readonly failing: ReadonlyMap<string, string>;
  dump(): unknown;
  close(): Promise<void>;
}

export interface Wanted {
  readonly addresses: readonly string[];
  readonly httpPort: number;
  readonly httpsPort: number;
  /** Undefined: not made yet, HTTP only. */
  readonly identity: TlsIdentity | undefined;
}

export interface ListenersOptions {
  readonly front: Front;
  readonly clock: Clock;
  readonly log: Logger;
  /** Path of the unix socket of the command line. */
  readonly socketPath: string;
  /** A listener came, went or failed. */
  readonly changed: () => void;
}

interface Listener {
  readonly address: string;
  readonly secure: boolean;
  readonly server: Server | SecureServer;
  readonly sockets: Set<Socket>;
  state: "opening" | "open" | "waiting";
  retry?: { cancel(): void };
}

export function createListeners(options: ListenersOptions): Listeners {
  return new LanListeners(options);
}

class LanListeners implements Listeners {
  readonly #options: ListenersOptions;
  readonly #connections: Connections = countConnections();
  readonly #listeners = new Map<string, Listener>();
  readonly #failing = new Map<string, string>();
  readonly #local: Listener;
  #identity: TlsIdentity | undefined;
  #isClosed = false;

  constructor(options: ListenersOptions) {
    this.#options = options;
    this.#local = this.#create({ local: true, secure: false, address: "local" });
    this.#openLocal();
  }

  get serving(): readonly string[] {
    const open = [...this.#listeners.values()].filter(({ state }) => state === "open");
    return [...new Set(open.map(({ address }) => address))];
  }

  get failing(): ReadonlyMap<string, string> {
    return this.#failing;
  }

  follow({ addresses, httpPort, httpsPort, identity }: Wanted): void {
    if (this.#isClosed) return;
    const isNewIdentity = identity !== undefined && identity.cert !== this.#identity?.cert;
    this.#identity = identity;
    const wanted = new Map<string, { address: string; port: number; secure: boolean }>();
    for (const address of addresses.slice(0, ADDRESSES_MAX)) {
      wanted.set(`${address} ${httpPort} http`, { address, port: httpPort, secure: false });
      if (identity !== undefined)
        wanted.set(`${address} ${httpsPort} https`, { address, port: httpsPort, secure: true });
    }
    for (const [key, { address, port, secure }] of wanted) {
      const known = this.#listeners.get(key);
      if (known === undefined) {
        const listener = this.#create({ local: false, secure, address });
        this.#listeners.set(key, listener);
        this.#open(key, listener, port);
      } else if (isNewIdentity && "setSecureContext" in known.server) {
        known.server.setSecureContext({ ...TLS, ...identity });
      }
    }
    for (const [key, listener] of this.#listeners) if (!wanted.has(key)) this.#leave(key, listener);
  }

  dump(): unknown {
    return {
      listeners: [...this.#listeners.keys()],
      connections: this.#connections.open,
      refused: this.#connections.refused,
    };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const [key, listener] of this.#listeners) this.#leave(key, listener, true);
    await endServer(this.#local, true);
    rmSync(this.#options.socketPath, { force: true });
  }

  #create(entry: Entry): Listener {
    const { front } = this.#options;
    const server = entry.secure
      ? createSecureServer({ ...LIMITS, ...TLS, ...this.#identity })
      : createServer(LIMITS);
    const listener: Listener = {
      address: entry.address,
      secure: entry.secure,
      server,
      sockets: new Set(),
      state: "opening",
    };
    server.maxRequestsPerSocket = REQUESTS_OF_CONNECTION_MAX;
    server.maxHeadersCount = HEADERS_MAX;
    // Whoever does not read what it asked for; a live stream says something more often.
    server.timeout = SILENCE_MAX_MS;
    server.on("connection", (socket: Socket) => {
      if (!this.#connections.admit(socket)) return;
      listener.sockets.add(socket);
      socket.once("close", () => listener.sockets.delete(socket));
    });
    server.on("request", (incoming, outgoing) => {
      limitBody(incoming, outgoing);
      front.request(incoming, outgoing, entry);
    });
    server.on("upgrade", (incoming, socket, head) => {
      socket.on("error", () => socket.destroy());
      front.upgrade(incoming, socket, head, entry);
    });
    server.on("clientError", (error: Error & { code?: string }, socket) => {
      if (error.code === "ECONNRESET") socket.destroy();
      else endSocket(socket, STATUS_OF_ERROR[error.code ?? ""] ?? 400);
    });
    return listener;
  }

  /** An address may be announced a moment before the kernel has it: tried again until it is left. */
  #open(key: string, listener: Listener, port: number): void {
    const { clock, log, changed } = this.#options;
    const { server, address } = listener;
    const failed = (error: Error & { code?: string }): void => {
      if (this.#listeners.get(key) !== listener) return;
      const code = error.code ?? "unknown";
      if (this.#failing.get(key) !== code) log.warn("listener_failed", { address, port, code });
      this.#failing.set(key, code);
      listener.state = "waiting";
      listener.retry = clock.later(RETRY_AFTER, () => this.#open(key, listener, port));
      changed();
    };
    listener.state = "opening";
    server.once("error", failed);
    server.listen({ host: address, port, exclusive: true, backlog: BACKLOG }, () => {
      server.off("error", failed);
      server.on("error", (error) => log.warn("listener_error", { address, port, error }));
      if (this.#listeners.get(key) !== listener) {
        server.close();
        return;
      }
      listener.state = "open";
      this.#failing.delete(key);
      log.info("listening", { address, port, secure: listener.secure });
      changed();
    });
  }

  #openLocal(): void {
    const { socketPath, log } = this.#options;
    // What an earlier process left: two of us are never running, the store is locked.
    rmSync(socketPath, { force: true });
    this.#local.server.on("error", (error) => log.error("local_socket_failed", { error }));
    this.#local.server.listen(socketPath, () => chmodSync(socketPath, 0o600));
  }

  #leave(key: string, listener: Listener, atOnce = false): void {
    this.#listeners.delete(key);
    this.#failing.delete(key);
    listener.retry?.cancel();
    void endServer(listener, atOnce);
    if (!atOnce) this.#options.clock.later(GRACE, () => destroyAll(listener));
    this.#options.log.info("listener_left", { address: listener.address });
  }
}

/** Node has one limit for every request, and a file takes longer than a form. */
function limitBody(incoming: IncomingMessage, outgoing: ServerResponse): void {
  if (incoming.complete || isUpload(incoming.method ?? "", incoming.url ?? "")) return;
  const timer = setTimeout(() => {
    if (incoming.complete) return;
    if (outgoing.headersSent) incoming.socket.destroy();
    else endSocket(incoming.socket, 408);
  }, BODY_TIME_MS);
  for (const event of ["end", "close"]) incoming.once(event, () => clearTimeout(timer));
}

/** Nothing new is taken; what is under way may end, or not. */
function endServer(listener: Listener, atOnce: boolean): Promise<void> {
  return new Promise((resolve) => {
    listener.server.close(() => resolve());
    if (atOnce) destroyAll(listener);
    else listener.server.closeIdleConnections();
  });
}

function destroyAll({ sockets }: Listener): void {
  for (const socket of sockets) socket.destroy();
}

const ADDRESSES_MAX = 16;
const RETRY_AFTER = seconds(1);
/** A page that is loading when its address goes may finish. */
const GRACE = seconds(5);
const BACKLOG = 256;
const HEADERS_MAX = 64;
const SILENCE_MAX_MS = 120_000;
const REQUESTS_OF_CONNECTION_MAX = 1000;

const BODY_TIME_MS = 30_000;
/** 256 MiB over a bad Wi-Fi. Silence ends it sooner. */
const FILE_TIME_MS = 900_000;

/** Slow on purpose is the cheapest attack: each part of a request has its time. */
const LIMITS: ServerOptions = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 10_000,
  requestTimeout: FILE_TIME_MS,
  keepAliveTimeout: 15_000,
  connectionsCheckingInterval: 2_000,
  requireHostHeader: false,
  insecureHTTPParser: false,
  // What offers HTTP/2 in passing (h2c) is answered in HTTP/1.1.
  shouldUpgradeCallback: ({ headers }) => headers.upgrade?.toLowerCase() === "websocket",
};

/** S-26: TLS 1.2 with forward secrecy and authenticated encryption only, and TLS 1.3. */
const TLS = {
  minVersion: "TLSv1.2",
  ciphers: [
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-CHACHA20-POLY1305",
  ].join(":"),
  honorCipherOrder: true,
  handshakeTimeout: 10_000,
} as const;

const STATUS_OF_ERROR: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};
