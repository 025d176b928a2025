import { text } from "node:stream/consumers";
import type { Door } from "../../src/door.ts";
import { runCli, type World } from "../../src/main.ts";

/** A world in memory: what a command wrote, the files it left, a clock that stands. */
export class TestWorld {
  out = "";
  err = "";
  readonly files = new Map<string, string>();
  readonly waits: number[] = [];
  readonly stopping = new AbortController();
  env: Record<string, string> = {};
  isTerminal = false;
  password = "secret words";
  readonly #openDoor: World["openDoor"];

  constructor(openDoor: (() => Door) | World["openDoor"]) {
    this.#openDoor = openDoor;
  }

  /** The exit code; `out` and `err` have the rest. */
  run(...words: readonly string[]): Promise<number> {
    this.out = "";
    this.err = "";
    return runCli(words, this.#world());
  }

  #world(): World {
    const { files } = this;
    return {
      env: this.env,
      out: (written) => {
        this.out += written;
      },
      outBytes: (bytes) => {
        this.out += new TextDecoder().decode(bytes);
      },
      err: (written) => {
        this.err += written;
      },
      isTerminal: this.isTerminal,
      isErrTerminal: this.isTerminal,
      now: () => Date.UTC(2026, 9, 12, 14, 2, 3),
      stopped: this.stopping.signal,
      wait: async (ms) => {
        this.waits.push(ms);
        await this.onWait(ms);
      },
      openDoor: this.#openDoor,
      askSecret: async () => this.password,
      files: {
        homeDirectory: "/home/person",
        read: async (path) => files.get(path),
        open: async (path) => {
          const content = files.get(path);
          if (content === undefined) return undefined;
          const bytes = new TextEncoder().encode(content);
          return { bytes: bytes.length, stream: piece(bytes) };
        },
        write: async (path, data) => {
          if (path.startsWith("/readonly")) throw new Error("EROFS");
          files.set(path, typeof data === "string" ? data : await text(data));
        },
        remove: async (path) => void files.delete(path),
      },
    };
  }

  /** How a wait goes by: a short one at once, what is under way going on; a long one never. */
  onWait: (ms: number) => Promise<void> = (ms) =>
    new Promise((resolve) => {
      if (ms < 1000) setImmediate(resolve);
    });
}

async function* piece(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
