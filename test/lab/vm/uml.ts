import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathsOf } from "../state.ts";

/**
 * User-mode Linux: Debian's kernel as a program of this machine. It emulates no processor, so a lab in it is up in a
 * minute; it has one processor, PPP, VLANs and queueing disciplines, and its nftables have no family but bridges.
 */
export const UML = "/usr/bin/linux.uml";
const MODULES = "/usr/lib/uml/modules";

/** What the guest is told besides (guest-init.sh). */
export const UML_SETTINGS = {
  modules: MODULES,
  device: "vec0",
  drivers: "ppp_generic pppoe veth bridge 8021q tun",
  // Node's parsers without the processor's widest registers: with them it was seen to fail in there once, why is not known.
  environment: "SIMDJSON_FORCE_IMPLEMENTATION=fallback SIMDUTF_FORCE_IMPLEMENTATION=fallback",
} as const;

/** Undefined where this machine has it and lets it run: it wants to trace its own children and to map what it executes. */
export function whyNoUml(): string | undefined {
  if (process.arch !== "x64") return "User-mode Linux is a program of x86-64";
  const isThere = existsSync(UML) && existsSync(MODULES) && readdirSync(MODULES).length > 0;
  if (!isThere) return `no User-mode Linux (${UML})`;
  // A first program that ends at once: the kernel says so, and ends too.
  const words = ["mem=64M", "rootfstype=hostfs", "rootflags=/", "ro", "init=/bin/true", "con=null"];
  const place = mkdtempSync(join(tmpdir(), "lab-uml-"));
  const tried = spawnSync(UML, [...words, "con0=null,fd:1", "panic=-1", `uml_dir=${place}`], {
    ...{ encoding: "utf8", timeout: TRIAL_MS, stdio: ["ignore", "pipe", "pipe"] },
  });
  rmSync(place, { recursive: true });
  return tried.stdout.includes(FIRST_ENDED) ? undefined : "User-mode Linux does not run here";
}

const TRIAL_MS = 20_000;
const FIRST_ENDED = "Attempted to kill init! exitcode=0x00000000";

/** Where it writes its number. */
export function umlPid(lab: string): string {
  return join(pathsOf(lab).directory, "uml/lab/pid");
}

export function umlArguments(lab: string, door: string, memoryMiB: number): string[] {
  const { directory } = pathsOf(lab);
  return [
    ...[UML, `mem=${memoryMiB}M`, "rootfstype=hostfs", "rootflags=/", "ro"],
    ...[`init=${join(import.meta.dirname, "uml-init.sh")}`, `LAB_SHARE_FROM=${directory}`],
    ...[`uml_dir=${join(directory, "uml")}`, "umid=lab"],
    `vec0:transport=tap,ifname=${door},depth=64,gro=0`,
    ...["con0=null,fd:1", "con=null", "quiet", "panic=-1"],
  ];
}
