import { encodeEthernet } from "@passerelle/ether";
import type { Mac } from "@passerelle/net";
import type { Result } from "@passerelle/result";
import type { SocketError, Sockets } from "@passerelle/sockets";

/** The frames by which a session is found and ended (RFC 2516 section 5), on one interface. */
export interface PppoeDiscovery {
  /** `payload` is a view that ends with the call. */
  onFrame(handler: (source: Mac, payload: Uint8Array) => void): void;
  send(destination: Mac, payload: Uint8Array): Result<void, SocketError>;
  close(): void;
}

export interface PppoeDiscoveryOptions {
  readonly interface: string | number;
  /** Hardware address of that interface. */
  readonly address: Mac;
  /** SO_PRIORITY, 0 to 7: becomes the VLAN priority by the link's egress map. */
  readonly priority?: number;
}

/** RFC 2516 section 4. */
export const ETHERTYPE_PPPOE_DISCOVERY = 0x8863;

export function openPppoeDiscovery(
  sockets: Sockets,
  { address, ...options }: PppoeDiscoveryOptions,
): Result<PppoeDiscovery, SocketError> {
  const opened = sockets.openPacket({ ...options, etherType: ETHERTYPE_PPPOE_DISCOVERY });
  if (!opened.ok) return opened;
  const socket = opened.value;
  return {
    ok: true,
    value: {
      onFrame: (handler) =>
        socket.onFrame(({ bytes, source, kind, truncated }) => {
          // All that concerns a client is sent to it alone (RFC 2516 section 5).
          if (kind === "to-us" && !truncated) handler(source, bytes.subarray(HEADER_BYTES));
        }),
      send: (destination, payload) =>
        socket.send(
          encodeEthernet({
            ...{ destination, source: address },
            ...{ etherType: ETHERTYPE_PPPOE_DISCOVERY, payload },
          }),
        ),
      close: () => socket.close(),
    },
  };
}

/** Two addresses and the type: the kernel takes a tag out. */
const HEADER_BYTES = 14;
