import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { systemUpgrade, systemUpgradeForget, systemUpgradeInspect } from "@passerelle/contract";
import { settle } from "@passerelle/service/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Caller } from "../../src/edge/api/port.ts";
import { type ApiRig, admin, anyone, app, startApi } from "./rig.ts";
import { upgrade } from "./world.ts";

let rig: ApiRig;
beforeEach(async () => {
  rig = await startApi();
});
afterEach(() => rig.stop());

const FILE = Uint8Array.from({ length: 300_000 }, (_, n) => (n * 7) & 0xff);

interface Sent {
  readonly caller?: Caller;
  readonly body?: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;
  readonly headers?: Readonly<Record<string, string>>;
}

async function upload({ caller = admin, body = FILE, headers = {} }: Sent = {}) {
  const request = new Request("http://box.home.arpa/api/v1/system/upgrade", {
    method: "POST",
    headers: {
      "content-type": "application/octet-stream",
      "content-length": String(FILE.length),
      ...headers,
    },
    body,
    duplex: "half",
  } as RequestInit);
  const response = await rig.api.fetch(request, caller);
  const text = await response.text();
  const { code } = (text === "" ? {} : JSON.parse(text)) as { code?: string };
  return { status: response.status, code, connection: response.headers.get("connection") };
}

function kept(): readonly string[] {
  try {
    return readdirSync(join(rig.context.stateDirectory, "upload"));
  } catch {
    return [];
  }
}

async function phase(kind: "idle" | "inspecting" | "unsupported"): Promise<void> {
  rig.house.bus("system").publish(systemUpgrade, { ...upgrade, phase: { kind } });
  await settle();
}

describe("an uploaded file", () => {
  test("is on the disk as it was sent when its name is told, and only its name", async () => {
    expect(await upload()).toMatchObject({ status: 202, code: undefined });
    const [asked] = rig.house.requests(systemUpgradeInspect);
    expect(asked).toMatchObject({
      file: expect.stringMatching(/^[a-z0-9]+\.raucb$/),
      author: "admin",
    });
    expect(kept()).toEqual([asked?.file]);
    const path = join(rig.context.stateDirectory, "upload", asked?.file ?? "");
    expect(Buffer.compare(readFileSync(path), FILE)).toBe(0);
    expect(rig.audited.map(({ kind }) => kind)).toEqual(["upgrade_uploaded"]);
  });
  test("goes as soon as the box needs it no more", async () => {
    await upload();
    await phase("inspecting");
    expect(kept()).toHaveLength(1);
    await phase("idle");
    expect(kept()).toEqual([]);
  });
  test("gives way to the next one", async () => {
    await upload();
    const before = kept();
    await upload();
    expect(kept()).toHaveLength(1);
    expect(kept()).not.toEqual(before);
  });
  test("that the owner refuses is not kept", async () => {
    rig.house.refuse(systemUpgradeInspect, "upgrade_running");
    expect(await upload()).toMatchObject({ status: 409, code: "upgrade_running" });
    expect(kept()).toEqual([]);
  });
  test("takes the place of a bundle that is ready, which is forgotten first", async () => {
    const bundle = { board: "test", version: "0.2.0" };
    const ready = { ...upgrade, phase: { kind: "ready" as const, bundle } };
    rig.house.bus("system").publish(systemUpgrade, ready);
    await settle();
    await upload();
    expect(rig.house.requests(systemUpgradeForget)).toHaveLength(1);
  });
});

describe("is refused", () => {
  test.each([
    ["of nobody", { caller: anyone }, 401, "not_logged_in"],
    ["of who may only read", { caller: app("read") }, 403, "not_allowed"],
    ["without a proof", { caller: { ...admin, steppedUp: false } }, 403, "step_up_required"],
    [
      "of another type",
      { headers: { "content-type": "text/plain" } },
      415,
      "unsupported_media_type",
    ],
    ["longer than any", { headers: { "content-length": "999999999" } }, 413, "body_too_large"],
    ["without a size", { headers: { "content-length": "" } }, 411, "length_required"],
    ["of a strange size", { headers: { "content-length": "-1" } }, 411, "length_required"],
    ["shorter than it said", { headers: { "content-length": "300001" } }, 400, "upload_cut"],
    ["longer than it said", { headers: { "content-length": "299999" } }, 413, "body_too_large"],
  ] as const)("%s", async (_, sent, status, code) => {
    expect(await upload(sent)).toEqual({ status, code, connection: "close" });
    expect(rig.house.requests(systemUpgradeInspect)).toEqual([]);
    expect(kept()).toEqual([]);
  });
  test("on a machine that can't use it, unread", async () => {
    await phase("unsupported");
    rig.house.refuse(systemUpgradeInspect, "upgrade_unsupported");
    let pulled = 0;
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          pulled += 1;
          controller.enqueue(FILE);
        },
      },
      { highWaterMark: 0 },
    );
    expect(await upload({ body })).toMatchObject({ status: 409, code: "upgrade_unsupported" });
    expect(pulled).toBe(0);
  });
  test("where it is empty: who asks so learns whether a file would be taken", async () => {
    const empty = { body: new Uint8Array(0), headers: { "content-length": "0" } };
    expect(await upload(empty)).toMatchObject({ status: 411, code: "length_required" });
    await phase("unsupported");
    rig.house.refuse(systemUpgradeInspect, "upgrade_unsupported");
    expect(await upload(empty)).toMatchObject({ status: 409, code: "upgrade_unsupported" });
  });
  test("when its sender goes in the middle, and nothing of it stays", async () => {
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 1;
        if (sent > 2) controller.error(new Error("gone"));
        else controller.enqueue(FILE.subarray(0, 1000));
      },
    });
    expect(await upload({ body })).toMatchObject({ status: 400, code: "upload_cut" });
    expect(kept()).toEqual([]);
  });
  test("while another one comes", async () => {
    const held = Promise.withResolvers<void>();
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        await held.promise;
        controller.enqueue(FILE);
        controller.close();
      },
    });
    const first = upload({ body });
    await settle();
    expect(await upload()).toMatchObject({ status: 409, code: "upload_running" });
    held.resolve();
    expect(await first).toMatchObject({ status: 202 });
  });
});
