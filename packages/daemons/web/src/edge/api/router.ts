import { API_ROOT, allRoutes, type Route } from "@passerelle/api";
import type { Clock, Entropy, Logger } from "@passerelle/service";
import { Hono } from "hono";
import { brokenAnswer, dataAnswer, problemAnswer } from "./answer.ts";
import { apiFault } from "./faults.ts";
import { createIdempotency, type Idempotency } from "./idempotency.ts";
import { admit, fingerprintOf, readCall, readUpload } from "./intake.ts";
import type { Caller, Outcome } from "./port.ts";
import type { Upload } from "./uploads.ts";

/** Every operation is alike here: its types are for those who write it and those who call it. */
export interface LooseCall {
  readonly input: {
    readonly params?: Readonly<Record<string, string>>;
    readonly query?: unknown;
    readonly body?: unknown;
  };
  readonly caller: Caller;
  readonly ifMatch?: number;
  /** Where the body is a file. */
  readonly upload?: Upload;
}

/** A `Response` where the answer is a stream or a file. */
export type LooseHandler = (call: LooseCall) => Promise<Outcome<unknown> | Response>;

export interface RouterOptions {
  readonly handlers: Readonly<Record<string, LooseHandler>>;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly log: Logger;
}

export interface Router {
  fetch(request: Request, caller: Caller): Promise<Response>;
  /** Answers kept for a caller that asks again. */
  readonly kept: number;
}

/** Routes exactly the operations of the table: what is not in it does not exist. */
export function createRouter(options: RouterOptions): Router {
  const idempotency = createIdempotency(options.clock);
  const app = new Hono<Environment>().basePath(API_ROOT);
  for (const [key, route] of inOrder()) {
    const handler = options.handlers[key];
    if (handler === undefined) throw new Error(`invariant: ${key} has a handler`);
    const [method = "", path = ""] = key.split(" ");
    app.on(method, honoPath(path), (context) =>
      answer({ key, route, handler, idempotency, request: context.req.raw }, context.env, {
        ...context.req.param(),
      }),
    );
  }
  for (const [path, methods] of methodsByPath()) {
    const headers = { allow: methods.join(", ") };
    app.all(honoPath(path), () =>
      problemAnswer({ fault: apiFault("method_not_allowed"), headers }),
    );
  }
  app.notFound(() => problemAnswer({ fault: apiFault("not_found") }));
  app.onError((error, context) =>
    broken(options, `${context.req.method} ${context.req.routePath}`, error),
  );
  return {
    async fetch(request, caller) {
      // Hono would answer HEAD by running GET and throwing its body away: an event stream would stay open for nobody.
      if (request.method === "HEAD")
        return problemAnswer({ fault: apiFault("method_not_allowed") });
      try {
        return await app.fetch(request, { caller });
      } catch (error) {
        return broken(options, request.method, error);
      }
    },
    get kept() {
      return idempotency.size;
    },
  };
}

interface Environment {
  readonly Bindings: { readonly caller: Caller };
}

interface Operating {
  readonly key: string;
  readonly route: Route;
  readonly handler: LooseHandler;
  readonly idempotency: Idempotency;
  readonly request: Request;
}

/** Who, then what: a stranger learns nothing of what is wrong with a request it may not make. */
async function answer(
  operating: Operating,
  { caller }: Environment["Bindings"],
  params: Readonly<Record<string, string>>,
): Promise<Response> {
  const { key, route, handler, idempotency, request } = operating;
  const refusal = admit(route, caller);
  if (refusal !== undefined) {
    const headers = route.upload === undefined ? {} : { connection: "close" };
    return problemAnswer({ fault: refusal, headers });
  }
  if (route.upload !== undefined) return answerUpload(operating, route.upload, caller);
  const read = await readCall({ key, route, request, caller, params });
  if (!read.ok) return problemAnswer(read.error);
  const { call, body } = read.value;
  const run = async (): Promise<Response> => {
    const outcome = await handler(call);
    if (outcome instanceof Response) return outcome;
    if (!outcome.ok) return problemAnswer(outcome);
    return dataAnswer(route, outcome.data, outcome.headers);
  };
  const once = request.headers.get("idempotency-key");
  // A login is never kept: its answer is a right. A stranger could push out what others need.
  if (once === null || request.method !== "POST" || caller.kind === "anyone") return run();
  if (route.tag === "Sessions") return run();
  const kept = idempotency.once(
    fingerprintOf(caller.kind, caller.sessionId ?? caller.actor, once),
    fingerprintOf(key, new URL(request.url).pathname, body),
    async () => {
      const response = await run();
      return {
        status: response.status,
        headers: [...response.headers],
        body: await response.text(),
      };
    },
  );
  if (kept === "reused") return problemAnswer({ fault: apiFault("idempotency_key_reused") });
  const { status, headers, body: text } = await kept;
  return new Response(status === 204 ? null : text, {
    status,
    headers: headers.map(([name, value]): [string, string] => [name, value]),
  });
}

/** A body that nobody wants is not read: the connection ends with the answer. */
async function answerUpload(
  { route, handler, request }: Operating,
  wanted: NonNullable<Route["upload"]>,
  caller: Caller,
): Promise<Response> {
  const headers = { connection: "close" };
  const read = readUpload(request, wanted);
  if (!read.ok) return problemAnswer({ ...read.error, headers });
  const outcome = await handler({ input: {}, caller, upload: read.value });
  if (outcome instanceof Response) return outcome;
  return outcome.ok
    ? dataAnswer(route, outcome.data, outcome.headers)
    : problemAnswer({ ...outcome, headers });
}

function broken(options: RouterOptions, operation: string, error: unknown): Response {
  const number = options.entropy.uint32().toString(16).padStart(8, "0");
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  options.log.error("api_handler_threw", { number, operation, error: text.slice(0, 4000) });
  return brokenAnswer(number);
}

/** The first that fits answers: a word before a parameter, `/sessions/current` before `/sessions/{id}`. */
function inOrder(): typeof allRoutes {
  return allRoutes.toSorted(([a], [b]) => a.split("{").length - b.split("{").length);
}

function methodsByPath(): ReadonlyMap<string, readonly string[]> {
  const methods = new Map<string, string[]>();
  for (const [key] of inOrder()) {
    const [method = "", path = ""] = key.split(" ");
    methods.set(path, [...(methods.get(path) ?? []), method]);
  }
  return methods;
}

function honoPath(path: string): string {
  return path.replace(/\{(\w+)\}/g, ":$1");
}
