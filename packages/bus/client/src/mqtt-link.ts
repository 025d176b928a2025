import { randomBytes } from "node:crypto";
import { createConnection } from "node:net";
import type { ClientName } from "@passerelle/contract";
import { type IClientOptions, MqttClient } from "mqtt";
import type { LastWill, Link, LinkEvents, OutgoingMessage, PublishOutcome } from "./link.ts";
import { PAYLOAD_BYTES_MAX } from "./payload.ts";

/** The broker takes us for gone after one and a half of this. */
const KEEPALIVE_SECONDS = 10;
const CONNECT_TIMEOUT_MS = 5_000;
const BACKOFF_FIRST_MS = 50;
const BACKOFF_MAX_MS = 2_000;
const GOODBYE_MS = 500;
/** Publishes of QoS 1 that the broker has not acknowledged; it may want fewer. */
const WINDOW = 32;
const REASON_NO_MATCHING_SUBSCRIBERS = 16;
const REASON_NOT_AUTHORIZED = 135;

/**
 * MQTT 5 over a Unix socket. Each connection is a client of its own with a clean start: what must
 * outlive a connection (states, requests, subscriptions) is the bus's to keep, so nothing is kept twice.
 */
export class MqttLink implements Link {
  readonly #options: MqttLinkOptions;
  /** Unguessable: a client of another socket that knew it could take our session over. */
  readonly #clientId: string;
  #events: LinkEvents | undefined;
  #client: MqttClient | undefined;
  #connection: Connection | undefined;
  #backoffMs = BACKOFF_FIRST_MS;
  #reconnect: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: MqttLinkOptions) {
    this.#options = options;
    this.#clientId = `${options.client}-${randomBytes(8).toString("hex")}`;
  }

  open(events: LinkEvents): void {
    this.#events = events;
    this.#connect();
  }

  publish(message: OutgoingMessage, done: (outcome: PublishOutcome) => void): void {
    if (this.#connection === undefined) done("lost");
    else this.#connection.publish(message, done);
  }

  subscribe(topics: readonly string[], done: () => void): void {
    if (topics.length === 0) return;
    this.#client?.subscribe([...topics], { qos: 1 }, (error) => {
      if (error === null) done();
    });
  }

  unsubscribe(topic: string): void {
    this.#client?.unsubscribe(topic, () => undefined);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#reconnect);
    const client = this.#client;
    if (client === undefined) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, GOODBYE_MS);
      client.end(!client.connected, {}, () => {
        clearTimeout(timer);
        resolve();
      });
    });
    client.stream?.destroy();
  }

  #connect(): void {
    const client = new MqttClient(
      () => createConnection(this.#options.socketPath) as unknown as MqttClient["stream"],
      connectOptions(this.#clientId, this.#options.will),
    );
    this.#client = client;
    let reason = "closed by the broker";
    client.on("error", (error) => {
      reason = "code" in error ? `${error.message} (${error.code})` : error.message;
      // A refused CONNECT leaves the socket open.
      if (!client.connected) client.stream?.destroy();
    });
    client.on("disconnect", (packet) => {
      reason = `disconnected by the broker: ${packet.reasonCode ?? 0}`;
    });
    client.on("connect", (connack) => {
      this.#backoffMs = BACKOFF_FIRST_MS;
      const allowed = connack.properties?.receiveMaximum ?? WINDOW;
      this.#connection = new Connection(client, Math.min(WINDOW, allowed));
      this.#events?.up();
    });
    client.on("message", (topic, payload, packet) => {
      const { responseTopic, correlationData } = packet.properties ?? {};
      this.#events?.message({
        topic,
        payload,
        retained: packet.retain,
        ...(responseTopic === undefined ? {} : { responseTopic }),
        ...(correlationData === undefined ? {} : { correlation: correlationData }),
      });
    });
    client.on("close", () => {
      // mqtt.js may say it twice for one connection.
      if (this.#client !== client) return;
      this.#client = undefined;
      const connection = this.#connection;
      this.#connection = undefined;
      this.#events?.down(reason);
      connection?.lost();
      client.end(true);
      if (!this.#closed) this.#scheduleReconnect();
    });
  }

  #scheduleReconnect(): void {
    // Between half and all of the wait, so that the daemons do not come back in one rush.
    const wait = this.#backoffMs * (0.5 + Math.random() / 2);
    this.#backoffMs = Math.min(BACKOFF_MAX_MS, this.#backoffMs * 2);
    this.#reconnect = setTimeout(() => this.#connect(), wait);
  }
}

export interface MqttLinkOptions {
  readonly client: ClientName;
  readonly socketPath: string;
  readonly will: LastWill | undefined;
}

/** One connection's publishes: a window of unacknowledged ones, and a queue in which a state keeps only its newest value. */
class Connection {
  readonly #client: MqttClient;
  readonly #window: number;
  readonly #inFlight = new Set<Entry>();
  readonly #queue = new Map<string, Entry>();
  /** Packet identifiers of PUBACKs that said "no matching subscribers": mqtt.js keeps that to itself. */
  readonly #heardByNobody = new Set<number>();
  #serial = 0;

  constructor(client: MqttClient, window: number) {
    this.#client = client;
    this.#window = Math.max(1, window);
    client.on("packetreceive", (packet) => {
      if (packet.cmd === "puback" && packet.reasonCode === REASON_NO_MATCHING_SUBSCRIBERS)
        this.#heardByNobody.add(packet.messageId ?? 0);
    });
  }

  publish(message: OutgoingMessage, done: (outcome: PublishOutcome) => void): void {
    const entry: Entry = { message, done };
    if (message.qos === 0) {
      // An event never waits: where the broker does not keep up it is dropped.
      if (this.#queue.size > 0 || this.#client.stream.writableNeedDrain) done("lost");
      else this.#write(entry);
      return;
    }
    this.#serial += 1;
    const key = message.retain ? message.topic : `${this.#serial} ${message.topic}`;
    const older = this.#queue.get(key);
    this.#queue.set(key, entry);
    older?.done("superseded");
    this.#pump();
  }

  lost(): void {
    const entries = [...this.#inFlight, ...this.#queue.values()];
    this.#inFlight.clear();
    this.#queue.clear();
    for (const entry of entries) entry.done("lost");
  }

  #pump(): void {
    for (const [key, entry] of this.#queue) {
      if (this.#inFlight.size >= this.#window) return;
      this.#queue.delete(key);
      this.#inFlight.add(entry);
      this.#write(entry);
    }
  }

  #write(entry: Entry): void {
    const { topic, payload, qos, retain, responseTopic, correlation } = entry.message;
    const properties = {
      ...(responseTopic === undefined ? {} : { responseTopic }),
      ...(correlation === undefined ? {} : { correlationData: Buffer.from(correlation) }),
    };
    this.#client.publish(
      topic,
      Buffer.from(payload),
      { qos, retain, properties },
      (error, sent) => {
        if (qos === 1 && !this.#inFlight.delete(entry)) return;
        const wasHeard = !this.#heardByNobody.delete(sent?.messageId ?? 0);
        entry.done(error ? refusal(error) : wasHeard ? "taken" : "nobody");
        this.#pump();
      },
    );
  }
}

interface Entry {
  readonly message: OutgoingMessage;
  readonly done: (outcome: PublishOutcome) => void;
}

function refusal(error: Error): PublishOutcome {
  const code = "code" in error ? error.code : undefined;
  if (typeof code !== "number") return "lost";
  return code === REASON_NOT_AUTHORIZED ? "denied" : "refused";
}

function connectOptions(clientId: string, will: LastWill | undefined): IClientOptions {
  return {
    protocolVersion: 5,
    clientId,
    clean: true,
    keepalive: KEEPALIVE_SECONDS,
    reschedulePings: false,
    reconnectPeriod: 0,
    connectTimeout: CONNECT_TIMEOUT_MS,
    queueQoSZero: false,
    resubscribe: false,
    // The head of a packet (topic, properties) comes on top of the payload.
    properties: { receiveMaximum: 64, maximumPacketSize: PAYLOAD_BYTES_MAX + 4096 },
    ...(will === undefined
      ? {}
      : { will: { topic: will.topic, payload: Buffer.from(will.payload), qos: 1, retain: true } }),
  };
}
