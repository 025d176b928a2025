import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { createConnection } from "node:net";
import { join } from "node:path";
import { systemUpgrade, systemUpgradeInspect } from "@passerelle/contract";
import { settle } from "@passerelle/service/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { LABEL, type Rig, startRig, until } from "./rig.ts";

/** A file on its way through real sockets, both doors and the whole of `web`. */
let rig: Rig;
let bearer: string;
let asked: string[];

beforeEach(async () => {
  rig = await startRig();
  bearer = await rig.login();
  asked = [];
  const system = rig.bus("system");
  system.serve(systemUpgradeInspect, ({ file }) => {
    asked.push(file);
    return { ok: true, data: {} };
  });
  system.publish(systemUpgrade, {
    ...{ phase: { kind: "idle" }, running: { version: "0.1.0" } },
    ...{ proven: true, missing: [] },
  });
  await settle();
});
afterEach(async () => {
  await rig.stop();
  await rig.context.dispose();
});

async function prove(): Promise<void> {
  const body = { kind: "password", password: LABEL };
  const { json } = await rig.http("POST", "/api/v1/sessions/current/step-up", { bearer, body });
  bearer = (json as { token?: string }).token ?? bearer;
}

const folder = () => join(rig.context.stateDirectory, "upload");
const headers = { "content-type": "application/octet-stream" };

test("of some megabytes is on the disk as it was sent", async () => {
  await prove();
  const raw = Array.from({ length: 9 << 16 }, (_, n) => `${n}`.padStart(8)).join("");
  const { status, json } = await rig.http("POST", "/api/v1/system/upgrade", {
    bearer,
    raw,
    headers,
  });
  expect([status, json]).toMatchObject([202, {}]);
  const [name = ""] = readdirSync(folder());
  expect(asked).toEqual([name]);
  const sha = (data: string | Buffer): string => createHash("sha256").update(data).digest("hex");
  expect(sha(readFileSync(join(folder(), name)))).toBe(sha(raw));
});

test("whose sender goes in the middle leaves nothing, and the next one is taken", async () => {
  await prove();
  const socket = createConnection({ host: rig.address, port: 18_080 });
  socket.write(
    [
      "POST /api/v1/system/upgrade HTTP/1.1",
      ...[`host: ${rig.address}`, `authorization: Bearer ${bearer}`, "x-passerelle: 1"],
      ...["content-type: application/octet-stream", "content-length: 100000", "", "abc"],
    ].join("\r\n"),
  );
  await until(() => names().some((name) => name.endsWith(".part")));
  socket.destroy();
  await until(() => names().length === 0);
  expect(asked).toEqual([]);
  const next = await rig.http("POST", "/api/v1/system/upgrade", { bearer, raw: "abc", headers });
  expect(next.status).toBe(202);

  function names(): readonly string[] {
    try {
      return readdirSync(folder());
    } catch {
      return [];
    }
  }
});
