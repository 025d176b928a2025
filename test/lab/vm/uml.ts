import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pathsOf } from "../state.ts";

/**
 * User-mode Linux: Debian's kernel as a program of this machine. It emulates no processor, so a lab in it is up in the
 * time that it takes here; it has one processor, and the kernel's parts that the lab is for.
 */
export const UML = "/usr/bin/linux.uml";
const MODULES = "/usr/lib/uml/modules";

/** What the guest is told besides (guest-init.sh). */
export const UML_SETTINGS = {
  modules: MODULES,
  device: "vec0",
  drivers: "ppp_generic pppoe veth bridge 8021q tun",
  // It keeps the wide registers of a processor between two programs, and not those that a signal's handler found there:
  // where Node's parsers use them, they are told not to.
  environment: "SIMDJSON_FORCE_IMPLEMENTATION=fallback SIMDUTF_FORCE_IMPLEMENTATION=fallback",
} as const;

export function hasUml(): boolean {
  return existsSync(UML) && existsSync(MODULES) && readdirSync(MODULES).length > 0;
}

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
