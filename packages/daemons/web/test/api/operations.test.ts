import {
  allRoutes,
  type Operation,
  type Route,
  readInput,
  routes,
  statusOf,
} from "@passerelle/api";
import {
  configApply,
  configConfirm,
  configExport,
  configHistory,
  configImport,
  configPlan,
  configRollback,
  configShow,
  lanFlushDns,
  lanForgetDevice,
  lanRenameDevice,
  systemCancel,
  systemCaptureFile,
  systemDiagnose,
  systemDismiss,
  systemFactoryReset,
  systemHistory,
  systemLog,
  systemReboot,
  systemSupportBundle,
  wanDslHistory,
  wanDslResync,
  wanDslSpectrum,
  wanReconnect,
} from "@passerelle/contract";
import { afterEach, describe, expect, test } from "vitest";
import { CAPTURE } from "./house.ts";
import { GOOD, wireOf } from "./inputs.ts";
import { type ApiRig, startApi } from "./rig.ts";

let rig: ApiRig;
afterEach(() => rig.stop());

const ask = (key: Operation, headers: Readonly<Record<string, string>> = {}) => {
  const { method, path, body } = wireOf(key, GOOD[key]);
  const route: Route = routes[key];
  if (route.upload !== undefined) {
    const file = { "content-type": route.upload.media, "content-length": "3" };
    return rig.raw(method, path, { headers: { ...file, ...headers }, body: "abc" });
  }
  return rig.raw(method, path, { headers, ...(body === undefined ? {} : { body }) });
};

/** Streams never end by themselves: events.test.ts has them. */
const STREAMS: readonly string[] = ["GET /events", "GET /events/sse"];
const ASKED = allRoutes.filter(([key]) => !STREAMS.includes(key));

describe("every operation", () => {
  test.each(ASKED)("%s answers what its schema says", async (key, route) => {
    rig = await startApi();
    const answer = await ask(key);
    expect(answer.status, answer.text).toBe(
      route.reply === undefined ? 204 : (route.status ?? 200),
    );
    expect(answer.headers.get("cache-control")).toBe("no-store");
    if (route.reply === undefined) {
      expect(answer.text).toBe("");
    } else if (route.media === undefined) {
      expect(answer.headers.get("content-type")).toBe("application/json");
      expect(readInput(route.reply, answer.json)).toMatchObject({ ok: true });
    } else {
      expect(answer.headers.get("content-type")).toBe(route.media);
      expect(answer.text.length).toBeGreaterThan(0);
    }
    expect(rig.context.log.lines.filter(({ level }) => level === "error")).toEqual([]);
  });

  const readers = ASKED.filter(
    ([key]) => key.startsWith("GET ") && !/session|apps|welcome|certificate|openapi/.test(key),
  );
  test.each(readers)("%s says that it is not ready while no owner has spoken", async (key) => {
    rig = await startApi({ silent: true });
    const asking = ask(key);
    await rig.context.clock.advance(10_000 as never);
    const answer = await asking;
    expect(answer.status).toBe(503);
    expect(["not_ready", "bus_timeout"]).toContain(answer.json.code);
    expect(answer.headers.get("retry-after")).toMatch(/^[0-9]+$/);
  });
});

describe("what an owner refuses", () => {
  const COMMANDS = [
    ["GET /config", configShow],
    ["GET /config/history", configHistory],
    ["POST /config/plan", configPlan],
    ["POST /config/apply", configApply],
    ["POST /config/confirm", configConfirm],
    ["POST /config/rollback", configRollback],
    ["POST /config/export", configExport],
    ["POST /config/import", configImport],
    ["POST /nat/port-mappings", configApply],
    ["PATCH /nat/port-mappings/{id}", configApply],
    ["DELETE /nat/port-mappings/{id}", configApply],
    ["GET /nat/port-mappings", configShow],
    ["PATCH /hosts/{id}", lanRenameDevice],
    ["DELETE /hosts/{id}", lanForgetDevice],
    ["POST /hosts/{id}/wake", systemDiagnose],
    ["POST /dns/flush", lanFlushDns],
    ["POST /wan/reconnect", wanReconnect],
    ["GET /wan/dsl/history", wanDslHistory],
    ["GET /wan/dsl/spectrum", wanDslSpectrum],
    ["POST /wan/dsl/resync", wanDslResync],
    ["GET /system/history", systemHistory],
    ["GET /event-log", systemLog],
    ["DELETE /notifications/{id}", systemDismiss],
    ["POST /system/reboot", systemReboot],
    ["POST /system/factory-reset", systemFactoryReset],
    ["POST /system/support-bundle", systemSupportBundle],
    ["POST /diagnostics", systemDiagnose],
    ["DELETE /jobs/{id}", systemCancel],
    ["GET /jobs/{id}/file", systemCaptureFile],
  ] as const;

  test.each(COMMANDS)("%s has the status of its code", async (key, command) => {
    rig = await startApi();
    // What was read before does not count.
    rig.house.revision = 3;
    rig.house.publishConfig();
    for (const [code, status] of [
      ["config_invalid", 422],
      ["stale_revision", 412],
      ["probation_running", 409],
      ["unknown_thing", 404],
      ["busy", 503],
      ["store_full", 507],
      ["something_else", 409],
    ] as const) {
      rig.house.refuse(command, code, "/wan/profile: secret inside");
      const answer = await ask(key);
      expect([code, answer.status]).toEqual([code, status]);
      expect(answer.headers.get("content-type")).toBe("application/problem+json");
      expect(answer.json).toMatchObject({
        type: "about:blank",
        title: code,
        status,
        code,
        text: { fr: "non", en: "no" },
      });
      expect(statusOf(code)).toBe(status);
      // What the system said is for its log, but for what is wrong with a configuration.
      if (code === "config_invalid") {
        expect(answer.json.errors).toEqual([{ path: "/wan/profile", message: "secret inside" }]);
      } else expect(answer.text).not.toContain("secret inside");
    }
  });

  test("an owner that does not answer is a 503 in time", async () => {
    rig = await startApi();
    await rig.house.bus("wan").close();
    const asking = ask("POST /wan/reconnect");
    await rig.context.clock.advance(6_000 as never);
    const answer = await asking;
    expect([answer.status, answer.json.code]).toEqual([503, "bus_timeout"]);
  });
});

describe("the router", () => {
  test("knows nothing that is not in the table", async () => {
    rig = await startApi();
    for (const path of [
      "/nothing",
      "",
      "/",
      "/hosts/",
      "/HOSTS",
      "/hosts/a/b",
      "/../hosts",
      "//hosts",
    ]) {
      const answer = await rig.raw("GET", path);
      expect([path, answer.status, answer.json.code]).toEqual([path, 404, "not_found"]);
    }
  });

  test("says which methods a path has", async () => {
    rig = await startApi();
    const answer = await rig.raw("PUT", "/hosts/x");
    expect(answer.status).toBe(405);
    expect(answer.json.code).toBe("method_not_allowed");
    expect(answer.headers.get("allow")?.split(", ").sort()).toEqual(["DELETE", "GET", "PATCH"]);
    for (const method of ["HEAD", "OPTIONS"]) {
      expect((await rig.raw(method, "/events/sse?channels=wan")).status).toBe(405);
    }
    expect(rig.api.dump()).toMatchObject({ clients: 0 });
    expect((await rig.raw("DELETE", "/sessions/current")).status).toBe(204);
  });

  test("takes no path for an id that can't be one", async () => {
    rig = await startApi();
    for (const id of ["a%2Fb", "..%2F..%2Fetc%2Fpasswd", "%5C", "%00", "%0a", "a".repeat(129)]) {
      const answer = await rig.raw("GET", `/hosts/${id}`);
      expect([id, answer.status, answer.json.code]).toEqual([id, 404, "not_found"]);
    }
    for (const id of ["%zz", "%", "%E0%A4%A", "%252e"]) {
      expect((await rig.raw("GET", `/hosts/${id}`)).status, id).toBe(404);
    }
  });

  test("refuses a body that is not what it should be, each in its way", async () => {
    rig = await startApi();
    const post = (body: string | Uint8Array<ArrayBuffer>, headers = {}) =>
      rig.raw("POST", "/config/rollback", { body, headers });
    const nested = `${'{"a":'.repeat(40)}1${"}".repeat(40)}`;
    const cases = [
      [await post("{"), 400, "malformed_json"],
      [await post(""), 400, "malformed_json"],
      [await post(Uint8Array.of(0x22, 0xff, 0x22)), 400, "malformed_json"],
      [await post("null"), 422, "bad_request"],
      [await post("[]"), 422, "bad_request"],
      [await post('{"to":-1}'), 422, "bad_request"],
      [await post('{"to":1,"more":1}'), 422, "bad_request"],
      [await post('{"__proto__":{"to":1}}'), 422, "bad_request"],
      [await post('{"constructor":{"prototype":{"x":1}}}'), 422, "bad_request"],
      [await post(nested), 422, "bad_request"],
      [await post("[".repeat(60_000)), 400, "malformed_json"],
      [await post(`"${"x".repeat(70_000)}"`), 413, "body_too_large"],
      [await post("{}", { "content-type": "text/plain" }), 415, "unsupported_media_type"],
      [
        await post("to=1", { "content-type": "application/x-www-form-urlencoded" }),
        415,
        "unsupported_media_type",
      ],
    ] as const;
    for (const [answer, status, code] of cases) {
      expect([answer.status, answer.json.code]).toEqual([status, code]);
    }
    expect(cases[5][0].json.errors).toEqual([{ path: "to", message: "expected >=0" }]);
    expect((await rig.raw("POST", "/dns/flush", { body: "{}" })).status).toBe(200);
    expect((await rig.raw("POST", "/dns/flush", { body: '{"a":1}' })).status).toBe(422);
  });

  test("lets nothing into a patch that is a trap in JavaScript, or deeper than the bus takes", async () => {
    rig = await startApi();
    const apply = (patch: string) =>
      rig.raw("POST", "/config/apply", {
        body: `{"changes":[{"section":"wan","patch":${patch}}]}`,
      });
    for (const patch of [
      '{"__proto__":{"admin":true}}',
      '{"a":{"constructor":{"prototype":{"admin":true}}}}',
      '{"a":[{"prototype":1}]}',
      `${'{"a":'.repeat(25)}1${"}".repeat(25)}`,
      `{"a":${"[".repeat(25)}${"]".repeat(25)}}`,
    ]) {
      const answer = await apply(patch);
      expect([patch, answer.status, answer.json.code]).toEqual([patch, 422, "bad_request"]);
    }
    expect(rig.house.requests(configApply)).toEqual([]);
    expect((await apply(`${'{"a":'.repeat(18)}1${"}".repeat(18)}`)).status).toBe(200);
  });

  test("takes a whole backup, and no more", async () => {
    rig = await startApi();
    const post = (length: number) =>
      rig.raw("POST", "/config/import", { body: JSON.stringify({ document: "x".repeat(length) }) });
    expect((await post(900_000)).status).toBe(200);
    expect((await post(1_000_001)).status).toBe(422);
    expect((await post(1_100_000)).status).toBe(413);
  });

  test("refuses what is wrong in a query", async () => {
    rig = await startApi();
    for (const query of [
      "series=cpu",
      "series=cpu&resolution=1s&x=1",
      "series=cpu&series=cpu",
      "series=x&resolution=1s",
      "__proto__=1",
    ]) {
      const answer = await rig.raw("GET", `/system/history?${query}`);
      expect([query, answer.status, answer.json.code]).toEqual([query, 422, "bad_request"]);
    }
    expect((await rig.raw("GET", "/hosts?x=1")).status).toBe(422);
    expect((await rig.raw("GET", "/event-log?limit=0")).status).toBe(422);
    expect((await rig.raw("GET", "/event-log?limit=201")).status).toBe(422);
    expect((await rig.raw("GET", "/event-log?limit=1e2")).status).toBe(422);
  });

  test("says nothing of what broke but a number", async () => {
    rig = await startApi();
    const { mirror } = { mirror: rig.context.bus };
    Object.assign(mirror, {
      request: () => {
        throw new Error("a secret of the inside");
      },
    });
    const answer = await rig.raw("POST", "/dns/flush");
    expect([answer.status, answer.json.code]).toEqual([500, "internal_error"]);
    expect(answer.text).not.toContain("secret");
    expect(answer.text).not.toContain(".ts");
    const line = rig.context.log.lines.find(({ message }) => message === "api_handler_threw");
    expect(line?.fields).toMatchObject({ operation: "POST /api/v1/dns/flush" });
    expect(answer.text).toContain(String(line?.fields.number));
  });
});

describe("answers that are no JSON", () => {
  test("a capture comes part by part", async () => {
    rig = await startApi();
    const request = new Request("http://box.home.arpa/api/v1/jobs/job-1/file");
    const { admin } = await import("./rig.ts");
    const response = await rig.api.fetch(request, admin);
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(CAPTURE);
    expect(rig.house.requests(systemCaptureFile).map(({ offset }) => offset)).toEqual([
      0, 1024, 2048,
    ]);
    expect(response.headers.get("content-disposition")).toBe(
      'attachment; filename="capture-job-1.pcap"',
    );
  });

  test("the document is the table's", async () => {
    rig = await startApi();
    const answer = await ask("GET /openapi.json");
    const { paths } = answer.json as { paths: Record<string, Record<string, unknown>> };
    const keys = Object.entries(paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(keys.sort()).toEqual(Object.keys(routes).sort());
  });
});
