import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { COMMON } from "../src/paths.ts";
import {
  bundleManifest,
  developmentSigning,
  installUpgradeEngine,
  makeBundle,
  signingOf,
} from "../src/rauc.ts";
import { run } from "../src/run.ts";

const folder = mkdtempSync(join(tmpdir(), "passerelle-rauc-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("who signs", () => {
  it("is a pair from the environment, or nobody", () => {
    expect(() => signingOf({ SIGNING_KEY: "k.pem" })).toThrow("go together");
    expect(() => signingOf({ SIGNING_KEY: "k.pem", SIGNING_CERT: "c.pem" })).toThrow("there is no");
    const key = "pkcs11:token=release;object=key";
    const certificate = join(folder, "release.pem");
    writeFileSync(certificate, "");
    expect(signingOf({ SIGNING_KEY: key, SIGNING_CERT: certificate })).toEqual({
      ...{ key, certificate, keyring: certificate },
    });
  });

  it("is made once, and its bundle is taken by its own authority only", () => {
    const signing = developmentSigning(join(folder, "keys"));
    const before = readFileSync(signing.keyring);
    expect(developmentSigning(join(folder, "keys"))).toEqual(signing);
    expect(readFileSync(signing.keyring).equals(before)).toBe(true);

    const slot = join(folder, "slot.ext4");
    writeFileSync(slot, randomBytes(64 << 10));
    const bundle = join(folder, "upgrade.raucb");
    const release = { board: "some-board", version: "1.2.3", builtAt: "2026-01-01T00:00:00Z" };
    makeBundle({ bundle, slot, ...release, signing, work: folder });
    const info = run(["rauc", "info", `--keyring=${signing.keyring}`, bundle]);
    expect(info).toContain("'passerelle-some-board'");
    expect(info).toContain("'1.2.3'");
    expect(info).toMatch(/Bundle Format:\s+verity/);
    const other = developmentSigning(join(folder, "other"));
    expect(() => run(["rauc", "info", `--keyring=${other.keyring}`, bundle])).toThrow("verif");
  });
});

describe("the engine on a board", () => {
  it("knows its board and its version, and nothing is left to be filled in", () => {
    const tree = join(folder, "tree");
    mkdirSync(tree);
    const keyring = join(folder, "keyring.pem");
    writeFileSync(keyring, "authority");
    installUpgradeEngine(tree, { board: "some-board", version: "1.2.3", keyring });
    const text = readFileSync(join(tree, "etc/rauc/system.conf"), "utf8");
    const lines = text.split("\n").filter((line) => !line.startsWith("#"));
    expect(lines).toContain("compatible=passerelle-some-board");
    expect(lines).toContain("min-bundle-version=1.2.3");
    expect(lines.join("\n")).not.toContain("@");
    expect(readFileSync(join(tree, "etc/rauc/keyring.pem"), "utf8")).toBe("authority");
  });
});

describe("the handler before a slot is written", () => {
  const rows: readonly (readonly [string, string, boolean])[] = [
    ["1.2.3", "1.2.4", true],
    ["1.2.3", "1.3.0", true],
    ["1.9.9", "2.0.0", true],
    ["1.2.9", "1.2.10", true],
    ["1.2.3-rc.1", "1.2.3", true],
    ["1.2.3", "1.2.3", false],
    ["1.2.3", "1.2.3+newer", false],
    ["1.2.3", "1.2.3-rc.2", false],
    ["1.2.3-rc.1", "1.2.3-rc.2", false],
    ["1.2.10", "1.2.9", false],
    ["2.0.0", "1.9.9", false],
    ["1.2.3", "", false],
    ["1.2.3", "9", false],
    ["1.2.3", "1.2.3.4", false],
    ["1.2.3", "2.0.0; reboot", false],
    ["", "1.2.3", false],
  ];
  it.each(rows)("over %j, %j: %s", (running, offered, isTaken) => {
    const done = handle({ running, manifest: manifestOf(offered) });
    expect(done.status === 0).toBe(isTaken);
    expect(done.written).toBe(isTaken ? "passerelle_trial B\n" : "");
    if (!isTaken) expect(done.said).toContain("refused");
  });

  it("reads the version of the update, and none of another section", () => {
    const manifest = "[bundle]\nversion=9.9.9\n[update]\nversion=1.0.0\n[other]\nversion=9.9.9\n";
    expect(handle({ running: "1.2.3", manifest }).status).not.toBe(0);
  });

  it("reads all of the bundle first: what cannot be read is refused, and no slot is on trial", () => {
    const good = { running: "1.2.3", manifest: manifestOf("1.2.4") };
    // As dm-verity gives an octet that is another one: the file is there, and reading it fails.
    const done = handle({ ...good, unreadable: "slot.ext4" });
    expect(done.status).not.toBe(0);
    expect(done.said).toContain("refused: the bundle can't be read to its end");
    expect(done.written).toBe("");
  });

  it("leaves a bundle of another board to RAUC, with no slot on trial", () => {
    const manifest = manifestOf("1.2.4").replace("passerelle-x", "passerelle-y");
    const done = handle({ running: "1.2.3", manifest });
    expect([done.status, done.written]).toEqual([0, ""]);
  });

  it("refuses more than one slot, a slot without a name, and a boot state that can't be written", () => {
    const good = { running: "1.2.3", manifest: manifestOf("1.2.4") };
    expect(handle({ ...good, env: { RAUC_TARGET_SLOTS: "1 2" } }).status).not.toBe(0);
    expect(handle({ ...good, env: { RAUC_SLOT_BOOTNAME_2: "$(reboot)" } }).status).not.toBe(0);
    expect(handle({ ...good, env: { RAUC_TARGET_SLOTS: "" } }).status).not.toBe(0);
    expect(handle({ ...good, writes: false }).status).not.toBe(0);
  });

  it("says by its exit code what it refuses: not newer, or damaged", () => {
    expect(handle({ running: "1.2.3", manifest: manifestOf("1.2.3") }).status).toBe(10);
    const good = { running: "1.2.3", manifest: manifestOf("1.2.4") };
    const damaged = handle({ ...good, env: { RAUC_BUNDLE_MOUNT_POINT: unreadable() } });
    expect([damaged.status, damaged.written]).toEqual([11, ""]);
  });

  /** A bundle whose image gives an error where it is read; a directory is such a file to everybody, root included. */
  function unreadable(): string {
    const place = mkdtempSync(join(folder, "damaged-"));
    writeFileSync(join(place, "manifest.raucm"), manifestOf("1.2.4"));
    mkdirSync(join(place, "slot.ext4"));
    return place;
  }

  function manifestOf(version: string): string {
    return bundleManifest({ board: "x", version, builtAt: "2026-01-01T00:00:00Z" });
  }

  /** The handler as it is shipped, with a release file and an `fw_setenv` of this test. */
  function handle(options: {
    readonly running: string;
    readonly manifest: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly writes?: boolean;
    readonly unreadable?: string;
  }): { readonly status: number | null; readonly said: string; readonly written: string } {
    const place = mkdtempSync(join(folder, "handler-"));
    const at = (name: string): string => join(place, name);
    const release = JSON.stringify({ board: "x", version: options.running }, undefined, 2);
    writeFileSync(at("release.json"), release);
    writeFileSync(at("manifest.raucm"), options.manifest);
    writeFileSync(at("written"), "");
    writeFileSync(at("system.conf"), "[system]\ncompatible=passerelle-x\n");
    if (options.unreadable !== undefined) mkdirSync(at(options.unreadable));
    const tool = options.writes === false ? "exit 1" : `echo "$@" >>${at("written")}`;
    writeFileSync(at("fw_setenv"), `#!/bin/busybox sh\n${tool}\n`, { mode: 0o755 });
    const shipped = readFileSync(join(COMMON, "rauc/upgrade-check"), "utf8");
    writeFileSync(
      at("handler"),
      shipped
        .replace("/usr/share/passerelle/release.json", at("release.json"))
        .replace("/etc/rauc/system.conf", at("system.conf")),
    );
    const done = spawnSync("busybox", ["sh", at("handler")], {
      encoding: "utf8",
      env: {
        PATH: `${place}:${process.env.PATH}`,
        RAUC_BUNDLE_MOUNT_POINT: place,
        RAUC_TARGET_SLOTS: "2",
        RAUC_SLOT_BOOTNAME_2: "B",
        ...options.env,
      },
    });
    return {
      status: done.status,
      said: done.stderr,
      written: readFileSync(at("written"), "utf8"),
    };
  }
});
