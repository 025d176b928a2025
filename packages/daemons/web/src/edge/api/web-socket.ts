import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { API_ROOT, CLOSE_CODES, clientMessage, readInput } from "@passerelle/api";
import type { Fault } from "@passerelle/result";
import type { Clock } from "@passerelle/service";
import { seconds } from "@passerelle/time";
import { type WebSocket, WebSocketServer } from "ws";
import { type BucketRate, fullBucket, take } from "../../core/events/bucket.ts";
import { problemAnswer } from "./answer.ts";
import { apiFault } from "./faults.ts";
import type { Hub } from "./hub.ts";
import { type Line, Outlet, said } from "./outlet.ts";
import type { Caller } from "./port.ts";

/** The WebSocket of the event hub. */
export interface Sockets {
  upgrade(request: IncomingMessage, socket: Duplex, head: Uint8Array, caller: Caller): void;
  close(): void;
}

export function createSockets(hub: Hub, clock: Clock): Sockets {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: MESSAGE_BYTES_MAX,
    perMessageDeflate: false,
    // Ours are counted by the hub.
    clientTracking: false,
  });
  return {
    upgrade(request, socket, head, caller) {
      // Between here and the handshake nobody else listens, and an error without a listener ends the process.
      socket.on("error", () => socket.destroy());
      const fault = refusalOf(request, caller);
      if (fault !== undefined) {
        void refuse(socket, fault);
        return;
      }
      server.handleUpgrade(request, socket, Buffer.from(head), (webSocket) => {
        // A page is told why by the code: it never sees the answer to a refused upgrade.
        if (hub.isFull) turnAway(webSocket, clock);
        else serve(webSocket, hub, clock, caller);
      });
    },
    close: () => server.close(),
  };
}

function refusalOf(request: IncomingMessage, caller: Caller): Fault | undefined {
  const [path] = (request.url ?? "").split("?");
  if (path !== `${API_ROOT}/events`) return apiFault("not_found");
  if (caller.kind === "anyone") return apiFault("not_logged_in");
  return caller.capabilities.has("read") ? undefined : apiFault("not_allowed");
}

function serve(webSocket: WebSocket, hub: Hub, clock: Clock, caller: Caller): void {
  const outlet = new Outlet(caller, lineOf(webSocket, clock));
  let bucket = fullBucket(MESSAGE_RATE, clock.now());
  webSocket.on("message", (data, isBinary) => {
    const left = take(bucket, MESSAGE_RATE, clock.now());
    if (left === undefined) {
      outlet.end(CLOSE_CODES.policy, "too_many_messages");
      return;
    }
    bucket = left;
    obey(hub, outlet, isBinary ? undefined : textOf(data));
  });
  webSocket.on("close", () => outlet.over());
  // Too long, not UTF-8, broken framing: ws closes it itself with the right code.
  webSocket.on("error", () => outlet.over());
  hub.add(outlet);
}

function obey(hub: Hub, outlet: Outlet, text: string | undefined): void {
  const message = readInput(clientMessage, text === undefined ? undefined : parse(text));
  if (!message.ok) {
    outlet.say(said("error", { code: "bad_request" }));
    return;
  }
  switch (message.value.type) {
    case "subscribe":
      for (const channel of new Set(message.value.channels)) hub.follow(outlet, channel);
      return;
    case "unsubscribe":
      for (const channel of message.value.channels) hub.unfollow(outlet, channel);
      return;
    case "ping":
      outlet.say(said("pong"));
  }
}

function lineOf(webSocket: WebSocket, clock: Clock): Line {
  let answered = true;
  webSocket.on("pong", () => {
    answered = true;
  });
  return {
    get waiting() {
      return webSocket.bufferedAmount;
    },
    send: (text) => webSocket.send(text),
    beat() {
      if (!answered) return false;
      answered = false;
      webSocket.ping();
      return true;
    },
    end: (code, reason) => closeSoon(webSocket, clock, code, reason),
  };
}

function turnAway(webSocket: WebSocket, clock: Clock): void {
  webSocket.on("error", () => undefined);
  closeSoon(webSocket, clock, CLOSE_CODES.tryLater, "too_many_clients");
}

/** Who does not read will not read the goodbye either: a second later it is cut. */
function closeSoon(webSocket: WebSocket, clock: Clock, code: number, reason: string): void {
  webSocket.close(code, reason);
  const timer = clock.later(GOODBYE, () => webSocket.terminate());
  webSocket.once("close", () => timer.cancel());
}

/** Says no to an upgrade in plain HTTP, and closes. */
async function refuse(socket: Duplex, fault: Fault): Promise<void> {
  const answer = problemAnswer({ fault });
  const body = await answer.text();
  const head = [
    `HTTP/1.1 ${answer.status} ${fault.code}`,
    ...[...answer.headers].map(([name, value]) => `${name}: ${value}`),
    `content-length: ${Buffer.byteLength(body)}`,
    "connection: close",
  ].join("\r\n");
  socket.end(`${head}\r\n\r\n${body}`);
}

function textOf(data: WebSocket.RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString("utf8");
  return (data instanceof ArrayBuffer ? Buffer.from(data) : data).toString("utf8");
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const MESSAGE_BYTES_MAX = 4096;
const MESSAGE_RATE: BucketRate = { perSecond: 20, burst: 20 };
const GOODBYE = seconds(1);
