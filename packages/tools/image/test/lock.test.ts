import { describe, expect, it } from "vitest";
import { notFetched } from "../src/fetch.ts";
import { checkLock, formatLock, type Lock, packagesOf, readLock } from "../src/lock.ts";
import { loadPackageChoice } from "../src/paths.ts";
import { parsePrintedUris } from "../src/resolve.ts";
import { inOrder } from "../src/tree.ts";
import { locked } from "./support.ts";

const MIRROR = { main: "http://m.example/debian", security: "http://m.example/debian-security" };
const HASH = "a".repeat(64);

describe("what apt prints", () => {
  it("becomes entries without a host", () => {
    const printed = [
      "Reading package lists...",
      `'http://m.example/debian/pool/main/d/dbus/dbus_1%3a1.16-2_arm64.deb' dbus_1%3a1.16-2_arm64.deb 70668 SHA256:${HASH}`,
      `'http://m.example/debian-security/pool/updates/main/t/tz_1+deb13u1_all.deb' tz_1+deb13u1_all.deb 9 SHA256:${HASH}`,
    ].join("\n");
    expect(parsePrintedUris(printed, MIRROR, "common")).toEqual([
      {
        ...{ name: "dbus", version: "1:1.16-2", architecture: "arm64", suite: "trixie" },
        ...{ path: "pool/main/d/dbus/dbus_1%3a1.16-2_arm64.deb", sizeBytes: 70668 },
        ...{ sha256: HASH, groups: ["common"] },
      },
      {
        ...{ name: "tz", version: "1+deb13u1", architecture: "all", suite: "trixie-security" },
        ...{ path: "pool/updates/main/t/tz_1+deb13u1_all.deb", sizeBytes: 9 },
        ...{ sha256: HASH, groups: ["common"] },
      },
    ]);
  });

  it("from another archive, or without a SHA-256, is refused", () => {
    const of = (uri: string, hash: string): string => `'${uri}/pool/a.deb' a_1_all.deb 1 ${hash}`;
    const refused = (line: string) => () => parsePrintedUris(line, MIRROR, "common");
    expect(refused(of("http://other.example/debian", `SHA256:${HASH}`))).toThrow(/another archive/);
    expect(refused(of(MIRROR.main, `MD5Sum:${"a".repeat(32)}`))).toThrow(/can't read/);
  });
});

describe("a lock", () => {
  it("is written one package a line, in order, and read back", () => {
    const lock: Lock = { packages: [locked("zlib"), locked("apt")] };
    const text = formatLock(lock);
    expect(text.split("\n")[2]).toContain('"apt"');
    expect(checkLock(JSON.parse(text) as Lock).packages).toHaveLength(2);
  });

  it.each([
    ["leaves the pool", { path: "pool/../../etc/passwd.deb" }],
    ["has an absolute path", { path: "/etc/passwd.deb" }],
    ["has a short hash", { sha256: "abc" }],
    ["has an option for a name", { name: "--root" }],
    ["is in no group", { groups: [] }],
    ["has no octet", { sizeBytes: 0 }],
  ])("whose entry %s is refused", (_, change) => {
    expect(() => checkLock({ packages: [{ ...locked("a-1"), ...change }] })).toThrow(/not sound/);
  });

  it("with a package twice is refused", () => {
    expect(() => checkLock({ packages: [locked("zlib"), locked("zlib")] })).toThrow(/twice/);
  });

  it("gives each group its packages, once", () => {
    const both = locked("both", ["common", "qemu"]);
    const lock: Lock = {
      packages: [both, locked("one", ["common"]), locked("boot", ["qemu-boot"])],
    };
    expect(packagesOf(lock, ["common", "qemu"]).map(({ name }) => name)).toEqual(["both", "one"]);
    expect(packagesOf(lock, ["qemu-boot"]).map(({ name }) => name)).toEqual(["boot"]);
  });

  it("of this repository has every package that is asked for and names no host", async () => {
    const lock = readLock();
    const { PACKAGE_GROUPS, LEFT_OUT } = await loadPackageChoice();
    const names = new Set(lock.packages.map(({ name }) => name));
    const asked = Object.values(PACKAGE_GROUPS).flatMap((group) => Object.keys(group.packages));
    expect(asked.filter((name) => !names.has(name))).toEqual([]);
    expect(Object.keys(LEFT_OUT).filter((name) => !names.has(name))).toEqual([]);
    expect(asked.filter((name) => Object.hasOwn(LEFT_OUT, name))).toEqual([]);
    expect(formatLock(lock)).not.toMatch(/:\/\//);
  });
});

describe("a package that can't be fetched", () => {
  it.each([
    ["E: Failed to fetch … 404  Not Found", /no longer has it[\s\S]*make image-lock/],
    ["E: Hash Sum mismatch", /other octets[\s\S]*make image-lock/],
    ["E: Could not resolve", /could not be fetched/],
  ])("says why and what to do: %s", (said, expected) => {
    expect(notFetched(locked("zlib"), new Error(said)).message).toMatch(expected);
  });
});

it("base-files is unpacked first: it has the links of a merged /usr", () => {
  expect(inOrder(["apt", "zlib", "base-files"].map((n) => locked(n))).map((p) => p.name)).toEqual([
    "base-files",
    "apt",
    "zlib",
  ]);
});
