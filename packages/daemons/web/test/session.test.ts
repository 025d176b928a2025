import { systemButton } from "@passerelle/contract";
import { ManualClock, settle } from "@passerelle/service/testing";
import { type Duration, hours, minutes, seconds } from "@passerelle/time";
import { afterEach, describe, expect, test } from "vitest";
import { webSocketUpgrade } from "./handshake.ts";
import { LABEL, type Reply, type Rig, type RigOptions, startRig } from "./rig.ts";

let rigs: Rig[] = [];
afterEach(async () => {
  for (const rig of rigs) {
    await rig.stop();
    await rig.context.dispose();
  }
  rigs = [];
});
async function start(options?: RigOptions): Promise<Rig> {
  const rig = await startRig(options);
  rigs.push(rig);
  return rig;
}

const NEXT = "quatre mots au hasard";

async function logIn(
  rig: Rig,
  options: { password?: string; remember?: boolean; from?: string; cookie?: string } = {},
) {
  const { password = LABEL, remember = false, ...call } = options;
  return rig.http("POST", "/api/v1/sessions", {
    ...call,
    body: { kind: "password", password, transport: "cookie", remember },
  });
}

function cookieOf({ headers }: Reply): string {
  return headers["set-cookie"]?.[0]?.split(";")[0] ?? "";
}

async function isIn(rig: Rig, cookie: string): Promise<boolean> {
  const { status } = await rig.http("GET", "/api/v1/sessions/current", { cookie });
  return status === 200;
}

/** Time passes while somebody uses the page. */
async function busy(rig: Rig, cookie: string, by: Duration): Promise<void> {
  for (let passed = 0; passed < by; passed += minutes(20)) {
    await rig.context.clock.advance(minutes(20));
    await isIn(rig, cookie);
  }
}

describe("S-23 a session", () => {
  test("has a cookie that no script reads and no other site sends", async () => {
    const rig = await start();
    const reply = await logIn(rig);
    expect(reply.headers["set-cookie"]?.[0]).toMatch(
      /^sid=[0-9a-f]{64}; Path=\/; HttpOnly; SameSite=Strict$/,
    );
    const remembered = await logIn(rig, { remember: true });
    expect(remembered.headers["set-cookie"]?.[0]).toMatch(/; Max-Age=2592000$/);
  });

  test("is another one after each login, and the one before is over", async () => {
    const rig = await start();
    const planted = `sid=${"a".repeat(64)}`;
    const first = cookieOf(await logIn(rig, { cookie: planted }));
    expect(first).not.toBe(planted);
    expect(await isIn(rig, planted)).toBe(false);
    const second = cookieOf(await logIn(rig, { cookie: first }));
    expect(second).not.toBe(first);
    expect([await isIn(rig, first), await isIn(rig, second)]).toEqual([false, true]);
  });

  test("ends after half an hour without a sign of life", async () => {
    const rig = await start();
    const cookie = cookieOf(await logIn(rig));
    await rig.context.clock.advance(minutes(29));
    expect(await isIn(rig, cookie)).toBe(true);
    await rig.context.clock.advance(minutes(30));
    expect(await isIn(rig, cookie)).toBe(false);
  });

  test("ends after twelve hours, however busy, and no jump of the calendar ends or prolongs it", async () => {
    const rig = await start();
    const cookie = cookieOf(await logIn(rig));
    await busy(rig, cookie, hours(6));
    rig.context.clock.setWall(0);
    await busy(rig, cookie, hours(3));
    rig.context.clock.setWall(4_000_000_000_000);
    await busy(rig, cookie, minutes(160));
    expect(await isIn(rig, cookie)).toBe(true);
    await busy(rig, cookie, minutes(40));
    expect(await isIn(rig, cookie)).toBe(false);
  });

  test("that is remembered only reads after that, for 30 days", async () => {
    const rig = await start();
    const cookie = cookieOf(await logIn(rig, { remember: true }));
    await rig.context.clock.advance(minutes(31));
    expect(await isIn(rig, cookie)).toBe(true);
    const list = await rig.http("GET", "/api/v1/sessions", { cookie });
    expect(list.json).toMatchObject({ code: "not_allowed" });
    await rig.context.clock.advance(hours(30 * 24));
    expect(await isIn(rig, cookie)).toBe(false);
  });

  test("can be revoked by another, which ends it at once, also where it follows live", async () => {
    const rig = await start();
    const cookie = cookieOf(await logIn(rig));
    const bearer = await rig.login();
    const list = await rig.http("GET", "/api/v1/sessions", { cookie });
    const sessions = list.json.sessions as { id: string; current: boolean }[];
    const other = sessions.find(({ current }) => !current);
    expect(await webSocketUpgrade(rig, { bearer })).toMatch(/ 101 /);
    const gone = await rig.http("DELETE", `/api/v1/sessions/${other?.id}`, { cookie });
    expect(gone.status).toBe(204);
    expect((await rig.http("GET", "/api/v1/sessions/current", { bearer })).status).toBe(401);
    expect(await webSocketUpgrade(rig, { bearer })).toMatch(/ 401 /);
    const again = await rig.http("DELETE", `/api/v1/sessions/${other?.id}`, { cookie });
    expect(again.json).toMatchObject({ code: "unknown_session" });
  });

  test("ends by logging out, and the cookie goes", async () => {
    const rig = await start();
    const cookie = cookieOf(await logIn(rig));
    const out = await rig.http("DELETE", "/api/v1/sessions/current", { cookie });
    expect(out.headers["set-cookie"]?.[0]).toBe(
      "sid=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0",
    );
    expect(await isIn(rig, cookie)).toBe(false);
  });

  test("of a cookie that is there twice is nobody's; a token is no cookie and a cookie no token", async () => {
    const rig = await start();
    const cookie = cookieOf(await logIn(rig));
    expect(await isIn(rig, `${cookie}; sid=${"0".repeat(64)}`)).toBe(false);
    expect(await isIn(rig, `${cookie}; other=x`)).toBe(true);
    const asBearer = await rig.http("GET", "/api/v1/sessions/current", {
      bearer: cookie.slice("sid=".length),
    });
    expect(asBearer.status).toBe(401);
    expect(await isIn(rig, `sid=${await rig.login()}`)).toBe(false);
  });

  test("is over after the password changed, but for the one that changed it", async () => {
    const rig = await start();
    const [own, other] = [cookieOf(await logIn(rig)), cookieOf(await logIn(rig))];
    const weak = await change(rig, own, LABEL, "passerelle2026");
    expect(weak.json).toMatchObject({ code: "weak_password" });
    expect((await change(rig, own, LABEL, NEXT)).status).toBe(204);
    expect([await isIn(rig, own), await isIn(rig, other)]).toEqual([true, false]);
    expect((await logIn(rig, { password: LABEL })).json).toMatchObject({ code: "wrong_password" });
    await rig.context.clock.advance(seconds(1));
    expect((await logIn(rig, { password: NEXT })).status).toBe(201);
    expect(JSON.stringify(rig.applied)).not.toContain(NEXT);
  });
});

describe("the process dies", () => {
  test("S-23 a session goes on, S-13 what was counted stays counted, and the password is the new one", async () => {
    const clock = new ManualClock();
    const first = await start({ clock });
    const cookie = cookieOf(await logIn(first));
    expect((await change(first, cookie, LABEL, NEXT)).status).toBe(204);
    for (const wait of [0, 1, 2, 4]) {
      await clock.advance(seconds(wait));
      await logIn(first, { password: "wrong", from: "127.0.0.9" });
    }
    const { stateDirectory } = first.context;
    await first.stop();
    const second = await start({ clock, stateDirectory, addresses: [first.address] });
    expect(await isIn(second, cookie)).toBe(true);
    const held = await logIn(second, { password: NEXT, from: "127.0.0.9" });
    expect(held.json).toMatchObject({ code: "too_many_attempts", retryAfter: 8 });
    expect(held.headers["retry-after"]).toBe("8");
    await clock.advance(seconds(8));
    expect((await logIn(second, { password: NEXT, from: "127.0.0.9" })).status).toBe(201);
  });

  test("S-23 a reboot ends every session: nobody knows for how long the box was off", async () => {
    const first = await start();
    const cookie = cookieOf(await logIn(first));
    await logIn(first, { password: "wrong", from: "127.0.0.9" });
    const { stateDirectory } = first.context;
    await first.stop();
    const clock = new ManualClock({ bootId: "11111111-0000-4000-8000-000000000000" });
    const second = await start({ clock, stateDirectory, addresses: [first.address] });
    expect(await isIn(second, cookie)).toBe(false);
    expect((await logIn(second, { from: "127.0.0.9" })).json).toMatchObject({
      code: "too_many_attempts",
      retryAfter: 1,
    });
  });

  test("S-33 a box that was reset takes the label's password again", async () => {
    const first = await start();
    const cookie = cookieOf(await logIn(first));
    await change(first, cookie, LABEL, NEXT);
    const reset = await start();
    expect((await logIn(reset, { password: NEXT })).status).toBe(403);
    await reset.context.clock.advance(seconds(1));
    expect((await logIn(reset)).status).toBe(201);
  });
});

describe("S-13 guessing", () => {
  test("200 wrong logins from 4 addresses: at most 20 are evaluated in five minutes; then the right one works", async () => {
    const rig = await start();
    let evaluated = 0;
    for (let n = 0; n < 200; n += 1) {
      const from = `127.0.0.${10 + (n % 4)}`;
      const { json } = await logIn(rig, { password: "wrong", from });
      if (json.code === "wrong_password") evaluated += 1;
      else expect(json).toMatchObject({ code: "too_many_attempts" });
      await rig.context.clock.advance(1500 as Duration);
    }
    expect(evaluated).toBeLessThanOrEqual(20);
    expect(evaluated).toBeGreaterThanOrEqual(4);
    // While the delay runs the right one is not looked at.
    const held = await logIn(rig, { from: "127.0.0.10" });
    expect(held.json).toMatchObject({ code: "too_many_attempts" });
    await rig.context.clock.advance(seconds(Number(held.json.retryAfter)));
    expect((await logIn(rig, { from: "127.0.0.10" })).status).toBe(201);
    const failures = rig.audited.filter(({ kind }) => kind === "login_failed");
    expect(failures.length).toBe(evaluated);
  });

  test("many at once are judged one after the other", async () => {
    const rig = await start();
    const replies = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        logIn(rig, { password: "wrong", from: `127.0.1.${n + 1}` }),
      ),
    );
    const codes = replies.map(({ json }) => json.code);
    expect(codes.filter((code) => code === "wrong_password")).toHaveLength(1);
    expect(codes.filter((code) => code === "too_many_attempts")).toHaveLength(19);
  });
});

describe("S-24 dangerous actions", () => {
  const answer = { capabilities: ["read"] };
  const dangerous = (rig: Rig, cookie: string) =>
    rig.http("POST", "/api/v1/apps/requests/nobody/answer", { cookie, body: answer });
  const stepUp = (rig: Rig, cookie: string, body: object) =>
    rig.http("POST", "/api/v1/sessions/current/step-up", { cookie, body });

  test("want the password again, in that session, for an hour; the cookie is another one", async () => {
    const rig = await start();
    const [cookie, other] = [cookieOf(await logIn(rig)), cookieOf(await logIn(rig))];
    expect((await dangerous(rig, cookie)).json).toMatchObject({ code: "step_up_required" });
    const risen = await stepUp(rig, cookie, { kind: "password", password: LABEL });
    expect(risen.status).toBe(200);
    const next = cookieOf(risen);
    expect(next).not.toBe(cookie);
    expect((await dangerous(rig, next)).json).toMatchObject({ code: "unknown_app" });
    expect((await dangerous(rig, other)).json).toMatchObject({ code: "step_up_required" });
    // What was on its way with the old cookie arrives, without the right; and not for long.
    expect((await dangerous(rig, cookie)).json).toMatchObject({ code: "step_up_required" });
    await rig.context.clock.advance(seconds(11));
    expect(await isIn(rig, cookie)).toBe(false);
    await rig.context.clock.advance(minutes(25));
    await isIn(rig, next);
    await rig.context.clock.advance(minutes(25));
    expect((await dangerous(rig, next)).json).toMatchObject({ code: "unknown_app" });
    await rig.context.clock.advance(minutes(10));
    expect((await dangerous(rig, next)).json).toMatchObject({ code: "step_up_required" });
    expect(await isIn(rig, next)).toBe(true);
  });

  test("or the button of the box, pressed in the minute after it was asked for", async () => {
    const rig = await start();
    const cookie = cookieOf(await logIn(rig));
    const press = async () => {
      rig.bus("system").publish(systemButton, { at: 0 });
      await settle();
    };
    await press();
    const asked = await stepUp(rig, cookie, { kind: "button" });
    expect(asked.json).toMatchObject({ code: "button_not_pressed" });
    // Asking again is no press.
    expect((await stepUp(rig, cookie, { kind: "button" })).status).toBe(403);
    await rig.context.clock.advance(seconds(61));
    await press();
    expect((await stepUp(rig, cookie, { kind: "button" })).status).toBe(403);
    await rig.context.clock.advance(seconds(20));
    await press();
    const risen = await stepUp(rig, cookie, { kind: "button" });
    expect(risen.status).toBe(200);
    expect((await dangerous(rig, cookieOf(risen))).json).toMatchObject({ code: "unknown_app" });
  });

  test("a wrong password raises nothing and counts", async () => {
    const rig = await start();
    const cookie = cookieOf(await logIn(rig));
    const wrong = await stepUp(rig, cookie, { kind: "password", password: "wrong" });
    expect(wrong.json).toMatchObject({ code: "wrong_password" });
    expect((await dangerous(rig, cookie)).json).toMatchObject({ code: "step_up_required" });
    const held = await stepUp(rig, cookie, { kind: "password", password: LABEL });
    expect(held.json).toMatchObject({ code: "too_many_attempts" });
  });
});

test("S-35 who came in, who failed, who rose and who left is told, with the address", async () => {
  const rig = await start();
  await logIn(rig, { password: "wrong", from: "127.0.0.9" });
  const cookie = cookieOf(
    await logIn(rig, { from: "127.0.0.8" }).then(async (held) => {
      expect(held.status).toBe(429);
      await rig.context.clock.advance(seconds(1));
      return logIn(rig, { from: "127.0.0.8" });
    }),
  );
  await rig.http("POST", "/api/v1/sessions/current/step-up", {
    cookie,
    from: "127.0.0.8",
    body: { kind: "password", password: LABEL },
  });
  await rig.http("DELETE", "/api/v1/sessions/current", { cookie, from: "127.0.0.8" });
  expect(rig.audited.map(({ kind, actor, source }) => `${kind} ${actor} ${source}`)).toEqual([
    "login_failed admin 127.0.0.9",
    "login admin 127.0.0.8",
    "step_up admin 127.0.0.8",
    "logout admin 127.0.0.8",
  ]);
  expect(JSON.stringify(rig.audited)).not.toContain("wrong");
});

test("the first run writes the section of web through config, signed", async () => {
  const rig = await start();
  const cookie = cookieOf(await logIn(rig));
  const done = await rig.http("PUT", "/api/v1/first-run", { cookie, body: { language: "fr" } });
  expect(done.json).toEqual({ revision: 2 });
  expect(rig.applied).toEqual([
    {
      changes: [{ section: "web", patch: { firstRunDone: true, language: "fr" } }],
      author: { name: "admin", origin: "lan" },
      note: "first run",
    },
  ]);
});

function change(rig: Rig, cookie: string, current: string, next: string): Promise<Reply> {
  return rig.http("PUT", "/api/v1/password", { cookie, body: { current, next } });
}
