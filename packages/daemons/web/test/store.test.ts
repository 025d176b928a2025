import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { LABEL, type Rig, startRig, until } from "./rig.ts";

let folder: string;
let rigs: Rig[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "passerelle-store-"));
});
afterEach(async () => {
  for (const rig of rigs) {
    await rig.stop();
    await rig.context.dispose();
  }
  rigs = [];
  rmSync(folder, { recursive: true, force: true });
});
async function start(stateDirectory: string): Promise<Rig> {
  const rig = await startRig({ stateDirectory });
  rigs.push(rig);
  return rig;
}

const NEXT = "quatre mots au hasard";

test("a disk that can't be used keeps nobody out, and what would be forgotten is not said to be done", async () => {
  const rig = await start(join(folder, "nowhere"));
  const bearer = await rig.login();
  expect((await rig.http("GET", "/api/v1/sessions/current", { bearer })).status).toBe(200);
  const body = { current: LABEL, next: NEXT };
  const changed = await rig.http("PUT", "/api/v1/password", { bearer, body });
  expect(changed.json).toMatchObject({ code: "not_saved" });
  expect(changed.status).toBe(507);
  await until(() => JSON.stringify(rig.webState()).includes("not_saved"));
});

test("a damaged file is put aside, and the label's password is valid again", async () => {
  mkdirSync(join(folder, "state"));
  writeFileSync(
    join(folder, "state", "web.db"),
    "this is no database, it was one once".repeat(500),
  );
  const rig = await start(join(folder, "state"));
  expect(await rig.login()).toMatch(/^[0-9a-f]{64}$/);
  await until(() => JSON.stringify(rig.webState()).includes("access_lost"));
  expect(readdirSync(join(folder, "state"))).toContain("web.db.corrupt-1");
});

test("S-34 no file holds a password, a token of a session or of a cookie", async () => {
  const state = join(folder, "state");
  mkdirSync(state);
  const rig = await start(state);
  const bearer = await rig.login();
  const body = { current: LABEL, next: NEXT };
  expect((await rig.http("PUT", "/api/v1/password", { bearer, body })).status).toBe(204);
  const log = JSON.stringify(rig.context.log.lines) + JSON.stringify(rig.service.dump());
  const machines = JSON.stringify(rig.context.reports());
  const files = readdirSync(state)
    .filter((name) => name.startsWith("web.db"))
    .map((name) => readFileSync(join(state, name), "latin1"));
  expect(files.join("")).toContain("$argon2id$v=19$m=19456,t=2,p=1$");
  for (const secret of [LABEL, NEXT, bearer])
    for (const [n, text] of [log, machines, ...files].entries())
      expect(text.includes(secret), `${n}`).toBe(false);
});
