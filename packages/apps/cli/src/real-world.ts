import { randomUUID } from "node:crypto";
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { httpDoor } from "./http-door.ts";
import type { Files, World } from "./world.ts";

/** The world of a process: its streams, clock, files and signals. */
export function realWorld(): World {
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  // `passerelle events -f | head -1`: the reader is gone, and that is no mistake.
  process.stdout.on("error", stop);
  return {
    env: process.env,
    out: (written) => void process.stdout.write(written),
    outBytes: (bytes) => void process.stdout.write(bytes),
    err: (written) => void process.stderr.write(written),
    isTerminal: process.stdout.isTTY === true,
    isErrTerminal: process.stderr.isTTY === true,
    now: () => Date.now(),
    stopped: stopping.signal,
    wait: (ms) => waitFor(ms, stopping.signal),
    openDoor: (target) => httpDoor(target, stopping.signal),
    files,
    askSecret,
  };
}

function waitFor(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
    if (signal.aborted) done();
  });
}

const files: Files = {
  homeDirectory: homedir(),
  read: async (path) => {
    if (path === "-") return text(process.stdin);
    try {
      return await readFile(path, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  },
  open: async (path) => {
    try {
      const file = await open(path, "r");
      const { size } = await file.stat();
      return { bytes: size, stream: file.createReadStream() };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  },
  write: async (path, data) => {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const unfinished = `${path}.${randomUUID()}.new`;
    const file = await open(unfinished, "wx", 0o600);
    try {
      await file.writeFile(data);
      await file.sync();
      await file.close();
      await rename(unfinished, path);
    } catch (error) {
      await file.close().catch(() => undefined);
      await rm(unfinished, { force: true });
      throw error;
    }
  },
  remove: (path) => rm(path, { force: true }),
};

/** Where standard input is no terminal, its first line is the secret. */
function askSecret(question: string): Promise<string> {
  const isTyped = process.stdin.isTTY === true;
  if (isTyped) process.stderr.write(question);
  const hidden = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: hidden, terminal: isTyped });
  return new Promise((resolve) => {
    let answer = "";
    lines.once("line", (line) => {
      answer = line;
      lines.close();
    });
    // Ctrl-C at the question ends it, too.
    lines.once("SIGINT", () => {
      process.kill(process.pid, "SIGINT");
      lines.close();
    });
    lines.once("close", () => {
      if (isTyped) process.stderr.write("\n");
      resolve(answer);
    });
  });
}
