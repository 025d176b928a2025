import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Native, NativeError } from "./port.ts";

let loaded: Native | undefined;

/** The addon, loaded when it is first asked for, so that importing this module does nothing. */
export function native(): Native {
  loaded ??= createRequire(import.meta.url)(addonPath()) as Native;
  return loaded;
}

/** True where an unknown thrown value is the error of a system call. */
export function isNativeError(thrown: unknown): thrown is NativeError {
  return thrown instanceof Error && "errno" in thrown && typeof thrown.errno === "number";
}

const FILE = "passerelle_native.node";

/** PASSERELLE_NATIVE names it outright; a bundle has it beside itself; the checkout has it in build/. */
function addonPath(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  const candidates = [
    process.env.PASSERELLE_NATIVE,
    join(here, FILE),
    join(here, "../../../../build/native", process.arch, FILE),
  ];
  for (const path of candidates) if (path !== undefined && existsSync(path)) return path;
  throw new Error(`${FILE} is not built: run node packages/platform/native/build.ts`);
}
