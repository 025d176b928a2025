import { execFileSync } from "node:child_process";
import { lstatSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AVAILABLE } from "../../packages/apps/passerelle/src/daemons.ts";
import { OVERLAY } from "../../packages/tools/image/src/paths.ts";
import {
  complaints,
  daemons,
  type Exposure,
  exposureOf,
  makeTree,
  overlayText,
  serviceUnits,
  settingOf,
  unitText,
} from "./units-support.ts";

let tree: string;
beforeAll(() => {
  tree = makeTree();
});
afterAll(() => rmSync(tree, { recursive: true, force: true }));

/**
 * How much may be exposed (`systemd-analyze security`, 0 to 10), by what a daemon touches: the bus alone; TCP of the
 * home; packets, addresses and the clock; the machine itself, as root. rootfs/README.md.
 */
const TIERS: Readonly<Record<string, number>> = {
  "passerelle@config.service": 0.5,
  "passerelle-broker.service": 0.5,
  "passerelle@web.service": 1.1,
  "passerelle@firewall.service": 1.8,
  "passerelle@lan.service": 1.8,
  "passerelle@wan.service": 1.8,
  "passerelle@system.service": 1.8,
  "passerelle-chrony.service": 1.8,
  "passerelle-grow.service": 1.8,
  "passerelle-lock.service": 1.3,
  "passerelle-power.service": 1.1,
  "passerelle-ppp-holder.service": 1.8,
  "passerelle-provision.service": 1.1,
  "passerelle-reset-done.service": 1.1,
  "passerelle-reset.service": 1.1,
  "passerelle-trial.service": 1.1,
  "rauc.service": 2.2,
};

/** What each unit exposes, directive by directive; `make golden` writes it anew. */
const STORED = join(import.meta.dirname, "unit-security.json");

test("systemd has nothing to say against any unit", () => {
  const paths = ["passerelle-power.path", "passerelle-chrony.path", "passerelle-ppp-holder.socket"];
  const units = [...serviceUnits(), "passerelle.target", ...paths];
  const timers = ["passerelle-trial.timer", "passerelle-lock.timer"];
  expect([...units, ...timers].flatMap((unit) => complaints(tree, unit))).toEqual([]);
});

test("every unit is in a tier and within it", () => {
  expect([...serviceUnits()].sort()).toEqual(Object.keys(TIERS).sort());
  const over = serviceUnits().filter((unit) => exposureOf(tree, unit).overall > (TIERS[unit] ?? 0));
  expect(over).toEqual([]);
});

test("no unit lost a directive, and none gained one unnoticed", () => {
  const now = Object.fromEntries(
    [...serviceUnits()].sort().map((unit) => [unit, exposureOf(tree, unit)]),
  );
  if (process.env.UPDATE_GOLDEN === "1")
    writeFileSync(STORED, `${JSON.stringify(now, undefined, 2)}\n`);
  expect(now).toEqual(JSON.parse(readFileSync(STORED, "utf8")) as Record<string, Exposure>);
});

describe("a daemon of this release", () => {
  test("has a drop-in, a user, a directory on the bus, and is started", () => {
    expect([...daemons()].sort()).toEqual([...AVAILABLE].sort());
    const started = unitText("passerelle.target");
    const users = overlayText("usr/lib/sysusers.d/passerelle.conf");
    const paths = overlayText("usr/lib/tmpfiles.d/passerelle.conf");
    for (const name of AVAILABLE) {
      expect(started).toContain(`passerelle@${name}.service`);
      expect(users).toMatch(new RegExp(`^u +passerelle-${name} +7\\d\\d `, "m"));
      expect(paths).toMatch(
        new RegExp(`^d +/run/passerelle/bus/${name} +2750 mosquitto passerelle-${name} `, "m"),
      );
    }
  });
  test("has a number that no other user has", () => {
    const text = ["passerelle", "dbus"]
      .map((name) => overlayText(`usr/lib/sysusers.d/${name}.conf`))
      .join("");
    const ids = [...text.matchAll(/^u +\S+ +(\d+)/gm)].map(([, id]) => id);
    expect(ids.length).toBeGreaterThan(AVAILABLE.length);
    expect(new Set(ids).size).toBe(ids.length);
  });
  test("S-03: has no door for a debugger", () => {
    for (const unit of readdirSync(join(OVERLAY, "usr/lib/systemd/system"), {
      recursive: true,
      encoding: "utf8",
    }).filter((name) => /\.(service|conf)$/.test(name)))
      expect([unit, /--inspect|NODE_INSPECT|remote-debug/.test(unitText(unit))]).toEqual([
        unit,
        false,
      ]);
  });
});

// Owners of other users' files can be set by root alone; `make test` is root.
test.runIf(process.getuid?.() === 0)("the shared directories are whose they should be", () => {
  execFileSync("systemd-tmpfiles", [`--root=${tree}`, "--create", "passerelle.conf"]);
  const users = new Map(
    readFileSync(join(tree, "etc/passwd"), "utf8")
      .split("\n")
      .map((line) => line.split(":"))
      .map(([name = "", , id]) => [Number(id), name]),
  ).set(0, "root");
  const shown = (path: string): string => {
    const { mode, uid, gid } = lstatSync(join(tree, path));
    return `${(mode & 0o7777).toString(8)} ${users.get(uid)} ${users.get(gid)}`;
  };
  expect(shown("run/passerelle")).toBe("1775 root passerelle-system");
  expect(shown("var/lib/passerelle")).toBe("1775 root passerelle-system");
  expect(shown("run/passerelle/bus")).toBe("755 root root");
  expect(shown("run/passerelle/clock")).toBe("2750 passerelle-system passerelle-chrony");
  expect(shown("run/chrony")).toBe("770 passerelle-chrony passerelle-chrony");
  for (const name of [...AVAILABLE, "observer"]) {
    expect(shown(`run/passerelle/bus/${name}`)).toBe(`2750 mosquitto passerelle-${name}`);
    expect(readlinkSync(join(tree, `run/passerelle/bus/${name}.sock`))).toBe(
      `${name}/${name}.sock`,
    );
  }
});

test("S-12: nobody can log in", () => {
  for (const unit of ["getty@.service", "serial-getty@.service", "console-getty.service"])
    expect(readlinkSync(join(OVERLAY, "etc/systemd/system", unit))).toBe("/dev/null");
  for (const unit of ["emergency", "rescue"]) {
    const text = unitText(`${unit}.service.d/passerelle.conf`);
    expect(text).toMatch(/^ExecStart=\n(.*\n)*ExecStart=\/usr\/bin\/systemctl --force reboot$/m);
  }
  const shadow = readFileSync(join(tree, "etc/shadow"), "utf8");
  for (const line of shadow.trim().split("\n")) expect(line).toMatch(/^[^:]+:!?\*:/);
});

test("who starts the box again asks systemd itself, not a logind that is not there", () => {
  const orders = serviceUnits().flatMap((unit) => {
    const order = settingOf(unit, "ExecStart") ?? "";
    return /reboot|poweroff|halt|kexec/.test(order) ? [[unit, order]] : [];
  });
  const order = "/usr/bin/systemctl --no-block --job-mode=replace-irreversibly start reboot.target";
  expect(orders).toEqual([
    ["passerelle-power.service", order],
    ["passerelle-trial.service", order],
  ]);
});

test("S-37: the kernel refuses what the box does not need", () => {
  const text = overlayText("usr/lib/sysctl.d/60-passerelle.conf");
  const wanted = {
    "kernel.kptr_restrict": "2",
    "kernel.dmesg_restrict": "1",
    "kernel.unprivileged_bpf_disabled": "1",
    "kernel.kexec_load_disabled": "1",
    "kernel.yama.ptrace_scope": "3",
    "kernel.io_uring_disabled": "2",
    "kernel.sysrq": "0",
    "fs.suid_dumpable": "0",
    "kernel.panic_on_oops": "1",
    "kernel.softlockup_panic": "1",
  };
  for (const [name, value] of Object.entries(wanted))
    expect(text).toMatch(new RegExp(`^${name.replaceAll(".", "\\.")} = ${value}$`, "m"));
  expect(overlayText("usr/share/passerelle/sysctl-lock.conf")).toMatch(
    /^kernel\.modules_disabled = 1$/m,
  );
});
