import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";

export interface RawServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Who answers in whatever way. */
export async function rawServer(serve: (socket: Socket) => void): Promise<RawServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
    serve(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, "close");
    },
  };
}

/** The same octets for as long as anybody takes them. Nothing is kept here. */
export function endlessly(write: (piece: string) => boolean, on: Socket, piece: string): void {
  const more = (): void => {
    while (!on.destroyed && write(piece));
  };
  on.on("drain", more);
  more();
}

/** A port where nobody is: it was somebody's a moment ago. */
export async function nobodysPort(): Promise<number> {
  const server = await rawServer(() => {});
  await server.close();
  return server.port;
}
