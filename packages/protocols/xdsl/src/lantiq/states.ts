import type { LineState, PowerState } from "../model/line.ts";

/** `nLineState` of the pipe, and what the driver's own enumeration calls it. */
export function stateOfPipe(value: number): LineState {
  return PIPE_STATES.get(value) ?? "unknown";
}

/** `state_num` of ubus: the same states, numbered anew by the control daemon. */
export function stateOfUbus(value: number): LineState {
  return UBUS_STATES[value] ?? "unknown";
}

/** `DSL_INTERFACE_STATUS` of the notify script. */
export function stateOfNotice(word: string): LineState | undefined {
  return NOTICE_STATES.get(word);
}

/** `power_state_num`; -1 is "not available". */
export function powerStateOf(value: number | undefined): PowerState | undefined {
  return value === undefined ? undefined : POWER_STATES[value];
}

const POWER_STATES: readonly (PowerState | undefined)[] = ["L0", "L1", "L2", "L3"];

const UBUS_STATES: readonly (LineState | undefined)[] = [
  "disabled",
  "error",
  "no_signal",
  "no_signal",
  "handshake",
  "training",
  "showtime_no_tc",
  "up",
  "resync",
];

const PIPE_STATES: ReadonlyMap<number, LineState> = new Map<number, LineState>([
  [0x0, "disabled"],
  [0x1, "error"],
  [0x10, "unknown"],
  [0xff, "no_signal"],
  [0x100, "no_signal"],
  [0x1ff, "no_signal"],
  [0x200, "no_signal"],
  [0x300, "handshake"],
  [0x310, "handshake"],
  [0x380, "training"],
  [0x3c0, "training"],
  [0x400, "training"],
  [0x500, "training"],
  [0x600, "training"],
  [0x700, "training"],
  [0x800, "showtime_no_tc"],
  [0x801, "up"],
  [0x900, "resync"],
  // L2: less power, traffic as before.
  [0xa00, "up"],
  // Loop diagnostics measure the line instead of using it.
  [0xb00, "training"],
  [0xb10, "training"],
  [0xb20, "training"],
  [0xc00, "training"],
  [0xd00, "resync"],
]);

const NOTICE_STATES: ReadonlyMap<string, LineState> = new Map<string, LineState>([
  ["DOWN", "no_signal"],
  ["READY", "no_signal"],
  ["HANDSHAKE", "handshake"],
  ["TRAINING", "training"],
  ["UP", "up"],
]);
