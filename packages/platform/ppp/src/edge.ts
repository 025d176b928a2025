import type { PppEffect, PppInput, SessionAddress } from "@passerelle/ppp";
import type { PppoeDiscovery } from "./discovery.ts";
import type { PppChannel, PppPlatform } from "./port.ts";

export interface PppEdgeOptions {
  readonly platform: PppPlatform;
  readonly discovery: PppoeDiscovery;
  /** The Ethernet or VLAN interface below. */
  readonly interface: string;
  /** Of the interface that a session is. */
  readonly name: string;
  /** To the machine of `@passerelle/ppp`. */
  readonly feed: (input: PppInput) => void;
}

/** What the line's machine asks for that is of this package; all else is for the one who has addresses and storage. */
export type PppEdgeEffect = Extract<
  PppEffect,
  {
    readonly kind:
      | "send_discovery"
      | "send_packet"
      | "open_channel"
      | "adopt_channel"
      | "close_channel"
      | "configure_link";
  }
>;

/** The hands of a line over PPPoE: does what its machine asks, and tells it what comes in. */
export class PppEdge {
  readonly #options: PppEdgeOptions;
  #channel: PppChannel | undefined;
  #received = 0;

  constructor(options: PppEdgeOptions) {
    this.#options = options;
    options.discovery.onFrame((source, payload) =>
      // The machine keeps what it is given, and the frame's octets are the socket's.
      options.feed({ kind: "discovery_frame", source, payload: payload.slice() }),
    );
  }

  /** The session's interface: for its addresses, and for the gates of IPv4 and IPv6. */
  get channel(): PppChannel | undefined {
    return this.#channel;
  }

  run(effect: PppEdgeEffect): void {
    switch (effect.kind) {
      case "send_discovery":
        // As if lost on the wire where it fails: the machine sends again, or gives up in its time.
        this.#options.discovery.send(effect.destination, effect.payload);
        return;
      case "send_packet":
        this.#channel?.send(effect.protocol, effect.payload);
        return;
      case "open_channel":
        this.#open(effect.session);
        return;
      case "adopt_channel":
        this.#adopt();
        return;
      case "close_channel":
        this.#close();
        return;
      case "configure_link":
        this.#channel?.setMru(effect.mru);
        this.#channel?.setMtu(effect.mtu);
    }
  }

  /** Looks whether anything came in by the session since the last look: call it more often than echoes are sent. */
  listen(): void {
    const counters = this.#channel?.counters();
    if (counters === undefined || !counters.ok) return;
    const { receivedPackets } = counters.value;
    if (receivedPackets === this.#received) return;
    this.#received = receivedPackets;
    this.#options.feed({ kind: "heard" });
  }

  close(): void {
    this.#close();
    this.#options.discovery.close();
  }

  /** As `close`, but a later life may adopt the session. */
  leave(): void {
    this.#channel?.leave();
    this.#channel = undefined;
    this.close();
  }

  #open(session: SessionAddress): void {
    const { platform, name, feed } = this.#options;
    this.#close();
    const opened = platform.open({ interface: this.#options.interface, name, ...session });
    if (!opened.ok) {
      feed({ kind: "channel_failed" });
      return;
    }
    this.#use(opened.value);
  }

  #adopt(): void {
    const { platform, name, feed } = this.#options;
    this.#close();
    const adopted = platform.adopt(name);
    if (adopted.ok) this.#use(adopted.value);
    else feed({ kind: "channel_ended" });
  }

  #use(channel: PppChannel): void {
    const { feed } = this.#options;
    this.#channel = channel;
    channel.onPacket((protocol, payload) =>
      feed({ kind: "packet", protocol, payload: payload.slice() }),
    );
    channel.onEnd(() => {
      // A PADT says why, and is in the other socket by now: it is read first.
      setImmediate(() => {
        if (this.#channel === channel) feed({ kind: "channel_ended" });
      });
    });
  }

  #close(): void {
    this.#channel?.close();
    this.#channel = undefined;
    this.#received = 0;
  }
}
