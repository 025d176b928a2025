import { execFileSync, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readElf } from "../../packages/tools/image/src/elf.ts";
import { ROOT } from "../../packages/tools/image/src/paths.ts";

/**
 * What `make openwrt` makes, as far as it can be tried without a router: the parts for musl are loaded by musl's own loader under
 * QEMU's user mode, the root file system's programs run there. No OpenWrt and no Node for musl can be had here.
 */
const QEMU = "qemu-aarch64-static";
let at = "";
const place = (path: string): string => join(at, "first", path);

beforeAll(() => {
  at = mkdtempSync(join(tmpdir(), "passerelle-openwrt-image-"));
  build("first");
  for (const [archive, folder] of [
    ["passerelle_0.1.0-r1_aarch64_generic.ipk", "ipk"],
    ["ipk/data.tar.gz", "data"],
    ["passerelle-rootfs-0.1.0-arm64.tar.gz", "usb"],
  ] as const) {
    mkdirSync(place(folder));
    execFileSync("tar", ["-xzf", place(archive), "-C", place(folder)]);
  }
}, 600_000);

afterAll(() => rmSync(at, { recursive: true, force: true }));

function build(name: string): void {
  execFileSync(process.execPath, ["packages/tools/image/src/main.ts", "openwrt"], {
    cwd: ROOT,
    env: {
      ...process.env,
      PASSERELLE_OPENWRT_DIR: join(at, name),
      PASSERELLE_VERSION: "0.1.0",
      SOURCE_DATE_EPOCH: "1790000000",
    },
    stdio: ["ignore", "ignore", "pipe"],
  });
}

const digest = (path: string): string =>
  createHash("sha256").update(readFileSync(path)).digest("hex");

test("the same sources give the same octets", () => {
  build("second");
  const names = readdirSync(join(at, "second"), { withFileTypes: true })
    .filter((one) => one.isFile())
    .map(({ name }) => name);
  expect(names).toHaveLength(7);
  for (const name of names) {
    expect({ name, digest: digest(join(at, "second", name)) }).toEqual({
      name,
      digest: digest(place(name)),
    });
  }
}, 600_000);

describe("the parts for musl", () => {
  const library = (name: string): string => place(`data/usr/lib/passerelle/${name}`);
  /** Names that a file wants of others, without their versions. */
  const wanted = (file: string): readonly string[] =>
    symbols(file)
      .filter((line) => /\bUND\b/.test(line))
      .map(nameOf)
      .filter(Boolean);
  const symbols = (file: string): readonly string[] =>
    execFileSync("readelf", ["--dyn-syms", "--wide", file], { encoding: "utf8" })
      .split("\n")
      .slice(4);
  const nameOf = (line: string): string => (line.trim().split(/\s+/)[7] ?? "").replace(/@.*/, "");
  const musl = (): string => place("work/app.musl/musl/usr/lib/aarch64-linux-musl");

  test("are for this processor and ask for no library that OpenWrt lacks", () => {
    const facts = (name: string) => readElf(readFileSync(library(name)));
    expect(facts("passerelle_native.node")).toMatchObject({
      machine: "aarch64",
      needed: ["libc.so"],
      relro: "full",
      hasNoExecStack: true,
    });
    // libstdc++ is there for Node itself; musl's loader takes every libc.* for itself.
    expect(facts("better_sqlite3.node")).toMatchObject({
      machine: "aarch64",
      needed: ["libstdc++.so.6", "libc.musl-aarch64.so.1"],
    });
  });

  test("want of libc only what musl has", () => {
    const offered = new Set(
      symbols(join(musl(), "libc.so"))
        .filter((line) => !/\bUND\b/.test(line))
        .map(nameOf),
    );
    expect(offered.has("recvmmsg")).toBe(true);
    const own = wanted(library("passerelle_native.node")).filter(
      (name) => !/^(napi|uv)_/.test(name),
    );
    expect(own.length).toBeGreaterThan(10);
    expect(own.filter((name) => !offered.has(name))).toEqual([]);
    // __dso and unwinding come from libgcc, C++ from libstdc++; _ITM_* may be absent.
    const sqlite = wanted(library("better_sqlite3.node")).filter(
      (name) =>
        !/^(napi_|node_api_|_Z|_ITM_|__cxa_guard|__(de)?register_frame|__once_proxy|_Unwind)/.test(
          name,
        ),
    );
    expect(sqlite.filter((name) => !offered.has(name))).toEqual([]);
  });

  test("the addon is loaded by musl's loader, every name found at once", () => {
    const work = place("loader");
    mkdirSync(join(work, "lib"), { recursive: true });
    copyFileSync(join(musl(), "libc.so"), join(work, "lib/ld-musl-aarch64.so.1"));
    const stubs = wanted(library("passerelle_native.node"))
      .filter((name) => /^(napi|uv)_/.test(name))
      .map((name) => `int ${name}(void) { return 0; }`);
    expect(stubs.length).toBeGreaterThan(20);
    writeFileSync(join(work, "host.c"), `${stubs.join("\n")}\n${HOST}`);
    execFileSync("aarch64-linux-gnu-gcc", [
      ...[
        "-nostdlib",
        "-fPIE",
        "-pie",
        "-rdynamic",
        "-fno-stack-protector",
        "-Wno-builtin-declaration-mismatch",
      ],
      ...["-Wl,--dynamic-linker=/lib/ld-musl-aarch64.so.1", "-o", join(work, "host")],
      ...[join(musl(), "Scrt1.o"), join(musl(), "crti.o"), join(work, "host.c")],
      ...[`-L${musl()}`, "-lc", join(musl(), "crtn.o")],
    ]);
    const load = (file: string) =>
      spawnSync(QEMU, ["-L", work, join(work, "host"), file], { encoding: "utf8" });
    expect(load(library("passerelle_native.node"))).toMatchObject({
      status: 0,
      stdout: "loaded\n",
    });
    // The same addon for glibc is not: this is what the test is for.
    expect(load(join(ROOT, "build/native/arm64/passerelle_native.node")).status).not.toBe(0);
  });
});

/** dlopen with RTLD_NOW, as Node does. */
const HOST = `
void *dlopen(const char *, int);
char *dlerror(void);
int puts(const char *);
int main(int count, char **words) {
  void *addon = count > 1 ? dlopen(words[1], 2) : 0;
  puts(addon ? "loaded" : dlerror());
  return addon ? 0 : 1;
}
`;

describe("the root file system", () => {
  const inside = (program: string, words: readonly string[]): string => {
    const done = spawnSync(QEMU, ["-L", place("usb"), place(`usb/${program}`), ...words], {
      encoding: "utf8",
    });
    return `${done.stdout}${done.stderr}`;
  };

  test("has the pinned Node and the programs that daemons start", () => {
    const pinned = readFileSync(join(ROOT, ".node-version"), "utf8").trim();
    expect(inside("usr/bin/node", ["-p", "process.versions.node"]).trim()).toBe(pinned);
    for (const [program, words, said] of [
      ["usr/sbin/mosquitto", ["-h"], "mosquitto version 2"],
      ["usr/bin/openssl", ["version"], "OpenSSL 3"],
      ["usr/sbin/chronyd", ["--version"], "chronyd (chrony) version"],
      ["usr/bin/chronyc", ["--version"], "chronyc (chrony) version"],
      ["usr/bin/setpriv", ["--version"], "setpriv from util-linux"],
      ["usr/bin/busybox", ["true"], ""],
    ] as const) {
      expect(inside(program, words)).toContain(said);
    }
    // It opens a netlink socket at its start, which QEMU's user mode has not: that far it must come.
    expect(inside("usr/sbin/nft", ["--version"])).toMatch(/nftables v|netlink socket/i);
  }, 60_000);

  test("a daemon starts: the program, both addons and the store", async () => {
    const own = place("own");
    const child = spawn(
      QEMU,
      [
        "-L",
        place("usb"),
        place("usb/usr/bin/node"),
        place("usb/usr/lib/passerelle/main.js"),
        "run",
        "--embedded-broker",
        "config",
      ],
      {
        env: {
          PATH: "/usr/bin:/bin",
          PASSERELLE_STATE_DIR: join(own, "state"),
          PASSERELLE_RUNTIME_DIR: join(own, "run"),
        },
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    let said = "";
    const started = new Promise<boolean>((resolve) => {
      const hear = (part: Buffer): void => {
        said += part.toString("utf8");
        if (said.includes('"service_started"')) resolve(true);
      };
      child.stdout.on("data", hear);
      child.stderr.on("data", hear);
      child.on("exit", () => resolve(false));
    });
    try {
      expect({ started: await started, said }).toMatchObject({ started: true });
    } finally {
      child.kill("SIGKILL");
    }
  }, 120_000);

  test("has what installs it, and nothing of a board", () => {
    const tree = execFileSync("tar", ["-tzf", place("passerelle-rootfs-0.1.0-arm64.tar.gz")], {
      encoding: "utf8",
    });
    for (const path of [
      "install",
      "uninstall",
      "config",
      "files/etc/init.d/passerelle-rootfs",
      "files/usr/sbin/passerelle-handover",
    ]) {
      expect(tree).toContain(`./openwrt/${path}\n`);
    }
    expect(tree).not.toMatch(/\/(systemd|modules)\/.|vmlinuz|\/rauc/);
  });
});
