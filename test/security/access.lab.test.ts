import { CAPABILITIES, type Capability } from "@passerelle/api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Admin, adminOn, labelOf, loginQuestion, must } from "../face/admin.ts";
import { pairApp } from "../face/app.ts";
import type { Answered, Question } from "../face/asker.ts";
import { harmless, KNOCKS, type Knock } from "../face/operations.ts";
import { Lab } from "../lab/lab.ts";

/** The whole gateway from a device of its LAN: who may do what. Rows S-14, S-15, S-16, S-17, S-22. */
let lab: Lab;
let admin: Admin;
beforeAll(async () => {
  lab = await Lab.up();
  admin = await adminOn(lab);
});
afterAll(() => lab.down());

const ask = (question: Question) => admin.asker.ask(question);
const as = (token: string, question: Question): Question => ({
  ...question,
  headers: { ...question.headers, authorization: `Bearer ${token}` },
});
const revision = async () => must(await admin.api.call("GET /config/state")).revision;

/** What each question got, as lines "KEY → status code" where it is not as expected. */
async function surprises(
  knocks: readonly Knock[],
  questionOf: (knock: Knock) => Question,
  isExpected: (answer: Answered, knock: Knock) => boolean,
): Promise<readonly string[]> {
  const answers = await admin.asker.askAll(knocks.map(questionOf));
  return knocks.flatMap((knock, n) => {
    const answer = answers[n];
    if (answer === undefined || isExpected(answer, knock)) return [];
    return [`${knock.key} → ${answer.status} ${answer.text.slice(0, 120)}`];
  });
}

describe("S-14: nothing without a session", () => {
  const closed = KNOCKS.filter(({ route }) => route.access !== "public");

  test("no operation outside the public list answers a stranger", async () => {
    expect(closed.length).toBeGreaterThan(40);
    expect(await surprises(closed, harmless, ({ status }) => status === 401)).toEqual([]);
  });

  test("nor one whose session ended, nor a made-up or empty token or cookie", async () => {
    const over = await Admin.login(admin.asker, labelOf(lab));
    must(await over.api.call("DELETE /sessions/current"));
    const headers = [
      { authorization: `Bearer ${over.token}` },
      { authorization: `Bearer ${"0".repeat(over.token.length)}` },
      { authorization: "Bearer " },
      { authorization: "Basic YWRtaW46YWRtaW4=" },
      { cookie: `sid=${over.token}` },
      { cookie: `sid=${admin.token.toUpperCase()}x` },
      { cookie: "sid=; __Host-sid=; sid[]=1" },
    ];
    for (const more of headers) {
      const withHeaders = (knock: Knock) => {
        const question = harmless(knock);
        return { ...question, headers: { ...question.headers, ...more } };
      };
      expect(await surprises(closed, withHeaders, ({ status }) => status === 401)).toEqual([]);
    }
  });

  test("no method but those of the table does anything, and none can be put over another", async () => {
    const known = new Set(KNOCKS.map(({ method, path }) => `${method} ${path}`));
    const methods = [
      "GET",
      "HEAD",
      "POST",
      "PUT",
      "PATCH",
      "DELETE",
      "OPTIONS",
      "TRACE",
      "PROPFIND",
    ];
    const paths = [...new Set(KNOCKS.map(({ path }) => path))];
    const questions = paths.flatMap((path) =>
      methods
        .filter((method) => !known.has(`${method} ${path}`))
        .map((method): Question => ({ method, path, headers: { "x-passerelle": "1" } })),
    );
    const answers = await admin.asker.askAll(questions);
    const wrong = answers.flatMap(({ status }, n) =>
      [400, 401, 403, 404, 405, 501].includes(status)
        ? []
        : [`${questions[n]?.method} ${questions[n]?.path} → ${status}`],
    );
    expect(wrong).toEqual([]);
    for (const header of ["x-http-method-override", "x-method-override", "x-original-url"]) {
      const value = header === "x-original-url" ? "/api/v1/hosts" : "DELETE";
      const answer = await ask({ path: "/api/v1/welcome", headers: { [header]: value } });
      expect(answer.text).toContain("firstRunDone");
    }
  });

  test("no way of writing a path opens what the path itself does not", async () => {
    const answers = await admin.asker.askAll(TRICKS.map((path): Question => ({ path })));
    const wrong = answers.flatMap(({ status, text }, n) =>
      // What is no path of the API may show the page, which asks for a login as everybody.
      ([400, 401, 403, 404, 421].includes(status) || isPage(text)) && !text.includes('"hosts"')
        ? []
        : [`${TRICKS[n]} → ${status} ${text.slice(0, 80)}`],
    );
    expect(wrong).toEqual([]);
  });
});

describe("S-15: rights", () => {
  test("an app can do what it was given, and nothing else", async () => {
    await admin.stepUp(labelOf(lab));
    // Ends the very session that asks: its own test is S-23's.
    const knocks = KNOCKS.filter(({ key }) => key !== "DELETE /sessions/current");
    const sets: readonly (readonly Capability[])[] = [...CAPABILITIES.map((one) => [one]), []];
    const app = await pairApp(admin, "matrix", ["read"]);
    for (const capabilities of sets) {
      const body = { capabilities: [...capabilities] };
      must(await admin.api.call("PATCH /apps/{id}", { params: { id: app.id }, body }));
      const may = ({ route }: Knock) =>
        route.access === "public" ||
        (capabilities.some((one) => one === route.access) && route.stepUp !== true);
      // What is let in fails later for its nonsense: by its shape, its id, or the state of the box.
      const isExpected = (answer: Answered, knock: Knock) =>
        may(knock) ? answer.status !== 401 && !isRefused(answer) : answer.status === 403;
      const found = await surprises(knocks, (knock) => as(app.token, harmless(knock)), isExpected);
      expect(found, capabilities.join(" ")).toEqual([]);
    }
  });

  test("rights that are taken away are gone at once", async () => {
    const app = await pairApp(admin, "short", ["read"]);
    const hosts = as(app.token, { path: "/api/v1/hosts" });
    expect((await ask(hosts)).status).toBe(200);
    must(await admin.api.call("DELETE /apps/{id}", { params: { id: app.id } }));
    expect((await ask(hosts)).status).toBe(401);
  });

  test("one can't read or end what is another's", async () => {
    const app = await pairApp(admin, "curious", ["read", "devices", "settings"]);
    const { sessions } = must(await admin.api.call("GET /sessions"));
    for (const { id } of sessions) {
      const question: Question = {
        method: "DELETE",
        path: `/api/v1/sessions/${id}`,
        headers: { "x-passerelle": "1" },
      };
      expect((await ask(as(app.token, question))).status).toBe(403);
    }
  });
});

describe("S-16: requests of other sites' pages", () => {
  test("are refused by each of their marks, and change nothing", async () => {
    const login = await ask(loginQuestion(labelOf(lab), "cookie"));
    const cookie = String([login.headers["set-cookie"]].flat()[0]).split(";")[0] ?? "";
    const own: Question = {
      method: "PUT",
      path: "/api/v1/first-run",
      headers: { cookie, "x-passerelle": "1", "content-type": "application/json" },
      body: JSON.stringify({ language: "fr" }),
    };
    const before = await revision();
    const foreign: readonly Readonly<Record<string, string>>[] = [
      { origin: "http://evil.test" },
      { origin: "null" },
      { origin: "http://192.168.1.1.evil.test" },
      { origin: "http://192.168.1.1:8000" },
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
      { "content-type": "text/plain" },
      { "content-type": "application/x-www-form-urlencoded" },
      { "content-type": "multipart/form-data; boundary=x" },
      { "content-type": "text/plain; application/json" },
      { "x-passerelle": "" },
    ];
    for (const marks of foreign) {
      const answer = await ask({ ...own, headers: { ...own.headers, ...marks } });
      expect(answer.status, JSON.stringify(marks)).toBe(403);
    }
    expect(await revision()).toBe(before);
    // The same request with the marks of the box's own page is let in: it is the marks that were refused.
    const answer = await ask({ ...own, headers: { ...own.headers, origin: "http://192.168.1.1" } });
    expect(answer.status).toBe(200);
    expect(await revision()).toBeGreaterThan(before);
  });

  test("a WebSocket of another site's page is not opened", async () => {
    const events = KNOCKS.find(({ key }) => key === "GET /events");
    if (events === undefined) throw new Error("no events");
    const socket = as(admin.token, harmless(events));
    expect((await ask(socket)).status).toBe(101);
    for (const marks of [{ origin: "http://evil.test" }, { "sec-fetch-site": "cross-site" }]) {
      const answer = await ask({ ...socket, headers: { ...socket.headers, ...marks } });
      expect(answer.status).toBe(403);
    }
  });

  test("no other site may read an answer: there is no CORS", async () => {
    const origin = { origin: "http://evil.test" };
    for (const path of ["/", "/api/v1/welcome", "/api/v1/openapi.json"]) {
      for (const method of ["GET", "OPTIONS"]) {
        const { headers } = await ask({ method, path, headers: origin });
        expect(headers["access-control-allow-origin"]).toBeUndefined();
      }
    }
  });
});

test("S-17: the box answers to its own names and to no other", async () => {
  const paths = ["/", "/api/v1/welcome", "/api/v1/openapi.json"];
  const strange = ["evil.test", "192.168.1.1.evil.test", "192.168.1.2", "evil.test:80", "[::1]"];
  for (const path of paths) {
    for (const host of strange) {
      const answer = await ask({ path, headers: { host } });
      expect([400, 421], `${path} of "${host}"`).toContain(answer.status);
      expect(answer.text).not.toContain("firstRunDone");
    }
    for (const host of ["192.168.1.1", "box.home.arpa", "BOX.home.arpa.", "box.home.arpa:80"])
      expect((await ask({ path, headers: { host } })).status, `${path} of "${host}"`).toBe(200);
  }
});

describe("S-22: what every answer says", () => {
  const pages = ["/", "/nowhere", "/favicon.ico", "/index.html", "/..%2f"];

  test("policy, type and frame are there whatever is answered", async () => {
    const questions: Question[] = [
      ...pages.map((path) => ({ path })),
      ...KNOCKS.filter(({ key }) => key !== "GET /events").map(harmless),
      { path: "/", headers: { host: "evil.test" } },
      { method: "PROPFIND", path: "/" },
    ];
    const answers = await admin.asker.askAll(questions);
    for (const [n, { headers, status }] of answers.entries()) {
      const of = `${questions[n]?.method ?? "GET"} ${questions[n]?.path} → ${status}`;
      const policy = String(headers["content-security-policy"]);
      expect(policy, of).toContain("default-src 'self'");
      expect(policy, of).toContain("frame-ancestors 'none'");
      expect(policy, of).toContain("require-trusted-types-for 'script'");
      expect(policy, of).not.toMatch(/unsafe|\*|https?:/);
      expect(headers["x-content-type-options"], of).toBe("nosniff");
      if (questions[n]?.path.startsWith("/api/"))
        expect(headers["cache-control"], of).toContain("no-store");
      for (const name of ["server", "x-powered-by", "via"])
        expect(headers[name], of).toBeUndefined();
    }
  });

  test("nobody learns the version before logging in", async () => {
    const { version } = must(await admin.api.call("GET /system"));
    const paths = [...pages, "/api/v1/welcome", "/api/v1/openapi.json", "/api/v1/nowhere"];
    const texts = await admin.asker.askAll(paths.map((path) => ({ path })));
    for (const [n, { text }] of texts.entries())
      expect(text.includes(`"${version}"`), `${paths[n]} tells ${version}`).toBe(false);
  });
});

/** Let in, then refused by the box's state, is not the same as "you may not". */
function isRefused({ status, text }: Answered): boolean {
  return status === 403 && /"code":"(not_allowed|step_up_required|foreign_request)"/.test(text);
}

function isPage(text: string): boolean {
  return text.toLowerCase().startsWith("<!doctype html>");
}

/** Other spellings of /api/v1/hosts. */
const TRICKS: readonly string[] = [
  "/images/..%2fapi/v1/hosts",
  "/images/..%2f..%2fapi/v1/hosts",
  "/assets/../api/v1/hosts",
  "/api/v1/welcome/../hosts",
  "/api/v1/welcome%2f..%2fhosts",
  "/api/v1/openapi.json/../hosts",
  "/api/v1/openapi.json%2f..%2fhosts",
  "/api/v1/./hosts",
  "//api/v1/hosts",
  "/api//v1/hosts",
  "/api/v1//hosts",
  "/api/v1/hosts/",
  "/api/v1/hosts//",
  "/api/v1/hosts/.",
  "/api/v1/hosts/..",
  "/api/v1/hosts%2f",
  "/api/v1/hosts%3fx",
  "/api/v1/hosts%00",
  "/api/v1/hosts%20",
  "/api/v1/hosts;jsessionid=1",
  "/api/v1;/hosts",
  "/;/api/v1/hosts",
  "/..;/api/v1/hosts",
  "/%61pi/v1/hosts",
  "/api/v1/%68osts",
  "/api/v1/h%6fsts",
  "/api/%76%31/hosts",
  "/%2e/api/v1/hosts",
  "/%2e%2e/api/v1/hosts",
  "/x/%2e%2e/api/v1/hosts",
  "/x/%252e%252e/api/v1/hosts",
  "/API/v1/hosts",
  "/api/V1/hosts",
  "/api/v1/HOSTS",
  "/api/v1/hosts.json",
  "/api/v1/hosts.js",
  "/api/v1/hosts?access=public",
  "/api/v1/hosts?token=",
  "/api/v2/hosts",
  "/api/hosts",
  "/hosts/../api/v1/hosts",
  "\\api\\v1\\hosts",
  "/api\\v1\\hosts",
  "/api/v1\\hosts",
  "http://192.168.1.1/api/v1/hosts",
  "http://evil.test/api/v1/hosts",
  "/%c0%ae%c0%ae/api/v1/hosts",
  "/api/v1/welcome#/../hosts",
  "/api/v1/hosts%23",
];
