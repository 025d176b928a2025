import type { Result } from "@passerelle/result";

/** Runs programs by argument vectors; there is no shell anywhere. */
export interface Processes {
  /** Runs a program to its end. A program that fails is a result, not an error. */
  run(options: RunOptions): Promise<Result<Finished, ProcessError>>;
  /** Starts a program that stays. */
  start(options: StartOptions): Result<Child, ProcessError>;
}

export interface Command {
  /** The program and its arguments. */
  readonly argv: readonly [string, ...string[]];
  /** The whole environment; absent: PATH and the locale "C" only, so that output never depends on the caller. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

export interface RunOptions extends Command {
  readonly stdin?: Uint8Array | string;
  /** SIGKILL after this time. Default 10 000 ms. */
  readonly limitMs?: number;
  /** Octets kept of each output; more ends the program. Default 8 MiB. */
  readonly outputBytesMax?: number;
}

export interface Finished {
  /** The exit code, or undefined where a signal ended it. */
  readonly code: number | undefined;
  readonly signal: string | undefined;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
}

export interface ProcessError {
  /** "ENOENT" and other errno names from starting it, "time_limit", "output_limit". */
  readonly code: string;
  readonly text: string;
}

export interface StartOptions extends Command {
  /** One line of either output, without its end; longer than 4 KiB comes in pieces. */
  readonly onLine?: (line: string, stream: "stdout" | "stderr") => void;
  /** Exactly once. A program that could not be started ends with `code` 127 and the errno's name. */
  readonly onExit: (exit: Exit) => void;
}

export interface Exit {
  readonly code: number | undefined;
  readonly signal: string | undefined;
  readonly error?: string;
}

export interface Child {
  /** 0 where it could not be started. */
  readonly pid: number;
  /** Sends a signal to this process only; nothing where it has ended. */
  signal(name: "SIGTERM" | "SIGKILL" | "SIGHUP" | "SIGINT" | "SIGUSR1" | "SIGUSR2"): void;
}

export function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
