import type { CarriedRequest, Carry } from "@passerelle/api/client";
import type { OpenFile } from "./world.ts";

/** The way to one box, wherever it is. */
export interface Door {
  /** Names the box among others: the draft and the session of each are kept apart. */
  readonly name: string;
  readonly carry: Carry;
  /** For what is not one JSON text: a stream of events, a file. Rejects with a Failure where nobody answers. */
  open(request: SentRequest, signal: AbortSignal): Promise<Opened>;
}

/** A request whose body may be a file. */
export interface SentRequest extends CarriedRequest {
  readonly file?: OpenFile;
}

export interface Opened {
  readonly status: number;
  readonly body: AsyncIterable<Uint8Array>;
}

/** A carry over an open: the whole text at once, within a limit. */
export function carryOver(open: Door["open"], signal: AbortSignal, tooLong: () => Error): Carry {
  return async (request) => {
    const { status, body } = await open(request, signal);
    const parts: Uint8Array[] = [];
    let length = 0;
    for await (const part of body) {
      length += part.length;
      if (length > ANSWER_MAX) throw tooLong();
      parts.push(part);
    }
    return { status, text: new TextDecoder().decode(joined(parts, length)) };
  };
}

/** For operations, which all answer JSON: a page of a stranger at the box's address is no answer. */
export function jsonOnly(carry: Carry): Carry {
  return async (request) => {
    const answer = await carry(request);
    return answer.text === "" || isJson(answer.text)
      ? answer
      : { status: NOT_UNDERSTOOD, text: "" };
  };
}

/** The typed client makes of it that the answer could not be understood. */
const NOT_UNDERSTOOD = 500;

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** More than any answer of the box; a stranger at its address can't fill our memory. */
const ANSWER_MAX = 64 * 1024 * 1024;

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
