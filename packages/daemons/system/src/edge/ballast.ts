import { randomBytes } from "node:crypto";
import { existsSync, rmSync, writeFileSync } from "node:fs";

const BALLAST_BYTES = 1 << 20;

/** a megabyte that is given back when the disk is full, so that SQLite can still delete. */
export class Ballast {
  readonly #path: string;

  constructor(directory: string) {
    this.#path = `${directory}/ballast`;
  }

  get isThere(): boolean {
    return existsSync(this.#path);
  }

  want(wanted: boolean): void {
    try {
      if (!wanted) rmSync(this.#path, { force: true });
      // Not zeros: a file system that packs them would keep no room.
      else writeFileSync(this.#path, randomBytes(BALLAST_BYTES), { mode: 0o600 });
    } catch {
      // Half a ballast would only make a full disk fuller.
      rmSync(this.#path, { force: true });
    }
  }
}
