import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Answer } from "@passerelle/api/client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Admin, adminOn, labelOf, loginQuestion, must } from "../face/admin.ts";
import { pairApp } from "../face/app.ts";
import { Lab } from "../lab/lab.ts";
import { ORANGE_LINE } from "../lab/operator/orange.ts";

/** What the whole gateway keeps, tells and forgets. Rows S-33, S-34, S-35. */
let lab: Lab;
let admin: Admin;
/** Everything that must stay between the box and whom it belongs to. */
const secrets = new Map<string, string>();
const PASSWORD = "canary of a chosen password";

beforeAll(async () => {
  lab = await Lab.up({ operator: "orange" });
  admin = await adminOn(lab);
  secrets.set("label", labelOf(lab));
  secrets.set("password of the line", ORANGE_LINE.password);
  await admin.stepUp(labelOf(lab));
  must(await admin.api.call("PUT /password", { body: { current: labelOf(lab), next: PASSWORD } }));
  secrets.set("password", PASSWORD);
  const app = await pairApp(admin, "canaryapp", ["read", "devices"]);
  secrets.set("secret of an app", app.secret);
  secrets.set("token of an app", app.token);
  secrets.set("token of a person", admin.token);
});
afterAll(() => lab.down());

interface LogLine {
  readonly code: string;
  readonly at: number;
  readonly actor?: string | undefined;
  readonly source?: string | undefined;
  readonly text: { readonly fr: string; readonly en: string };
}

const securityLog = async (): Promise<readonly LogLine[]> =>
  must(await admin.api.call("GET /event-log", { query: { category: "security" } })).entries;

describe("S-35: what was done with rights is written down", () => {
  const address = async () => must(await admin.api.call("GET /sessions/current")).session.source;

  const deeds: Readonly<Record<string, () => Promise<unknown>>> = {
    login: () => Admin.login(admin.asker, PASSWORD),
    login_failed: () => admin.asker.ask(loginQuestion("not the password at all")),
    step_up: async () => {
      const body = { kind: "password" as const, password: PASSWORD };
      await lab.waitFor(
        "the step up",
        async () => (await admin.api.call("POST /sessions/current/step-up", { body })).ok,
        10_000,
      );
    },
    configuration_changed: async () => {
      const changes = [{ section: "lan" as const, patch: { dns: { domain: "canary.home.arpa" } } }];
      const { probation } = must(await admin.api.call("POST /config/apply", { body: { changes } }));
      if (probation !== undefined)
        must(await admin.api.call("POST /config/confirm", { body: { token: probation.token } }));
    },
    port_opened: async () => {
      const body = {
        protocol: "tcp",
        port: 4567,
        to: "192.168.1.20",
        name: "canarymapping",
      } as const;
      must(await admin.api.call("POST /nat/port-mappings", { body }));
    },
    port_closed: async () => {
      const { portMappings } = must(await admin.api.call("GET /nat/port-mappings"));
      const params = { id: portMappings[0]?.id ?? "" };
      must(await admin.api.call("DELETE /nat/port-mappings/{id}", { params }));
    },
    configuration_exported: () => admin.api.call("POST /config/export", { body: {} }),
    support_bundle: () => admin.api.call("POST /system/support-bundle"),
    app_approved: () => pairApp(admin, "canary two", ["read"]),
  };

  for (const [kind, deed] of Object.entries(deeds)) {
    test(kind, async () => {
      const before = new Set((await securityLog()).map(({ at, code }) => `${at} ${code}`));
      const source = await address();
      await deed();
      const line = await lab.waitFor(
        `${kind} in the event log`,
        async () =>
          (await securityLog()).find(
            ({ at, code }) => code === kind && !before.has(`${at} ${code}`),
          ),
        4000,
      );
      expect(line.source).toBe(source);
      expect(line.actor ?? "").not.toBe("");
      expect(line.text.fr).not.toBe(line.text.en);
    });
  }
});

describe("S-34: no secret in what is shown or handed out", () => {
  test("the support bundle has none, nor the configuration as people see it, nor any answer of the API", async () => {
    const { document } = must(await admin.api.call("POST /system/support-bundle"));
    expect(JSON.parse(document)).toBeTypeOf("object");
    expect(document.length).toBeGreaterThan(1000);
    const shown = JSON.stringify(must(await admin.api.call("GET /config", { query: {} })));
    const plain = must(await admin.api.call("POST /config/export", { body: {} })).document;
    const live = await Promise.all(
      [
        "/system",
        "/wan",
        "/config/history",
        "/event-log",
        "/sessions",
        "/apps",
        "/hosts",
        "/jobs",
      ].map(async (path) => (await admin.ask({ path: `/api/v1${path}` })).text),
    );
    for (const [name, secret] of secrets) {
      expect(document.includes(secret), `bundle: ${name}`).toBe(false);
      expect(shown.includes(secret), `shown configuration: ${name}`).toBe(false);
      expect(plain.includes(secret), `backup without a passphrase: ${name}`).toBe(false);
      for (const text of live) expect(text.includes(secret), `answer: ${name}`).toBe(false);
    }
  });

  test("the logs of the daemons have none", () => {
    const logs = ["broker", "config", "system", "firewall", "wan", "lan", "web"];
    for (const name of logs) {
      const text = lab.log(`${name}.log`);
      for (const [secret, value] of secrets)
        expect(text.includes(value), `${name}.log: ${secret}`).toBe(false);
    }
  });

  test("the bus has none that the observer could read, retained or live", async () => {
    const argv = [
      process.execPath,
      join(import.meta.dirname, "../../packages/apps/passerelle/src/main.ts"),
      "watch",
    ];
    const runtime = join(lab.paths.gateway, "run");
    const { stdout } = await lab.exec("gw", ["timeout", "-s", "TERM", "3", ...argv], {
      env: { ...process.env, PASSERELLE_RUNTIME_DIR: runtime },
    });
    expect(stdout).toContain("wan/state");
    for (const [name, secret] of secrets) expect(stdout.includes(secret), name).toBe(false);
  });
});

test("S-33: a factory reset forgets everything that people and devices left", async () => {
  // Everything of this house has a word by which it is found again in whatever file it was put.
  await lab.must("lan2", ["udhcpc", "-i", "eth0", "-n", "-q", "-x", "hostname:canaryhost"]);
  const device = await lab.waitFor(
    "the device",
    async () =>
      must(await admin.api.call("GET /hosts")).hosts.find(
        ({ hostname }) => hostname === "canaryhost",
      ),
    10_000,
  );
  must(
    await admin.api.call("PATCH /hosts/{id}", {
      params: { id: device.id },
      body: { name: "canaryname" },
    }),
  );
  await admin.stepUp(PASSWORD);
  const opening = {
    protocol: "udp",
    port: 7654,
    to: "192.168.1.20",
    name: "canarymapping",
  } as const;
  must(await admin.api.call("POST /nat/port-mappings", { body: opening }));
  const changes = [{ section: "lan" as const, patch: { dns: { domain: "canary.home.arpa" } } }];
  must(await admin.api.call("POST /config/apply", { body: { changes } }));
  const canaries = ["canaryhost", "canaryname", "canaryapp", "canarymapping", "canary.home.arpa"];
  const kept = () => canaries.filter((one) => grep(disk(), one).length > 0);
  await lab.waitFor("all of it on the disk", () => kept().length === canaries.length, 10_000);

  await admin.stepUp(PASSWORD);
  const answer = await admin.ask({
    method: "POST",
    path: "/api/v1/system/factory-reset",
    body: "{}",
  });
  expect(answer.status).toBe(202);
  const fresh = await lab.waitFor(
    "the box as new",
    () => Admin.login(admin.asker, labelOf(lab)).catch(() => false as const),
    40_000,
  );
  expect((await admin.ask({ path: "/api/v1/hosts" })).status).toBe(401);
  expect((await admin.asker.ask(loginQuestion(PASSWORD))).status).not.toBe(201);
  expect(must(await fresh.api.call("GET /apps")).apps).toEqual([]);
  const mappings = await said(() => fresh.api.call("GET /nat/port-mappings"));
  expect(mappings.portMappings).toEqual([]);
  const welcome = await admin.asker.ask({ path: "/api/v1/welcome" });
  expect(JSON.parse(welcome.text).firstRunDone).toBe(false);
  // lan2 still has its name in its own client, but did not ask again: nothing of it may be left on the box.
  const left = [...canaries, PASSWORD].flatMap((one) =>
    grep(disk(), one).map((file) => `${one} in ${file}`),
  );
  expect(left).toEqual([]);
});

/** What a box that starts says as soon as the daemon it asks has spoken (until then: 503, not_ready). */
function said<Reply>(ask: () => Promise<Answer<Reply>>): Promise<Reply> {
  return lab.waitFor(
    "an answer",
    async () => {
      const answer = await ask();
      return answer.ok ? answer.data : undefined;
    },
    20_000,
  );
}

/** The disk of the gateway, which only its own hosts see. */
function disk(): string {
  return join("/proc", `${lab.hostPid("gw")}`, "root", lab.paths.gateway);
}

/** Files below a directory that hold the text, whatever they are. */
function grep(directory: string, text: string): readonly string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => octetsOf(file).includes(text));
}

/** A box that starts makes files and removes them while it is looked at. */
function octetsOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return Buffer.alloc(0);
  }
}
