import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Fault } from "@passerelle/result";
import type { Setting } from "../core/settings.ts";

/** Writes values under /proc/sys in order; one that already has its value isn't written. */
export async function writeSettings(
  settings: readonly Setting[],
  root = "/proc/sys",
): Promise<Fault | undefined> {
  for (const { path, value } of settings) {
    const fault = await writeSetting(join(root, path), path, value);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

async function writeSetting(file: string, path: string, value: number): Promise<Fault | undefined> {
  try {
    const now = (await readFile(file, "utf8")).trim();
    if (now !== `${value}`) await writeFile(file, `${value}`);
    return undefined;
  } catch (error) {
    // A kernel without IPv6, or without the tracker of a protocol, has nothing to set.
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    return {
      code: "kernel_setting_refused",
      text: {
        fr: `Le réglage ${path} du noyau n'a pas pu être écrit.`,
        en: `The kernel setting ${path} couldn't be written.`,
      },
      raw: String(error).slice(0, 500),
    };
  }
}
