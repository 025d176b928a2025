/**
 * What the kernel tells of a key, linux/input.h: struct input_event on a 64-bit machine is 24 octets, the time in the
 * first 16 (seconds, microseconds), then type, code and value, in the machine's own order. Both kinds of board of ours are
 * little-endian.
 */
const EVENT_BYTES = 24;
const EV_KEY = 1;
const RELEASED = 0;
const PRESSED = 1;

/** linux/input-event-codes.h: what the makers of boards call the buttons of a box. KEY_RESTART is the one called reset. */
const KEYS: ReadonlyMap<number, Key> = new Map([
  [0x074, "power"],
  [0x198, "restart"],
  [0x211, "wps"],
] as const);

export type Key = "power" | "restart" | "wps";

/** A finger came down on a key, or left it. */
export interface KeyEvent {
  readonly key: Key;
  readonly down: boolean;
  /** When, in milliseconds of the kernel's calendar: right as a difference where nobody sets the clock between. */
  readonly at: number;
}

export interface ButtonReading {
  /** In their order; that a key is held on is none. */
  readonly events: readonly KeyEvent[];
  /** The beginning of an event whose end has not come. */
  readonly rest: Uint8Array;
}

/** @param rest what the reading before left */
export function readButton(rest: Uint8Array, chunk: Uint8Array): ButtonReading {
  const bytes = new Uint8Array(rest.length + chunk.length);
  bytes.set(rest);
  bytes.set(chunk, rest.length);
  const view = new DataView(bytes.buffer);
  const events: KeyEvent[] = [];
  let at = 0;
  for (; at + EVENT_BYTES <= bytes.length; at += EVENT_BYTES) {
    const key = KEYS.get(view.getUint16(at + 18, true));
    const value = view.getInt32(at + 20, true);
    if (view.getUint16(at + 16, true) !== EV_KEY || key === undefined) continue;
    if (value !== PRESSED && value !== RELEASED) continue;
    events.push({ key, down: value === PRESSED, at: timeOf(view, at) });
  }
  return { events, rest: bytes.slice(at) };
}

function timeOf(view: DataView, at: number): number {
  const seconds = Number(view.getBigInt64(at, true));
  const microseconds = Number(view.getBigInt64(at + 8, true));
  return seconds * 1000 + Math.floor(microseconds / 1000);
}
