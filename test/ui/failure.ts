import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";

const DIRECTORY = join(import.meta.dirname, "../../build/failures");

/**
 * What the page looked like when the test that uses this left it: `build/failures/NAME.png`, overwritten by the
 * next run. Made for every end, because a test that fails has no time to say so.
 */
export function failedPicture(page: Page, name: string): AsyncDisposable {
  return {
    async [Symbol.asyncDispose]() {
      mkdirSync(DIRECTORY, { recursive: true });
      await page.screenshot({ path: join(DIRECTORY, `${name}.png`) }).catch(() => {});
    },
  };
}
