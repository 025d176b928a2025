import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { open, rename, statfs } from "node:fs/promises";
import { join } from "node:path";
import { err, ok, type Result } from "@passerelle/result";
import type { Entropy, Logger } from "@passerelle/service";
import type { Refusal } from "./answer.ts";
import { apiFault } from "./faults.ts";

/** A body that is a file: read by its operation, never whole in memory. */
export interface Upload {
  readonly stream: ReadableStream<Uint8Array>;
  /** Octets that were promised. */
  readonly length: number;
}

/** The one file that a person uploads, on the disk until the box is done with it. */
export interface Uploads {
  /** Writes it to the end; answers its name. One at a time. */
  take(upload: Upload): Promise<Result<string, Refusal>>;
  /** Nobody needs what is there any more; what is being written stays. */
  clear(): void;
}

export interface UploadsOptions {
  /** Of this daemon's state; root reads in it, nobody else. */
  readonly directory: string;
  readonly entropy: Entropy;
  readonly log: Logger;
}

export function createUploads({ directory, entropy, log }: UploadsOptions): Uploads {
  let busy = false;
  // Half of a file of an earlier life; a whole one goes when `system` says that it does not need it.
  remove(directory, PART);
  return {
    async take(upload) {
      if (busy) return err({ fault: apiFault("upload_running") });
      busy = true;
      try {
        mkdirSync(directory, { recursive: true, mode: 0o700 });
        remove(directory, WHOLE);
        const { bavail, bsize } = await statfs(directory);
        if (bavail * bsize < upload.length + ROOM_LEFT) return err(NO_ROOM);
        const name = `${Buffer.from(entropy.bytes(12)).toString("hex")}.raucb`;
        const written = await write(join(directory, name), upload);
        return written.ok ? ok(name) : written;
      } catch (error) {
        log.error("upload_not_written", { error });
        return err(NO_ROOM);
      } finally {
        remove(directory, PART);
        busy = false;
      }
    },
    clear() {
      if (!busy) remove(directory, WHOLE);
    },
  };
}

/** Durable before it has its name: what is looked into is what was sent. */
async function write(path: string, { stream, length }: Upload): Promise<Result<void, Refusal>> {
  const part = `${path}.part`;
  const file = await open(part, "wx", 0o600);
  let taken = 0;
  try {
    for await (const chunk of chunksOf(stream)) {
      taken += chunk.length;
      if (taken > length) return err({ fault: apiFault("body_too_large") });
      await file.writeFile(chunk);
    }
    if (taken !== length) return err({ fault: apiFault("upload_cut") });
    await file.sync();
  } catch (error) {
    // Else the sender went, or its connection did.
    return isNoRoom(error) ? err(NO_ROOM) : err({ fault: apiFault("upload_cut") });
  } finally {
    await file.close();
  }
  await rename(part, path);
  return ok(undefined);
}

async function* chunksOf(stream: ReadableStream<Uint8Array>): AsyncIterable<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

function remove(directory: string, which: RegExp): void {
  let names: readonly string[];
  try {
    names = readdirSync(directory);
  } catch {
    return;
  }
  for (const name of names) if (which.test(name)) rmSync(join(directory, name), { force: true });
}

function isNoRoom(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "ENOSPC" || code === "EDQUOT" || code === "EFBIG" || code === "EIO";
}

const NO_ROOM: Refusal = { fault: apiFault("upload_no_room") };
/** Others write on this disk, too. */
const ROOM_LEFT = 16 * 1024 * 1024;
const PART = /\.part$/;
const WHOLE = /\.raucb$/;
