import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  eraseWhereOrdered,
  isResetPending,
  orderFactoryReset,
  wasReset,
} from "../src/factory-reset.ts";

const CHILD = fileURLToPath(new URL("./support/reset-child.ts", import.meta.url));
const ID = "0123456789abcdef0123456789abcdef";
const CANARY = "CANARY-OF-THE-HOUSE";
const SERVICES = ["config", "lan", "web"];

let root: string;
let directories: { readonly state: string; readonly runtime: string };
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "passerelle-reset-"));
  directories = { state: join(root, "state"), runtime: join(root, "run") };
  for (const service of SERVICES) {
    const own = join(directories.state, service);
    mkdirSync(join(own, "deep", "er"), { recursive: true });
    for (const name of ["store.db", "store.db-wal", "section.json", "deep/er/key.pem"]) {
      writeFileSync(join(own, name), CANARY);
    }
  }
  writeFileSync(join(directories.state, "crash-20260101.json"), CANARY);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** The box starts again: what was in memory is gone. */
const boot = (): void => rmSync(directories.runtime, { recursive: true, force: true });

/** A service starts. Answers whether it erased anything. */
const start = (service: string): boolean => eraseWhereOrdered(directories, service);

/** A process of this service starts and is killed at this step. */
function startAndKill(service: string, step: number): void {
  const { state, runtime } = directories;
  const done = spawnSync(process.execPath, [CHILD, state, runtime, service, String(step)]);
  expect(done.stderr.toString()).toBe("");
  expect(done.signal).toBe("SIGKILL");
}

const pendingOf = (runtime: string): string => join(runtime, "factory-reset-pending");

function chownTree(path: string, id: number): void {
  for (const name of ["", ...readdirSync(path, { recursive: true, encoding: "utf8" })])
    chownSync(join(path, name), id, id);
}

/** Every file with a word of the house in it. */
function canaries(): string[] {
  return readdirSync(directories.state, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => readFileSync(path).includes(CANARY));
}

describe("a factory reset", () => {
  test("that nobody ordered erases nothing", () => {
    for (const service of SERVICES) start(service);
    expect(canaries()).toHaveLength(SERVICES.length * 4 + 1);
  });
  test("is read by every user of the box, whatever the umask of who orders it", () => {
    const before = process.umask(0o077);
    orderFactoryReset(directories, ID);
    process.umask(before);
    const orders = [join(directories.state, "factory-reset"), pendingOf(directories.runtime)];
    expect(orders.map((path) => statSync(path).mode & 0o777)).toEqual([0o644, 0o644]);
  });
  // Root may do everything: only it can become another user, who then may not.
  test.runIf(process.getuid?.() === 0)("goes on where a crash file is another user's", () => {
    orderFactoryReset(directories, ID);
    boot();
    const id = 61_720;
    for (const path of [root, directories.state]) chmodSync(path, 0o755);
    chownTree(join(directories.state, "lan"), id);
    const { state, runtime } = directories;
    // It may read what is here, wherever the checkout lies; it may take nothing away.
    const rights = ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"];
    const user = ["--reuid", `${id}`, "--regid", `${id}`, "--clear-groups"];
    const words = [...user, ...rights, process.execPath];
    const done = spawnSync("setpriv", [...words, CHILD, state, runtime, "lan", "99"]);
    expect([done.status, done.stderr.toString()]).toEqual([0, ""]);
    expect(wasReset(join(state, "lan"))).toBe(true);
  });
  test("leaves no word of the house, and is done once", () => {
    orderFactoryReset(directories, ID);
    boot();
    for (const service of SERVICES) start(service);
    expect(canaries()).toEqual([]);
    expect(SERVICES.every((service) => wasReset(join(directories.state, service)))).toBe(true);
    writeFileSync(join(directories.state, "lan", "new.db"), "of the next owner");
    expect(start("lan")).toBe(false);
    expect(existsSync(join(directories.state, "lan", "new.db"))).toBe(true);
  });
  test("killed at each of its steps ends complete at the next start", () => {
    // 4 entries erased, the directory synced, the number noted.
    for (let killAt = 1; killAt <= 6; killAt += 1) {
      const own = join(directories.state, "config");
      rmSync(own, { recursive: true, force: true });
      mkdirSync(join(own, "deep"), { recursive: true });
      for (const name of ["a.db", "a.db-wal", "b.json", "deep/c"])
        writeFileSync(join(own, name), CANARY);
      orderFactoryReset(directories, `${killAt}`.repeat(32));
      boot();
      startAndKill("config", killAt);
      start("config");
      expect(readdirSync(own)).toEqual([".reset"]);
      expect(start("config")).toBe(false);
    }
  });
  test("before the reboot a restarted service is erased each time: old values may still come to it", () => {
    orderFactoryReset(directories, ID);
    expect(isResetPending(directories)).toBe(true);
    expect(start("lan")).toBe(true);
    // A daemon of before the reset hands over its section.
    writeFileSync(join(directories.state, "lan", "section.json"), CANARY);
    expect(start("lan")).toBe(true);
    writeFileSync(join(directories.state, "lan", "section.json"), CANARY);
    boot();
    expect(isResetPending(directories)).toBe(false);
    for (const service of SERVICES) start(service);
    expect(canaries()).toEqual([]);
  });
  test("that could not be written down is none", () => {
    mkdirSync(join(directories.state, "factory-reset"));
    expect(() => orderFactoryReset(directories, ID)).toThrow();
    expect(isResetPending(directories)).toBe(false);
    boot();
    for (const service of SERVICES) start(service);
    expect(canaries()).toHaveLength(SERVICES.length * 4 + 1);
  });
  test("a second one erases what came after the first", () => {
    for (const id of [ID, ID.replaceAll("0", "1")]) {
      writeFileSync(join(directories.state, "lan", "leases.db"), CANARY);
      orderFactoryReset(directories, id);
      boot();
      for (const service of SERVICES) start(service);
      expect(canaries()).toEqual([]);
    }
  });
});
