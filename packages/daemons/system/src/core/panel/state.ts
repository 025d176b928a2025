import { invariant } from "@passerelle/result";
import {
  after,
  type Duration,
  earliest,
  type Instant,
  instant,
  minutes,
  seconds,
} from "@passerelle/time";
import type { Phase } from "../upgrade/state.ts";
import type { House } from "./input.ts";

/** The face of the box: what its lights have to say, and who holds its button. */
export interface PanelState {
  readonly life: Life;
  /** As `lan` said last. */
  readonly served: boolean;
  readonly house: House;
  readonly upgrade: Phase["kind"];
  readonly button: Button;
}

export type Life =
  /** The home has not been served yet; after `until` that is a fault. */
  | { readonly kind: "starting"; readonly until: Instant }
  | { readonly kind: "running" }
  | { readonly kind: "ending" };

/** The key called reset; the others are pressed, and that is all. */
export type Button =
  | { readonly kind: "free" }
  | {
      readonly kind: "held";
      readonly since: Instant;
      /** The same moment as the kernel dates its events. */
      readonly at: number;
      readonly phase: HoldPhase;
    };

/** Pressed as one presses a button; held on; long enough; so long that it is no finger. */
export type HoldPhase = "pressed" | "counting" | "armed" | "stuck";

/** When each phase begins. A finger that lingers is no wish; a reset takes ten seconds, as on other boxes. */
export const HOLD: Readonly<Record<Exclude<HoldPhase, "pressed">, Duration>> = {
  counting: seconds(2),
  armed: seconds(10),
  stuck: seconds(60),
};

/** A first start on a slow card, since the machine's start; and the time of a restart of this process alone. */
export const STARTED_BY = instant(minutes(3));
export const RESTART_TAKES = seconds(20);

export function initial(now: Instant): PanelState {
  const until = instant(Math.max(after(now, RESTART_TAKES), STARTED_BY));
  return {
    life: { kind: "starting", until },
    served: false,
    house: { reach: "unknown", lan: false, wifi: false, failing: false },
    upgrade: "starting",
    button: { kind: "free" },
  };
}

export function deadline({ life, button }: PanelState): Instant | undefined {
  return earliest(life.kind === "starting" ? life.until : undefined, nextPhase(button));
}

export function check({ button }: PanelState): void {
  if (button.kind === "held")
    invariant(Number.isFinite(button.at), "a key that is held was pressed at a time");
}

function nextPhase(button: Button): Instant | undefined {
  if (button.kind === "free") return undefined;
  const { since, phase } = button;
  switch (phase) {
    case "pressed":
      return after(since, HOLD.counting);
    case "counting":
      return after(since, HOLD.armed);
    case "armed":
      return after(since, HOLD.stuck);
    case "stuck":
      return undefined;
  }
}
