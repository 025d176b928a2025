import { readFileSync } from "node:fs";
import { extname, join } from "node:path";
import type { ChannelName, Operation, ReplyOf, Routes } from "@passerelle/api";
import type { BrowserContext, Route, WebSocketRoute } from "playwright-core";

/** What the stand-in answers: typed by the API, so that it can't say what the box would not. */
export interface Fixture {
  readonly replies: { readonly [Key in Operation]?: ReplyOf<Routes[Key]> };
  readonly channels: Readonly<Partial<Record<ChannelName, unknown>>>;
  /** Operations that are refused, with status and problem. */
  readonly refusals?: Readonly<Partial<Record<Operation, readonly [number, object]>>>;
}

export const ORIGIN = "https://box.home.arpa";
/** Another build than the usual one, where several people look at once. */
const DIST = process.env.LOOK_DIST ?? join(import.meta.dirname, "../../dist");
/** As the web daemon sends it. */
const POLICY =
  "default-src 'self'; script-src 'self'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; require-trusted-types-for 'script'";
const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};

/** The built page with an API of made-up values, inside the browser: to look at pages without a gateway. No test rests on it. */
export async function standIn(context: BrowserContext, fixture: Fixture): Promise<void> {
  await context.routeWebSocket(/\/api\/v1\/events$/, (socket) => live(socket, fixture));
  await context.route("**/*", (route) => answer(route, fixture));
}

async function answer(route: Route, fixture: Fixture): Promise<void> {
  const url = new URL(route.request().url());
  if (url.origin !== ORIGIN) return route.abort();
  if (url.pathname.startsWith("/api/v1/")) return api(route, url.pathname, fixture);
  const extension = extname(url.pathname);
  const file = extension === "" ? "/index.html" : url.pathname;
  return route.fulfill({
    body: readFileSync(join(DIST, file)),
    contentType: TYPES[extname(file)] ?? "application/octet-stream",
    headers: { "content-security-policy": POLICY },
  });
}

async function api(route: Route, path: string, fixture: Fixture): Promise<void> {
  const asked = `${route.request().method()} ${path.slice("/api/v1".length)}`;
  const fits = (key: string): boolean =>
    new RegExp(`^${key.replace(/\{\w+\}/g, "[^/]+")}$`).test(asked);
  const refusal = Object.entries(fixture.refusals ?? {}).find(([key]) => fits(key))?.[1];
  if (refusal !== undefined) {
    const [status, json] = refusal;
    return route.fulfill({ status, json });
  }
  const keys = Object.keys(fixture.replies).filter(fits);
  // "GET /sessions/current" before "GET /sessions/{id}".
  const key = keys.includes(asked) ? asked : keys[0];
  if (key === undefined) return route.fulfill({ status: 204 });
  return route.fulfill({ json: (fixture.replies as Readonly<Record<string, unknown>>)[key] });
}

function live(socket: WebSocketRoute, fixture: Fixture): void {
  let seq = 0;
  const send = (message: object): void => {
    socket.send(JSON.stringify({ ...message, seq }));
    seq += 1;
  };
  send({ type: "hello", boot: "boot" });
  socket.onMessage((text) => {
    const message = JSON.parse(String(text)) as { type: string; channels?: ChannelName[] };
    if (message.type === "ping") send({ type: "pong" });
    for (const channel of message.channels ?? []) {
      const value = fixture.channels[channel];
      if (message.type === "subscribe" && value !== undefined) {
        send({ type: "snapshot", channel, value });
      }
    }
  });
}
