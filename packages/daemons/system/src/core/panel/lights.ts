import type { PanelState } from "./state.ts";
import { isServed } from "./step.ts";

/** What a light of the board stands for. */
export const MEANINGS = ["power", "internet", "wifi"] as const;
export type Meaning = (typeof MEANINGS)[number];

/** How a light shines; `flash` is dark but for a wink every two seconds. */
export type Pattern = "off" | "on" | "slow" | "fast" | "flash";

/** What there is to say, the most urgent first. */
export type Scene =
  /** Starts, restarts, writes or tries another version: it must not be unplugged. */
  | "busy"
  /** The button was held long enough: letting go resets the box. */
  | "armed"
  | "counting"
  /** The home is not served, a service keeps failing, or the firewall does not protect. */
  | "broken"
  | "no_internet"
  | "well";

/**
 * What each of these lights shows. One light alone says all of it; beside a light for the Internet, the one for the power
 * leaves that to it.
 */
export function lightsOf(
  state: PanelState,
  meanings: ReadonlySet<Meaning>,
): ReadonlyMap<Meaning, Pattern> {
  const shown: Readonly<Record<Meaning, () => Pattern>> = {
    power: () => powerOf(sceneOf(state), meanings.has("internet")),
    internet: () => internetOf(state),
    wifi: () => (state.life.kind !== "ending" && state.house.wifi ? "on" : "off"),
  };
  return new Map([...meanings].map((meaning) => [meaning, shown[meaning]()]));
}

export function sceneOf(state: PanelState): Scene {
  const { life, button, upgrade, house } = state;
  if (life.kind === "ending") return "busy";
  if (button.kind === "held" && (button.phase === "counting" || button.phase === "armed"))
    return button.phase;
  // A restart into another version is an end, and said as one: where the system refuses, it is none any more.
  if (upgrade === "installing" || upgrade === "trial") return "busy";
  if (life.kind === "starting") return "busy";
  if (!isServed(state) || house.failing) return "broken";
  return house.reach === "online" ? "well" : "no_internet";
}

function powerOf(scene: Scene, hasInternetLight: boolean): Pattern {
  switch (scene) {
    case "busy":
    case "armed":
      return "fast";
    case "counting":
      return "off";
    case "broken":
      return "flash";
    case "no_internet":
      return hasInternetLight ? "on" : "slow";
    case "well":
      return "on";
  }
}

/** On: reached. Slow: looked for, or it answers badly. Off: gone. */
function internetOf({ life, house }: PanelState): Pattern {
  if (life.kind === "ending") return "off";
  switch (house.reach) {
    case "online":
      return "on";
    case "unknown":
    case "limited":
      return "slow";
    case "offline":
      return "off";
  }
}
