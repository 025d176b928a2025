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
    this.#qemu.kill("SIGKILL");
    if (this.#qemu.exitCode === null && this.#qemu.signalCode === null) {
      await new Promise((resolve) => this.#qemu.once("exit", resolve));
    }
    rmSync(this.#folder, { recursive: true });
  }

  /** One talk a question. An agent that is not there yet, or went with its system, is asked again. */
  async #insist<T>(execute: string, words: Words, deadline: number): Promise<T> {
    for (;;) {
      const answer = await this.#ask(execute, words).catch(() => undefined);
      if (answer !== undefined && "return" in answer) return answer.return as T;
      if (answer?.error !== undefined) throw new Error(`${execute}: ${answer.error.desc}`);
      if (performance.now() > deadline) {
        const text = readFileSync(this.#console, "utf8");
        throw new Error(`the guest agent never answered\n${text.slice(-3000)}`);
      }
      await sleep(300);
    }
  }

  async #ask(execute: string, words: Words): Promise<Answer> {
    if (!existsSync(this.#agent)) throw new Error("QEMU has not started");
    const socket = connect(this.#agent);
    try {
      const lines = linesOf(socket);
      // What an earlier talk left unread comes first: the number tells where this one begins.
      const id = Math.floor(performance.now() * 1000);
      socket.write(`${JSON.stringify({ execute: "guest-sync", arguments: { id } })}\n`);
      while (((await lines()) as { return?: unknown }).return !== id);
      // It lives: what it was asked to do may take its time, and is not asked for twice.
      socket.setTimeout(ANSWER_MS.work);
      socket.write(`${JSON.stringify({ execute, arguments: words })}\n`);
      return (await lines()) as Answer;
    } finally {
      socket.destroy();
    }
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

function linesOf(socket: Socket): () => Promise<unknown> {
  let text = "";
  const waiting: { give: (line: unknown) => void; fail: (error: Error) => void }[] = [];
  const lines: unknown[] = [];
  socket.on("data", (data) => {
    text += data.toString("utf8");
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n")) {
      const line: unknown = JSON.parse(text.slice(0, end));
      text = text.slice(end + 1);
      const next = waiting.shift();
      if (next === undefined) lines.push(line);
      else next.give(line);
    }
  });
  const end = (): void => {
    for (const { fail } of waiting.splice(0)) fail(new Error("the agent went away"));
  };
  socket.on("error", end);
  socket.on("close", end);
  socket.setTimeout(ANSWER_MS.sign, () => socket.destroy());
  return () =>
    new Promise((give, fail) => {
      if (lines.length > 0) give(lines.shift());
      else waiting.push({ give, fail });
    });
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
const ANSWER_MS = { sign: 20_000, work: 120_000 };
