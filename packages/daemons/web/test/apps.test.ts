import { createHmac } from "node:crypto";
import { minutes, seconds } from "@passerelle/time";
import { afterEach, beforeEach, expect, test } from "vitest";
import { webSocketUpgrade } from "./handshake.ts";
import { LABEL, type Rig, startRig } from "./rig.ts";

let rig: Rig;
let person: string;
beforeEach(async () => {
  rig = await startRig();
  person = await rig.login();
  const body = { kind: "password", password: LABEL };
  const risen = await rig.http("POST", "/api/v1/sessions/current/step-up", {
    bearer: person,
    body,
  });
  if (risen.status !== 200) throw new Error(risen.text);
});
afterEach(async () => {
  await rig.stop();
  await rig.context.dispose();
});

interface Paired {
  readonly id: string;
  readonly secret: string;
}

async function ask(name: string, from?: string): Promise<Paired> {
  const reply = await rig.http("POST", "/api/v1/apps/requests", {
    body: { name, wanted: ["read", "settings", "admin"] },
    ...(from === undefined ? {} : { from }),
  });
  const { request, secret } = reply.json as { request?: { id: string }; secret?: string };
  return { id: request?.id ?? String(reply.json.code), secret: secret ?? "" };
}

async function answer(id: string, ...capabilities: string[]): Promise<number> {
  const path = `/api/v1/apps/requests/${id}/answer`;
  return (await rig.http("POST", path, { bearer: person, body: { capabilities } })).status;
}

async function prove({ id, secret }: Paired, challenge?: string) {
  const drawn =
    challenge ?? String((await rig.http("GET", `/api/v1/apps/${id}/challenge`)).json.challenge);
  const proof = createHmac("sha256", secret).update(drawn).digest("hex");
  const body = { kind: "app", app: id, challenge: drawn, proof };
  return { reply: await rig.http("POST", "/api/v1/sessions", { body }), challenge: drawn };
}

test("S-15 an app gets what a person gives it, no more, at once, until it is revoked", async () => {
  const app = await ask("<b>Zoé's app</b>");
  const state = async () => (await rig.http("GET", `/api/v1/apps/requests/${app.id}`)).json;
  expect(await state()).toEqual({ state: "pending" });
  expect((await prove(app, "0".repeat(64))).reply.json).toMatchObject({ code: "wrong_proof" });
  expect(await answer(app.id, "read")).toBe(200);
  expect(await state()).toEqual({ state: "approved", app: app.id });

  const { reply } = await prove(app);
  expect(reply.status).toBe(201);
  const bearer = String(reply.json.token);
  const see = async (path: string) => (await rig.http("GET", path, { bearer })).status;
  expect(await see("/api/v1/sessions/current")).toBe(200);
  expect(await see("/api/v1/sessions")).toBe(403);
  const path = `/api/v1/apps/${app.id}`;
  const more = { capabilities: ["read", "admin"] };
  expect((await rig.http("PATCH", path, { bearer: person, body: more })).status).toBe(200);
  expect(await see("/api/v1/sessions")).toBe(200);
  expect((await rig.http("PATCH", path, { bearer, body: more })).json).toMatchObject({
    code: "step_up_required",
  });
  expect((await rig.http("DELETE", path, { bearer: person })).status).toBe(204);
  expect(await see("/api/v1/sessions/current")).toBe(401);
  expect(await webSocketUpgrade(rig, { bearer })).toMatch(/ 401 /);
  expect((await rig.http("GET", `${path}/challenge`)).json).toMatchObject({ code: "unknown_app" });
  expect(rig.audited.map(({ kind }) => kind)).toEqual([
    ...["login", "step_up", "app_requested", "app_approved", "login", "app_changed", "app_revoked"],
  ]);
});

test("a challenge is good once and for a minute; a wrong proof counts as a guess", async () => {
  const app = await ask("app");
  await answer(app.id, "read");
  const first = await prove(app);
  expect(first.reply.status).toBe(201);
  expect((await prove(app, first.challenge)).reply.json).toMatchObject({ code: "wrong_proof" });
  const late = await rig.http("GET", `/api/v1/apps/${app.id}/challenge`);
  await rig.context.clock.advance(seconds(60));
  const { reply } = await prove(app, String(late.json.challenge));
  expect(reply.json).toMatchObject({ code: "wrong_proof" });
  const wrong = await prove({ ...app, secret: "another" });
  expect(wrong.reply.json).toMatchObject({ code: "wrong_proof" });
  expect((await prove(app)).reply.json).toMatchObject({ code: "too_many_attempts" });
  await rig.context.clock.advance(seconds(1));
  expect((await prove(app)).reply.status).toBe(201);
});

test("few may wait, none for longer than ten minutes, and one device does not take all places", async () => {
  const froms = [
    "127.0.2.1",
    "127.0.2.1",
    "127.0.2.1",
    "127.0.2.2",
    "127.0.2.2",
    "127.0.2.3",
    "127.0.2.4",
  ];
  const asked: string[] = [];
  for (const from of froms) asked.push((await ask("app", from)).id);
  expect(asked.map((id) => id === "too_many_requests")).toEqual([
    ...[false, false, true, false, false, false, true],
  ]);
  await rig.context.clock.advance(minutes(10));
  const state = await rig.http("GET", `/api/v1/apps/requests/${asked[0]}`);
  expect(state.json).toEqual({ state: "expired" });
  const late = await rig.login();
  const body = { kind: "password", password: LABEL };
  await rig.http("POST", "/api/v1/sessions/current/step-up", { bearer: late, body });
  person = late;
  expect(await answer(asked[0] ?? "", "read")).toBe(404);
});

test("an app and its secret are there after the process was killed", async () => {
  const app = await ask("app");
  await answer(app.id, "read");
  const { stateDirectory } = rig.context;
  const { clock } = rig.context;
  await rig.stop();
  rig = await startRig({ stateDirectory, clock });
  expect((await prove(app)).reply.status).toBe(201);
});
