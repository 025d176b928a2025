import type { Socket } from "node:net";

/** How many connections there may be: no device of the house takes all of them. */
export interface Connections {
  /** False: one too many, and it was ended. */
  admit(socket: Socket): boolean;
  readonly open: number;
  readonly refused: number;
}

export const CONNECTIONS_MAX = 512;
export const CONNECTIONS_OF_ADDRESS_MAX = 64;

export function countConnections(): Connections {
  const counts = new Map<string, number>();
  let open = 0;
  let refused = 0;
  return {
    admit(socket) {
      const address = socket.remoteAddress ?? "local";
      const own = counts.get(address) ?? 0;
      if (open >= CONNECTIONS_MAX || own >= CONNECTIONS_OF_ADDRESS_MAX) {
        refused += 1;
        socket.destroy();
        return false;
      }
      open += 1;
      counts.set(address, own + 1);
      socket.once("close", () => {
        open -= 1;
        const left = (counts.get(address) ?? 1) - 1;
        if (left > 0) counts.set(address, left);
        else counts.delete(address);
      });
      return true;
    },
    get open() {
      return open;
    },
    get refused() {
      return refused;
    },
  };
}
