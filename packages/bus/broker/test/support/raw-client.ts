import { createConnection, type Socket } from "node:net";
import {
  generate,
  type IConnectPacket,
  type IPubackPacket,
  type IPublishPacket,
  type Packet,
  parser,
} from "mqtt-packet";
import { until } from "./brokers.ts";

/** Speaks MQTT 5 packets, hostile ones too: no queue, no reconnection, no opinion. */
export class RawClient {
  readonly received: Packet[] = [];
  readonly messages: IPublishPacket[] = [];
  readonly #socket: Socket;
  #isClosed = false;
  #lastId = 0;
  #acknowledges = true;

  private constructor(socket: Socket) {
    this.#socket = socket;
    const reader = parser({ protocolVersion: 5 });
    reader.on("packet", (packet) => {
      this.received.push(packet);
      if (packet.cmd !== "publish") return;
      this.messages.push(packet);
      if (packet.qos === 1 && this.#acknowledges)
        this.send({ cmd: "puback", messageId: packet.messageId ?? 0, reasonCode: 0 });
    });
    socket.on("data", (chunk: Buffer) => reader.parse(chunk));
    socket.on("error", () => undefined);
    socket.on("close", () => {
      this.#isClosed = true;
    });
  }

  /** Opens the socket, without a word. */
  static async open(path: string): Promise<RawClient> {
    const socket = createConnection(path);
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    return new RawClient(socket);
  }

  static async connect(path: string, options: Partial<IConnectPacket> = {}): Promise<RawClient> {
    const client = await RawClient.open(path);
    client.send({
      cmd: "connect",
      protocolId: "MQTT",
      protocolVersion: 5,
      clean: true,
      clientId: `raw-${Math.random().toString(36).slice(2)}`,
      keepalive: 30,
      ...options,
    });
    await until(() => client.received.some((p) => p.cmd === "connack"), "CONNACK");
    return client;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Stops reading acknowledgements of ours and octets of theirs: a client that hangs. */
  hang(): void {
    this.#acknowledges = false;
    this.#socket.pause();
  }

  get connack() {
    const packet = this.received.find((p) => p.cmd === "connack");
    if (packet?.cmd !== "connack") throw new Error("no CONNACK");
    return packet;
  }

  send(packet: Packet): void {
    this.write(generate(packet, { protocolVersion: 5 }));
  }

  write(bytes: Uint8Array): void {
    if (!this.#isClosed) this.#socket.write(bytes);
  }

  /** The reason of its PUBACK. */
  async publish(
    topic: string,
    payload: string,
    options: Partial<IPublishPacket> = {},
  ): Promise<number> {
    const messageId = this.nextId();
    this.send({
      cmd: "publish",
      topic,
      payload,
      qos: 1,
      dup: false,
      retain: false,
      messageId,
      ...options,
    });
    const isAck = (p: Packet): p is IPubackPacket =>
      p.cmd === "puback" && p.messageId === messageId;
    await until(() => this.received.some(isAck), `PUBACK of ${topic}`);
    return this.received.find(isAck)?.reasonCode ?? 0;
  }

  async subscribe(...topics: string[]): Promise<readonly unknown[]> {
    const messageId = this.nextId();
    const subscriptions = topics.map((topic) => ({ topic, qos: 1 as const }));
    this.send({ cmd: "subscribe", messageId, subscriptions });
    const find = () => this.received.find((p) => p.cmd === "suback" && p.messageId === messageId);
    await until(() => find() !== undefined, `SUBACK of ${topics.join(" ")}`);
    const packet = find();
    return packet?.cmd === "suback" ? packet.granted : [];
  }

  /** A round trip: everything the broker had for us before is here. */
  async ping(): Promise<void> {
    const before = this.received.filter((p) => p.cmd === "pingresp").length;
    this.send({ cmd: "pingreq" });
    await until(
      () => this.received.filter((p) => p.cmd === "pingresp").length > before,
      "PINGRESP",
    );
  }

  /** As `kill -9`: no DISCONNECT. */
  destroy(): void {
    this.#socket.destroy();
  }

  nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }
}
