/** What came over a telnet connection, without the protocol's own words. */
export interface Heard {
  /**
   * Octets as characters of Latin-1, so that no character is ever half there. NUL, which pads, and what is for the
   * screen of a terminal are left out.
   */
  readonly text: string;
  /** To be sent back; often empty. */
  readonly reply: Uint8Array;
}

/**
 * RFC 854: takes commands out of a stream, and refuses every option. Commands may be cut anywhere. What a
 * subnegotiation says is thrown away octet by octet, however long it is.
 */
export class TelnetNegotiation {
  #at: At = "text";

  push(bytes: Uint8Array): Heard {
    const reply: number[] = [];
    const text: number[] = [];
    for (const octet of bytes) {
      switch (this.#at) {
        case "text":
          if (octet === IAC) this.#at = "command";
          // Shells ask for the place of the cursor behind their prompt.
          else if (octet === ESC) this.#at = "escape";
          else if (octet !== NUL) text.push(octet);
          break;
        case "escape":
          this.#at = octet === CSI ? "sequence" : "text";
          break;
        case "sequence":
          // ECMA-48 section 5.4: parameters, and one final octet from 4/0 to 7/14.
          if (octet >= 0x40 && octet <= 0x7e) this.#at = "text";
          break;
        case "command":
          if (octet === IAC) text.push(octet);
          this.#at = AFTER_COMMAND.get(octet) ?? "text";
          break;
        case "do":
          reply.push(IAC, WONT, octet);
          this.#at = "text";
          break;
        case "will":
          reply.push(IAC, DONT, octet);
          this.#at = "text";
          break;
        case "refusal":
          // Nothing was asked for, so that nothing changes: an answer would begin a loop.
          this.#at = "text";
          break;
        case "sub":
          if (octet === IAC) this.#at = "sub_command";
          break;
        case "sub_command":
          this.#at = octet === SE ? "text" : "sub";
          break;
      }
    }
    return { text: Buffer.from(text).toString("latin1"), reply: Uint8Array.from(reply) };
  }
}

type At =
  | "text"
  | ("command" | "do" | "will" | "refusal" | "sub" | "sub_command")
  | ("escape" | "sequence");

/** RFC 854, "TELNET COMMANDS". */
const SE = 240;
const SB = 250;
const WILL = 251;
const WONT = 252;
const DO = 253;
const DONT = 254;
const IAC = 255;
const NUL = 0;
const ESC = 0x1b;
/** "[" behind an escape. */
const CSI = 0x5b;

const AFTER_COMMAND: ReadonlyMap<number, "do" | "will" | "refusal" | "sub"> = new Map([
  [DO, "do"],
  [WILL, "will"],
  [WONT, "refusal"],
  [DONT, "refusal"],
  [SB, "sub"],
]);
