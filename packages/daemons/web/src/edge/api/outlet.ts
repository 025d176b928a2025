import type { ChannelName } from "@passerelle/api";
import type { Caller } from "./port.ts";

/** One connection that follows channels: a WebSocket, or an answer of server-sent events. */
export interface Line {
  /** Characters that wait to leave. */
  readonly waiting: number;
  send(text: string, seq: number): void;
  /** A sign of life; false where none came back since the last one. */
  beat(): boolean;
  /** Ends it: a code of RFC 6455 and a stable word. */
  end(code: number, reason: string): void;
}

/** What the box says, without its number: the line is numbered, not the message. */
export interface Said {
  readonly type: "hello" | "snapshot" | "patch" | "refused" | "pong" | "error";
  /** The members after `seq`, as JSON without the outer braces; made once for all clients. */
  readonly rest: string;
}

/** One client: what it follows, and the number of what it was told. */
export class Outlet {
  readonly channels = new Set<ChannelName>();
  caller: Caller;
  /** Called once, when it is over for whatever reason. */
  onEnd: () => void = () => undefined;
  #seq = 0;
  #isOver = false;
  readonly #line: Line;

  constructor(caller: Caller, line: Line) {
    this.caller = caller;
    this.#line = line;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Numbers without gaps; whoever does not keep up is let go instead of being told less than all. */
  say({ type, rest }: Said): void {
    if (this.#isOver) return;
    if (this.#line.waiting > WAITING_MAX) {
      this.end(SLOW.code, SLOW.reason);
      return;
    }
    this.#seq += 1;
    const comma = rest === "" ? "" : ",";
    this.#line.send(`{"type":"${type}","seq":${this.#seq}${comma}${rest}}`, this.#seq);
  }

  beat(): void {
    if (!this.#isOver && !this.#line.beat()) this.end(SLOW.code, "no_sign_of_life");
  }

  end(code: number, reason: string): void {
    if (this.#isOver) return;
    this.over();
    this.#line.end(code, reason);
  }

  /** The other side ended it. */
  over(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.onEnd();
  }
}

export function said(type: Said["type"], members: Readonly<Record<string, unknown>> = {}): Said {
  return { type, rest: JSON.stringify(members).slice(1, -1) };
}

/** A client that reads nothing may cost this much, and the message that was under way. */
const WAITING_MAX = 262_144;
const SLOW = { code: 1013, reason: "too_slow" } as const;
