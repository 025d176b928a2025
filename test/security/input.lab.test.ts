import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Admin, adminOn, labelOf, must } from "../face/admin.ts";
import type { Question } from "../face/asker.ts";
import { harmless, KNOCKS } from "../face/operations.ts";
import { bodyOf, type Schema } from "../face/schema.ts";
import { Lab } from "../lab/lab.ts";

/** The whole gateway given words that no person would give. Rows S-18, S-20, and hostile input on every operation. */
let lab: Lab;
let admin: Admin;
beforeAll(async () => {
  lab = await Lab.up();
  admin = await adminOn(lab);
  await admin.stepUp(labelOf(lab));
});
afterAll(() => lab.down());

/** What ends the session, the box or the test itself; `session.lab.test.ts` and `traces.lab.test.ts` have those. */
const APART = new Set([
  "POST /sessions",
  "DELETE /sessions/current",
  "PUT /password",
  "POST /sessions/current/step-up",
  "POST /system/reboot",
  "POST /system/factory-reset",
  "POST /wan/reconnect",
]);
const knocks = KNOCKS.filter(({ key }) => !APART.has(key));

const CANARY = "/tmp/canary-of-injection";
const PAYLOADS: readonly string[] = [
  `;touch ${CANARY}`,
  `$(touch ${CANARY})`,
  `\`touch ${CANARY}\``,
  `|touch ${CANARY}`,
  `x\ntouch ${CANARY}\n`,
  `x && touch ${CANARY}`,
  `'; touch ${CANARY}; '`,
  "-f/etc/passwd",
  "--help",
  "-",
  "@/etc/passwd",
  "file:///etc/passwd",
  "../../../../etc/passwd",
  "x\u0000y",
  "\u202Egnp.exe",
  "\uD800",
  "'; DROP TABLE revisions; --",
  "{{7*7}}<%= 7*7 %>#{7*7}",
  "<script>alert(1)</script>",
  "canary.evil.internet.test",
  "x".repeat(65_536),
  "",
];

/** The document as the box serves it: what a stranger would build its requests from. */
async function document() {
  const { text } = await admin.asker.ask({ path: "/api/v1/openapi.json" });
  return JSON.parse(text) as {
    readonly paths: Readonly<
      Record<
        string,
        Readonly<
          Record<
            string,
            {
              readonly requestBody?: {
                readonly content: { readonly "application/json"?: { readonly schema: Schema } };
              };
              readonly parameters: readonly { readonly name: string; readonly in: string }[];
            }
          >
        >
      >
    >;
  };
}

describe("S-18: words that a shell, a database or a program would take for its own", () => {
  test("in every field of every operation they are refused or stay words", async () => {
    const { paths } = await document();
    const questions: Question[] = knocks.flatMap((knock) => {
      const [method = "", path = ""] = knock.key.split(" ");
      const operation = paths[path]?.[method.toLowerCase()];
      const schema = operation?.requestBody?.content["application/json"]?.schema;
      const query = (operation?.parameters ?? []).filter((one) => one.in === "query");
      return PAYLOADS.flatMap((payload): Question[] => {
        const escaped = encodeURIComponent(payload.toWellFormed());
        const asked = harmless(knock);
        return [
          ...(schema === undefined
            ? []
            : bodyOf(schema, payload).map((body) => ({ ...asked, body: JSON.stringify(body) }))),
          ...(path.includes("{") && escaped.length < 4000
            ? [{ ...asked, path: `/api/v1${path.replace(/\{\w+\}/, escaped)}` }]
            : []),
          ...(escaped.length < 4000
            ? query.map(({ name }) => ({ ...asked, path: `${asked.path}?${name}=${escaped}` }))
            : []),
        ];
      });
    });
    expect(questions.length).toBeGreaterThan(500);
    const answers = await admin.asker.askAll(
      questions.map((question) => ({
        ...question,
        headers: { ...question.headers, authorization: `Bearer ${admin.token}` },
      })),
    );
    const wrong = answers.flatMap(({ status, text }, n) => {
      const question = questions[n];
      const said = `${question?.method} ${question?.path.slice(0, 90)} ${question?.body?.slice(0, 160)} → ${status} ${text.slice(0, 160)}`;
      if (text.includes("root:x:0")) return [`A FILE: ${said}`];
      return status >= 500 && !BUSY.test(text) ? [said] : [];
    });
    expect(wrong).toEqual([]);
    expect((await lab.exec("gw", ["ls", CANARY])).code).not.toBe(0);
    for (const { name } of daemons()) expect((await lab.daemon(name)).starts, name).toBe(1);
  });

  test("no program was given a word of a stranger as one of its own options", async () => {
    for (const target of [
      "-f/etc/passwd",
      "--help",
      "-c1",
      "$(id)",
      "a b",
      "a;id",
      "1.2.3.4\n-f",
    ]) {
      for (const kind of ["ping", "trace", "dns_lookup"] as const) {
        const more = kind === "ping" ? { count: 1 } : kind === "dns_lookup" ? { type: "A" } : {};
        const answer = await admin.ask({
          method: "POST",
          path: "/api/v1/diagnostics",
          body: JSON.stringify({ kind, target, ...more }),
        });
        expect(answer.status, `${kind} ${target}`).toBe(422);
      }
    }
    const resolver = await admin.api.call("POST /diagnostics", {
      body: { kind: "dns_lookup", target: "a.test", type: "A", resolver: "-x;id" },
    });
    expect(resolver.ok ? "asked" : resolver.problem.status).toBe(422);
  });
});

test("S-20: no name leads out of where it belongs", async () => {
  const up = [
    "../",
    "..%2f",
    "%2e%2e/",
    "%2e%2e%2f",
    "..%5c",
    "....//",
    "..%c0%af",
    "%252e%252e%252f",
  ];
  const files = ["etc/passwd", "etc/shadow", "proc/self/environ", "proc/1/cmdline"];
  const bases = ["/", "/assets/", "/help/", "/api/v1/jobs/", "/api/v1/hosts/", "/api/v1/"];
  const paths = bases.flatMap((base) =>
    up.flatMap((one) => files.map((file) => `${base}${one.repeat(8)}${file}`)),
  );
  const questions: Question[] = [...paths, "//etc/passwd", "/file:///etc/passwd"].map((path) => ({
    path,
    headers: { authorization: `Bearer ${admin.token}`, "x-passerelle": "1" },
  }));
  const answers = await admin.asker.askAll(questions);
  const wrong = answers.flatMap(({ status, text }, n) =>
    /root:|PASSERELLE_|systemd|\bmain\.ts\b/.test(text) ||
    status >= 500 ||
    (status === 200 && !isPage(text))
      ? [`${questions[n]?.path} → ${status} ${text.slice(0, 100)}`]
      : [],
  );
  expect(wrong).toEqual([]);
  // A backup with names that lead elsewhere, of a wrong kind, or huge.
  const good = must(await admin.api.call("POST /config/export", { body: {} })).document;
  const odd = [
    good.replace(/"lan"/g, '"../../lan"'),
    good.replace(/"lan"/g, '"/etc/passwd"'),
    good.replace("{", '{"__proto__":{"polluted":true},'),
    `${"[".repeat(50_000)}${"]".repeat(50_000)}`,
    "\u001f\u008b\u0008 a tar with links",
    "x".repeat(1_000_001),
  ];
  for (const doc of odd) {
    const answer = await admin.ask({
      method: "POST",
      path: "/api/v1/config/import",
      body: JSON.stringify({ document: doc }),
    });
    expect(answer.status, doc.slice(0, 40)).toBeGreaterThanOrEqual(400);
    expect(answer.status, doc.slice(0, 40)).toBeLessThan(500);
  }
  expect((await lab.exec("gw", ["ls", "/etc/lan", "/lan"])).code).not.toBe(0);
});

test("no operation answers random and hostile bodies with an error of the box", async () => {
  const withBody = knocks.filter(({ route }) => route.body !== undefined);
  const bodies = fc.sample(fc.oneof(fc.jsonValue(), fc.object({ maxDepth: 3 })), {
    numRuns: 20,
    seed: 3,
  });
  const raw = [
    "",
    "{",
    "null",
    "[]",
    '"x"',
    "1e999",
    '{"__proto__":{"a":1}}',
    '{"a":1,"a":2}',
    "\u0000",
    "[".repeat(20_000),
  ];
  const questions = withBody.flatMap((knock) =>
    [...bodies.map((body) => JSON.stringify(body) ?? "null"), ...raw].map(
      (body): Question => ({
        ...harmless(knock),
        headers: { ...harmless(knock).headers, authorization: `Bearer ${admin.token}` },
        body,
      }),
    ),
  );
  const answers = await admin.asker.askAll(questions);
  const wrong = answers.flatMap(({ status, text }, n) =>
    status >= 500 && !BUSY.test(text)
      ? [
          `${questions[n]?.method} ${questions[n]?.path} ${questions[n]?.body?.slice(0, 80)} → ${status} ${text.slice(0, 120)}`,
        ]
      : [],
  );
  expect(wrong).toEqual([]);
  for (const { name } of daemons()) expect((await lab.daemon(name)).starts, name).toBe(1);
});

/** Hundreds of requests at once may be told to come back: that is an answer, not a mistake. */
const BUSY = /"code":"(busy|bus_busy|too_many_clients|too_many_jobs)"/;

function daemons(): readonly { readonly name: string }[] {
  return ["config", "system", "firewall", "wan", "lan", "web"].map((name) => ({ name }));
}

function isPage(text: string): boolean {
  return text.startsWith("<!doctype html>") || text.startsWith("<!DOCTYPE html>");
}

test("S-31: random octets as an update are refused, on a machine that has no slots as well", async () => {
  const files = fc.sample(fc.uint8Array({ minLength: 0, maxLength: 5000 }), 20);
  for (const file of files) {
    const answer = await admin.ask({
      method: "POST",
      path: "/api/v1/system/upgrade",
      headers: { "content-type": "application/octet-stream" },
      body: Buffer.from(file).toString("latin1"),
    });
    expect(answer.status, answer.text.slice(0, 200)).toBeGreaterThanOrEqual(400);
    expect(answer.status, answer.text.slice(0, 200)).toBeLessThan(500);
  }
  for (const { name } of daemons()) expect((await lab.daemon(name)).starts, name).toBe(1);
});
