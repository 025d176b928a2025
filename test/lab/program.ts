import { basename, join } from "node:path";

/** Where a program of the lab is: its source, or in the machine that carries a lab what was made of it (vm/machine.ts). */
export function programOf(source: string): string {
  const folder = process.env.LAB_PROGRAMS;
  return folder === undefined ? source : bundledProgram(folder, source);
}

export function bundledProgram(folder: string, source: string): string {
  return join(folder, `${basename(source, ".ts")}.mjs`);
}
