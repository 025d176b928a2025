import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { setImmediate } from "node:timers/promises";
import { endlessly } from "./raw-server.ts";

export interface TelnetModemOptions {
  readonly prompt: string;
  /** What asks for the name; absent: the password alone is asked for. */
  readonly nameCue?: string | undefined;
  readonly password: string;
  /** Commands that it knows. */
  readonly answers: Readonly<Record<string, string>>;
  /** Lines of a page, and what stands below it. */
  readonly pager?: { readonly lines: number; readonly below: string; readonly erased: string };
  /** What it does with a wrong password; asks again where this is absent. */
  readonly onWrong?: "hangs_up";
}

/** A modem's console that keeps to RFC 854, and cuts what it says at odd places. */
export class TelnetModem {
  readonly #options: TelnetModemOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #reached: (() => void) | undefined;
  /** Whole commands, in order. */
  readonly asked: string[] = [];
  /** Answers to negotiation, as octets. */
  readonly negotiated: number[] = [];
  logins = 0;
  busiest = 0;
  /** Says this instead of what is known; undefined is nothing, ever. */
  instead: ((command: string, socket: Socket) => string | undefined) | undefined;

  constructor(options: TelnetModemOptions) {
    this.#options = options;
    this.#server = createServer((socket) => void this.#serve(socket));
  }

  async listen(port = 0, address = "127.0.0.1"): Promise<number> {
    this.#server.listen(port, address);
    await once(this.#server, "listening");
    return (this.#server.address() as AddressInfo).port;
  }

  /** Answers nothing more. The promise ends with the next command. */
  mute(): Promise<void> {
    this.instead = () => undefined;
    return new Promise((resolve) => {
      this.#reached = resolve;
    });
  }

  /** As a modem that was quiet for too long, or restarts. The promise ends when the other end may know. */
  async hangUp(): Promise<void> {
    const ends = [...this.#sockets].map((socket) => once(socket, "close"));
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(ends);
  }

  /** Talks to who asked nothing. The promise ends when they had enough. */
  async flood(): Promise<void> {
    const ends = [...this.#sockets].map(
      (socket) => new Promise((resolve) => void socket.on("close", resolve)),
    );
    for (const socket of this.#sockets) {
      endlessly((text) => socket.write(text), socket, "Link is up.\r\n".repeat(1000));
    }
    await Promise.all(ends);
  }

  async close(): Promise<void> {
    this.#server.close();
    await this.hangUp();
  }

  async #serve(socket: Socket): Promise<void> {
    this.#sockets.add(socket);
    socket.setNoDelay(true).on("error", () => {});
    socket.on("close", () => this.#sockets.delete(socket));
    const { prompt, nameCue, password } = this.#options;
    const keys = new Keys(socket, this.negotiated);
    await say(socket, [...GREETING, ...octets("\r\nWelcome <home>\r\n")]);
    for (;;) {
      if (nameCue !== undefined) {
        await say(socket, octets(nameCue));
        await say(socket, octets(`${await keys.line()}\r\n`));
      }
      await say(socket, octets("Password: "));
      if ((await keys.line()) === password) break;
      await say(socket, octets("\r\nLogin incorrect\r\n"));
      if (this.#options.onWrong === "hangs_up") return void socket.end();
    }
    this.logins += 1;
    await say(socket, octets(`\r\n\r\nLast login: never\r\n\r\n${prompt}`));
    for (;;) {
      const command = await keys.line();
      this.asked.push(command);
      this.#reached?.();
      const answer =
        this.instead === undefined
          ? (this.#options.answers[command] ?? `${command}: not found`)
          : this.instead(command, socket);
      if (answer === undefined) continue;
      await say(socket, octets(`${command}\r\n`));
      await this.#page(socket, keys, answer);
      // Somebody who does not wait for the prompt.
      this.busiest = Math.max(this.busiest, keys.waiting > 0 ? 2 : 1);
      await say(socket, octets(prompt));
    }
  }

  async #page(socket: Socket, keys: Keys, answer: string): Promise<void> {
    const { pager } = this.#options;
    const lines = answer.split("\n");
    const page = pager?.lines ?? lines.length;
    for (let from = 0; from < lines.length; from += page) {
      await say(socket, octets(`${lines.slice(from, from + page).join("\r\n")}\r\n`));
      if (pager === undefined || from + page >= lines.length) continue;
      await say(socket, octets(pager.below));
      if ((await keys.key()) !== " ") throw new Error("the pager wants a blank");
      await say(socket, octets(pager.erased));
    }
  }
}

/** IAC DO NAWS, DO TERMINAL-TYPE, WILL ECHO, WILL SUPPRESS-GO-AHEAD, WONT 6, SB TERMINAL-TYPE 1 IAC IAC 2 SE, NOP. */
const GREETING = [
  ...[255, 253, 31, 255, 253, 24, 255, 251, 1, 255, 251, 3, 255, 252, 6],
  ...[255, 250, 24, 1, 255, 255, 2, 255, 240, 255, 241],
];
/** What RFC 854 wants to hear of one who has no options. */
export const REFUSALS = [255, 252, 31, 255, 252, 24, 255, 254, 1, 255, 254, 3];

const PIECES = [1, 2, 5, 1, 61, 3, 197];

function octets(text: string): number[] {
  return [...Buffer.from(text, "latin1")].flatMap((octet) =>
    octet === 255 ? [255, 255] : [octet],
  );
}

/** Every piece ends where it looks like a prompt for a name or a command. */
function lengthOf(bytes: readonly number[], from: number, most: number): number {
  const mark = bytes.slice(from, from + most).findIndex((octet) => MARKS.includes(octet));
  return mark < 0 ? most : mark + 1;
}

const MARKS = [...Buffer.from(">:")];

/** In pieces, each on its way before the next. */
async function say(socket: Socket, bytes: readonly number[]): Promise<void> {
  for (let from = 0, turn = 0; from < bytes.length && !socket.destroyed; turn += 1) {
    const length = lengthOf(bytes, from, PIECES[turn % PIECES.length] ?? 1);
    socket.write(Uint8Array.from(bytes.slice(from, from + length)));
    from += length;
    await setImmediate();
  }
}

/** What the other end typed, and its negotiation apart from it. */
class Keys {
  #typed = "";
  #negotiation: number[] = [];
  #wake: (() => void) | undefined;

  constructor(socket: Socket, negotiated: number[]) {
    socket.on("data", (bytes: Uint8Array) => {
      for (const octet of bytes) {
        if (octet !== 255 && this.#negotiation.length === 0) {
          this.#typed += String.fromCharCode(octet);
          continue;
        }
        this.#negotiation.push(octet);
        if (this.#negotiation.length === 3) negotiated.push(...this.#negotiation.splice(0));
      }
      this.#wake?.();
    });
  }

  get waiting(): number {
    return this.#typed.length;
  }

  async line(): Promise<string> {
    while (!this.#typed.includes("\r\n")) await this.#more();
    const end = this.#typed.indexOf("\r\n");
    const line = this.#typed.slice(0, end);
    this.#typed = this.#typed.slice(end + 2);
    return line;
  }

  async key(): Promise<string> {
    while (this.#typed === "") await this.#more();
    const key = this.#typed.slice(0, 1);
    this.#typed = this.#typed.slice(1);
    return key;
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
