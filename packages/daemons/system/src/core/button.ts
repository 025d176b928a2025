/**
 * What the kernel tells of a key, linux/input.h: struct input_event on a 64-bit machine is 24 octets, the time in the
 * first 16, then type, code and value, in the machine's own order. Both kinds of board of ours are little-endian.
 */
const EVENT_BYTES = 24;
const EV_KEY = 1;
const PRESSED = 1;

/** linux/input-event-codes.h: what the makers of boards call the one button a box has. */
const KEYS: ReadonlySet<number> = new Set([0x074, 0x198, 0x211]);

export interface ButtonReading {
  /** Presses of a button of the box in these octets; holding it on is none. */
  readonly presses: number;
  /** The beginning of an event whose end has not come. */
  readonly rest: Uint8Array;
}

/** @param rest what the reading before left */
export function readButton(rest: Uint8Array, chunk: Uint8Array): ButtonReading {
  const bytes = new Uint8Array(rest.length + chunk.length);
  bytes.set(rest);
  bytes.set(chunk, rest.length);
  const view = new DataView(bytes.buffer);
  let presses = 0;
  let at = 0;
  for (; at + EVENT_BYTES <= bytes.length; at += EVENT_BYTES) {
    const isKey = view.getUint16(at + 16, true) === EV_KEY;
    const isOurs = KEYS.has(view.getUint16(at + 18, true));
    if (isKey && isOurs && view.getInt32(at + 20, true) === PRESSED) presses += 1;
  }
  return { presses, rest: bytes.slice(at) };
}
