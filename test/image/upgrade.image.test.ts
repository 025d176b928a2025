import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { must } from "../face/admin.ts";
import { Lab } from "../lab/lab.ts";
import { BUILT, built } from "./built.ts";
import { type BundleKind, makeReleaseBundle } from "./bundles.ts";
import { Upgrader } from "./upgrade-driver.ts";

/**
 * Another version of the whole system (S-31, S-32, R-10): a good one is kept, one that is broken goes by itself, one that is not
 * ours never reaches a slot. Each begins with the same box: slot A, proven, one setting of its owner.
 */
const NEWER = "99.0.0";
const OLDER = "0.0.1";
const RUNNING = (JSON.parse(readFileSync(built("release.json"), "utf8")) as { version: string })
  .version;
/** A trial takes four minutes of the box, and three of them its whole patience. */
const isLong = process.env.IMAGE_LONG === "1";
const INSTALL_MS = 180_000;
const KEPT_MS = 120_000;
const FALL_MS = 300_000;
/** Three trials, and the installation before them. */
const LONG_MS = 2_400_000;

const work = mkdtempSync(join(BUILT, "work/upgrade-test-"));
afterAll(() => rmSync(work, { recursive: true }));

let lab: Lab;
let person: Upgrader;
beforeEach(async () => {
  lab = await Lab.up();
  person = await Upgrader.open(lab);
  await person.until(
    "slot A is proven",
    ({ running, proven }) => proven && running.slot === "A",
    60_000,
  );
  must(
    await person.admin.api.call("POST /config/apply", {
      body: { changes: [{ section: "firewall", patch: { answerPing: false } }] },
    }),
  );
  return async () => {
    person[Symbol.dispose]();
    await lab.down();
  };
});

/** The owner's setting, and the house's devices, whatever happened to the system. */
async function settingsAreKept(): Promise<void> {
  const { stdout } = await lab.passerelle(["config", "get", "firewall/answerPing"]);
  expect(stdout.trim()).toBe("false");
}

async function install(kind: BundleKind): Promise<void> {
  const bundle = makeReleaseBundle({ kind, version: NEWER, work });
  const { phase } = await person.bring(bundle);
  expect(phase).toMatchObject({ kind: "ready", bundle: { version: NEWER } });
  rmSync(bundle);
  await person.installAndRestart();
}

test("a good one is installed, proves itself and is kept", async () => {
  await install("good");
  const kept = await person.until(
    "the new one is kept",
    ({ running, proven }) => running.version === NEWER && proven,
    INSTALL_MS + KEPT_MS,
  );
  expect(kept.running.slot).toBe("B");
  expect(kept.last).toMatchObject({ kind: "kept", version: NEWER, from: RUNNING });
  await settingsAreKept();
  // What is kept starts again.
  await lab.fault("power-cut", "0");
  const again = await person.until("it is there again", ({ proven }) => proven, KEPT_MS);
  expect(again.running).toMatchObject({ version: NEWER, slot: "B" });
});

describe("a broken one is left by the box itself, and the settings are kept", () => {
  test.each<BundleKind>(["kernel_panic", "broken_kernel"])("%s", (kind) =>
    fallsBack(kind, FALL_MS),
  );

  test.skipIf(!isLong).each<BundleKind>(["dead_daemon", "broken_web", "silent"])(
    "%s",
    { timeout: LONG_MS },
    (kind) => fallsBack(kind, 4 * FALL_MS),
  );
});

async function fallsBack(kind: BundleKind, patienceMs: number): Promise<void> {
  await install(kind);
  await lab.waitFor("it restarts", async () => (await person.state()) === undefined, INSTALL_MS);
  const back = await person.until(
    "the old one is back",
    ({ running, proven }) => running.version === RUNNING && proven,
    patienceMs,
  );
  expect(back.running.slot).toBe("A");
  expect(back.last).toMatchObject({ kind: "fell_back", version: NEWER });
  await settingsAreKept();
}

describe("what is not ours, whole and newer is refused, and the other slot is not touched", () => {
  test.each<[string, BundleKind, string]>([
    ["one octet is another", "altered", NEWER],
    ["its end is missing", "truncated", NEWER],
    ["another key", "wrong_key", NEWER],
    ["another board", "wrong_board", NEWER],
    ["an older version", "good", OLDER],
    ["the version that runs", "good", RUNNING],
  ])("%s", async (_name, kind, version) => {
    const before = await otherSlot();
    const bundle = makeReleaseBundle({ kind, version, work });
    const { phase } = await person.bring(bundle);
    rmSync(bundle);
    if (phase.kind === "ready") {
      // An altered payload is found where it is read: by the board's own check, before anything is written.
      await person.installAndRestart();
      const after = await person.until(
        "it is given up",
        (state) => ["failed", "refused"].includes(state.phase.kind),
        INSTALL_MS,
      );
      expect(after.phase).toMatchObject({ fault: { code: "upgrade_damaged" } });
    } else {
      expect(phase.kind).toBe("refused");
    }
    expect(await otherSlot()).toBe(before);
    expect((await person.state())?.running).toMatchObject({ version: RUNNING, slot: "A" });
  });
});

async function otherSlot(): Promise<string> {
  return lab.must("gw", ["sha256sum", "/dev/passerelle/slot-b"], { timeoutMs: 60_000 });
}
