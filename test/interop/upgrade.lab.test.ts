import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Admin, adminOn, labelOf, must } from "../face/admin.ts";
import { IS_MACHINE, Lab } from "../lab/lab.ts";
import type { Outcome } from "../lab/process.ts";
import { Box } from "./box.ts";

/**
 * A machine without slots, as a developer's or an OpenWrt router: the page, the API and the command line say so in words, and
 * nothing is taken. What a board does is in test/image.
 */
describe.skipIf(IS_MACHINE)("updates on a machine with one system", () => {
  let lab: Lab;
  let admin: Admin;
  const work = mkdtempSync(join(tmpdir(), "passerelle-upgrade-"));
  const file = join(work, "new.raucb");

  beforeAll(async () => {
    lab = await Lab.up();
    admin = await adminOn(lab);
    // Larger than any other body: were it read, it would be on the disk.
    writeFileSync(file, Buffer.alloc(4 << 20, "x"));
  });
  afterAll(async () => {
    await lab.down();
    rmSync(work, { recursive: true });
  });

  const passerelle = (...words: readonly string[]): Promise<Outcome> =>
    lab.passerelle(words, {
      env: { ...process.env, PASSERELLE_RUNTIME_DIR: lab.places.runtime, LC_ALL: "C" },
    });

  test("the API says that it has none", async () => {
    const upgrade = must(await admin.api.call("GET /system/upgrade"));
    expect(upgrade).toMatchObject({ phase: { kind: "unsupported" }, proven: false });
    expect(upgrade.running.version).toMatch(/^[0-9]+\.[0-9]+\.[0-9]+/);
  });

  test("all that a proof asks for is there once the box is up, as the box itself sees it", async () => {
    const box = new Box(lab);
    await box.until<{ kind: string }>("lan/state", "served", ({ kind }) => kind === "serving");
    const { digests } = await box.until<{ digests: Record<string, string> }>(
      "config/state",
      "configured",
      () => true,
    );
    for (const name of ["config", "firewall", "lan", "wan", "web"]) {
      await box.until<{ status: string }>(`${name}/alive`, name, (one) => one.status === "online");
      const applied = await box.until<{ result: { kind: string }; digest: string }>(
        `${name}/applied`,
        name,
        ({ result }) => result.kind === "running",
      );
      expect([name, applied.digest]).toEqual([name, digests[name] ?? applied.digest]);
    }
    type Door = { readonly addresses: readonly string[]; readonly httpPort?: number };
    const door = await box.until<Door>("web/state", "a door", (one) => one.addresses.length > 0);
    expect(door).toMatchObject({ addresses: ["192.168.1.1"], httpPort: 80 });
    for (const path of ["/", "/api/v1/welcome"]) {
      const url = `http://192.168.1.1${path}`;
      const words = ["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", url];
      expect((await lab.exec("gw", words)).stdout).toBe("200");
    }
  });

  test("a file is taken from nobody who has not proved who they are, and then refused with a reason", async () => {
    const send = async (): Promise<string> => {
      const sent = await lab.exec("lan1", [
        ...["curl", "-sS", "-X", "POST", "-T", file, "-o", "/dev/null", "-w", "%{http_code}"],
        ...["-H", `Authorization: Bearer ${admin.token}`, "-H", "Expect:"],
        ...["-H", "content-type: application/octet-stream"],
        "http://192.168.1.1/api/v1/system/upgrade",
      ]);
      return sent.stdout;
    };
    expect(await send()).toBe("403");
    await admin.stepUp(labelOf(lab));
    expect(await send()).toBe("409");
    const rollback = await admin.api.call("POST /system/upgrade/rollback");
    expect(rollback.ok || rollback.problem.code).toBe("upgrade_unsupported");
  });

  test("the command line says it in words, and as the API does", async () => {
    const { code, stdout } = await passerelle("upgrade");
    expect([code, stdout]).toEqual([0, expect.stringContaining("one system only")]);
    const told = await passerelle("upgrade", "--json");
    expect(JSON.parse(told.stdout)).toMatchObject({ phase: { kind: "unsupported" } });
    const refused = await passerelle("upgrade", "install", file, "--yes");
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringContaining("[upgrade_unsupported]"),
    ]);
    expect((await passerelle("upgrade", "install", file)).code).toBe(64);
  });
});
