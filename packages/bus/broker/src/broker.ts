import { chmodSync, mkdirSync, rmSync } from "node:fs";
import { createConnection, createServer, type Server, type Socket } from "node:net";
import { dirname } from "node:path";
import { accessList, CLIENTS, type ClientName } from "@passerelle/contract";
import type { Message } from "./delivery.ts";
import { type BrokerLimits, DEFAULT_LIMITS } from "./limits.ts";
import { Reason } from "./reason.ts";
import { Session } from "./session.ts";
import { busSocketPath } from "./socket-path.ts";
import { matchesFilter } from "./topic-filter.ts";

export interface EmbeddedBrokerOptions {
  /** The sockets are `<runtimeDirectory>/bus/<client>.sock`. */
  readonly runtimeDirectory: string;
  readonly log: BrokerLog;
  /** Default: everybody of the contract. */
  readonly clients?: readonly ClientName[];
  readonly limits?: Partial<BrokerLimits>;
}

export interface BrokerLog {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

export interface EmbeddedBroker {
  socketPath(client: ClientName): string;
  /** Sessions that are connected, and topics that are retained. */
  readonly counters: { readonly sessions: number; readonly retained: number };
  stop(): Promise<void>;
}

/**
 * An MQTT 5 broker in this process, for development and small boards: one Unix socket a client, whose
 * name is the identity, and the access lists of the contract. What it leaves out (QoS 2, sessions that
 * outlive a connection, shared subscriptions, topic aliases) it refuses as MQTT 5 says.
 */
export async function startEmbeddedBroker(options: EmbeddedBrokerOptions): Promise<EmbeddedBroker> {
  const broker = new Broker(options);
  await broker.start();
  return broker;
}

class Broker implements EmbeddedBroker {
  readonly #options: EmbeddedBrokerOptions;
  readonly #limits: BrokerLimits;
  readonly #servers: Server[] = [];
  readonly #sessions = new Map<Session, ClientName>();
  readonly #retained = new Map<string, Message>();

  constructor(options: EmbeddedBrokerOptions) {
    this.#options = options;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
  }

  get counters() {
    return { sessions: this.#sessions.size, retained: this.#retained.size };
  }

  socketPath(client: ClientName): string {
    return busSocketPath(this.#options.runtimeDirectory, client);
  }

  async start(): Promise<void> {
    try {
      for (const client of this.#options.clients ?? CLIENTS) await this.#listen(client);
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    const closing = this.#servers.map(
      (server) => new Promise<void>((resolve) => server.close(() => resolve())),
    );
    this.#servers.length = 0;
    for (const session of [...this.#sessions.keys()])
      session.end("broker stops", Reason.serverShuttingDown);
    await Promise.all(closing);
  }

  async #listen(client: ClientName): Promise<void> {
    const path = this.socketPath(client);
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    if (await isAnswered(path)) throw new Error(`another broker listens on ${path}`);
    rmSync(path, { force: true });
    const { publish, read } = accessList(client);
    const access = { publish: new Set(publish), read: new Set(read) };
    const server = createServer((socket) => this.#accept(client, access, socket));
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(path, resolve);
    });
    // Who can open the socket is the client: nobody but its user and group.
    chmodSync(path, 0o660);
    this.#servers.push(server);
  }

  #accept(client: ClientName, access: Access, socket: Socket): void {
    const open = [...this.#sessions.values()].filter((other) => other === client).length;
    if (open >= this.#limits.connectionsPerClientMax) {
      socket.destroy();
      return;
    }
    const session = new Session(socket, {
      identity: client,
      limits: this.#limits,
      mayPublish: (topic) => access.publish.has(topic),
      mayRead: (topic) => access.read.has(topic),
      takeOver: (clientId, by) => {
        for (const [other, identity] of [...this.#sessions])
          if (other !== by && identity === client && other.clientId === clientId)
            other.end("taken over", Reason.sessionTakenOver);
      },
      publish: (message, from) => this.#publish(message, from),
      retainedFor: (filter) => this.#retainedFor(filter),
      closed: (ended, reason) => {
        this.#sessions.delete(ended);
        if (ended.clientId !== undefined && reason !== "goodbye")
          this.#options.log.warn("broker_session_ended", { client, reason });
      },
    });
    this.#sessions.set(session, client);
  }

  #publish(message: Message, from: Session): number | "full" {
    if (message.retain && !this.#keep(message)) return "full";
    let receivers = 0;
    for (const session of [...this.#sessions.keys()])
      if (session.offer(message, from)) receivers += 1;
    return receivers;
  }

  #keep(message: Message): boolean {
    const { topic, payload } = message;
    // MQTT-3.3.1-6: an empty payload removes what was retained.
    if (payload.length === 0) this.#retained.delete(topic);
    else if (this.#retained.has(topic) || this.#retained.size < this.#limits.retainedTopicsMax)
      this.#retained.set(topic, message);
    else return false;
    return true;
  }

  *#retainedFor(filter: string): Iterable<Message> {
    for (const [topic, message] of [...this.#retained])
      if (matchesFilter(filter, topic)) yield message;
  }
}

interface Access {
  readonly publish: ReadonlySet<string>;
  readonly read: ReadonlySet<string>;
}

/** A socket file that nobody answers was left by a broker that died. */
function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createConnection(path);
    probe.once("connect", () => {
      probe.destroy();
      resolve(true);
    });
    probe.once("error", () => resolve(false));
  });
}
