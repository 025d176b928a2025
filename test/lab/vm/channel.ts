import { type ChildProcess, spawn } from "node:child_process";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import type { Namespaces } from "../holder.ts";
import type { Outcome, RunOptions } from "../process.ts";
import { pathsOf, readState } from "../state.ts";
import { type HolderName, MACHINE } from "../topology.ts";
import { encodeFrame, type FrameKind, FrameReader } from "./frames.ts";
import type { End, ProgramStart, Start } from "./talk.ts";

/** Programs and calls in the machine that carries a lab (`--kernel vm`), through its agent. */

/** An emulated machine does everything so many times slower than this one. */
export const SLOWNESS = 5;
/** A program that nobody gave a time still ends. */
const RUN_MS = 600_000;
const CALL_MS = 600_000;
/** Longest output kept of one program, octets, as of a program here. */
const OUTPUT_MAX = 16 * 1024 * 1024;

/** Where the machine finds what runs on Node (guest-init.sh). */
export const PROGRAMS_THERE = "/mnt/programs";

/** True where the lab's hosts are in a machine of their own, and this process is not in there. */
export function isCarried(lab: string): boolean {
  return (readState(lab)?.kernel ?? "host") !== "host";
}

/** True where a program as this host is one of the machine's; the host that the machine runs in is here. */
export function isThere(lab: string, host: HolderName): boolean {
  return host !== MACHINE && isCarried(lab);
}

export function doorOf(lab: string): string {
  return join(pathsOf(lab).directory, "agent.sock");
}

/** One talk; what comes is given to `hear`, and the last word or the loss of the machine ends it. */
export class Talk {
  readonly end: Promise<End>;
  readonly #socket: Socket;

  constructor(lab: string, start: Start, hear: (kind: FrameKind, payload: Uint8Array) => void) {
    const socket = connect(doorOf(lab));
    this.#socket = socket;
    const reader = new FrameReader();
    this.end = new Promise((resolve) => {
      const lost = (why: string) => resolve({ problem: `the lab's machine: ${why}` });
      socket.on("error", (error) => lost(error.message));
      socket.on("close", () => lost("the talk broke off"));
      socket.on("data", (chunk: Buffer) => {
        for (const { kind, payload } of reader.read(chunk)) {
          if (kind !== "end") hear(kind, payload);
          else {
            resolve(JSON.parse(Buffer.from(payload).toString("utf8")) as End);
            socket.destroy();
          }
        }
      });
    });
    this.say("start", JSON.stringify(start));
  }

  /** False where the other side does not keep up: the next octets had better wait. */
  say(kind: FrameKind, payload: Uint8Array | string = ""): boolean {
    return !this.#socket.destroyed && this.#socket.write(encodeFrame(kind, payload));
  }

  /** Nothing is heard while `until` is not over: who hears does not keep up. */
  pause(until: (goOn: () => void) => void): void {
    this.#socket.pause();
    until(() => this.#socket.resume());
  }

  onceWritten(then: () => void): void {
    this.#socket.once("drain", then);
  }

  /** The program is killed, and who waits for the end hears that the talk broke off. */
  breakOff(): void {
    this.#socket.destroy();
  }
}

/** Runs a program to its end; it has `timeoutMs` as it would have here, times SLOWNESS. */
export async function runThere(
  lab: string,
  start: ProgramStart,
  options: RunOptions = {},
): Promise<Outcome> {
  const kept = { output: new Kept(), error: new Kept() };
  const talk = new Talk(lab, start, (kind, payload) => {
    if (kind === "output" || kind === "error") kept[kind].add(payload);
  });
  const input = Buffer.from(options.input ?? "");
  if (input.length > 0) talk.say("input", input);
  talk.say("input");
  const limit = options.timeoutMs === undefined ? RUN_MS : options.timeoutMs * SLOWNESS;
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    talk.breakOff();
  }, limit);
  const end = await talk.end;
  clearTimeout(timer);
  const note = timedOut ? `\n(lab: killed after ${limit} ms)` : "";
  const said = { stdout: kept.output.text(), stderr: kept.error.text() + note };
  if (timedOut) return { code: KILLED, ...said };
  return { code: codeOf(end, start.argv), ...said };
}

const KILLED = 128 + 9;

/** Asks the lab in the machine for something (calls.ts). Rejects with its sentence. */
export async function callThere<T>(
  lab: string,
  call: string,
  words: readonly unknown[] = [],
  timeoutMs = CALL_MS,
): Promise<T> {
  const talk = new Talk(lab, { call, words }, () => undefined);
  const timer = setTimeout(() => talk.breakOff(), timeoutMs);
  const end = await talk.end;
  clearTimeout(timer);
  if ("value" in end) return end.value as T;
  throw new Error("problem" in end ? end.problem : `${call}: ended with ${end.code}`);
}

/** A program of this machine that stands for the one in there: its streams, its end, and killing it ends that one. */
export function spawnThere(
  lab: string,
  start: Omit<ProgramStart, "argv">,
  argv: readonly string[],
): ChildProcess {
  const [file = "", ...rest] = standInWords(lab);
  return spawn(file, [...rest, ...argv], {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, [START_VARIABLE]: JSON.stringify(start) },
  });
}

/** The words before a program that run it in the machine as if it were a program here (stand-in.ts). */
export function standInWords(lab: string): readonly string[] {
  const program = join(import.meta.dirname, "stand-in.ts");
  return [process.execPath, "--disable-warning=ExperimentalWarning", program, lab];
}

/** Holds what a stand-in is told beside the words of the program: JSON, a ProgramStart without them. */
export const START_VARIABLE = "LAB_START";

export function codeOf(end: End, argv: readonly string[]): number {
  if ("code" in end) return end.code;
  throw new Error("problem" in end ? end.problem : `invariant: ${argv[0]} is no call`);
}

class Kept {
  readonly #chunks: Uint8Array[] = [];
  #length = 0;

  add(chunk: Uint8Array): void {
    if (this.#length < OUTPUT_MAX) this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString("utf8");
  }
}

export function programStart(
  host: HolderName,
  argv: readonly string[],
  options: {
    readonly namespaces?: Namespaces | undefined;
    readonly cwd?: string | undefined;
    readonly env?: NodeJS.ProcessEnv | undefined;
  },
): ProgramStart {
  const { namespaces, cwd, env } = options;
  return {
    ...{ host, argv },
    ...(namespaces === undefined ? {} : { namespaces }),
    ...(cwd === undefined ? {} : { cwd }),
    ...(env === undefined ? {} : { env }),
  };
}
