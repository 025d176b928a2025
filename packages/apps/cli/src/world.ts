import type { Door } from "./door.ts";
import type { Target } from "./http-door.ts";

/** Everything outside of the command line; a test puts its own in the place of any part. */
export interface World {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Standard output. */
  readonly out: (text: string) => void;
  /** Bytes of a file to standard output. */
  readonly outBytes: (bytes: Uint8Array) => void;
  /** Standard error. */
  readonly err: (text: string) => void;
  readonly isTerminal: boolean;
  readonly isErrTerminal: boolean;
  readonly now: () => number;
  /** Aborted by Ctrl-C, a polite kill, or when the reader of our output is gone. */
  readonly stopped: AbortSignal;
  /** Ends early, without an error, when we are stopped. */
  readonly wait: (ms: number) => Promise<void>;
  readonly openDoor: (target: Target) => Door;
  readonly files: Files;
  /** A secret typed without being shown. */
  readonly askSecret: (question: string) => Promise<string>;
}

export interface OpenFile {
  readonly bytes: number;
  readonly stream: AsyncIterable<Uint8Array>;
}

export interface Files {
  readonly homeDirectory: string;
  /** Undefined where there is none; "-" is standard input. Rejects where it can't be read. */
  read(path: string): Promise<string | undefined>;
  /** A file that may be large, piece by piece; undefined where there is none. Rejects as `read`. */
  open(path: string): Promise<OpenFile | undefined>;
  /** For the owner alone, and never half: also for others' eyes what it holds is theirs. */
  write(path: string, data: string | AsyncIterable<Uint8Array>): Promise<void>;
  remove(path: string): Promise<void>;
}
