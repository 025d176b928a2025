import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Admin, adminOn, labelOf, loginQuestion, must } from "../face/admin.ts";
import { type Answered, Asker, type Question } from "../face/asker.ts";
import { pressButton } from "../face/bus.ts";
import { harmless, KNOCKS } from "../face/operations.ts";
import { Lab } from "../lab/lab.ts";

/** The whole gateway from devices of its LAN: sessions and guesses. Rows S-13, S-23, S-24, S-25, S-26. */
let lab: Lab;
let admin: Admin;
/** The one in force: the label's, until a test chose another. */
let password = "";
beforeAll(async () => {
  lab = await Lab.up();
  admin = await adminOn(lab);
  password = labelOf(lab);
});
afterAll(() => lab.down());

const ask = (question: Question) => admin.asker.ask(question);
const cookieOf = (answer: Answered): string =>
  String([answer.headers["set-cookie"]].flat()[0] ?? "").split(";")[0] ?? "";
const current = (cookie: string): Question => ({
  path: "/api/v1/sessions/current",
  headers: { cookie },
});

describe("S-23: sessions", () => {
  test("a cookie that no script reads and no other site sends; with HTTPS it is bound to it", async () => {
    const plain = await ask(loginQuestion(password, "cookie"));
    const flags = String([plain.headers["set-cookie"]].flat()[0]);
    expect(flags).toMatch(/; *HttpOnly/i);
    expect(flags).toMatch(/; *SameSite=Strict/i);
    expect(flags).toMatch(/; *Path=\//i);
    expect(flags).not.toMatch(/Domain=/i);
    // 256 bit: 64 hexadecimal digits, or 43 of base64url.
    expect(/=([\w-]+)/.exec(flags)?.[1]?.length).toBeGreaterThanOrEqual(43);
    const secure = await ask({ ...loginQuestion(password, "cookie"), secure: true });
    const bound = String([secure.headers["set-cookie"]].flat()[0]);
    expect(bound).toMatch(/^__Host-/);
    expect(bound).toMatch(/; *Secure/i);
    // No answer hands the token of a cookie to a script.
    expect(JSON.parse(plain.text).token).toBeUndefined();
  });

  test("each login has another id; none can be brought along", async () => {
    const brought = "sid=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    const question = loginQuestion(password, "cookie");
    const answer = await ask({ ...question, headers: { ...question.headers, cookie: brought } });
    expect(answer.status).toBe(201);
    const cookie = cookieOf(answer);
    expect(cookie).not.toBe(brought);
    expect((await ask(current(brought))).status).toBe(401);
    expect((await ask(current(cookie))).status).toBe(200);
  });

  test("a step up gives another cookie; the old one is worth nothing more for it", async () => {
    const cookie = cookieOf(await ask(loginQuestion(password, "cookie")));
    const up = await ask({
      method: "POST",
      path: "/api/v1/sessions/current/step-up",
      headers: { cookie, "x-passerelle": "1", "content-type": "application/json" },
      body: JSON.stringify({ kind: "password", password }),
    });
    expect(up.status).toBe(200);
    const next = cookieOf(up);
    expect(next).not.toBe("");
    expect(next).not.toBe(cookie);
    const dangerous = (of: string): Question => ({
      method: "POST",
      path: "/api/v1/config/export",
      headers: { cookie: of, "x-passerelle": "1", "content-type": "application/json" },
      body: "{}",
    });
    expect((await ask(dangerous(next))).status).toBe(200);
    expect([401, 403]).toContain((await ask(dangerous(cookie))).status);
  });

  test("a session that is ended by another one, or by itself, is over at once", async () => {
    const mine = await Admin.login(admin.asker, password);
    const { session } = must(await mine.api.call("GET /sessions/current"));
    const params = { id: session.id };
    must(await admin.api.call("DELETE /sessions/{id}", { params }));
    expect((await mine.ask({ path: "/api/v1/hosts" })).status).toBe(401);
    const second = await Admin.login(admin.asker, password);
    must(await second.api.call("DELETE /sessions/current"));
    expect((await second.ask({ path: "/api/v1/hosts" })).status).toBe(401);
  });

  test("a new password ends every other session; an old cookie just asks to log in", async () => {
    const other = await Admin.login(admin.asker, password);
    const stale = cookieOf(await ask(loginQuestion(password, "cookie")));
    const next = "correct horse battery staple";
    must(await admin.api.call("PUT /password", { body: { current: password, next } }));
    password = next;
    expect((await other.ask({ path: "/api/v1/hosts" })).status).toBe(401);
    expect((await ask(current(stale))).status).toBe(401);
    expect((await ask({ path: "/", headers: { cookie: stale } })).status).toBe(200);
    const again = loginQuestion(next, "cookie");
    const headers = { ...again.headers, cookie: stale };
    expect((await ask({ ...again, headers })).status).toBe(201);
    // The label is no password to go back to: whoever looks under the box would have it.
    const back = await admin.api.call("PUT /password", {
      body: { current: next, next: labelOf(lab) },
    });
    expect(back.ok ? "taken" : back.problem.code).toBe("weak_password");
  });

  test("after kill -9 of web and a power cut an old session is either whole or over, never an error", async () => {
    for (const [fault, word] of [
      ["daemon-kill", "web"],
      ["power-cut", "0"],
    ] as const) {
      const cookie = cookieOf(await ask(loginQuestion(password, "cookie")));
      await lab.fault(fault, word);
      const answer = await answerOnce(current(cookie));
      expect([200, 401]).toContain(answer.status);
      const question = loginQuestion(password, "cookie");
      const again = await ask({ ...question, headers: { ...question.headers, cookie } });
      expect(again.status).toBe(201);
    }
    admin = await Admin.login(admin.asker, password);
  });
});

describe("S-24: dangerous actions", () => {
  const dangerous = KNOCKS.filter(({ route }) => route.stepUp === true);

  test("a login alone is not enough for any of them", async () => {
    expect(dangerous.map(({ key }) => key)).toEqual(
      expect.arrayContaining([
        "POST /nat/port-mappings",
        "POST /config/apply",
        "POST /config/export",
        "POST /config/import",
        "POST /system/factory-reset",
        "POST /system/reboot",
        "POST /apps/requests/{id}/answer",
      ]),
    );
    for (const knock of dangerous) {
      const answer = await admin.ask(harmless(knock));
      expect(answer.status, knock.key).toBe(403);
      expect(JSON.parse(answer.text).code, knock.key).toBe("step_up_required");
    }
  });

  test("the button of the box opens them, for the session that asked and for no other", async () => {
    const other = await Admin.login(admin.asker, password);
    const asks = () =>
      admin.api.call("POST /sessions/current/step-up", { body: { kind: "button" } });
    const early = await asks();
    expect(early.ok ? "opened" : early.problem.code).toBe("button_not_pressed");
    await pressButton(lab);
    await lab.waitFor("the button counts", async () => (await asks()).ok, 5000);
    const exported = await admin.api.call("POST /config/export", { body: {} });
    expect(exported.ok).toBe(true);
    const theirs = await other.api.call("POST /config/export", { body: {} });
    expect(theirs.ok ? "opened" : theirs.problem.code).toBe("step_up_required");
    // One press is for one person: it is used up.
    const late = await other.api.call("POST /sessions/current/step-up", {
      body: { kind: "button" },
    });
    expect(late.ok ? "opened" : late.problem.code).toBe("button_not_pressed");
    const { session } = must(await admin.api.call("GET /sessions/current"));
    const minutes = ((session.stepUpUntil ?? 0) - Date.now()) / 60_000;
    expect(minutes).toBeGreaterThan(55);
    expect(minutes).toBeLessThanOrEqual(60.5);
  });
});

test("S-25: a change on probation is kept by its token alone, whoever comes to look", async () => {
  await admin.stepUp(password);
  const before = must(await admin.api.call("GET /config/state")).revision;
  const changes = [{ section: "lan" as const, patch: { dns: { domain: "probation.home.arpa" } } }];
  const applied = must(
    await admin.api.call("POST /config/apply", { body: { changes, probationSeconds: 10 } }),
  );
  expect(applied.probation?.seconds).toBe(10);
  // Somebody else opens the page, looks around, logs in, and guesses.
  await lab.lease("udhcpc", "lan2");
  using visitor = new Asker(lab, "lan2");
  for (const path of ["/", "/api/v1/welcome", "/api/v1/openapi.json"]) {
    expect((await visitor.ask({ path })).status).toBe(200);
  }
  const second = await Admin.login(visitor, password);
  must(await second.api.call("GET /config", { query: {} }));
  const guess = await second.api.call("POST /config/confirm", { body: { token: "0".repeat(32) } });
  expect(guess.ok ? "kept" : guess.problem.code).toBe("wrong_token");
  const phase = must(await second.api.call("GET /config/state")).phase;
  expect(phase.kind).toBe("probation");
  const undone = await lab.waitFor(
    "the roll-back",
    async () => {
      const now = await second.api.call("GET /config/state");
      return now.ok && now.data.phase.kind === "confirmed" && now.data;
    },
    20_000,
  );
  expect(undone.revision).toBe(before);
  const late = await admin.api.call("POST /config/confirm", {
    body: { token: applied.probation?.token ?? "" },
  });
  expect(late.ok ? "kept" : late.problem.code).toMatch(/no_probation|wrong_token|too_many/);
});

test("S-25: the token needs no cookie, and works once", async () => {
  const changes = [{ section: "lan" as const, patch: { dns: { domain: "kept.home.arpa" } } }];
  admin = await Admin.login(admin.asker, password);
  await admin.stepUp(password);
  const { probation } = must(
    await admin.api.call("POST /config/apply", { body: { changes, probationSeconds: 60 } }),
  );
  const confirm: Question = {
    method: "POST",
    path: "/api/v1/config/confirm",
    headers: { "content-type": "application/json", "x-passerelle": "1" },
    body: JSON.stringify({ token: probation?.token }),
  };
  expect((await ask(confirm)).status).toBe(200);
  expect(must(await admin.api.call("GET /config/state")).phase.kind).toBe("confirmed");
  expect((await ask(confirm)).status).toBeGreaterThanOrEqual(400);
});

test("S-13: guesses are slowed for everybody who guesses, a restart helps nobody, nobody is locked out", async () => {
  await lab.lease("udhcpc", "attacker-lan");
  const addresses = ["192.168.1.251", "192.168.1.252", "192.168.1.253", "192.168.1.254"];
  for (const address of addresses)
    await lab.must("attacker-lan", ["ip", "address", "add", `${address}/24`, "dev", "eth0"]);
  using attacker = new Asker(lab, "attacker-lan");
  const guesses = (count: number) =>
    attacker.askAll(
      Array.from({ length: count }, (_, n) => ({
        ...loginQuestion(`guess number ${n}`),
        from: addresses[n % addresses.length] ?? "",
      })),
      16,
    );
  const answers = await guesses(200);
  const evaluated = answers.filter(({ status }) => status === 403);
  const refused = answers.filter(({ status }) => status === 429);
  expect(evaluated.length + refused.length).toBe(200);
  // The delays add up 1, 2, 4 … 60 s over all addresses: 20 in five minutes are far from reached in this burst.
  expect(evaluated.length).toBeLessThanOrEqual(6);
  for (const { headers } of refused) expect(Number(headers["retry-after"])).toBeGreaterThan(0);

  await lab.fault("daemon-kill", "web");
  await answerOnce({ path: "/api/v1/welcome" });
  const after = await guesses(20);
  expect(after.filter(({ status }) => status === 403).length).toBeLessThanOrEqual(1);

  // The owner's own device, which knew the password before, is not kept out by another's guesses.
  expect((await ask(loginQuestion(password))).status).toBe(201);
  // And an attacker who finds the right password after all must have waited: there is no lock for good.
  const late = await Admin.login(attacker, password);
  expect((await late.ask({ path: "/api/v1/hosts" })).status).toBe(200);
});

describe("S-26: TLS", () => {
  const connect = (...words: readonly string[]) =>
    lab.exec("lan1", ["openssl", "s_client", "-connect", "192.168.1.1:443", ...words], {
      input: "",
      timeoutMs: 10_000,
    });

  test("1.2 and 1.3, nothing older, strong suites only", async () => {
    for (const version of ["-tls1_2", "-tls1_3"]) {
      expect((await connect(version)).stdout).toMatch(/Cipher is [A-Z]/);
    }
    for (const version of ["-tls1", "-tls1_1"]) {
      const outcome = await connect(version, "-cipher", "ALL:@SECLEVEL=0");
      expect(outcome.stdout).toMatch(/Cipher is \(NONE\)|no peer certificate/);
    }
    const argv = ["nmap", "-n", "-Pn", "-p", "443", "--script", "ssl-enum-ciphers", "192.168.1.1"];
    const found = await lab.must("lan1", argv, { timeoutMs: 60_000 });
    expect(found).toContain("least strength: A");
    expect(found).not.toMatch(
      /SSLv3|TLSv1\.[01]|_CBC_|_RSA_WITH_(?!.*ECDHE)AES|RC4|3DES|_NULL_|_anon_/,
    );
  });

  test("the certificate is of the box's own authority, for its names alone", async () => {
    const ca = await ask({ path: "/api/v1/certificate" });
    expect(ca.status).toBe(200);
    await lab.must("lan1", ["tee", "/tmp/ca.pem"], { input: asPem(ca.text) });
    const outcome = await connect(
      ...["-CAfile", "/tmp/ca.pem", "-servername", "box.home.arpa"],
      ...["-verify_hostname", "box.home.arpa", "-verify_return_error"],
    );
    expect(outcome.stdout).toContain("Verify return code: 0 (ok)");
    const text = await lab.must("lan1", ["openssl", "x509", "-in", "/tmp/ca.pem", "-text"]);
    expect(text).toContain("X509v3 Name Constraints: critical");
    expect(text).toMatch(/Permitted:[\s\S]*DNS:\.?(box\.)?home\.arpa/);
    expect(text).toMatch(/CA:TRUE/);
  });

  test("two boxes have no key in common", async () => {
    await using second = await Lab.up();
    await second.lease("udhcpc", "lan1");
    const keys = await Promise.all([lab, second].map(keysOf));
    expect(new Set(keys.flat()).size).toBe(4);
    for (const key of keys.flat()) expect(key).toContain("BEGIN PUBLIC KEY");
  });
});

/** The public keys of a box's authority and of its server. */
async function keysOf(of: Lab): Promise<readonly string[]> {
  const certificate = await of.must("lan1", [
    "curl",
    "-s",
    "http://192.168.1.1/api/v1/certificate",
  ]);
  const shown = await of.exec(
    "lan1",
    ["openssl", "s_client", "-connect", "192.168.1.1:443", "-showcerts"],
    { input: "", timeoutMs: 10_000 },
  );
  const server = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/.exec(shown.stdout);
  return Promise.all(
    [asPem(certificate), server?.[0] ?? ""].map((input) =>
      of.must("lan1", ["openssl", "x509", "-noout", "-pubkey"], { input }),
    ),
  );
}

/** The box hands it out as text (PEM). */
function asPem(text: string): string {
  if (!text.includes("BEGIN CERTIFICATE")) throw new Error(`no PEM: ${text.slice(0, 60)}`);
  return text;
}

/** The first answer after a restart. */
function answerOnce(question: Question): Promise<Answered> {
  return lab.waitFor("an answer", () => ask(question).catch(() => false as const), 20_000);
}
