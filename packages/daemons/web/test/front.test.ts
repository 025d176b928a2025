import { createConnection } from "node:net";
import { allRoutes } from "@passerelle/api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PATH_TRICKS } from "./guard-tricks.ts";
import { webSocketUpgrade } from "./handshake.ts";
import { LABEL, type Rig, startRig } from "./rig.ts";

/** One box for the whole file: nothing in here changes it. */
let rig: Rig;
let bearer: string;
beforeAll(async () => {
  rig = await startRig();
  bearer = await rig.login();
});
afterAll(async () => {
  await rig.stop();
  await rig.context.dispose();
});

describe("S-14 every operation is closed", () => {
  const closed = allRoutes.filter(([, route]) => route.access !== "public");
  test("to who has no session, and to who has one that is over", async () => {
    const wrong = "0".repeat(64);
    for (const [key] of closed) {
      const [method = "", path = ""] = key.split(" ");
      const target = `/api/v1${path.replace(/\{\w+\}/g, "x")}`;
      for (const call of [{}, { bearer: wrong }, { cookie: `sid=${wrong}` }]) {
        const { status, json } = await rig.http(method, target, call);
        expect([401, 426], `${key} ${JSON.stringify(call)}`).toContain(status);
        if (status === 401) expect(json).toMatchObject({ code: "not_logged_in" });
      }
    }
  });

  test("by every trick with its path, with a session or without", async () => {
    for (const trick of PATH_TRICKS) {
      const answer = await raw(rig, `GET ${trick || " "} HTTP/1.1\r\nhost: ${rig.address}\r\n`);
      expect(answer, trick).toMatch(/^HTTP\/1\.1 (400|404|405) /);
    }
    for (const path of ["/API/v1/sessions", "/api/v2/sessions", "/api"])
      expect((await rig.http("GET", path, { bearer })).status, path).toBe(404);
    expect((await rig.http("GET", "/api/v1/sessions/", { bearer })).status).toBe(404);
  });

  test("to methods that no operation has", async () => {
    for (const method of ["OPTIONS", "TRACE", "PROPFIND"]) {
      const { status, headers } = await rig.http(method, "/api/v1/sessions", { bearer });
      expect(status, method).toBe(405);
      expect(headers["access-control-allow-origin"]).toBeUndefined();
    }
    expect((await rig.http("POST", "/devices", { body: {} })).status).toBe(405);
  });
});

describe("S-16 what another site's page sends is refused", () => {
  const logIn = { kind: "password", password: LABEL, transport: "bearer" };
  test.each([
    ["its origin", { origin: "http://evil.test" }],
    ["the browser's word", { "sec-fetch-site": "cross-site" }],
    ["a form", { "content-type": "text/plain" }],
    ["no header of ours", { "x-passerelle": undefined }],
  ])("%s", async (_, headers) => {
    const before = rig.audited.length;
    const { status, json } = await rig.http("POST", "/api/v1/sessions", { headers, body: logIn });
    expect(status).toBe(403);
    expect(json).toMatchObject({ code: "foreign_request" });
    expect(rig.audited.length).toBe(before);
  });

  test("a WebSocket of another origin, with the token of a person", async () => {
    const own = await webSocketUpgrade(rig, { bearer });
    expect(own).toMatch(/^HTTP\/1\.1 101 /);
    const foreign = await webSocketUpgrade(rig, { bearer, origin: "http://evil.test" });
    expect(foreign).toMatch(/^HTTP\/1\.1 403 /);
    expect(await webSocketUpgrade(rig, { bearer, site: "cross-site" })).toMatch(/^HTTP\/1\.1 403 /);
  });

  test("our own page is let in", async () => {
    const headers = { origin: `http://${rig.address}:18080`, "sec-fetch-site": "same-origin" };
    const { status } = await rig.http("POST", "/api/v1/sessions", { headers, body: logIn });
    expect(status).toBe(201);
  });
});

describe("S-17 a name that is not ours is answered to by 421", () => {
  test("whatever is asked, with the token of a person", async () => {
    for (const host of ["evil.test", "192.168.1.77", "box.home.arpa.evil.test"]) {
      for (const path of ["/", "/api/v1/welcome", "/api/v1/sessions"]) {
        const { status, json } = await rig.http("GET", path, { bearer, headers: { host } });
        expect(status, `${host} ${path}`).toBe(421);
        expect(json).toMatchObject({ code: "host_not_allowed" });
      }
      expect(await webSocketUpgrade(rig, { bearer, host })).toMatch(/^HTTP\/1\.1 421 /);
    }
    expect((await rig.http("GET", "/", { headers: { host: undefined } })).status).toBe(421);
  });

  test("its own names are", async () => {
    for (const host of ["box.home.arpa", "passerelle.home.arpa", "chez-zoe.home.arpa:80"])
      expect((await rig.http("GET", "/api/v1/welcome", { headers: { host } })).status).toBe(200);
  });
});

test("a file may be longer than any other body, and is not read from who may not send it", async () => {
  const headers = { "content-type": "application/octet-stream" };
  const raw = "x".repeat(2 << 20);
  const file = await rig.http("POST", "/api/v1/system/upgrade", { bearer, raw, headers });
  expect([file.status, file.json]).toMatchObject([403, { code: "step_up_required" }]);
  const other = await rig.http("POST", "/api/v1/config/apply", { bearer, raw });
  expect([other.status, other.json]).toMatchObject([413, { code: "body_too_large" }]);
});

describe("S-22 the headers of every answer", () => {
  test("of the page, of the API, of every refusal", async () => {
    const answers = await Promise.all([
      rig.http("GET", "/"),
      rig.http("GET", "/devices"),
      rig.http("GET", "/assets/none.js"),
      rig.http("GET", "/api/v1/welcome"),
      rig.http("GET", "/api/v1/sessions", { bearer }),
      rig.http("GET", "/api/v1/sessions"),
      rig.http("GET", "/api/v1/nothing"),
      rig.http("GET", "/", { headers: { host: "evil.test" } }),
      rig.http("GET", "/api/v1/x;y"),
      rig.http("POST", "/api/v1/sessions", { raw: "{", headers: { origin: "http://evil.test" } }),
      rig.http("POST", "/api/v1/sessions", { raw: "{" }),
      rig.http("OPTIONS", "/api/v1/sessions"),
    ]);
    for (const { headers } of answers) {
      expect(headers).toMatchObject({
        "content-security-policy":
          "default-src 'self'; script-src 'self'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; require-trusted-types-for 'script'",
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
      });
      expect(headers.server).toBeUndefined();
      expect(headers["x-powered-by"]).toBeUndefined();
    }
    for (const { headers } of answers.slice(3)) expect(headers["cache-control"]).toBe("no-store");
  });

  test("of what could not even be read", async () => {
    const answer = await raw(rig, "GET / HTTP/1.1\r\nbro ken: 1\r\n");
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain("content-security-policy: default-src 'self'");
    const long = await raw(rig, `GET / HTTP/1.1\r\nhost: x\r\nx: ${"y".repeat(20_000)}\r\n`);
    expect(long).toMatch(/^HTTP\/1\.1 431 /);
  });

  test("no version before somebody logged in", async () => {
    for (const path of ["/", "/api/v1/welcome", "/api/v1/nothing"])
      expect((await rig.http("GET", path)).text, path).not.toMatch(/\d+\.\d+\.\d+/);
    // Of the API, which is the same on every box, and not of the software.
    const document = await rig.http("GET", "/api/v1/openapi.json");
    expect(document.json.info).toMatchObject({ version: "1.0.0" });
  });
});

describe("limits", () => {
  test("who offers another protocol in passing is answered in this one", async () => {
    const head = `GET /api/v1/welcome HTTP/1.1\r\nhost: ${rig.address}\r\nupgrade: h2c\r\n`;
    const answer = await raw(rig, `${head}http2-settings: AAMAAABkAAQAAP__\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  });

  test("a body that says it is large is not read", async () => {
    const headers = { "content-length": "9000000" };
    for (const [method, path] of [
      ["POST", "/api/v1/sessions"],
      ["GET", "/"],
    ] as const)
      expect((await rig.http(method, path, { raw: "{}", headers })).status, path).toBe(413);
  });

  test("65 connections of one address are one too many", async () => {
    const sockets = Array.from({ length: 70 }, () => createConnection(18_080, rig.address));
    let closed = 0;
    for (const socket of sockets) {
      socket.on("error", () => undefined);
      socket.resume();
      socket.on("close", () => {
        closed += 1;
      });
    }
    await expect.poll(() => closed, { timeout: 15_000 }).toBeGreaterThanOrEqual(6);
    // Who is not of that address still comes in.
    const other = await rig.http("GET", "/api/v1/welcome", { from: "127.0.0.77" });
    expect(other.status).toBe(200);
    for (const socket of sockets) socket.destroy();
  });
});

/** Octets as they are: no library straightens the path. */
function raw({ address }: Rig, head: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(18_080, address);
    let text = "";
    socket.on("connect", () => socket.write(`${head}connection: close\r\n\r\n`));
    socket.on("data", (data) => {
      text += data.toString("latin1");
    });
    socket.on("error", reject);
    socket.on("close", () => resolve(text));
  });
}
