import { toJsonSchema } from "@valibot/to-json-schema";
import type { GenericSchema } from "valibot";
import { problem } from "./common.ts";
import type { Route } from "./define.ts";
import { CHANNELS, clientMessage } from "./events.ts";
import { API_ROOT, allRoutes } from "./index.ts";
import { statusOf } from "./statuses.ts";

type Json = Readonly<Record<string, unknown>>;

/** The OpenAPI 3.1 document of the API: made from the table of routes, so that it can't say something else. */
export function openApiDocument(): Json {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [key, route] of allRoutes) {
    const [method = "", path = ""] = key.split(" ");
    const item = paths[path] ?? {};
    item[method.toLowerCase()] = operation(key, path, route);
    paths[path] = item;
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Passerelle",
      // Of the API: anybody may read this before logging in, and the version of the software is not for anybody.
      version: "1.0.0",
      description: INTRODUCTION,
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: API_ROOT, description: "this box" }],
    paths,
    components: {
      schemas: { Problem: schemaOf(problem), ClientMessage: schemaOf(clientMessage) },
      parameters: {
        IfMatch: {
          name: "If-Match",
          in: "header",
          description:
            "The revision of the configuration that was looked at: where another came between, nothing is done and the answer is stale_revision.",
          schema: { type: "string" },
        },
        IdempotencyKey: {
          name: "Idempotency-Key",
          in: "header",
          description:
            "Any text of your own: the same request with the same key within ten minutes is done once and answered alike.",
          schema: { type: "string" },
        },
      },
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer" },
        cookie: { type: "apiKey", in: "cookie", name: "__Host-sid" },
      },
    },
  };
}

const INTRODUCTION = `Everything a program can ask of the box. Log in with POST /sessions and transport "bearer", then send the token as
"Authorization: Bearer TOKEN". An operation marked x-step-up needs POST /sessions/current/step-up within the hour before.
Whatever is not a GET is application/json (a file is application/octet-stream), and without a token it has the header "X-Passerelle: 1".
Errors are RFC 9457 problem documents with a stable code. A change that could cut you off answers a probation with a token:
send it to POST /config/confirm in time, or the change is undone.`;

function operation(key: string, path: string, route: Route): Json {
  const errors = [...COMMON_ERRORS, ...(route.errors ?? [])];
  return {
    operationId: operationId(key),
    summary: route.about,
    ...(key === "GET /events" ? { description: channelsText() } : {}),
    tags: [route.tag],
    "x-capability": route.access,
    ...(route.stepUp === true ? { "x-step-up": true } : {}),
    ...(route.errors === undefined ? {} : { "x-errors": route.errors }),
    security: route.access === "public" ? [] : [{ bearer: [] }, { cookie: [] }],
    parameters: [...pathParameters(path), ...queryParameters(route), ...headersOf(key, errors)],
    ...(route.upload === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: { [route.upload.media]: {} },
          },
        }),
    ...(route.body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: { "application/json": { schema: schemaOf(route.body) } },
          },
        }),
    responses: { ...success(key, route), ...problemsOf(route), default: problemResponse("") },
  };
}

/** Whatever is asked: docs/errors.md says what they mean. */
const COMMON_ERRORS = ["bad_request"] as const;

function success(key: string, route: Route): Json {
  if (key === "GET /events") return { 101: { description: "The connection becomes a WebSocket." } };
  if (route.reply === undefined) return { 204: { description: "Done." } };
  const content = { [route.media ?? "application/json"]: { schema: schemaOf(route.reply) } };
  return { [route.status ?? 200]: { description: "Done.", content } };
}

/** One answer a status, with the codes that have it. */
function problemsOf(route: Route): Json {
  const codes = new Map<number, string[]>();
  const further = [
    ...(route.access === "public" ? [] : ["not_logged_in", "not_allowed"]),
    ...(route.stepUp === true ? ["step_up_required"] : []),
  ];
  for (const code of new Set([...further, ...COMMON_ERRORS, ...(route.errors ?? [])])) {
    const status = statusOf(code);
    codes.set(status, [...(codes.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...codes].map(([status, names]) => [status, problemResponse(names.join(", "))]),
  );
}

function problemResponse(codes: string): Json {
  return {
    description: codes === "" ? "What went wrong." : codes,
    content: {
      "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } },
    },
  };
}

function headersOf(key: string, errors: readonly string[]): readonly Json[] {
  const names = [
    // A backup takes the place of whatever there is.
    ...(errors.includes("stale_revision") && key !== "POST /config/import" ? ["IfMatch"] : []),
    ...(key.startsWith("POST ") && !key.startsWith("POST /sessions") ? ["IdempotencyKey"] : []),
  ];
  return names.map((name) => ({ $ref: `#/components/parameters/${name}` }));
}

function channelsText(): string {
  const channels = Object.entries(CHANNELS).map(
    ([name, { get, capability }]) =>
      `- ${name} (${capability}): ${get === undefined ? "each value as it comes" : `what ${get} answers`}`,
  );
  return `What a client says is a ClientMessage, at most 20 a second. What the box says is JSON too:
{"type":"hello","seq":1,"boot":ID}, {"type":"snapshot","seq":N,"channel":NAME,"value":V},
{"type":"patch","seq":N,"channel":NAME,"patch":P} with a JSON merge patch (RFC 7396) of the value before,
{"type":"refused","seq":N,"channel":NAME,"code":C}, {"type":"error","seq":N,"code":C}, {"type":"pong","seq":N}.
"seq" counts by one; after a gap, connect again. Channels:
${channels.join("\n")}`;
}

/** `GET /hosts/{id}` → `getHostsId`: stable, and a name in any language. */
function operationId(key: string): string {
  const words = key.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  return words
    .map((word, n) => (n === 0 ? word : `${word[0]?.toUpperCase()}${word.slice(1)}`))
    .join("");
}

function pathParameters(path: string): readonly Json[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string", minLength: 1, maxLength: 128 },
  }));
}

function queryParameters(route: Route): readonly Json[] {
  if (route.query === undefined) return [];
  const schema = schemaOf(route.query) as {
    readonly properties?: Readonly<Record<string, unknown>>;
    readonly required?: readonly string[];
  };
  return Object.entries(schema.properties ?? {}).map(([name, property]) => ({
    name,
    in: "query",
    required: schema.required?.includes(name) ?? false,
    schema: onWire(property),
  }));
}

/** A number in a query is digits on the wire, and a number to whoever reads the document. */
function onWire(property: unknown): unknown {
  const isDigits = (property as { readonly pattern?: unknown }).pattern;
  const digits = typeof isDigits === "string" ? /^\^\[0-9\]\{1,([0-9]+)\}\$$/.exec(isDigits) : null;
  return digits === null
    ? property
    : { type: "integer", minimum: 0, maximum: 10 ** Number(digits[1]) - 1 };
}

/** What JSON Schema can't say (a checksum of an address, for one) is checked by the box all the same. */
function schemaOf(schema: GenericSchema): Json {
  const { $schema, ...rest } = toJsonSchema(schema, {
    errorMode: "ignore",
    typeMode: "input",
    // What only code can check is said in words.
    overrideAction: ({ valibotAction, jsonSchema }) =>
      valibotAction.type === "check" &&
      "message" in valibotAction &&
      typeof valibotAction.message === "string"
        ? { ...jsonSchema, description: valibotAction.message }
        : undefined,
  }) as Json;
  return rest;
}
