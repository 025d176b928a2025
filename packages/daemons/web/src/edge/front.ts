import type { IncomingMessage, ServerResponse } from "node:http";
import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { getRequestListener } from "@hono/node-server";
import { API_ROOT, allRoutes } from "@passerelle/api";
import type { Fault } from "@passerelle/result";
import { ANSWER_HEADERS, NO_STORE } from "../core/answer-headers.ts";
import { doorFault } from "../core/faults.ts";
import { isForeign, isForeignSocket, METHODS } from "../core/foreign.ts";
import { isOwnHost } from "../core/host.ts";
import { readTarget } from "../core/path.ts";
import { problemOf } from "../core/problem.ts";
import type { Api } from "./api/create-api.ts";
import { apiFault } from "./api/faults.ts";
import type { Page } from "./page.ts";
import type { Door } from "./port.ts";

/** The one way in: every door, with TLS or without, leads a request through here, and nothing is before it. */
export interface Front {
  request(incoming: IncomingMessage, outgoing: ServerResponse, entry: Entry): void;
  upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer, entry: Entry): void;
}

/** The door that a request came in by. */
export interface Entry {
  /** The unix socket of the box itself. */
  readonly local: boolean;
  readonly secure: boolean;
  /** The address of ours that was called. */
  readonly address: string;
}

export interface FrontOptions {
  readonly door: Pick<Door, "resolveCaller">;
  readonly api: Pick<Api, "fetch" | "upgrade">;
  readonly page: Page;
  readonly names: () => ReadonlySet<string>;
  readonly httpsRequired: () => boolean;
  readonly httpsPort: () => number;
}

/** Undefined: it may go on. */
type Refusal = { readonly fault: Fault; readonly headers?: Record<string, string> } | undefined;

export function createFront(options: FrontOptions): Front {
  const { door, api, page } = options;
  return {
    request(incoming, outgoing, entry) {
      for (const [name, value] of Object.entries(ANSWER_HEADERS)) outgoing.setHeader(name, value);
      const target = readTarget(incoming.url ?? "");
      if (target.kind !== "page") outgoing.setHeader("cache-control", NO_STORE);
      if (target.kind === "refused") {
        const fault =
          target.code === "not_found" ? apiFault("not_found") : doorFault("path_refused");
        refuse(incoming, outgoing, fault);
        return;
      }
      const refusal = guard(options, incoming, entry, target);
      if (refusal !== undefined) {
        refuse(incoming, outgoing, refusal.fault, refusal.headers);
        return;
      }
      if (target.kind === "page") {
        page.serve(incoming, outgoing, target.path);
        return;
      }
      const caller = door.resolveCaller({
        headers: incoming.headers,
        source: sourceOf(incoming, entry),
        secure: entry.secure,
        local: entry.local,
      });
      const listener = getRequestListener((request) => api.fetch(request, caller), ADAPTER);
      listener(incoming, outgoing).catch(() => outgoing.destroy());
    },
    upgrade(incoming, socket, head, entry) {
      const target = readTarget(incoming.url ?? "");
      const isOurs = entry.local || isOwnHost(incoming.headers.host, own(options, entry));
      if (target.kind !== "api") endSocket(socket, 400);
      else if (!isOurs) endSocket(socket, 421);
      else if (!entry.local && isForeignSocket(provenance(incoming, entry))) endSocket(socket, 403);
      else if (isPlainWhereSecure(options, entry)) endSocket(socket, 403);
      else {
        const caller = door.resolveCaller({
          headers: incoming.headers,
          source: sourceOf(incoming, entry),
          secure: entry.secure,
          local: entry.local,
        });
        api.upgrade(incoming, socket, head, caller);
      }
    },
  };
}

/** In this order: the method, who is called, how, and whose page sent it. A program on the box has no page. */
function guard(
  options: FrontOptions,
  incoming: IncomingMessage,
  entry: Entry,
  target: { readonly kind: "api" | "page"; readonly path: string },
): Refusal {
  const method = incoming.method ?? "";
  const isPageWrite = target.kind === "page" && method !== "GET" && method !== "HEAD";
  if (!METHODS.has(method) || isPageWrite)
    return { fault: apiFault("method_not_allowed"), headers: { allow: "GET, HEAD" } };
  const takesFile = isUpload(method, target.path);
  // How much of a file is taken its operation says, once it is known who sends it.
  if (!takesFile && Number(incoming.headers["content-length"] ?? 0) > BODY_MAX)
    return { fault: apiFault("body_too_large"), headers: { connection: "close" } };
  if (entry.local) return undefined;
  if (!isOwnHost(incoming.headers.host, own(options, entry)))
    return { fault: doorFault("host_not_allowed") };
  if (isPlainWhereSecure(options, entry) && !WITHOUT_TLS.has(`${method} ${target.path}`))
    return toHttps(options, incoming, method);
  if (isForeign({ ...provenance(incoming, entry), takesFile }))
    return { fault: doorFault("foreign_request") };
  return undefined;
}

function own(options: FrontOptions, { address }: Entry) {
  return { address, names: options.names() };
}

function isPlainWhereSecure(options: FrontOptions, entry: Entry): boolean {
  return !entry.local && !entry.secure && options.httpsRequired();
}

/** What the browser asks is asked again over TLS; what it wrote is not, for it was already read on the way. */
function toHttps(options: FrontOptions, incoming: IncomingMessage, method: string): Refusal {
  const fault = doorFault("https_required");
  if (method !== "GET" && method !== "HEAD") return { fault };
  const host = (incoming.headers.host ?? "").replace(/:\d+$/, "");
  const port = options.httpsPort();
  const authority = port === 443 ? host : `${host}:${port}`;
  return { fault, headers: { location: `https://${authority}${incoming.url ?? "/"}` } };
}

function provenance(incoming: IncomingMessage, entry: Entry) {
  const { headers } = incoming;
  const fetchSite = headers["sec-fetch-site"];
  return {
    method: incoming.method ?? "",
    ownOrigin: `${entry.secure ? "https" : "http"}://${headers.host?.toLowerCase() ?? ""}`,
    origin: headers.origin,
    fetchSite: typeof fetchSite === "string" ? fetchSite : undefined,
    contentType: headers["content-type"],
    hasBody:
      headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0,
    isMarked: headers["x-passerelle"] === "1",
    hasBearer: /^Bearer ./i.test(headers.authorization ?? ""),
  };
}

function sourceOf(incoming: IncomingMessage, { local }: Entry): string {
  return local ? "local" : (incoming.socket.remoteAddress ?? "unknown").replace(/^::ffff:/, "");
}

function refuse(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  fault: Fault,
  headers: Readonly<Record<string, string>> = {},
): void {
  const problem = problemOf(fault);
  const body = JSON.stringify(problem);
  const status = headers.location === undefined ? problem.status : 308;
  // What came with it is not read: the connection is of no more use.
  const ending = incoming.complete || isBodiless(incoming) ? {} : { connection: "close" };
  outgoing.writeHead(status, {
    "content-type": "application/problem+json",
    "cache-control": NO_STORE,
    "content-length": Buffer.byteLength(body),
    ...ending,
    ...headers,
  });
  outgoing.end(incoming.method === "HEAD" ? undefined : body);
}

function isBodiless({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] === undefined && Number(headers["content-length"] ?? 0) === 0;
}

/** An answer outside of HTTP's own machinery: to a handshake, or to what could not be read at all. */
export function endSocket(socket: Duplex, status: number): void {
  if (socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}`,
    ...Object.entries(ANSWER_HEADERS).map(([name, value]) => `${name}: ${value}`),
    `cache-control: ${NO_STORE}`,
    "connection: close",
    "content-length: 0",
    "",
    "",
  ];
  socket.end(lines.join("\r\n"));
  socket.on("error", () => socket.destroy());
}

/** Whether its body is a file: larger, and longer on its way, than any other. */
export function isUpload(method: string, path: string): boolean {
  return UPLOADS.has(`${method} ${path}`);
}

const UPLOADS: ReadonlySet<string> = new Set(
  allRoutes.flatMap(([key, { upload }]) =>
    upload === undefined ? [] : [key.replace(" ", ` ${API_ROOT}`)],
  ),
);

export const BODY_MAX = 1024 * 1024;
/** Where TLS is required: what is needed to get there, and what must work while a name or an address changes. */
const WITHOUT_TLS: ReadonlySet<string> = new Set([
  "GET /api/v1/certificate",
  "POST /api/v1/config/confirm",
]);
const ADAPTER = { hostname: "box", overrideGlobalObjects: false } as const;
