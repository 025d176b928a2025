import { join } from "node:path";
import { readJson, removeFile, writeFileAtomic } from "./file.ts";

/** The lease on disk, 0600: INIT-REBOOT after a reboot, and no cut at all after a restart of the daemon. */
export interface LeaseFile<Stored, Lease> {
  /** Undefined where there is none that can be believed. */
  load(): Stored | undefined;
  store(lease: Lease): void;
  forget(): void;
}

export interface LeaseFileOptions<Stored, Lease> {
  readonly directory: string;
  readonly name: string;
  readonly bootId: string;
  readonly line: string;
  readonly check: (value: unknown) => Stored | undefined;
  /** As JSON. */
  readonly plain: (lease: Lease) => unknown;
  /** A full or broken disk costs the memory of the lease, never the line. */
  readonly failed: (error: unknown) => void;
}

export function openLeaseFile<Stored, Lease>(
  options: LeaseFileOptions<Stored, Lease>,
): LeaseFile<Stored, Lease> {
  const { bootId, line, directory, name, plain } = options;
  const path = join(directory, name);
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
      guarded(() => {
        const stored = { version: 1, bootId, line, lease: plain(lease) };
        writeFileAtomic(path, JSON.stringify(stored));
      }),
    forget: () => guarded(() => removeFile(path)),
  };
}
