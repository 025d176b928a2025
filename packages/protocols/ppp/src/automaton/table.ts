/** The ten states of RFC 1661 section 4.2, in the order of the RFC's numbers 0 to 9. */
export const AUTOMATON_PHASES = [
  "initial",
  "starting",
  "closed",
  "stopped",
  "closing",
  "stopping",
  "req_sent",
  "ack_rcvd",
  "ack_sent",
  "opened",
] as const;

export type AutomatonPhase = (typeof AUTOMATON_PHASES)[number];

/** RFC 1661 section 4.3, by the RFC's names. */
export const AUTOMATON_EVENTS = [
  "Up",
  "Down",
  "Open",
  "Close",
  "TO+",
  "TO-",
  "RCR+",
  "RCR-",
  "RCA",
  "RCN",
  "RTR",
  "RTA",
  "RUC",
  "RXJ+",
  "RXJ-",
  "RXR",
] as const;

export type AutomatonEvent = (typeof AUTOMATON_EVENTS)[number];

/** RFC 1661 section 4.4, by the RFC's names. */
export type AutomatonAction =
  | "tlu"
  | "tld"
  | "tls"
  | "tlf"
  | "irc"
  | "zrc"
  | "scr"
  | "sca"
  | "scn"
  | "str"
  | "sta"
  | "scj"
  | "ser";

export interface Transition {
  readonly actions: readonly AutomatonAction[];
  readonly next: AutomatonPhase;
}

/** What an event does in a phase; undefined where the RFC's table has a dash: the event can't happen there. */
export function transitionOf(event: AutomatonEvent, phase: AutomatonPhase): Transition | undefined {
  return TABLE[event][AUTOMATON_PHASES.indexOf(phase)];
}

const _ = undefined;

function to(number: number, ...actions: readonly AutomatonAction[]): Transition {
  return { next: AUTOMATON_PHASES[number] ?? "initial", actions };
}

/**
 * RFC 1661 section 4.1. The options "r" (restart of an open layer that is opened again) and "p" (passive
 * open) of the RFC are not taken: the state stays.
 */
const TABLE: Readonly<Record<AutomatonEvent, readonly (Transition | undefined)[]>> = {
  Up: [to(2), to(6, "irc", "scr"), _, _, _, _, _, _, _, _],
  Down: [_, _, to(0), to(1, "tls"), to(0), to(1), to(1), to(1), to(1), to(1, "tld")],
  Open: [to(1, "tls"), to(1), to(6, "irc", "scr"), to(3), to(5), to(5), to(6), to(7), to(8), to(9)],
  Close: [
    to(0),
    to(0, "tlf"),
    to(2),
    to(2),
    to(4),
    to(4),
    to(4, "irc", "str"),
    to(4, "irc", "str"),
    to(4, "irc", "str"),
    to(4, "tld", "irc", "str"),
  ],
  "TO+": [_, _, _, _, to(4, "str"), to(5, "str"), to(6, "scr"), to(6, "scr"), to(8, "scr"), _],
  "TO-": [_, _, _, _, to(2, "tlf"), to(3, "tlf"), to(3, "tlf"), to(3, "tlf"), to(3, "tlf"), _],
  "RCR+": [
    _,
    _,
    to(2, "sta"),
    to(8, "irc", "scr", "sca"),
    to(4),
    to(5),
    to(8, "sca"),
    to(9, "sca", "tlu"),
    to(8, "sca"),
    to(8, "tld", "scr", "sca"),
  ],
  "RCR-": [
    _,
    _,
    to(2, "sta"),
    to(6, "irc", "scr", "scn"),
    to(4),
    to(5),
    to(6, "scn"),
    to(7, "scn"),
    to(6, "scn"),
    to(6, "tld", "scr", "scn"),
  ],
  RCA: [
    _,
    _,
    to(2, "sta"),
    to(3, "sta"),
    to(4),
    to(5),
    to(7, "irc"),
    to(6, "scr"),
    to(9, "irc", "tlu"),
    to(6, "tld", "scr"),
  ],
  RCN: [
    _,
    _,
    to(2, "sta"),
    to(3, "sta"),
    to(4),
    to(5),
    to(6, "irc", "scr"),
    to(6, "scr"),
    to(8, "irc", "scr"),
    to(6, "tld", "scr"),
  ],
  RTR: [
    _,
    _,
    to(2, "sta"),
    to(3, "sta"),
    to(4, "sta"),
    to(5, "sta"),
    to(6, "sta"),
    to(6, "sta"),
    to(6, "sta"),
    to(5, "tld", "zrc", "sta"),
  ],
  RTA: [_, _, to(2), to(3), to(2, "tlf"), to(3, "tlf"), to(6), to(6), to(8), to(6, "tld", "scr")],
  RUC: [
    _,
    _,
    to(2, "scj"),
    to(3, "scj"),
    to(4, "scj"),
    to(5, "scj"),
    to(6, "scj"),
    to(7, "scj"),
    to(8, "scj"),
    to(9, "scj"),
  ],
  "RXJ+": [_, _, to(2), to(3), to(4), to(5), to(6), to(6), to(8), to(9)],
  "RXJ-": [
    _,
    _,
    to(2, "tlf"),
    to(3, "tlf"),
    to(2, "tlf"),
    to(3, "tlf"),
    to(3, "tlf"),
    to(3, "tlf"),
    to(3, "tlf"),
    to(5, "tld", "irc", "str"),
  ],
  RXR: [_, _, to(2), to(3), to(4), to(5), to(6), to(7), to(8), to(9, "ser")],
};
