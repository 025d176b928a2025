import { readFileSync } from "node:fs";
import { join } from "node:path";

const XDSL = join(import.meta.dirname, "../../../../protocols/xdsl/test");

/** What a modem said. */
export function fixture(name: string): string {
  return readFileSync(join(XDSL, "fixtures", name), "utf8");
}

/** What its decoder makes of it, as it was reviewed. */
export function golden(name: string): unknown {
  const read = JSON.parse(readFileSync(join(XDSL, "golden/read", `${name}.json`), "utf8")) as {
    readonly value: unknown;
  };
  return read.value;
}

/** A fixture of a console without the prompts and the command that were recorded with it. */
export function said(name: string): string {
  return fixture(name)
    .split("\n")
    .filter((line) => !line.startsWith("DrayTek> "))
    .join("\n");
}
