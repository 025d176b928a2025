import { existsSync } from "node:fs";
import { join } from "node:path";
import { BuildError } from "./fail.ts";
import { ROOT } from "./paths.ts";

/** The page, built by `make ui`. */
export function pageFolder(): string {
  const page = join(ROOT, "packages/apps/ui/dist");
  if (!existsSync(join(page, "index.html")))
    throw new BuildError("the page is not built: run make ui");
  return page;
}
