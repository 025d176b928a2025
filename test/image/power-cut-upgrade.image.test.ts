import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { must } from "../face/admin.ts";
import { Lab } from "../lab/lab.ts";
import { killMachine } from "../lab/qemu/machine.ts";
import { BUILT } from "./built.ts";
import { makeReleaseBundle } from "./bundles.ts";
import { CUTS, cutNumber, startsAfter, written } from "./power-cut.ts";
import { Upgrader } from "./upgrade-driver.ts";

/**
 * The power goes during an upgrade: while it is uploaded, written to the other slot and made the next one, and
 * while it starts for the first time. The box then has the old or the new system, whole, and its owner's settings.
 */
const NEWER = "99.0.0";
const INSTALL_MS = 180_000;
const PROVEN_MS = 300_000;
/** An installation with each of its writes noted, and the start after it. */
const RECORDING_MS = 1_800_000;

const work = mkdtempSync(join(BUILT, "work/power-cut-"));
let lab: Lab;
let person: Upgrader;
let running: string;
/** Entries of the log when the box had kept its owner's setting, and when it had kept the new system. */
const promised = { setting: 0, upgrade: 0 };

beforeAll(async () => {
  lab = await Lab.up({ gateway: "qemu", recordWrites: true });
  person = await Upgrader.open(lab);
  running = (await person.until("slot A is proven", ({ proven }) => proven, PROVEN_MS)).running
    .version;
  must(
    await person.admin.api.call("POST /config/apply", {
      body: { changes: [{ section: "firewall", patch: { answerPing: false } }] },
    }),
  );
  promised.setting = written(lab);
  const bundle = makeReleaseBundle({ kind: "good", version: NEWER, work });
  expect((await person.bring(bundle)).phase.kind).toBe("ready");
  await person.installAndRestart();
  await person.until(
    "the new one is kept",
    (state) => state.proven && state.running.version === NEWER,
    INSTALL_MS + PROVEN_MS,
  );
  promised.upgrade = written(lab);
  await killMachine(lab.name);
}, RECORDING_MS);
afterAll(async () => {
  person?.[Symbol.dispose]();
  rmSync(work, { recursive: true });
  await lab?.down();
});

describe("a cut during an upgrade", () => {
  test.each(Array.from({ length: CUTS }, (_, n) => n))("number %i", async (n) => {
    const cut = cutNumber(lab, n, promised.setting);
    await startsAfter(lab, cut, async () => {
      const state = await person.until("a system is proven", ({ proven }) => proven, PROVEN_MS);
      const versions = cut.point >= promised.upgrade ? [NEWER] : [running, NEWER];
      expect(versions).toContain(state.running.version);
      expect(["idle", "ready"]).toContain(state.phase.kind);
      const { stdout } = await lab.passerelle(["config", "get", "firewall/answerPing"]);
      expect(stdout.trim()).toBe("false");
    });
  });
});
