import { transitionTable } from "@passerelle/testkit";
import { instant } from "@passerelle/time";
import { expect, test } from "vitest";
import {
  PANEL_INPUT_KINDS,
  type PanelEffect,
  type PanelInput,
} from "../../src/core/panel/input.ts";
import { lightsOf, MEANINGS, sceneOf } from "../../src/core/panel/lights.ts";
import { check, deadline, initial, type PanelState } from "../../src/core/panel/state.ts";
import { step } from "../../src/core/panel/step.ts";

const NOW = instant(600_000);
const AT = 1_800_000_000_000;

const fresh = initial(NOW);
const house = { reach: "online", lan: true, wifi: true, failing: false } as const;
const well: PanelState = { ...fresh, life: { kind: "running" }, served: true, house };
/** A key that went down so many seconds ago, by both clocks, as the last deadline left it. */
function held(secondsAgo: number, kernelSecondsAgo = secondsAgo): PanelState {
  const since = instant(NOW - secondsAgo * 1000);
  const at = AT - kernelSecondsAgo * 1000;
  const button = { kind: "held", since, at, phase: "pressed" } as const;
  return step({ ...well, button }, { kind: "timeout" }, NOW).state;
}

const STATES: Readonly<Record<string, PanelState>> = {
  starting: fresh,
  "starting too long": { ...fresh, life: { kind: "starting", until: NOW } },
  well,
  "no Internet": { ...well, house: { ...house, reach: "offline" } },
  "Internet is bad": { ...well, house: { ...house, reach: "limited" } },
  "wan silent": { ...well, house: { ...house, reach: "unknown" } },
  "not served": { ...well, served: false },
  "lan dead": { ...well, house: { ...house, lan: false } },
  "a service fails": { ...well, house: { ...house, failing: true } },
  "an update is written": { ...well, upgrade: "installing" },
  "on trial": { ...well, upgrade: "trial" },
  pressed: held(1),
  "held on": held(5),
  "held ten seconds": held(10),
  "held ten seconds, read late": held(10, 1),
  "held, and the calendar was set back": held(15, -3600),
  stuck: held(60),
  ending: { ...well, life: { kind: "ending" } },
  "ending, held": { ...held(20), life: { kind: "ending" } },
};

const INPUTS: Readonly<Record<string, PanelInput>> = {
  home: { kind: "home", served: true },
  "home down": { kind: "home", served: false },
  house: { kind: "house", house: { ...house, reach: "offline" } },
  upgrade: { kind: "upgrade", phase: "idle" },
  "upgrade written": { kind: "upgrade", phase: "installing" },
  ending: { kind: "ending" },
  stays: { kind: "stays" },
  "key reset down": { kind: "key", event: { key: "restart", down: true, at: AT } },
  "key reset up": { kind: "key", event: { key: "restart", down: false, at: AT } },
  "key wps down": { kind: "key", event: { key: "wps", down: true, at: AT } },
  "key wps up": { kind: "key", event: { key: "wps", down: false, at: AT } },
  button_away: { kind: "button_away" },
  timeout: { kind: "timeout" },
};

test("every state meets every input", async () => {
  const table = transitionTable<PanelState, PanelInput, PanelEffect>({
    machine: { initial: fresh, step, deadline, check },
    states: STATES,
    inputs: INPUTS,
    now: NOW,
    describeState: (state) => {
      const { life, button } = state;
      const key = button.kind === "held" ? `, ${button.phase}` : "";
      const lights = [...lightsOf(state, new Set(MEANINGS)).values()].join(" ");
      return `${life.kind}${key}: ${sceneOf(state)} [${lights}]`;
    },
    describeEffect: ({ kind }) => kind,
  });
  const kinds = new Set(Object.values(INPUTS).map(({ kind }) => kind));
  expect([...kinds].sort()).toEqual([...PANEL_INPUT_KINDS].sort());
  await expect(table).toMatchFileSnapshot("../golden/panel-transitions.txt");
});
