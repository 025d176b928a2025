import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { qemuArguments } from "../../packages/tools/image/src/qemu.ts";
import { built, must } from "./built.ts";

/** A board in QEMU without a network: its console is a file, and programs in it are run by the guest agent. */
export class Box implements AsyncDisposable {
  readonly #folder = mkdtempSync(join(tmpdir(), "passerelle-box-"));
  readonly #qemu: ChildProcess;
  #seen = 0;
  #asked = 0;
  #lines: Lines | undefined;

  /** `disk`: a raw image, written by the machine. `more`: further disks, raw, read only. */
  constructor(disk: string, more: readonly string[] = []) {
    const words = qemuArguments({
      firmware: built("u-boot.bin"),
      disk: { path: disk, format: "raw" },
      ports: [],
      console: { log: this.#console },
      guestAgentSocket: this.#agent,
    });
    const disks = more.flatMap((path, index) => [
      ...["-drive", `if=none,id=more${index},format=raw,readonly=on,file=${path}`],
      ...["-device", `virtio-blk-pci,drive=more${index},romfile=`],
    ]);
    writeFileSync(this.#console, "");
    this.#qemu = spawn("qemu-system-aarch64", [...words, ...disks], { stdio: "inherit" });
  }

  /** What the console said since the last call that waited, once it matches. */
  async until(pattern: RegExp, timeoutMs = 240_000): Promise<string> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const text = readFileSync(this.#console, "utf8");
      const match = pattern.exec(text.slice(this.#seen));
      if (match !== null) {
        const end = this.#seen + match.index + match[0].length;
        const said = text.slice(this.#seen, end);
        this.#seen = end;
        return said;
      }
      if (this.#qemu.exitCode !== null) throw new Error(`QEMU ended\n${text.slice(-2000)}`);
      if (performance.now() > deadline) {
        throw new Error(
          `the console never said ${pattern}\n${text.slice(this.#seen).slice(-3000)}`,
        );
      }
      await sleep(100);
    }
  }

  /** Runs a program in the machine and returns what it printed; waits for a machine that is starting. */
  async run(argv: readonly [string, ...string[]], timeoutMs = 240_000): Promise<string> {
    const deadline = performance.now() + timeoutMs;
    const [path, ...arg] = argv;
    const words = { path, arg, env: [GUEST_PATH], "capture-output": true };
    const { pid } = await this.#insist<{ pid: number }>("guest-exec", words, deadline);
    for (;;) {
      const end = await this.#insist<GuestEnd>("guest-exec-status", { pid }, deadline);
      if (end.exited) {
        const text = (data = ""): string => Buffer.from(data, "base64").toString("utf8");
        if (end.exitcode === 0) return text(end["out-data"]);
        throw new Error(`${argv.join(" ")}: ${text(end["err-data"])}${text(end["out-data"])}`);
      }
      if (performance.now() > deadline) throw new Error(`${argv.join(" ")} does not end`);
      await sleep(100);
    }
  }

  /** Starts a program that ends the machine's system: nobody waits for it. */
  async order(argv: readonly [string, ...string[]]): Promise<void> {
    const [path, ...arg] = argv;
    await this.#insist("guest-exec", { path, arg, env: [GUEST_PATH] }, performance.now() + 240_000);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#lines?.end();
    this.#qemu.kill("SIGKILL");
    if (this.#qemu.exitCode === null && this.#qemu.signalCode === null) {
      await new Promise((resolve) => this.#qemu.once("exit", resolve));
    }
    rmSync(this.#folder, { recursive: true });
  }

  /** An agent that is not there yet, or went with its system, is asked again. */
  async #insist<T>(execute: string, words: Words, deadline: number): Promise<T> {
    for (;;) {
      const answer = await this.#ask(execute, words);
      if (answer !== undefined && "return" in answer) return answer.return as T;
      if (answer?.error !== undefined) throw new Error(`${execute}: ${answer.error.desc}`);
      if (performance.now() > deadline) {
        const text = readFileSync(this.#console, "utf8");
        throw new Error(`the guest agent never answered\n${text.slice(-3000)}`);
      }
      await sleep(300);
    }
  }

  /** One connection as long as QEMU lives: the agent loses itself over every one that ends. */
  async #ask(execute: string, words: Words): Promise<Answer | undefined> {
    if (!existsSync(this.#agent)) return undefined;
    this.#lines ??= new Lines(connect(this.#agent));
    const lines = this.#lines;
    this.#asked += 1;
    // Answers to what was asked before, and in vain, come first: the number tells where this one begins.
    const id = this.#asked;
    lines.write({ execute: "guest-sync", arguments: { id } });
    for (;;) {
      const line = await lines.next(ANSWER_MS.sign);
      if (line === undefined) return undefined;
      if (line.return === id) break;
    }
    // It lives: what it was asked to do may take its time, and is not asked for twice.
    lines.write({ execute, arguments: words });
    return lines.next(ANSWER_MS.work);
  }

  get #console(): string {
    return join(this.#folder, "console.log");
  }

  get #agent(): string {
    return join(this.#folder, "agent.sock");
  }
}

/** The built disk, in a copy that may be written. The caller deletes it. */
export function copyOfDisk(folder: string, name: string): string {
  const disk = join(folder, name);
  must(["cp", "--sparse=always", built("disk.img"), disk]);
  return disk;
}

/** What the agent says, a line at a time. */
class Lines {
  readonly #socket: Socket;
  readonly #lines: Answer[] = [];
  #rest = "";
  #wake: (() => void) | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("error", () => undefined);
    socket.on("data", (data) => {
      const parts = (this.#rest + data.toString("utf8")).split("\n");
      this.#rest = parts.pop() ?? "";
      // A line that was begun before its system went is no answer.
      this.#lines.push(...parts.flatMap((text) => parsed(text)));
      this.#wake?.();
    });
  }

  write(question: Words): void {
    this.#socket.write(`${JSON.stringify(question)}\n`);
  }

  /** Nothing, when none comes in time. */
  async next(timeoutMs: number): Promise<Answer | undefined> {
    const deadline = performance.now() + timeoutMs;
    while (this.#lines.length === 0) {
      const left = deadline - performance.now();
      if (left <= 0) return undefined;
      // What comes may be a part of a line only.
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      await Promise.race([woken, sleep(left)]);
    }
    return this.#lines.shift();
  }

  end(): void {
    this.#socket.destroy();
  }
}

function parsed(text: string): readonly Answer[] {
  try {
    return [JSON.parse(text) as Answer];
  } catch {
    return [];
  }
}

type Words = Readonly<Record<string, unknown>>;

interface Answer {
  readonly return?: unknown;
  readonly error?: { readonly desc: string };
}

interface GuestEnd {
  readonly exited: boolean;
  readonly exitcode?: number;
  readonly "out-data"?: string;
  readonly "err-data"?: string;
}

const GUEST_PATH = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
/** An emulated machine that shares its processors is slow. */
const ANSWER_MS = { sign: 5_000, work: 120_000 };
