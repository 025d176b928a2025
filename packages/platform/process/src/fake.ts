import { err, ok, type Result } from "@passerelle/result";
import type {
  Child,
  Exit,
  Finished,
  ProcessError,
  Processes,
  RunOptions,
  StartOptions,
} from "./port.ts";

/** What a program of the test does with its arguments and input. */
export type FakeProgram = (call: FakeCall) => FakeOutcome;

export interface FakeCall {
  readonly argv: readonly string[];
  readonly stdin: string;
}

export type FakeOutcome =
  | { readonly code: number; readonly stdout?: string; readonly stderr?: string }
  | { readonly error: string };

/** A program that stays, in the hands of the test. */
export interface FakeChild extends Child {
  readonly argv: readonly string[];
  readonly signals: readonly string[];
  /** Takes no notice of SIGTERM. */
  stubborn: boolean;
  print(line: string, stream?: "stdout" | "stderr"): void;
  exit(code: number): void;
}

export interface FakeProcesses extends Processes {
  /** A program by its name; unknown ones give ENOENT. */
  install(name: string, program?: FakeProgram): void;
  /** Every run, in order. */
  readonly calls: readonly FakeCall[];
  /** Every start, in order, ended ones included. */
  readonly children: readonly FakeChild[];
}

export function createFakeProcesses(): FakeProcesses {
  const programs = new Map<string, FakeProgram>();
  const calls: FakeCall[] = [];
  const children: FakeChild[] = [];
  return {
    calls,
    children,
    install: (name, program = () => ({ code: 0 })) => void programs.set(name, program),
    run: async (options) => runFake(programs, calls, options),
    start(options) {
      const known = programs.has(options.argv[0]);
      const child = makeChild(known ? 1000 + children.length : 0, options);
      if (!known) {
        queueMicrotask(() => options.onExit({ code: 127, signal: undefined, error: "ENOENT" }));
      }
      children.push(child);
      return ok(child);
    },
  };
}

function runFake(
  programs: ReadonlyMap<string, FakeProgram>,
  calls: FakeCall[],
  options: RunOptions,
): Result<Finished, ProcessError> {
  const stdin =
    typeof options.stdin === "string" ? options.stdin : new TextDecoder().decode(options.stdin);
  const call = { argv: options.argv, stdin };
  calls.push(call);
  const program = programs.get(options.argv[0]);
  if (program === undefined) return err({ code: "ENOENT", text: `no ${options.argv[0]}` });
  const outcome = program(call);
  if ("error" in outcome) return err({ code: outcome.error, text: `fake: ${outcome.error}` });
  const bytes = (text = ""): Uint8Array => new TextEncoder().encode(text);
  const { code, stdout, stderr } = outcome;
  if (bytes(stdout).length > (options.outputBytesMax ?? Number.POSITIVE_INFINITY)) {
    return err({ code: "output_limit", text: "printed too much" });
  }
  return ok({ code, signal: undefined, stdout: bytes(stdout), stderr: bytes(stderr) });
}

function makeChild(pid: number, options: StartOptions): FakeChild {
  const signals: string[] = [];
  let ended = pid === 0;
  // As from the operating system: never within the call that caused it.
  const end = (exit: Exit): void => {
    if (ended) return;
    ended = true;
    queueMicrotask(() => options.onExit(exit));
  };
  const child: FakeChild = {
    pid,
    argv: options.argv,
    signals,
    stubborn: false,
    signal(name) {
      if (ended) return;
      signals.push(name);
      const deadly = name === "SIGKILL" || (name === "SIGTERM" && !child.stubborn);
      if (deadly) end({ code: undefined, signal: name });
    },
    print: (line, stream = "stdout") => options.onLine?.(line, stream),
    exit: (code) => end({ code, signal: undefined }),
  };
  return child;
}
