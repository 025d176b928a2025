import { toJsonSchema } from "@valibot/to-json-schema";
import type { GenericSchema } from "valibot";
import { problem } from "./common.ts";
import type { Route } from "./define.ts";
import { API_ROOT, allRoutes } from "./index.ts";

type Json = Readonly<Record<string, unknown>>;

/** The OpenAPI 3.1 document of the API: made from the table of routes, so that it can't say something else. */
export function openApiDocument(options: { readonly version: string }): Json {
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
      version: options.version,
      description: INTRODUCTION,
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: API_ROOT, description: "this box" }],
    paths,
    components: {
      schemas: { Problem: schemaOf(problem) },
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer" },
        cookie: { type: "apiKey", in: "cookie", name: "sid" },
      },
    },
  };
}

const INTRODUCTION = `Everything a program can ask of the box. Log in with POST /sessions and transport "bearer", then send the token as
"Authorization: Bearer TOKEN". An operation marked x-step-up needs POST /sessions/current/step-up within the hour before.
Errors are RFC 9457 problem documents with a stable code. A change that could cut you off answers a probation with a token:
send it to POST /config/confirm in time, or the change is undone.`;

function operation(key: string, path: string, route: Route): Json {
  const status = route.status ?? (route.reply === undefined ? 204 : 200);
  const isWebSocket = key === "GET /events";
  return {
    operationId: operationId(key),
    summary: route.about,
    tags: [route.tag],
    "x-capability": route.access,
    ...(route.stepUp === true ? { "x-step-up": true } : {}),
    ...(route.errors === undefined ? {} : { "x-errors": route.errors }),
    security: route.access === "public" ? [] : [{ bearer: [] }, { cookie: [] }],
    parameters: [...pathParameters(path), ...queryParameters(route)],
    ...(route.body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: { "application/json": { schema: schemaOf(route.body) } },
          },
        }),
    responses: {
      [isWebSocket ? 101 : status]:
        route.reply === undefined
          ? { description: isWebSocket ? "The connection becomes a WebSocket." : "Done." }
          : {
              description: "Done.",
              content: {
                [route.media ?? "application/json"]: { schema: schemaOf(route.reply) },
              },
            },
      default: {
        description: "What went wrong.",
        content: {
          "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } },
        },
      },
    },
  };
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
    schema: property,
  }));
}

/** What JSON Schema can't say (a checksum of an address, for one) is checked by the box all the same. */
function schemaOf(schema: GenericSchema): Json {
  const { $schema, ...rest } = toJsonSchema(schema, {
    errorMode: "ignore",
    typeMode: "input",
  }) as Json;
  return rest;
}
