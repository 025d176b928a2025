import { native, type SocketHandle } from "@passerelle/native";

/** A file of /dev/ppp: one packet a read, its protocol in the first two octets. */
export class ControlFile {
  readonly #handle: SocketHandle;
  readonly #room = new Uint8Array(PACKET_BYTES_MAX);
  #isClosed = false;

  constructor(handle: SocketHandle) {
    this.#handle = handle;
  }

  listen(handler: (protocol: number, payload: Uint8Array) => void, ended: () => void): void {
    native().unwatch(this.#handle);
    native().watch(this.#handle, () => this.#readable(handler, ended));
  }

  write(protocol: number, payload: Uint8Array): void {
    const packet = new Uint8Array(PROTOCOL_BYTES + payload.length);
    new DataView(packet.buffer).setUint16(0, protocol);
    packet.set(payload, PROTOCOL_BYTES);
    native().write(this.#handle, packet);
  }

  close(): void {
    this.#isClosed = true;
    native().close(this.#handle);
  }

  #readable(handler: (protocol: number, payload: Uint8Array) => void, ended: () => void): void {
    for (let packets = 0; packets < PACKETS_MAX && !this.#isClosed; packets += 1) {
      const got = native().read(this.#handle, this.#room);
      if (got === -EAGAIN) return;
      // Longer than all that is negotiated with: the kernel threw it away.
      if (got === -EOVERFLOW) continue;
      if (got <= 0) {
        // It stays readable, with nothing to read.
        native().unwatch(this.#handle);
        ended();
        return;
      }
      if (got < PROTOCOL_BYTES) continue;
      const protocol = ((this.#room[0] ?? 0) << 8) | (this.#room[1] ?? 0);
      handler(protocol, this.#room.subarray(PROTOCOL_BYTES, got));
    }
  }
}

/** Sets a name or a number of an interface. A session's own socket knows only requests of PPPoE. */
export function setInterface(request: number, argument: Uint8Array): void {
  const socket = native().open(AF_INET, SOCK_DGRAM, 0);
  try {
    native().ioctl(socket, request, argument);
  } finally {
    native().close(socket);
  }
}

/** Numbers of PPP, which the kernel has for network protocols, too. */
export const PROTOCOL_OF_FAMILY = { 4: 0x0021, 6: 0x0057 } as const;

const PROTOCOL_BYTES = 2;
const PACKET_BYTES_MAX = 4096;
/** Taken in one wake-up before other work gets its turn. */
const PACKETS_MAX = 64;
const EAGAIN = 11;
const EOVERFLOW = 75;
const AF_INET = 2;
const SOCK_DGRAM = 2;
