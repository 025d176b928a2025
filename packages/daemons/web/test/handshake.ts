import { createConnection } from "node:net";
import type { Rig } from "./rig.ts";

/** The first line of the answer to a WebSocket handshake. */
export function webSocketUpgrade(
  { address, config }: Rig,
  options: {
    readonly bearer?: string;
    readonly origin?: string;
    readonly site?: string;
    readonly host?: string;
  },
): Promise<string> {
  const lines = [
    "GET /api/v1/events HTTP/1.1",
    `Host: ${options.host ?? `${address}:${config.httpPort}`}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
    ...(options.bearer === undefined ? [] : [`Authorization: Bearer ${options.bearer}`]),
    ...(options.origin === undefined ? [] : [`Origin: ${options.origin}`]),
    ...(options.site === undefined ? [] : [`Sec-Fetch-Site: ${options.site}`]),
  ];
  return new Promise((resolve, reject) => {
    const socket = createConnection(config.httpPort, address);
    let text = "";
    socket.on("connect", () => socket.write(`${lines.join("\r\n")}\r\n\r\n`));
    socket.on("data", (data) => {
      text += data.toString("latin1");
      if (text.includes("\r\n")) socket.destroy();
    });
    socket.on("error", reject);
    socket.on("close", () => resolve(text.split("\r\n")[0] ?? ""));
  });
}
