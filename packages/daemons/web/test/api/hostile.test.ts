import { allRoutes, type Route } from "@passerelle/api";
import fc from "fast-check";
import type { GenericSchema } from "valibot";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Caller } from "../../src/edge/api/port.ts";
import { GOOD, wireOf } from "./inputs.ts";
import { type ApiRig, admin, anyone, app, startApi } from "./rig.ts";
import { PAYLOADS, replacedIn, valuesOf } from "./schema-values.ts";

let rig: ApiRig;
beforeAll(async () => {
  rig = await startApi();
});
afterAll(() => rig.stop());

interface Sent {
  readonly method: string;
  /** Below /api/v1, as it is on the wire. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** What holds of every answer, whatever was sent. */
async function judge(key: string, route: Route, sent: Sent, caller: Caller): Promise<Response> {
  const request = new Request(`http://box.home.arpa/api/v1${sent.target}`, {
    method: sent.method,
    headers: { "content-type": "application/json", ...sent.headers },
    ...(sent.body === undefined || sent.method === "GET" ? {} : { body: sent.body }),
  });
  const response = await rig.api.fetch(request, caller);
  if (response.headers.get("content-type") === "text/event-stream") {
    await response.body?.cancel();
  }
  const what = `${key} ${JSON.stringify(sent)} → ${response.status}`;
  expect(response.status, what).toBeLessThan(500);
  if (caller.kind === "anyone" && route.access !== "public") {
    expect([401, 403, 404, 405], what).toContain(response.status);
  }
  if (response.status >= 400) {
    const problem = (await response.clone().json()) as Readonly<Record<string, unknown>>;
    expect(response.headers.get("content-type"), what).toBe("application/problem+json");
    expect(problem, what).toMatchObject({ code: expect.stringMatching(/^[a-z0-9_]+$/) });
  }
  for (const [, value] of response.headers) expect(value, what).not.toMatch(/[\r\n]/);
  expect(Object.keys(Object.prototype), what).toEqual([]);
  return response;
}

const callers = fc.constantFrom(anyone, admin, app("read"), { ...admin, steppedUp: false });
const payload = fc.constantFrom(...PAYLOADS);
const part = fc.oneof(
  fc.constantFrom("dev-laptop", "web", "job-1", "a1"),
  payload.map(escaped),
  fc.string().map(escaped),
);
const query = (schema: GenericSchema | undefined): fc.Arbitrary<string> =>
  fc.oneof(
    fc.constant(""),
    schema === undefined ? fc.constant("") : valuesOf(schema).map(searchOf),
    fc.dictionary(fc.string({ maxLength: 6 }), payload, { maxKeys: 3 }).map(searchOf),
  );
const bodies = (schema: GenericSchema | undefined): fc.Arbitrary<string | undefined> =>
  fc.oneof(
    {
      weight: 3,
      arbitrary: schema === undefined ? fc.constant(undefined) : json(valuesOf(schema)),
    },
    {
      weight: 4,
      arbitrary: json(
        fc
          .tuple(
            schema === undefined ? fc.jsonValue() : valuesOf(schema),
            fc.nat(50),
            fc.oneof(payload, fc.jsonValue(), fc.constant(null), fc.double()),
          )
          .map(([value, pick, by]) => replacedIn(value, pick, by)),
      ),
    },
    { weight: 1, arbitrary: json(fc.jsonValue()) },
    { weight: 1, arbitrary: fc.string() },
    { weight: 1, arbitrary: payload },
  );
const headers = fc.dictionary(
  fc.constantFrom("if-match", "idempotency-key", "content-type", "accept", "x-passerelle"),
  fc
    .oneof(fc.constantFrom("1", '"2"', "*", "text/plain", "x"), fc.string({ maxLength: 20 }))
    .map(latin),
  { maxKeys: 2 },
);

describe("random and hostile requests never break anything", () => {
  test.each(allRoutes)("%s", async (key, route) => {
    const [method = "", template = ""] = key.split(" ");
    const sent = fc.record({
      method: fc.constant(method),
      target: fc
        .tuple(fc.array(part, { minLength: 2, maxLength: 2 }), query(route.query))
        .map(([parts, search]) => {
          let n = 0;
          return `${template.replace(/\{\w+\}/g, () => parts[n++] ?? "x")}${search}`;
        }),
      headers,
      body: bodies(route.body),
    });
    await fc.assert(
      fc.asyncProperty(sent, callers, async (one, caller) => {
        await judge(key, route, one, caller);
      }),
      { numRuns: 100 },
    );
  });
});

describe("S-18, S-20: a payload in every place of every request", () => {
  test.each(allRoutes)("%s", async (key, route) => {
    const good = GOOD[key];
    for (const evil of PAYLOADS) {
      for (const name of Object.keys(good.params ?? {})) {
        const wire = wireOf(key, { ...good, params: { ...good.params, [name]: evil } });
        await send(key, route, wire);
      }
      for (const name of Object.keys(good.query ?? {})) {
        await send(key, route, wireOf(key, { ...good, query: { ...good.query, [name]: evil } }));
      }
      if (good.body === undefined) continue;
      const text = JSON.stringify(good.body);
      for (let place = 0; place < text.split(/[:,[]/).length; place += 1) {
        await send(key, route, wireOf(key, { ...good, body: replacedIn(good.body, place, evil) }));
      }
    }
  });

  async function send(
    key: string,
    route: Route,
    wire: { readonly method: string; readonly path: string; readonly body?: string },
  ): Promise<void> {
    const sent = { method: wire.method, target: wire.path, headers: {}, body: wire.body };
    await judge(key, route, sent, admin);
  }
});

test("S-14: no spelling of a path opens anything to a stranger", async () => {
  const tricks = (path: string) => [
    `/images/..%2f..${path}`,
    `//api/v1${path}`,
    `/${path}`,
    `${path}/`,
    `${path};.css`,
    `${path}%3b.css`,
    `${path}%20`,
    `${path}%00`,
    `${path}?x=/welcome`,
    `/welcome/..${path}`,
    `/welcome%2f..${path}`,
    `/%2e%2e/v1${path}`,
    path.toUpperCase(),
    path.replace("/", "/%2e/"),
    path.replaceAll("/", "\\"),
  ];
  for (const [key, route] of allRoutes) {
    if (route.access === "public") continue;
    const { method, path } = wireOf(key, GOOD[key]);
    for (const trick of tricks(path.split("?")[0] ?? "")) {
      for (const spelling of new Set([method, "GET", "POST", "HEAD", "OPTIONS", "PUT"])) {
        const isPublic = routeOf(`${spelling} ${key.split(" ")[1]}`)?.access === "public";
        if (isPublic) continue;
        const request = new Request(`http://box.home.arpa/api/v1${trick}`, { method: spelling });
        const response = await rig.api.fetch(request, anyone);
        expect([401, 403, 404, 405], `${spelling} ${trick}`).toContain(response.status);
      }
    }
  }
});

function routeOf(key: string): Route | undefined {
  return allRoutes.find(([known]) => known === key)?.[1];
}

function json(values: fc.Arbitrary<unknown>): fc.Arbitrary<string | undefined> {
  return values.map((value) => JSON.stringify(value) as string | undefined);
}

function searchOf(values: unknown): string {
  const pairs = Object.entries(values as Readonly<Record<string, unknown>>).map(
    ([name, value]) => [name, String(value)] as [string, string],
  );
  return `?${new URLSearchParams(pairs).toString()}`;
}

function escaped(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    return "%ED%A0%80";
  }
}

/** What a header may hold at all. */
function latin(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?").trim();
}
