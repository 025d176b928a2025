import type { Subscription } from "@passerelle/bus-client";
import { lanState, systemButton } from "@passerelle/contract";
import type { Driver, ServiceContext } from "@passerelle/service";
import { isRaised } from "../core/alarm.ts";
import type { House, PanelEffect, PanelInput } from "../core/panel/input.ts";
import { lightsOf } from "../core/panel/lights.ts";
import { readLightNames } from "../core/panel/names.ts";
import type { PanelState } from "../core/panel/state.ts";
import { panelMachine } from "../core/panel/step.ts";
import { servesHome } from "../core/served.ts";
import type { State } from "../core/state.ts";
import { watchButton } from "./button.ts";
import { Lights, meaningsOf } from "./lights.ts";

export interface PanelPorts {
  /** PASSERELLE_LEDS; absent: the box has none. */
  readonly lights?: string | undefined;
  /** Absent: the kernel's folder of lights. */
  readonly lightsRoot?: string | undefined;
  /** PASSERELLE_BUTTON: device files with commas between; absent: the box has none. */
  readonly buttons?: string | undefined;
}

/** The face of the box: lights and button. */
export interface Panel {
  readonly subscriptions: readonly Subscription[];
  tell(input: PanelInput): void;
  /** What the machine of the event log knows now. */
  house(state: State): void;
  /** The last word of the lights: something ends. */
  stop(): void;
}

/** @param reset the key called reset was held long enough and let go */
export function openPanel(
  { bus, clock, log, drive }: ServiceContext<unknown>,
  { lights: named, lightsRoot, buttons }: PanelPorts,
  reset: () => void,
): Panel {
  const { lights, refused } = readLightNames(named);
  for (const text of refused) log.warn("light_refused", { text });
  const meanings = meaningsOf(lights);
  const face = new Lights({ lights, log, root: lightsRoot });
  const show = (state: PanelState): void => face.show(lightsOf(state, meanings));
  const driver: Driver<PanelState, PanelInput> = drive(panelMachine(clock.now()), {
    name: "panel",
    run: (effect: PanelEffect) => {
      if (effect.kind === "pressed") bus.publish(systemButton, { at: clock.wall() });
      else reset();
    },
    changed: show,
  });
  show(driver.state);
  const tell = (input: PanelInput): void => driver.input(input);
  let shown: House = driver.state.house;
  return {
    tell,
    house(state) {
      const next = houseOf(state);
      if (isSame(shown, next)) return;
      shown = next;
      tell({ kind: "house", house: next });
    },
    subscriptions: [
      bus.subscribe(lanState, (state) => tell({ kind: "home", served: servesHome(state) })),
      watchButton({
        ...{ devices: buttons, clock, log },
        felt: (event) => tell({ kind: "key", event }),
        away: () => tell({ kind: "button_away" }),
      }),
    ],
    stop() {
      tell({ kind: "ending" });
      driver.stop();
    },
  };
}

function houseOf({ reach, daemons, alarms, memory }: State): House {
  const lives = (name: string): boolean => daemons.get(name)?.online === true;
  const unstable = [...alarms].some(
    ([id, alarm]) => id.startsWith("daemon_unstable:") && isRaised(alarm),
  );
  const failing = unstable || memory.firewallFailed;
  return { reach: reach.kind, lan: lives("lan"), wifi: lives("wifi"), failing };
}

function isSame(a: House, b: House): boolean {
  return a.reach === b.reach && a.lan === b.lan && a.wifi === b.wifi && a.failing === b.failing;
}
