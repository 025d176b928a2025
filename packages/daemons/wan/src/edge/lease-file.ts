import { join } from "node:path";
import type { Lease } from "../core/lease.ts";
import { readJson, removeFile, writeFileAtomic } from "./file.ts";

/** The lease on disk, 0600: INIT-REBOOT after a reboot, and no cut at all after a restart of the daemon. */
export interface LeaseFile<Stored> {
  /** Undefined where there is none that can be believed. */
  load(): Stored | undefined;
  store(lease: Lease): void;
  forget(): void;
}

export interface LeaseFileOptions<Stored> {
  readonly directory: string;
  readonly bootId: string;
  readonly line: string;
  readonly check: (value: unknown) => Stored | undefined;
  /** A full or broken disk costs the memory of the lease, never the line. */
  readonly failed: (error: unknown) => void;
}

export function openLeaseFile<Stored>(options: LeaseFileOptions<Stored>): LeaseFile<Stored> {
  const path = join(options.directory, "lease.json");
  const { bootId, line } = options;
  const guarded = (write: () => void): void => {
    try {
      write();
    } catch (error) {
      options.failed(error);
    }
  };
  return {
    load: () => options.check(readJson(path)),
    store: (lease) =>
      guarded(() => writeFileAtomic(path, JSON.stringify({ version: 1, bootId, line, lease }))),
    forget: () => guarded(() => removeFile(path)),
  };
}
