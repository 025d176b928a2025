/**
 * The web server of the small Internet. It says whom it saw, which is how a test knows that NAT was done.
 *
 *   GET /          a page with the client's address
 *   GET /address   the client's address alone, as text
 *   GET /big?bytes=N   N octets, for throughput
 *   GET /slow?ms=N     an answer after N milliseconds
 *   UDP and TCP port 7: echo (RFC 862)
 */
import { createSocket } from "node:dgram";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTcpServer } from "node:net";

const BIG_MAX = 10 * 1024 * 1024 * 1024;
const CHUNK = Buffer.alloc(256 * 1024, "passerelle ");

function serve(request: IncomingMessage, response: ServerResponse): void {
  const client = request.socket.remoteAddress ?? "";
  const url = new URL(request.url ?? "/", "http://web.internet.test");
  response.setHeader("x-client-address", client);
  response.setHeader("cache-control", "no-store");
  if (url.pathname === "/address") return void response.end(`${client}\n`);
  if (url.pathname === "/big") {
    sendBig(response, url.searchParams.get("bytes"));
    return;
  }
  if (url.pathname === "/slow") {
    const wait = Math.min(Number(url.searchParams.get("ms") ?? 1000), 60_000);
    setTimeout(() => response.end("late\n"), wait);
    return;
  }
  if (url.pathname !== "/") {
    response.statusCode = 404;
    return void response.end("not here\n");
  }
  response.setHeader("content-type", "text/html; charset=utf-8");
  response.end(
    `<!doctype html><title>Internet</title><h1>This is the Internet</h1><p>You are ${client}.</p>\n`,
  );
}

function sendBig(response: ServerResponse, asked: string | null): void {
  const total = Math.min(Number(asked ?? 100 * 1024 * 1024), BIG_MAX);
  if (!Number.isSafeInteger(total) || total < 0) {
    response.statusCode = 400;
    return void response.end("bytes is no number\n");
  }
  response.setHeader("content-type", "application/octet-stream");
  response.setHeader("content-length", total);
  let left = total;
  const more = () => {
    while (left > 0) {
      const part = left >= CHUNK.length ? CHUNK : CHUNK.subarray(0, left);
      left -= part.length;
      if (!response.write(part)) return;
    }
    response.end();
  };
  response.on("drain", more);
  more();
}

const echo = createSocket("udp4");
echo.on("message", (message, peer) => echo.send(message, peer.port, peer.address));
echo.bind(7, "0.0.0.0");
createTcpServer((socket) => {
  socket.on("error", () => socket.destroy());
  socket.pipe(socket);
}).listen(7, "0.0.0.0");
// A socket a family: one for both would call every client of IPv4 by an address of IPv6.
for (const host of ["0.0.0.0", "::"])
  createServer(serve).listen({ port: 80, host, ipv6Only: true });
