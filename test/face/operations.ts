import { allRoutes, type Route } from "@passerelle/api";
import type { Question } from "./asker.ts";

/** An operation of the table as somebody would ask it who knows nothing: with an id that nobody has. */
export interface Knock {
  readonly key: string;
  readonly route: Route;
  readonly method: string;
  readonly path: string;
}

export const KNOCKS: readonly Knock[] = allRoutes.map(([key, route]) => {
  const [method = "", path = ""] = key.split(" ");
  return { key, route, method, path: `/api/v1${path.replace(/\{\w+\}/g, "nobody")}` };
});

/** A question that is refused by its body at the latest: it changes nothing even where it is let in. */
export function harmless({ method, path, route, key }: Knock): Question {
  const upgrade =
    key === "GET /events"
      ? {
          connection: "Upgrade",
          upgrade: "websocket",
          "sec-websocket-version": "13",
          "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
        }
      : {};
  const hasBody = method !== "GET" && method !== "DELETE";
  return {
    method,
    path,
    headers: {
      "x-passerelle": "1",
      ...(hasBody ? { "content-type": "application/json" } : {}),
      ...upgrade,
    },
    ...(hasBody ? { body: route.body === undefined ? "{}" : '{"nobody":1}' } : {}),
    ...(route.media === "text/event-stream" ? { firstChunk: true } : {}),
  };
}
