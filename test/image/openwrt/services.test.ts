import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { CHROOT, FILES, Router, UCI } from "./shell.ts";

/**
 * The start scripts run under busybox' shell against functions that note what procd would be told. What procd and ujail make of
 * it was read in their sources and not tried (docs/openwrt.md).
 */
const GOLDEN = join(import.meta.dirname, "golden");

/** In place of rc.common and procd.sh. Programs that would touch this machine only say so. */
const HARNESS = `
say() { printf '%s\\n' "$*"; }
procd_open_instance() { say "instance $1"; }
procd_set_param() { say "  $*"; }
procd_append_param() { say "  append $*"; }
procd_add_jail() { say "  jail $*"; }
procd_add_jail_mount() { for place in "$@"; do say "    read $place"; done; }
procd_add_jail_mount_rw() { for place in "$@"; do say "    write $place"; done; }
procd_close_instance() { say "."; }
mkdir() { :; }
chown() { say "owner $*"; }
chmod() { say "mode $*"; }
mount() { say "mount $*"; }
cp() { say "copy $*"; }
ln() { :; }
. "$SCRIPT"
[ "$USE_PROCD" = 1 ] || say "no procd"
say "start $START, stop $STOP"
start_service
`;

function started(script: string, isTaken: boolean, uci = ""): string {
  const router = new Router();
  router.stub("uci", UCI);
  router.write("uci", uci);
  router.write("harness", HARNESS);
  if (isTaken) router.write("etc/passerelle/openwrt/before", "network.lan.proto=static\n");
  router.write(
    "usr/lib/passerelle/bus/mosquitto.conf",
    "listener 0 /var/run/passerelle/bus/lan/lan.sock\nlistener 0 /var/run/passerelle/bus/observer/observer.sock\n",
  );
  const { code, output } = router.sh(join(router.root, "harness"), [], {
    SCRIPT: script,
    IPKG_INSTROOT: FILES,
  });
  return `${output}${code === 0 ? "" : `exit ${code}\n`}`.replaceAll(router.root, "ROOT");
}

const scripts = readdirSync(join(FILES, "etc/init.d")).sort();

describe("the services under procd", () => {
  test("there is one a daemon, the bus and the keeper", () => {
    expect(scripts).toEqual(
      ["bus", "config", "firewall", "keeper", "lan", "system", "wan", "web"].map(
        (name) => `passerelle-${name}`,
      ),
    );
    expect(
      readFileSync(join(FILES, "usr/lib/passerelle/openwrt/services"), "utf8")
        .trim()
        .split(" ")
        .sort(),
    ).toEqual(scripts.map((name) => name.replace("passerelle-", "")));
  });

  test.each(scripts)("%s: what procd is told", (name) => {
    const told = started(join(FILES, "etc/init.d", name), true);
    const golden = join(GOLDEN, `${name}.txt`);
    if (process.env.UPDATE_GOLDEN === "1" || !existsSync(golden)) {
      if (process.env.UPDATE_GOLDEN !== "1") throw new Error(`${golden} is missing`);
      mkdirSync(GOLDEN, { recursive: true });
      writeFileSync(golden, told);
    }
    expect(told).toBe(readFileSync(golden, "utf8"));
  });

  test.each(scripts)("%s starts nothing before the network was handed over", (name) => {
    expect(started(join(FILES, "etc/init.d", name), false)).not.toContain("instance");
  });

  test("every daemon but system is in a jail that is required, as its own user, with the capabilities of its file", () => {
    for (const name of ["config", "firewall", "lan", "wan", "web"]) {
      const told = started(join(FILES, "etc/init.d", `passerelle-${name}`), true);
      expect(told).toMatch(new RegExp(`^  jail passerelle-${name} requirejail log ronly`, "m"));
      expect(told).toMatch(new RegExp(`^  user passerelle-${name}$`, "m"));
      expect(told).toMatch(/^ {2}no_new_privs 1$/m);
      expect(told).toContain(`  capabilities /etc/capabilities/passerelle-${name}.json`);
      // Nothing that another daemon has may be written.
      const written = [...told.matchAll(/^ {4}write (.*)$/gm)].map(([, path]) => path ?? "");
      const own = [`/srv/passerelle/${name}`, `/var/run/passerelle/${name}`];
      expect(written).toEqual(name === "firewall" ? [...own, "/proc/sys/net"] : own);
    }
  });

  test("state lies where UCI says", () => {
    const told = started(
      join(FILES, "etc/init.d/passerelle-wan"),
      true,
      "passerelle.main.state=/mnt/usb/p\n",
    );
    expect(told).toContain("PASSERELLE_STATE_DIR=/mnt/usb/p ");
    expect(told).toContain("    write /mnt/usb/p/wan\n");
  });
});

describe("capabilities", () => {
  const folder = join(FILES, "etc/capabilities");

  test.each([
    ["bus", []],
    ["config", []],
    ["firewall", ["CAP_NET_ADMIN"]],
    ["lan", ["CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_NET_BIND_SERVICE"]],
    ["wan", ["CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_NET_BIND_SERVICE"]],
    ["web", ["CAP_NET_BIND_SERVICE"]],
  ])("of %s: the same five sets, and no more than its unit's", (name, wanted) => {
    const sets = JSON.parse(
      readFileSync(join(folder, `passerelle-${name}.json`), "utf8"),
    ) as object;
    expect(sets).toEqual({
      bounding: wanted,
      effective: wanted,
      permitted: wanted,
      inheritable: wanted,
      ambient: wanted,
    });
    // web: ports from 80 on are free for everybody on our own system, and not on OpenWrt.
    if (name === "bus" || name === "web" || wanted.length === 0) return;
    const units = join(FILES, "../../../rootfs/usr/lib/systemd/system");
    const unit = readFileSync(join(units, `passerelle@${name}.service.d/${name}.conf`), "utf8");
    expect(/^AmbientCapabilities=(.*)$/m.exec(unit)?.[1]?.split(" ")).toEqual(wanted);
  });
});

describe("the services of the root file system", () => {
  test("each with its user and capabilities, nothing without the folder", () => {
    const router = new Router();
    router.stub("uci", UCI);
    router.write("harness", HARNESS);
    router.write("uci", `passerelle.main.rootfs=${router.root}/usb\n`);
    const script = readFileSync(join(CHROOT, "etc/init.d/passerelle-rootfs"), "utf8").replace(
      "/etc/passerelle/openwrt/before",
      `${router.root}/before`,
    );
    router.write("script", script);
    const run = () =>
      router.sh(join(router.root, "harness"), [], {
        SCRIPT: join(router.root, "script"),
        IPKG_INSTROOT: "",
      });
    expect(run().output).not.toContain("instance");
    router.write("before", "network.lan.proto=static\n");
    // The stick is not in.
    expect(run()).toMatchObject({ code: 1 });
    router.write("usb/usr/bin/node", "#!/bin/sh\n");
    router.write("usb/etc/group", "passerelle-lan:x:705:\n");
    router.write(
      "usb/usr/lib/passerelle/bus/mosquitto.conf",
      "listener 0 /run/passerelle/bus/lan/lan.sock\n",
    );
    const told = run().output.replaceAll(router.root, "ROOT");
    const golden = join(GOLDEN, "passerelle-rootfs.txt");
    if (process.env.UPDATE_GOLDEN === "1") writeFileSync(golden, told);
    expect(told).toBe(readFileSync(golden, "utf8"));
  });
});
