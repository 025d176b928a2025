import { createServer, type Server, type Socket } from "node:net";
import { HEADER_BYTES, MESSAGE_BYTES_MAX } from "@passerelle/dns";
import { err, ok, type Result } from "@passerelle/result";
import type { Clock } from "@passerelle/service";
import type { SocketError } from "@passerelle/sockets";
import { milliseconds } from "@passerelle/time";
import type { DnsCounters } from "./counters.ts";
import type { Responder } from "./responder.ts";
import { frame, StreamFrames } from "./stream-frames.ts";

export interface StreamListenerOptions {
  readonly clock: Clock;
  readonly responder: Responder;
  readonly counters: DnsCounters;
  /** As text. */
  readonly address: string;
  readonly port: number;
}

/** Serves TCP on one address (RFC 7766): pipelined queries, answers in any order, connections limited a client and in all. */
export async function listenStream(
  options: StreamListenerOptions,
): Promise<Result<{ close(): void }, SocketError>> {
  const perClient = new Map<string, number>();
  const connections = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    const from = socket.remoteAddress ?? "";
    const held = perClient.get(from) ?? 0;
    if (held >= PER_CLIENT_MAX || connections.size >= CONNECTIONS_MAX) {
      options.counters.tcpRefused += 1;
      socket.destroy();
      return;
    }
    perClient.set(from, held + 1);
    connections.add(socket);
    socket.on("close", () => {
      connections.delete(socket);
      const left = (perClient.get(from) ?? 1) - 1;
      if (left > 0) perClient.set(from, left);
      else perClient.delete(from);
    });
    serve(socket, from, options);
  });
  const listening = await listen(server, options);
  if (!listening.ok) return listening;
  return ok({
    close: () => {
      server.close();
      for (const socket of connections) socket.destroy();
    },
  });
}

function serve(socket: Socket, from: string, options: StreamListenerOptions): void {
  const { clock, responder, counters } = options;
  const frames = new StreamFrames();
  let inFlight = 0;
  let quiet: { cancel(): void } | undefined;
  const wait = (): void => {
    quiet?.cancel();
    quiet = clock.later(milliseconds(inFlight > 0 ? BUSY_MS : IDLE_MS), () => socket.destroy());
  };
  const send = (bytes: Uint8Array): void => {
    if (socket.destroyed) return;
    socket.write(frame(bytes));
    // Who asks and does not read holds no memory of ours.
    if (socket.writableLength > UNREAD_BYTES_MAX) socket.destroy();
  };
  const take = (message: Uint8Array): boolean => {
    if (message.length < HEADER_BYTES) {
      socket.destroy();
      return false;
    }
    counters.queriesTcp += 1;
    const length = responder.fast(message, 0, message.length, scratch, 0, true, clock.now());
    if (length > 0) {
      counters.cacheHits += 1;
      send(scratch.slice(0, length));
      return true;
    }
    inFlight += 1;
    if (inFlight >= IN_FLIGHT_MAX) socket.pause();
    let answered = false;
    const reply = (bytes: Uint8Array): void => {
      if (answered) return;
      answered = true;
      inFlight -= 1;
      send(bytes);
      if (!socket.destroyed) {
        socket.resume();
        wait();
      }
    };
    responder.handle(message.slice(), { id: from, stream: true, reply });
    return !socket.destroyed;
  };
  socket.on("data", (piece: Buffer) => {
    frames.push(piece, take);
    // A message that trickles in does not extend the wait (slowloris).
    if (frames.pendingBytes === 0 && !socket.destroyed) wait();
  });
  socket.on("error", () => undefined);
  socket.on("close", () => quiet?.cancel());
  wait();
}

function listen(
  server: Server,
  options: StreamListenerOptions,
): Promise<Result<void, SocketError>> {
  return new Promise((resolve) => {
    const refused = (error: NodeJS.ErrnoException): void =>
      resolve(err({ code: error.code ?? "UNKNOWN", text: error.message }));
    server.once("error", refused);
    server.listen({ host: options.address, port: options.port, backlog: 128 }, () => {
      server.off("error", refused);
      // Accepting may fail for want of descriptors; the server stays.
      server.on("error", () => undefined);
      resolve(ok(undefined));
    });
  });
}

/** One message is written at a time, and copied out at once. */
const scratch = new Uint8Array(MESSAGE_BYTES_MAX);
const CONNECTIONS_MAX = 256;
const PER_CLIENT_MAX = 16;
/** Queries of one connection under way; more wait in the kernel. */
const IN_FLIGHT_MAX = 64;
/** RFC 7766 section 6.2.3: in the order of seconds. */
const IDLE_MS = 10_000;
const BUSY_MS = 15_000;
const UNREAD_BYTES_MAX = 1 << 18;
