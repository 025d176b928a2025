/** As much of a change of the line as the timeline needs. */
export interface Transition {
  readonly at: number;
  readonly layer: "dsl" | "access" | "link" | "session" | "reach";
  readonly from: string;
  readonly to: string;
  readonly cause?: { readonly text: { readonly fr: string; readonly en: string } } | undefined;
}

/** A time without Internet; `to` is absent while it lasts. */
export interface Outage {
  readonly from: number;
  readonly to: number | undefined;
}

export interface Day<T extends Transition = Transition> {
  /** Any moment of the day, for its heading. */
  readonly at: number;
  /** Newest first. */
  readonly changes: readonly T[];
  readonly outages: number;
  readonly outageMs: number;
}

/** The changes of the line by day, newest day first, with how long the Internet was away on each. */
export function daysOf<T extends Transition>(
  transitions: readonly T[],
  now: number,
  dayOf: (at: number) => string,
): readonly Day<T>[] {
  const outages = outagesOf(transitions);
  const days = new Map<string, T[]>();
  for (const transition of transitions) {
    if (isNoise(transition)) continue;
    const day = dayOf(transition.at);
    const changes = days.get(day) ?? [];
    changes.unshift(transition);
    days.set(day, changes);
  }
  return [...days.entries()].reverse().map(([day, changes]) => {
    const mine = outages.filter((outage) => dayOf(outage.from) === day);
    return {
      at: changes[0]?.at ?? now,
      changes,
      outages: mine.length,
      outageMs: mine.reduce((sum, one) => sum + Math.max(0, (one.to ?? now) - one.from), 0),
    };
  });
}

/** Times in which the Internet did not answer, oldest first. A first connection is no outage. */
export function outagesOf(transitions: readonly Transition[]): readonly Outage[] {
  const outages: Outage[] = [];
  let from: number | undefined;
  for (const { layer, from: was, to, at } of transitions) {
    if (layer !== "reach") continue;
    if (to === "online") {
      if (from !== undefined) outages.push({ from, to: at });
      from = undefined;
    } else if (was === "online") {
      from = at;
    }
  }
  if (from !== undefined) outages.push({ from, to: undefined });
  return outages;
}

/** The length of the outage that a change ends; undefined where it ends none. */
export function endedOutage(
  transition: Transition,
  outages: readonly Outage[],
): number | undefined {
  if (transition.layer !== "reach" || transition.to !== "online") return undefined;
  const ended = outages.find((outage) => outage.to === transition.at);
  return ended === undefined ? undefined : transition.at - ended.from;
}

/** A lease is renewed every few hours, and a modem trains in steps: nobody wants to read that. */
function isNoise({ layer, from, to }: Transition): boolean {
  if (layer === "dsl") return TRAINING.includes(from) && TRAINING.includes(to);
  if (layer !== "session") return false;
  return (from === "bound" && to === "renewing") || (from === "renewing" && to === "bound");
}

const TRAINING: readonly string[] = ["handshake", "training", "showtime_no_tc"];
