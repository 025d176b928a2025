import { afterEach, expect, test } from "vitest";
import { LABEL, type Rig, startRig } from "./rig.ts";

let rig: Rig | undefined;
afterEach(async () => {
  await rig?.stop();
  await rig?.context.dispose();
  rig = undefined;
});

test("a person logs in with the label's password and reads who is logged in", async () => {
  rig = await startRig();
  const welcome = await rig.http("GET", "/api/v1/welcome");
  expect(welcome.json).toMatchObject({ name: "Chez Zoé", firstRunDone: false, secure: false });
  const wrong = await rig.http("POST", "/api/v1/sessions", {
    body: { kind: "password", password: "nonsense", transport: "cookie" },
  });
  expect(wrong.json).toMatchObject({ code: "wrong_password" });
  await rig.context.clock.advance(1000 as never);
  const reply = await rig.http("POST", "/api/v1/sessions", {
    body: { kind: "password", password: LABEL, transport: "cookie" },
  });
  expect(reply.status).toBe(201);
  const cookie = reply.headers["set-cookie"]?.[0]?.split(";")[0] ?? "";
  const current = await rig.http("GET", "/api/v1/sessions/current", { cookie });
  expect(current.json).toMatchObject({
    session: { kind: "person", actor: "admin", current: true },
  });
});
