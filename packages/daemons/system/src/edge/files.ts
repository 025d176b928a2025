import { readFileSync } from "node:fs";

/** The text of a small file of the kernel or of ours; undefined where it can't be read. */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
