import type { ConfigChange } from "@passerelle/contract";
import {
  configApply,
  configConfirm,
  configRollback,
  configShow,
  firewallState,
  lanRenameDevice,
  systemDiagnose,
} from "@passerelle/contract";
import { settle } from "@passerelle/service/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { originsOf } from "../../src/core/home/port-mappings.ts";
import { type ApiRig, admin, anyone, app, startApi } from "./rig.ts";
import { AT, firstForward, laptop, printer } from "./world.ts";

let rig: ApiRig;
beforeEach(async () => {
  rig = await startApi();
});
afterEach(() => rig.stop());

const patches = (): readonly ConfigChange[] =>
  rig.house.requests(configApply).flatMap(({ changes }) => changes);

describe("hosts", () => {
  test("join what lan, firewall and config know", async () => {
    const answer = await rig.client().call("GET /hosts");
    expect(answer).toEqual({
      ok: true,
      data: {
        hosts: [
          {
            ...laptop,
            downRate: 4000,
            upRate: 2000,
            downBytes: 200,
            upBytes: 20,
            blocked: false,
            portMappings: [],
          },
          // The port leads to the address that is kept for it, though it is away.
          { ...printer, blocked: false, reservedAddress: "192.168.1.60", portMappings: ["web"] },
        ],
      },
    });
  });

  test("are shown as the firewall treats them while config is away", async () => {
    rig.house.refuse(configShow, "busy");
    rig.house.revision = 3;
    rig.house.publishConfig();
    await settle();
    rig.house.bus("firewall").publish(firewallState, {
      kind: "protecting",
      since: AT,
      openings: [],
      blockedDevices: printer.macs,
    });
    await settle();
    const known = await rig.client().call("GET /hosts/{id}", { params: { id: printer.id } });
    expect(known).toMatchObject({ ok: true, data: { blocked: false, portMappings: ["web"] } });
  });

  test("blocked: every hardware address of the device, once, beside those of others", async () => {
    const call = (blocked: boolean) =>
      rig.client().call("PATCH /hosts/{id}", { params: { id: laptop.id }, body: { blocked } });
    expect(await call(true)).toMatchObject({
      ok: true,
      data: { blocked: true, name: laptop.name },
    });
    expect(patches()).toEqual([{ section: "firewall", patch: { blocked: laptop.macs } }]);
    expect(rig.house.lastAuthor).toEqual({ name: "admin", origin: "lan" });
    expect(await call(true)).toMatchObject({ ok: true, data: { blocked: true } });
    expect(patches()).toHaveLength(1);
    // What was answered is what is read next, before config says so on the bus.
    const read = await rig.client().call("GET /hosts/{id}", { params: { id: laptop.id } });
    expect(read).toMatchObject({ ok: true, data: { blocked: true } });
    expect(await call(false)).toMatchObject({ ok: true, data: { blocked: false } });
    expect(patches()[1]).toEqual({ section: "firewall", patch: { blocked: [] } });
    expect(rig.audited.map(({ kind, subject }) => [kind, subject])).toEqual([
      ["device_blocked", laptop.name],
      ["device_unblocked", laptop.name],
    ]);
  });

  test("an address is kept for the hardware address in use; null gives it up", async () => {
    const call = (id: string, reservedAddress: string | null) =>
      rig.client().call("PATCH /hosts/{id}", { params: { id }, body: { reservedAddress } });
    const kept = { address: "192.168.1.60", mac: printer.macs[0], name: "printer" };
    expect(await call(laptop.id, "192.168.1.77")).toMatchObject({
      ok: true,
      data: { reservedAddress: "192.168.1.77" },
    });
    const reservations = [kept, { address: "192.168.1.77", mac: laptop.macs[1] }];
    expect(patches().at(-1)).toEqual({ section: "lan", patch: { reservations } });
    // Another address in the same network takes the place of the first, and what else is kept stays.
    expect(await call(printer.id, "192.168.1.61")).toMatchObject({ ok: true });
    expect(patches().at(-1)?.patch).toEqual({
      reservations: [{ ...kept, address: "192.168.1.61" }, reservations[1]],
    });
    const answer = await call(laptop.id, null);
    expect(answer).toMatchObject({ ok: true });
    expect(answer.ok && answer.data.reservedAddress).toBe(undefined);
    expect(patches().at(-1)?.patch).toEqual({
      reservations: [{ ...kept, address: "192.168.1.61" }],
    });
  });

  test("a name goes to lan, and alone touches no configuration", async () => {
    const answer = await rig.client().call("PATCH /hosts/{id}", {
      params: { id: laptop.id },
      body: { name: "Laptop 2" },
    });
    expect(answer).toMatchObject({ ok: true, data: { name: "Laptop 2", downRate: 4000 } });
    expect(rig.house.requests(lanRenameDevice)).toEqual([{ id: laptop.id, name: "Laptop 2" }]);
    expect(patches()).toEqual([]);
  });

  test("what config refuses leaves the name as it was", async () => {
    rig.house.refuse(
      configApply,
      "config_invalid",
      "/lan/reservations/1/address: lies in no network of the home",
    );
    const answer = await rig.client().call("PATCH /hosts/{id}", {
      params: { id: laptop.id },
      body: { name: "new", reservedAddress: "10.9.9.9" },
    });
    expect(answer).toMatchObject({
      ok: false,
      problem: { code: "config_invalid", errors: [{ path: "/lan/reservations/1/address" }] },
    });
    expect(rig.house.requests(lanRenameDevice)).toEqual([]);
    expect(rig.audited).toEqual([]);
  });

  test("that nobody knows are 404, everywhere", async () => {
    const params = { id: "nobody" };
    const client = rig.client();
    for (const answer of [
      await client.call("GET /hosts/{id}", { params }),
      await client.call("PATCH /hosts/{id}", { params, body: {} }),
      await client.call("DELETE /hosts/{id}", { params }),
      await client.call("POST /hosts/{id}/wake", { params }),
      await client.call("GET /hosts/{id}/traffic", { params }),
    ]) {
      expect(answer).toMatchObject({ ok: false, problem: { status: 404, code: "unknown_device" } });
    }
  });

  test("are woken by every hardware address they have", async () => {
    await rig.client().call("POST /hosts/{id}/wake", { params: { id: laptop.id } });
    expect(rig.house.requests(systemDiagnose)).toEqual(
      laptop.macs.map((mac) => ({ kind: "wake", mac })),
    );
  });

  test("have one history, whatever their number of hardware addresses", async () => {
    const answer = await rig
      .client()
      .call("GET /hosts/{id}/traffic", { params: { id: laptop.id } });
    expect(answer).toEqual({
      ok: true,
      data: { periodMs: 300_000, points: [{ at: AT, up: 2, down: 4 }] },
    });
  });
});

describe("port mappings", () => {
  test("have owner, age, device and whether the kernel lets them in", async () => {
    rig.house.setDevices([laptop, { ...printer, addresses: ["192.168.1.60"] }]);
    await settle();
    const { later: _, ...known } = firstForward;
    expect(await rig.client().call("GET /nat/port-mappings")).toEqual({
      ok: true,
      data: {
        portMappings: [{ ...known, host: printer.id, owner: "admin", createdAt: AT, active: true }],
      },
    });
  });

  test("are opened beside the others, which stay as they are to the last member", async () => {
    const opened = await rig.client(app("settings")).call("POST /nat/port-mappings", {
      body: { protocol: "both", port: 6881, portLast: 6889, to: "192.168.1.50", name: "" },
    });
    expect(opened).toMatchObject({
      ok: true,
      data: {
        enabled: true,
        port: 6881,
        host: laptop.id,
        owner: "app",
        active: false,
        createdAt: rig.context.clock.wall(),
      },
    });
    const id = opened.ok ? opened.data.id : "";
    expect(id).toMatch(/^[a-zA-Z0-9_-]{1,32}$/);
    expect(patches()).toEqual([
      {
        section: "firewall",
        patch: {
          forwards: [
            firstForward,
            { id, enabled: true, protocol: "both", port: 6881, portLast: 6889, to: "192.168.1.50" },
          ],
        },
      },
    ]);
    expect(rig.audited).toEqual([
      {
        kind: "port_opened",
        actor: "app",
        source: "192.168.1.50",
        subject: "both 6881-6889 → 192.168.1.50",
      },
    ]);
    const list = await rig.client().call("GET /nat/port-mappings");
    expect(list.ok && list.data.portMappings.map((one) => one.id)).toEqual(["web", id]);
  });

  test.each(["192.168.1.1", "192.168.1.0", "192.168.1.255", "8.8.8.8", "127.0.0.1"])(
    "never lead to %s",
    async (to) => {
      const answer = await rig.client().call("POST /nat/port-mappings", {
        body: { protocol: "tcp", port: 80, to },
      });
      expect(answer).toMatchObject({ ok: false, problem: { status: 422, code: "bad_request" } });
      expect(patches()).toEqual([]);
      expect(rig.audited).toEqual([]);
    },
  );

  test("are switched, renamed and closed", async () => {
    const params = { id: "web" };
    const client = rig.client();
    const off = await client.call("PATCH /nat/port-mappings/{id}", {
      params,
      body: { enabled: false, name: "" },
    });
    expect(off).toMatchObject({ ok: true, data: { enabled: false, owner: "admin" } });
    const { name: _, ...nameless } = firstForward;
    expect(patches().at(-1)?.patch).toEqual({ forwards: [{ ...nameless, enabled: false }] });
    await client.call("PATCH /nat/port-mappings/{id}", { params, body: { enabled: true } });
    expect(patches().at(-1)?.patch).toEqual({ forwards: [nameless] });
    await client.call("PATCH /nat/port-mappings/{id}", { params, body: {} });
    expect(await client.call("DELETE /nat/port-mappings/{id}", { params })).toMatchObject({
      ok: true,
    });
    expect(patches().at(-1)?.patch).toEqual({ forwards: [] });
    expect(patches()).toHaveLength(3);
    for (const key of [
      "DELETE /nat/port-mappings/{id}",
      "PATCH /nat/port-mappings/{id}",
    ] as const) {
      expect(await client.call(key, { params, body: {} } as never)).toMatchObject({
        ok: false,
        problem: { status: 404, code: "unknown_port_mapping" },
      });
    }
    expect(rig.audited.map(({ kind }) => kind)).toEqual([
      "port_closed",
      "port_opened",
      "port_closed",
    ]);
  });

  test("of two people at once: the second is computed anew from what the first left", async () => {
    const { house } = rig;
    // Somebody else's change comes between our look and our change.
    const show = house.requests(configShow).length;
    await rig.client().call("GET /nat/port-mappings");
    expect(house.requests(configShow).length).toBe(show);
    const other = { ...firstForward, id: "other", port: 9 };
    house.sections = {
      ...house.sections,
      firewall: { forwards: [firstForward, other], blocked: [] },
    };
    house.revision += 1;
    const answer = await rig
      .client()
      .call("DELETE /nat/port-mappings/{id}", { params: { id: "web" } });
    expect(answer).toMatchObject({ ok: true });
    expect(house.requests(configApply).map(({ basedOn }) => basedOn)).toEqual([2, 3]);
    expect(patches().at(-1)?.patch).toEqual({ forwards: [other] });
    expect(rig.audited).toHaveLength(1);
  });

  test("If-Match: whoever said what they looked at is told, and nothing is done", async () => {
    const answer = await rig.client().call("DELETE /nat/port-mappings/{id}", {
      params: { id: "web" },
      ifMatch: 1,
    });
    expect(answer).toMatchObject({ ok: false, problem: { status: 412, code: "stale_revision" } });
    expect(rig.house.requests(configApply)).toHaveLength(1);
    const odd = await rig.raw("DELETE", "/nat/port-mappings/web", { headers: { "if-match": "x" } });
    expect([odd.status, odd.json.code]).toEqual([422, "bad_request"]);
    const right = await rig.client().call("DELETE /nat/port-mappings/{id}", {
      params: { id: "web" },
      ifMatch: 2,
    });
    expect(right).toMatchObject({ ok: true });
  });
});

describe("the origin of an opening", () => {
  const info = (revision: number, path: string, after: unknown, phase = "confirmed") => ({
    revision,
    author: { name: `author ${revision}`, origin: "lan" as const },
    at: revision,
    phase: phase as "confirmed",
    differences: [{ section: "firewall" as const, path, after }],
  });

  test("is the oldest revision that names it and was not undone", () => {
    const origins = originsOf([
      info(7, "", { forwards: [{ id: "a" }, { id: "b" }] }),
      info(6, "/forwards/0/id", "a"),
      info(5, "/forwards", [{ id: "c" }]),
      info(4, "/forwards/1", { id: "a" }),
      info(3, "/forwards/1", { id: "a" }, "rolled_back"),
      info(2, "/forwards/0/name", "d"),
      info(1, "/forwards/0", "not an object"),
    ]);
    expect([...origins].map(([id, { owner }]) => [id, owner]).sort()).toEqual([
      ["a", "author 4"],
      ["b", "author 7"],
      ["c", "author 5"],
    ]);
  });
});

describe("POST /config/confirm", () => {
  const confirm = (token: string, caller = anyone) =>
    rig.client(caller).call("POST /config/confirm", { body: { token } });

  test("takes the token from whoever has it", async () => {
    expect(await confirm("t0")).toEqual({ ok: true, data: { revision: 2 } });
    expect(rig.failures).toEqual([]);
    expect(rig.house.requests(configConfirm)[0]?.author).toEqual({ name: "anyone", origin: "lan" });
  });

  test("counts wrong tokens, and asks nobody while the address must wait", async () => {
    expect(await confirm("guess")).toMatchObject({
      ok: false,
      problem: { status: 403, code: "wrong_token" },
    });
    expect(rig.failures).toEqual([anyone.source]);
    rig.wait = 3.2;
    expect(await confirm("t0")).toMatchObject({
      ok: false,
      problem: { status: 429, code: "too_many_attempts", retryAfter: 4 },
    });
    expect(rig.house.requests(configConfirm)).toHaveLength(1);
  });
});

describe("the audit", () => {
  test.each([
    [
      "POST /config/apply",
      { changes: [{ section: "wan", patch: {} }] },
      "configuration_changed",
      "3: wan",
    ],
    ["POST /config/rollback", {}, "configuration_changed", "2: rollback"],
    ["POST /config/export", {}, "configuration_exported", undefined],
    ["POST /config/import", { document: "{}" }, "configuration_imported", "2"],
    ["POST /system/support-bundle", undefined, "support_bundle", undefined],
    ["POST /system/reboot", undefined, "reboot", undefined],
    ["POST /system/factory-reset", undefined, "factory_reset", undefined],
    [
      "POST /diagnostics",
      { kind: "capture", network: "wan", seconds: 3 },
      "capture_started",
      "wan",
    ],
  ])("%s", async (key, body, kind, subject) => {
    const [method = "", path = ""] = key.split(" ");
    await rig.raw(method, path, body === undefined ? {} : { body: JSON.stringify(body) });
    expect(rig.audited).toEqual([
      {
        kind,
        actor: "admin",
        source: "192.168.1.50",
        ...(subject === undefined ? {} : { subject }),
      },
    ]);
  });

  test("is silent where nothing was done", async () => {
    rig.house.refuse(configApply, "config_invalid");
    rig.house.refuse(systemDiagnose, "too_many_jobs");
    await rig.raw("POST", "/config/apply", { body: '{"changes":[{"section":"wan","patch":{}}]}' });
    await rig.raw("POST", "/diagnostics", {
      body: '{"kind":"capture","network":"wan","seconds":3}',
    });
    await rig.raw("POST", "/diagnostics", { body: '{"kind":"slow"}' });
    expect(rig.audited).toEqual([]);
  });
});

test("an older revision needs a proof, the end of a probation does not", async () => {
  const unproved = { ...admin, steppedUp: false };
  const call = (body: object) => rig.client(unproved).call("POST /config/rollback", { body });
  expect(await call({})).toMatchObject({ ok: true });
  expect(await call({ to: 1 })).toMatchObject({
    ok: false,
    problem: { status: 403, code: "step_up_required" },
  });
  expect(rig.house.requests(configRollback)).toHaveLength(1);
});
