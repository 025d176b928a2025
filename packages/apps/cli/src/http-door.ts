import { type IncomingMessage, request as plain, type RequestOptions } from "node:http";
import { request as encrypted } from "node:https";
import { Readable } from "node:stream";
import { carryOver, type Door, type Opened, type SentRequest } from "./door.ts";
import { ownFailure } from "./failure.ts";

/** Where the box is and what proves who asks. */
export type Target =
  | { readonly kind: "socket"; readonly path: string }
  | {
      readonly kind: "network";
      readonly url: URL;
      readonly token: string | undefined;
      /** PEM of the box's own authority, for https. */
      readonly authority: string | undefined;
    };

/** `stopped` ends whatever is under way. */
export function httpDoor(target: Target, stopped: AbortSignal): Door {
  const open: Door["open"] = (request, signal) => send(target, request, signal);
  return {
    name: nameOf(target),
    carry: carryOver(open, stopped, () => ownFailure("answer_too_long")),
    open,
  };
}

/** A door's name as part of a file name. */
export function nameOf(target: Target): string {
  if (target.kind === "socket") return "local";
  return target.url.host.replace(/[^a-zA-Z0-9.-]/g, "_");
}

function send(target: Target, request: SentRequest, signal: AbortSignal): Promise<Opened> {
  return new Promise((resolve, reject) => {
    const isEncrypted = target.kind === "network" && target.url.protocol === "https:";
    const sent = (isEncrypted ? encrypted : plain)(
      { ...optionsOf(target, request), signal },
      (answer) => resolve({ status: answer.statusCode ?? 0, body: chunksOf(answer) }),
    );
    sent.once("socket", (socket) => socket.once("connect", () => sent.setTimeout(SILENCE_MS)));
    sent.on("timeout", () => sent.destroy(new Error("no answer in time")));
    sent.once("error", (error) => reject(signal.aborted ? error : unreachable(error)));
    if (request.file === undefined) sent.end(request.body);
    // Where it breaks off, the answer or the error of the request says why.
    else
      Readable.from(request.file.stream)
        .on("error", () => sent.destroy())
        .pipe(sent);
  });
}

function optionsOf(target: Target, request: SentRequest): RequestOptions & { ca?: string } {
  const { method, path } = request;
  // The one limit that holds while a connection is being made.
  const common = { method, path, agent: false as const, timeout: CONNECT_MS };
  // The list of sessions then says which program it was.
  const headers = {
    "user-agent": "passerelle",
    ...request.headers,
    ...(request.file === undefined ? {} : { "content-length": String(request.file.bytes) }),
  };
  if (target.kind === "socket") return { ...common, headers, socketPath: target.path };
  const { url, token, authority } = target;
  return {
    ...common,
    headers: {
      ...headers,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    protocol: url.protocol,
    // A literal of IPv6 stands in brackets in a URL and without them in a look-up.
    hostname: url.hostname.replace(/^\[|\]$/g, ""),
    ...(url.port === "" ? {} : { port: url.port }),
    ...(authority === undefined ? {} : { ca: authority }),
  };
}

async function* chunksOf(answer: IncomingMessage): AsyncIterable<Uint8Array> {
  try {
    for await (const chunk of answer) yield chunk as Uint8Array;
  } catch (error) {
    throw unreachable(error);
  }
}

function unreachable(error: unknown): Error {
  const { code, message } = error as NodeJS.ErrnoException;
  const detail = [code ?? message];
  if (code === "EACCES" || code === "EPERM") return ownFailure("socket_denied", detail);
  if (/CERT|UNABLE_TO_VERIFY/.test(code ?? "")) return ownFailure("certificate_untrusted", detail);
  return ownFailure("box_unreachable", detail);
}

/** A box of the same house is there at once, or not at all. */
const CONNECT_MS = 8000;
/** A box under load answers later than this only if it is away; a stream says something more often. */
const SILENCE_MS = 60_000;
