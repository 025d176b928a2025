import { connect, type Socket } from "node:net";
import { setImmediate, setTimeout as wait } from "node:timers/promises";
import { ok, type Result } from "@passerelle/result";
import { closed, type LineFailure, lineFailure } from "../line-error.ts";
import type { LineError } from "../port.ts";
import { TelnetNegotiation } from "./negotiation.ts";

/** A connection to a console: what it says, until it has said enough. One `until` at a time. */
export class TelnetLink {
  readonly #socket: Socket;
  readonly #negotiation = new TelnetNegotiation();
  #pieces: string[] = [];
  #tail = "";
  /** Of the protocol, too: what does not become text is counted all the same. */
  #octets = 0;
  #failure: LineFailure | undefined;
  #look: (() => void) | undefined;
  /** The other end went, or was never there. */
  isLost = false;

  constructor(address: string, port: number) {
    this.#socket = connect({ host: address, port, noDelay: true });
    this.#socket.on("data", (bytes: Uint8Array) => this.#hear(bytes));
    this.#socket.on("error", (error) => this.#lose(error.message));
    this.#socket.on("close", () => this.#lose("the connection was closed"));
  }

  get isOpen(): boolean {
    return this.#failure === undefined;
  }

  /** What was said since the last `send`. */
  get heard(): string {
    return this.#pieces.join("");
  }

  /** The end of it, at most TAIL_LENGTH characters; it stays when the connection is gone. */
  get tail(): string {
    return this.#tail;
  }

  /** Begins anew: earlier words are forgotten. */
  send(line: string): void {
    this.#pieces = [];
    this.#tail = "";
    this.#octets = 0;
    this.#socket.write(`${line}\r\n`);
  }

  /** A key that is no line; what was heard stays, and is not looked at again. */
  press(key: string): void {
    this.#tail = "";
    this.#socket.write(key);
  }

  /**
   * Waits until `look` finds something in the end of what was said (TAIL_LENGTH characters). A modem that takes longer
   * is left, because nobody can say what its later words would be an answer to.
   */
  until<T>(
    look: (tail: string) => T | undefined,
    patienceMs: number,
  ): Promise<Result<T, LineError>> {
    return new Promise((resolve) => {
      const late = setTimeout(
        () => this.#fail(lineFailure("unreachable", "it did not answer in time")),
        patienceMs,
      );
      this.#look = () => {
        const found = this.#failure ?? look(this.#tail);
        if (found === undefined) return;
        this.#look = undefined;
        clearTimeout(late);
        resolve(this.#failure ?? ok(found as T));
      };
      this.#look();
    });
  }

  /** Whether it said nothing for a moment. */
  async quiet(): Promise<boolean> {
    const before = this.#octets;
    await wait(QUIET_MS);
    // A machine that slept finds its timers before its sockets: let them speak first.
    await setImmediate();
    return this.#octets === before;
  }

  close(): void {
    this.#fail(closed());
  }

  #hear(bytes: Uint8Array): void {
    this.#octets += bytes.length;
    if (this.#octets > OCTETS_MAX) {
      this.#fail(lineFailure("not_understood", "it does not stop talking"));
      return;
    }
    const { text, reply } = this.#negotiation.push(bytes);
    if (reply.length > 0) this.#socket.write(reply);
    this.#pieces.push(text);
    this.#tail = (this.#tail + text).slice(-TAIL_LENGTH);
    this.#look?.();
  }

  #lose(text: string): void {
    this.isLost ||= this.#failure === undefined;
    this.#fail(lineFailure("unreachable", text));
  }

  #fail(failure: LineFailure): void {
    this.#failure ??= failure;
    this.#socket.destroy();
    this.#pieces = [];
    this.#look?.();
  }
}

/** The largest true answer, a line for each of 8192 tones, has 200 000. */
const OCTETS_MAX = 256 * 1024;
const TAIL_LENGTH = 256;
/** Longer than any modem needs between two parts of its greeting. */
const QUIET_MS = 200;
