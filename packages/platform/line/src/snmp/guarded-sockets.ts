import { createSocket, type RemoteInfo, type Socket, type SocketType } from "node:dgram";
import { isIPv4 } from "node:net";

/**
 * What net-snmp takes for the module `node:dgram`: sockets that hear one agent only and no more than OCTETS_MAX of it.
 * What net-snmp throws about a datagram, which would end the process, is told to `onFailure`.
 */
export class GuardedSockets {
  readonly #agent: { readonly address: string; readonly port: number };
  #octets = 0;
  onFailure: (error: Error) => void = () => {};

  constructor(agent: { readonly address: string; readonly port: number }) {
    this.#agent = agent;
  }

  createSocket(type: SocketType): Socket {
    const socket = createSocket(type);
    const on = socket.on.bind(socket) as (event: string, listener: Listener) => Socket;
    const guarded = (event: string, listener: Listener): Socket =>
      on(event, event === "message" ? this.#guard(listener) : listener);
    return Object.assign(socket, { on: guarded });
  }

  #guard(listener: Listener): Listener {
    return (...heard) => {
      const [datagram, from] = heard as [Uint8Array, RemoteInfo];
      if (!this.#isAgent(from)) return;
      this.#octets += datagram.length;
      try {
        if (this.#octets > OCTETS_MAX) throw new Error("its rows do not end");
        listener(datagram, from);
      } catch (thrown) {
        this.onFailure(thrown instanceof Error ? thrown : new Error(String(thrown)));
      }
    };
  }

  /** A name, and the many ways to write an IPv6 address, are not compared. */
  #isAgent({ address, port }: RemoteInfo): boolean {
    const agent = this.#agent;
    return port === agent.port && (!isIPv4(agent.address) || address === agent.address);
  }
}

type Listener = (...args: unknown[]) => void;

/** 20 000 rows of 200 octets. */
const OCTETS_MAX = 4 << 20;
