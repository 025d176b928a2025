import type { Transition } from "./input.ts";
import type { LineCode } from "./lines.ts";
import type { State } from "./state.ts";
import type { Draft } from "./step.ts";
import type { Note } from "./write.ts";

/**
 * The line keeps its last 200 transitions as a state: nothing of it is lost while nobody listens. What comes after the
 * transition that was logged last is new.
 */
export function heardLine(state: State, transitions: readonly Transition[]): Draft {
  const last = transitions.at(-1);
  if (last === undefined) return { state };
  const known = transitions.findLastIndex((each) => keyOf(each) === state.memory.transition);
  const fresh = transitions.slice(known + 1);
  if (fresh.length === 0) return { state };
  const notes: Note[] = [];
  let { lineCause } = state.memory;
  for (const transition of fresh) {
    const note = noteOf(transition);
    if (note === undefined) continue;
    const cause = "fault" in note ? note.fault.code : undefined;
    if (cause === undefined || cause !== lineCause) notes.push(note);
    lineCause = cause;
  }
  const memory = { ...state.memory, lineCause, transition: keyOf(last) };
  return { state: { ...state, memory }, notes };
}

function keyOf({ at, layer, from, to }: Transition): string {
  return `${at} ${layer} ${from} ${to}`;
}

const SYNCHRONISED: ReadonlySet<string> = new Set(["up", "resync"]);
/** The first word of a line that is lost; how it trains is in its history. */
const DOWN: ReadonlySet<string> = new Set([
  ...["disabled", "no_signal", "handshake", "training", "showtime_no_tc", "error"],
]);
/** Up before, or not known to have been anything else: another line was set, the modem had been silent. */
const NO_NEWS: ReadonlySet<string> = new Set(["resync", "unreachable", "none"]);
const BOUND: readonly string[] = ["bound", "renewing", "rebinding", "connected"];

const GOOD: ReadonlySet<LineCode> = new Set([
  ...(["line_up", "dsl_up", "session_up", "internet_back"] as const),
]);

/** What a person wants to know of the line; the steps of an exchange are in wan/history. */
function noteOf({ at, layer, from, to, cause }: Transition): Note | undefined {
  const code = codeOf(layer, from, to);
  if (code === undefined) return undefined;
  const isGood = GOOD.has(code);
  if (isGood || cause === undefined) return { code, at };
  const severity = layer === "session" || layer === "dsl" || to === "limited" ? "warning" : "fault";
  return { fault: cause, at, category: "line", severity };
}

function codeOf(layer: Transition["layer"], from: string, to: string): LineCode | undefined {
  switch (layer) {
    case "dsl":
      if (to === "unreachable") return "dsl_modem_silent";
      if (to === "up") return NO_NEWS.has(from) ? undefined : "dsl_up";
      return SYNCHRONISED.has(from) && DOWN.has(to) ? "dsl_down" : undefined;
    case "access":
      return to === "up" ? "line_up" : to === "absent" ? "line_port_gone" : "line_down";
    case "link":
      // Made and carried by what the other layers tell of.
      return undefined;
    case "session":
      if (to === "rebinding") return "session_late";
      if (to === "bound" || to === "connected")
        return BOUND.includes(from) ? undefined : "session_up";
      return BOUND.includes(from) && !BOUND.includes(to) ? "session_down" : undefined;
    case "reach":
      if (to === "online") return "internet_back";
      if (to === "limited") return "internet_limited";
      return to === "offline" ? "internet_lost" : undefined;
  }
}
