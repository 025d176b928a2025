import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { doorRoutes } from "../src/door.ts";
import {
  allRoutes,
  CAPABILITIES,
  CHANNELS,
  readInput,
  routes,
  STATUSES,
  statusOf,
} from "../src/index.ts";

describe("the table of routes", () => {
  test("has paths of plain words and parameters", () => {
    for (const [key, route] of allRoutes) {
      expect(key).toMatch(/^(GET|POST|PUT|PATCH|DELETE) (\/([a-z0-9.-]+|\{[a-z]+\}))+$/);
      expect(["public", ...CAPABILITIES]).toContain(route.access);
      expect(route.about, key).toMatch(/^[A-Z0-9].*\.$/);
      if (key.startsWith("GET ")) expect(route.body, key).toBe(undefined);
      if (key.startsWith("DELETE ")) expect(route.reply, key).toBe(undefined);
      for (const code of route.errors ?? []) expect(code).toMatch(/^[a-z0-9_]{2,64}$/);
      expect(new Set(route.errors).size, key).toBe(route.errors?.length ?? 0);
    }
  });

  /** S-14. Whoever adds one here opens it to everybody on the LAN. */
  test("is open to strangers in these places only", () => {
    const open = allRoutes.filter(([, { access }]) => access === "public").map(([key]) => key);
    expect(open.sort()).toEqual([
      "GET /apps/requests/{id}",
      "GET /apps/{id}/challenge",
      "GET /certificate",
      "GET /openapi.json",
      "GET /welcome",
      "POST /apps/requests",
      "POST /config/confirm",
      "POST /sessions",
    ]);
  });

  /** What opens, exposes, erases or takes everything out of the box needs a person who proved to be there. */
  test("asks for a proof in these places", () => {
    const proved = allRoutes.filter(([, { stepUp }]) => stepUp === true).map(([key]) => key);
    expect(proved.sort()).toEqual([
      "GET /jobs/{id}/file",
      "PATCH /apps/{id}",
      "PATCH /nat/port-mappings/{id}",
      "POST /apps/requests/{id}/answer",
      "POST /config/apply",
      "POST /config/export",
      "POST /config/import",
      "POST /nat/port-mappings",
      "POST /system/factory-reset",
      "POST /system/reboot",
      "POST /system/upgrade",
      "POST /system/upgrade/install",
      "POST /system/upgrade/rollback",
    ]);
  });

  /** Everything else that changes anything, so that a new operation is looked at once. */
  test("changes things without a proof in these places", () => {
    const free = allRoutes
      .filter(
        ([key, { access, stepUp }]) =>
          !key.startsWith("GET ") && access !== "public" && stepUp !== true,
      )
      .map(([key]) => key);
    expect(free.sort()).toEqual([
      "DELETE /apps/{id}",
      "DELETE /hosts/{id}",
      "DELETE /jobs/{id}",
      "DELETE /nat/port-mappings/{id}",
      "DELETE /notifications/{id}",
      "DELETE /sessions/current",
      "DELETE /sessions/{id}",
      "DELETE /system/upgrade",
      "PATCH /hosts/{id}",
      "POST /config/plan",
      // An older revision asks for one all the same.
      "POST /config/rollback",
      "POST /diagnostics",
      "POST /dns/flush",
      "POST /hosts/{id}/wake",
      "POST /sessions/current/step-up",
      "POST /system/support-bundle",
      "POST /wan/dsl/resync",
      "POST /wan/reconnect",
      // The password itself is the proof.
      "PUT /first-run",
      "PUT /password",
    ]);
  });

  test("gives every channel the right of its GET", () => {
    for (const { get, capability } of Object.values(CHANNELS)) {
      if (get !== undefined) expect(routes[get].access).toBe(capability);
    }
  });

  test("bounds every text of a body and a query, by its length or its form", () => {
    for (const [key, { body, query }] of allRoutes) {
      for (const schema of [body, query]) {
        const long = schema === undefined ? [] : unboundedIn(schema, "");
        expect(long.map((path) => `${key} ${path}`)).toEqual([]);
      }
    }
  });

  test("holds the door's part whole", () => {
    expect(Object.keys(routes)).toEqual(expect.arrayContaining(Object.keys(doorRoutes)));
  });
});

describe("the status of a code", () => {
  test("is one of HTTP, and of its kind where it is not named", () => {
    for (const [code, status] of Object.entries(STATUSES)) {
      expect(status, code).toBeGreaterThanOrEqual(400);
      expect(statusOf(code)).toBe(status);
    }
    expect(statusOf("unknown_device")).toBe(404);
    expect(statusOf("config_invalid")).toBe(422);
    expect(statusOf("probation_running")).toBe(409);
    expect(statusOf("constructor")).toBe(409);
  });
});

describe("reading an input", () => {
  const schema = v.strictObject({ name: v.pipe(v.string(), v.maxLength(3)), port: v.number() });

  test("says where and what was expected, never what came", () => {
    const read = readInput(schema, { name: "secret", port: "secret", extra: "secret" });
    expect(read).toEqual({
      ok: false,
      error: [
        { path: "name", message: "expected <=3" },
        { path: "port", message: "expected number" },
        { path: "extra", message: "expected never" },
      ],
    });
  });

  test("says a bounded number of things of bounded length", () => {
    const many = v.array(v.number());
    const read = readInput(
      many,
      Array.from({ length: 1000 }, () => "x"),
    );
    expect(!read.ok && read.error.length).toBe(16);
    const deep = readInput(v.record(v.string(), v.number()), { ["x".repeat(9999)]: "y" });
    expect(!deep.ok && deep.error[0]?.path.length).toBe(200);
  });
});

/** Paths of texts in a schema that may be of any length. */
function unboundedIn(schema: v.GenericSchema, path: string): readonly string[] {
  const shape = schema as unknown as {
    readonly type: string;
    readonly entries?: Readonly<Record<string, v.GenericSchema>>;
    readonly item?: v.GenericSchema;
    readonly wrapped?: v.GenericSchema;
    readonly options?: readonly unknown[];
  };
  if (shape.type === "string") return v.is(schema, "a".repeat(2_000_000)) ? [path] : [];
  const inner = [
    ...Object.entries(shape.entries ?? {}),
    ...(shape.item === undefined ? [] : [["*", shape.item] as const]),
    ...(shape.wrapped === undefined ? [] : [["", shape.wrapped] as const]),
    ...(shape.type === "variant" || shape.type === "union"
      ? (shape.options ?? []).map((one) => ["", one as v.GenericSchema] as const)
      : []),
  ];
  return inner.flatMap(([name, one]) => unboundedIn(one, `${path}/${name}`));
}
