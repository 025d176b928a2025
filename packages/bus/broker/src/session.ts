import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import {
  generate,
  type IConnectPacket,
  type IPublishPacket,
  type ISubscribePacket,
  type Packet,
  parser,
} from "mqtt-packet";
import { Delivery, type Message } from "./delivery.ts";
import { Framing } from "./framing.ts";
import type { BrokerLimits } from "./limits.ts";
import { Reason } from "./reason.ts";
import { hasWildcard, isTopicFilter, isTopicName, matchesFilter } from "./topic-filter.ts";

/** What a session asks of the broker around it. */
export interface SessionHost {
  readonly identity: string;
  readonly limits: BrokerLimits;
  mayPublish(topic: string): boolean;
  mayRead(topic: string): boolean;
  /** Ends a session with the same identity and client identifier. */
  takeOver(clientId: string, by: Session): void;
  /** Keeps and hands out; the number of receivers, or "full" where no more is kept. */
  publish(message: Message, from: Session): number | "full";
  retainedFor(filter: string): Iterable<Message>;
  closed(session: Session, reason: string): void;
}

interface Grant {
  readonly qos: 0 | 1;
  readonly noLocal: boolean;
  readonly keepRetain: boolean;
}

/** One connection. Sessions end with it: the contract needs none that outlives its connection. */
export class Session {
  readonly #socket: Socket;
  readonly #host: SessionHost;
  readonly #framing: Framing;
  readonly #parser = parser();
  readonly #exact = new Map<string, Grant>();
  readonly #wild = new Map<string, Grant>();
  #clientId: string | undefined;
  #will: Message | undefined;
  #delivery: Delivery | undefined;
  #silence: NodeJS.Timeout;
  #silenceMs: number;
  #isClosed = false;

  constructor(socket: Socket, host: SessionHost) {
    this.#socket = socket;
    this.#host = host;
    this.#framing = new Framing(host.limits.packetBytesMax);
    this.#silenceMs = host.limits.connectTimeoutMs;
    this.#silence = setTimeout(() => this.#silent(), this.#silenceMs);
    this.#parser.on("packet", (packet) => this.#packet(packet));
    this.#parser.on("error", () => this.end("malformed packet", Reason.malformedPacket));
    socket.on("data", (chunk: Buffer) => this.#data(chunk));
    socket.on("error", () => undefined);
    socket.on("close", () => this.end("connection closed"));
  }

  get clientId(): string | undefined {
    return this.#clientId;
  }

  /** True where this session wants and may read it. */
  offer(message: Message, from: Session | undefined): boolean {
    const grant = this.#grantFor(message.topic);
    if (grant === undefined || this.#delivery === undefined) return false;
    if (!this.#host.mayRead(message.topic)) return false;
    if (grant.noLocal && from === this) return false;
    const qos = message.qos === 1 && grant.qos === 1 ? 1 : 0;
    this.#delivery.enqueue({ ...message, qos, retain: message.retain && grant.keepRetain });
    return true;
  }

  /** Ends it; publishes the last will unless the client said goodbye. */
  end(why: string, reason?: number): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#silence);
    if (reason !== undefined && this.#clientId !== undefined)
      this.#send({ cmd: "disconnect", reasonCode: reason });
    // What is written leaves first; what never leaves is cut off.
    this.#socket.end();
    setTimeout(() => this.#socket.destroy(), 100).unref();
    const will = this.#will;
    this.#will = undefined;
    this.#host.closed(this, why);
    if (will !== undefined && this.#host.mayPublish(will.topic)) this.#host.publish(will, this);
  }

  #data(chunk: Buffer): void {
    if (this.#isClosed) return;
    const packets = this.#framing.push(chunk);
    if (!packets.ok) {
      const isLarge = packets.error === "too_large";
      this.end(packets.error, isLarge ? Reason.packetTooLarge : Reason.malformedPacket);
      return;
    }
    for (const bytes of packets.value) {
      if (this.#isClosed) return;
      this.#silence.refresh();
      try {
        this.#parser.parse(bytes);
      } catch {
        // The codec reads past the end of some malformed packets.
        this.end("malformed packet", Reason.malformedPacket);
      }
    }
  }

  #packet(packet: Packet): void {
    if (this.#isClosed) return;
    if (packet.cmd === "connect") this.#connect(packet);
    else if (this.#delivery === undefined) this.end("no CONNECT first");
    else if (packet.cmd === "publish") this.#publish(packet);
    else if (packet.cmd === "puback") this.#delivery.acknowledged(packet.messageId ?? 0);
    else if (packet.cmd === "subscribe") this.#subscribe(packet);
    else if (packet.cmd === "unsubscribe") {
      const granted = packet.unsubscriptions.map((filter) => {
        const had = this.#exact.delete(filter) || this.#wild.delete(filter);
        return had ? Reason.success : Reason.noSubscriptionExisted;
      });
      this.#send({ cmd: "unsuback", messageId: packet.messageId ?? 0, granted });
    } else if (packet.cmd === "pingreq") this.#send({ cmd: "pingresp" });
    else if (packet.cmd === "disconnect") {
      if (packet.reasonCode !== Reason.disconnectWithWill) this.#will = undefined;
      this.end("goodbye");
    } else this.end(`unexpected ${packet.cmd}`, Reason.protocolError);
  }

  #connect(packet: IConnectPacket): void {
    // MQTT-3.1.0-2: a second CONNECT is a protocol error.
    if (this.#delivery !== undefined) {
      this.end("second CONNECT", Reason.protocolError);
      return;
    }
    if (packet.protocolVersion !== 5) {
      this.#socket.write(generate({ cmd: "connack", returnCode: 1, sessionPresent: false }));
      this.end(`protocol version ${packet.protocolVersion}`);
      return;
    }
    const refusal = this.#takeWill(packet);
    if (refusal !== undefined) {
      this.#send({ cmd: "connack", reasonCode: refusal, sessionPresent: false });
      this.end("last will refused");
      return;
    }
    const assigned = packet.clientId ? undefined : `auto-${randomBytes(8).toString("hex")}`;
    const clientId = assigned ?? packet.clientId;
    this.#host.takeOver(clientId, this);
    this.#clientId = clientId;
    const { limits } = this.#host;
    this.#delivery = new Delivery({
      socket: this.#socket,
      limits,
      receiveMaximum: packet.properties?.receiveMaximum ?? 0xffff,
      maximumPacketSize: packet.properties?.maximumPacketSize ?? limits.packetBytesMax,
      overflow: () => this.end("does not read", Reason.quotaExceeded),
    });
    this.#listenFor(packet.keepalive ?? 0);
    this.#send({
      cmd: "connack",
      reasonCode: Reason.success,
      sessionPresent: false,
      properties: {
        sessionExpiryInterval: 0,
        receiveMaximum: limits.inFlightMax,
        maximumQoS: 1,
        maximumPacketSize: limits.packetBytesMax,
        topicAliasMaximum: 0,
        subscriptionIdentifiersAvailable: false,
        sharedSubscriptionAvailable: false,
        ...(assigned === undefined ? {} : { assignedClientIdentifier: assigned }),
      },
    });
  }

  /** A reason code where the will can't be accepted. */
  #takeWill(packet: IConnectPacket): number | undefined {
    const { will } = packet;
    if (will === undefined) return undefined;
    const qos = will.qos ?? 0;
    if (qos === 2) return Reason.qosNotSupported;
    if (!isTopicName(will.topic)) return Reason.topicNameInvalid;
    if (!this.#host.mayPublish(will.topic)) return Reason.notAuthorized;
    // The delay interval is taken as 0, as a server without sessions may (section 3.1.3.2.2).
    const payload = Buffer.from(will.payload);
    this.#will = { topic: will.topic, payload, qos, retain: will.retain ?? false, properties: {} };
    return undefined;
  }

  #listenFor(keepaliveSeconds: number): void {
    clearTimeout(this.#silence);
    // MQTT-3.1.2-22: one and a half times the keep alive. 0 turns it off; then a day is silence enough.
    this.#silenceMs = keepaliveSeconds === 0 ? 86_400_000 : keepaliveSeconds * 1500;
    this.#silence = setTimeout(() => this.#silent(), this.#silenceMs);
  }

  #silent(): void {
    this.end(`silent for ${this.#silenceMs} ms`, Reason.keepAliveTimeout);
  }

  #publish(packet: IPublishPacket): void {
    const { topic, qos, retain } = packet;
    const { topicAlias, subscriptionIdentifier, ...properties } = packet.properties ?? {};
    const offence =
      qos === 2
        ? Reason.qosNotSupported
        : topicAlias !== undefined
          ? Reason.topicAliasInvalid
          : subscriptionIdentifier !== undefined
            ? Reason.protocolError
            : isTopicName(topic)
              ? undefined
              : Reason.topicNameInvalid;
    if (qos === 2 || offence !== undefined) {
      this.end(`PUBLISH refused: ${offence}`, offence);
      return;
    }
    let reason: number = Reason.notAuthorized;
    if (this.#host.mayPublish(topic)) {
      const payload = Buffer.from(packet.payload);
      const receivers = this.#host.publish({ topic, payload, qos, retain, properties }, this);
      if (receivers === "full") reason = Reason.quotaExceeded;
      else reason = receivers === 0 ? Reason.noMatchingSubscribers : Reason.success;
    }
    if (qos === 1)
      this.#send({ cmd: "puback", messageId: packet.messageId ?? 0, reasonCode: reason });
  }

  #subscribe(packet: ISubscribePacket): void {
    if (packet.properties?.subscriptionIdentifier !== undefined) {
      this.end("subscription identifier", Reason.subscriptionIdentifiersNotSupported);
      return;
    }
    const wanted: string[] = [];
    const granted = packet.subscriptions.map(({ topic: filter, qos, nl, rap, rh }) => {
      if (!isTopicFilter(filter)) return Reason.topicFilterInvalid;
      if (filter.startsWith("$share/")) return Reason.sharedSubscriptionsNotSupported;
      const isNew = !this.#exact.has(filter) && !this.#wild.has(filter);
      if (isNew && this.#exact.size + this.#wild.size >= this.#host.limits.subscriptionsMax)
        return Reason.quotaExceeded;
      const grant: Grant = {
        qos: qos === 0 ? 0 : 1,
        noLocal: nl ?? false,
        keepRetain: rap ?? false,
      };
      (hasWildcard(filter) ? this.#wild : this.#exact).set(filter, grant);
      // Retain handling, section 3.8.3.1: 0 always, 1 for a new subscription, 2 never.
      if ((rh ?? 0) === 0 || (rh === 1 && isNew)) wanted.push(filter);
      return grant.qos;
    });
    // As mosquitto: granted also where the access list forbids it, and filtered on delivery.
    this.#send({ cmd: "suback", messageId: packet.messageId ?? 0, granted });
    for (const filter of wanted) this.#deliverRetained(filter);
  }

  #deliverRetained(filter: string): void {
    const qosMax = (this.#exact.get(filter) ?? this.#wild.get(filter))?.qos ?? 0;
    for (const message of this.#host.retainedFor(filter)) {
      if (this.#isClosed) return;
      const qos = message.qos === 1 && qosMax === 1 ? 1 : 0;
      if (this.#host.mayRead(message.topic))
        this.#delivery?.enqueue({ ...message, qos, retain: true });
    }
  }

  /** The best of the subscriptions that match: a message goes once however many do. */
  #grantFor(topic: string): Grant | undefined {
    let best = this.#exact.get(topic);
    for (const [filter, grant] of this.#wild)
      if (matchesFilter(filter, topic) && (best === undefined || grant.qos > best.qos))
        best = grant;
    return best;
  }

  #send(packet: Packet): void {
    if (!this.#socket.destroyed && this.#socket.writable)
      this.#socket.write(generate(packet, { protocolVersion: 5 }));
  }
}
