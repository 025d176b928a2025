import type { Socket } from "node:net";
import { generate, type IPublishPacket } from "mqtt-packet";
import type { BrokerLimits } from "./limits.ts";

/** A message on its way to subscribers. */
export interface Message {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: 0 | 1;
  readonly retain: boolean;
  readonly properties: NonNullable<IPublishPacket["properties"]>;
}

/**
 * What goes to one client: in order, a bounded number unacknowledged, a bounded queue behind. A client
 * that does not read fills its queue and is given up, so that it costs the others nothing.
 */
export class Delivery {
  readonly #socket: Socket;
  readonly #limits: BrokerLimits;
  readonly #window: number;
  readonly #packetBytesMax: number;
  readonly #overflow: () => void;
  readonly #inFlight = new Set<number>();
  #queue: Message[] = [];
  #queuedBytes = 0;
  #lastId = 0;

  constructor(options: {
    readonly socket: Socket;
    readonly limits: BrokerLimits;
    /** What the client said it takes unacknowledged, and as one packet. */
    readonly receiveMaximum: number;
    readonly maximumPacketSize: number;
    readonly overflow: () => void;
  }) {
    this.#socket = options.socket;
    this.#limits = options.limits;
    this.#window = Math.min(options.receiveMaximum, options.limits.inFlightMax);
    this.#packetBytesMax = options.maximumPacketSize;
    this.#overflow = options.overflow;
    this.#socket.on("drain", () => this.#pump());
  }

  get queued(): number {
    return this.#queue.length;
  }

  enqueue(message: Message): void {
    this.#queue.push(message);
    this.#queuedBytes += message.payload.length;
    this.#pump();
    const { queueMessagesMax, queueBytesMax } = this.#limits;
    if (this.#queue.length > queueMessagesMax || this.#queuedBytes > queueBytesMax) {
      this.#queue = [];
      this.#queuedBytes = 0;
      this.#overflow();
    }
  }

  acknowledged(messageId: number): void {
    if (this.#inFlight.delete(messageId)) this.#pump();
  }

  #pump(): void {
    let taken = 0;
    for (const message of this.#queue) {
      if (this.#socket.writableNeedDrain || this.#socket.destroyed) break;
      if (message.qos === 1 && this.#inFlight.size >= this.#window) break;
      taken += 1;
      this.#queuedBytes -= message.payload.length;
      this.#write(message);
    }
    if (taken > 0) this.#queue.splice(0, taken);
  }

  #write(message: Message): void {
    const id = message.qos === 1 ? this.#nextId() : undefined;
    const { topic, payload, qos, retain, properties } = message;
    const packet: IPublishPacket = { cmd: "publish", dup: false, topic, payload, qos, retain };
    if (Object.keys(properties).length > 0) packet.properties = properties;
    if (id !== undefined) packet.messageId = id;
    const bytes = generate(packet, { protocolVersion: 5 });
    // MQTT-3.1.2-25: a packet larger than the client takes is discarded as if it had been sent.
    if (bytes.length > this.#packetBytesMax) return;
    if (id !== undefined) this.#inFlight.add(id);
    this.#socket.write(bytes);
  }

  #nextId(): number {
    do this.#lastId = (this.#lastId % 0xffff) + 1;
    while (this.#inFlight.has(this.#lastId));
    return this.#lastId;
  }
}
