import { instant, minutes, seconds } from "@passerelle/time";
import { describe, expect, it, test } from "vitest";
import type { House, PanelInput } from "../../src/core/panel/input.ts";
import {
  lightsOf,
  MEANINGS,
  type Meaning,
  type Pattern,
  sceneOf,
} from "../../src/core/panel/lights.ts";
import { readLightNames } from "../../src/core/panel/names.ts";
import {
  type Button,
  deadline,
  HOLD,
  initial,
  type Life,
  type PanelState,
  RESTART_TAKES,
  STARTED_BY,
} from "../../src/core/panel/state.ts";
import { step } from "../../src/core/panel/step.ts";

const BOOT = instant(seconds(12));
const house: House = { reach: "online", lan: true, wifi: false, failing: false };
const well: PanelState = { ...initial(BOOT), life: { kind: "running" }, served: true, house };
const without = (reach: House["reach"]): PanelState => ({ ...well, house: { ...house, reach } });
const held = (phase: Extract<Button, { kind: "held" }>["phase"]): Button => ({
  ...{ kind: "held", since: BOOT, at: 0, phase },
});
const power = (state: PanelState, ...more: Meaning[]): Pattern | undefined =>
  lightsOf(state, new Set(["power", ...more])).get("power");

describe("a light alone says all of it", () => {
  const ROWS: readonly (readonly [string, PanelState, Pattern])[] = [
    ["home served, Internet reached", well, "on"],
    ["home served, no Internet", without("offline"), "slow"],
    ["the Internet answers badly", without("limited"), "slow"],
    ["nobody knows of the Internet yet", without("unknown"), "slow"],
    ["starting", initial(BOOT), "fast"],
    ["an update is written", { ...well, upgrade: "installing" }, "fast"],
    ["a version on trial", { ...well, upgrade: "trial" }, "fast"],
    ["a restart that was refused", { ...well, upgrade: "restarting" }, "on"],
    ["a version that waits for the next start", { ...well, upgrade: "installed" }, "on"],
    ["a restart or a reset is ordered", { ...well, life: { kind: "ending" } }, "fast"],
    ["the home is not served", { ...well, served: false }, "flash"],
    ["lan is dead", { ...well, house: { ...house, lan: false } }, "flash"],
    ["a service keeps failing", { ...well, house: { ...house, failing: true } }, "flash"],
    ["the button was only pressed", { ...well, button: held("pressed") }, "on"],
    ["the button is held on", { ...well, button: held("counting") }, "off"],
    ["letting go resets", { ...well, button: held("armed") }, "fast"],
    ["something lies on the button", { ...well, button: held("stuck") }, "on"],
  ];
  it.each(ROWS)("%s", (_, state, pattern) => expect(power(state)).toBe(pattern));
});

test("the more urgent comes first, in every mix of what there is to say", () => {
  const lives: readonly Life[] = [
    { kind: "ending" },
    { kind: "starting", until: STARTED_BY },
    { kind: "running" },
  ];
  const phases = ["armed", "counting", "pressed"] as const;
  const upgrades = ["installing", "trial", "idle"] as const;
  let mixes = 0;
  for (const life of lives)
    for (const phase of phases)
      for (const upgrade of upgrades)
        for (const served of [false, true])
          for (const failing of [true, false])
            for (const reach of ["offline", "online"] as const) {
              mixes += 1;
              const state: PanelState = {
                ...{ life, upgrade, served, button: held(phase) },
                house: { ...house, reach, failing },
              };
              const isBusy = upgrade !== "idle" || life.kind === "starting";
              const first = [
                life.kind === "ending" ? "busy" : undefined,
                phase === "pressed" ? undefined : phase,
                isBusy ? "busy" : undefined,
                !served || failing ? "broken" : undefined,
                reach === "offline" ? "no_internet" : "well",
              ].find((scene) => scene !== undefined);
              expect([state, sceneOf(state)]).toEqual([state, first]);
            }
  expect(mixes).toBe(216);
});

describe("a light of the Internet", () => {
  it.each([
    ["online", "on"],
    ["limited", "slow"],
    ["unknown", "slow"],
    ["offline", "off"],
  ] as const)("%s: %s, and the power is on beside it", (reach, pattern) => {
    const shown = lightsOf(without(reach), new Set(["power", "internet"]));
    expect([...shown]).toEqual([
      ["power", "on"],
      ["internet", pattern],
    ]);
  });
  it("goes out with the box", () => {
    const ending: PanelState = { ...well, life: { kind: "ending" } };
    const lit = { ...ending, house: { ...house, wifi: true } };
    expect([...lightsOf(lit, new Set(MEANINGS)).values()]).toEqual(["fast", "off", "off"]);
  });
});

test("a light of the Wi-Fi is on while there is one", () => {
  const at = (wifi: boolean) => lightsOf({ ...well, house: { ...house, wifi } }, new Set(["wifi"]));
  expect([...at(true)]).toEqual([["wifi", "on"]]);
  expect([...at(false)]).toEqual([["wifi", "off"]]);
});

describe("a start", () => {
  const tell = (state: PanelState, input: PanelInput, now = BOOT): PanelState =>
    step(state, input, now).state;
  it("ends when the home is served: by lan's word, and lan alive", () => {
    const said = tell(initial(BOOT), { kind: "home", served: true });
    expect(sceneOf(said)).toBe("busy");
    expect(sceneOf(tell(said, { kind: "house", house }))).toBe("well");
    // Never again a start: what is not served from now on is broken.
    const down = tell(tell(said, { kind: "house", house }), { kind: "home", served: false });
    expect(sceneOf(down)).toBe("broken");
  });
  it("that takes too long is a fault: three minutes of the box, twenty seconds of this process", () => {
    expect(deadline(initial(BOOT))).toBe(instant(minutes(3)));
    const late = instant(minutes(60));
    expect(deadline(initial(late))).toBe(late + RESTART_TAKES);
    expect(sceneOf(tell(initial(BOOT), { kind: "timeout" }, STARTED_BY))).toBe("broken");
  });
});

test("every phase of a held key begins at its time", () => {
  let state = step(well, { kind: "key", event: { key: "restart", down: true, at: 0 } }, BOOT).state;
  const begun: (readonly [string, number])[] = [];
  for (let due = deadline(state); due !== undefined; due = deadline(state)) {
    state = step(state, { kind: "timeout" }, due).state;
    begun.push([state.button.kind === "held" ? state.button.phase : "free", due - BOOT]);
  }
  expect(begun).toEqual(Object.entries(HOLD));
});

describe("the names of the lights", () => {
  it("have colons of their own", () => {
    const text = "ACT:power,green:wan:internet,tplink:green:wlan:wifi";
    expect(readLightNames(text)).toEqual({
      lights: [
        { name: "ACT", shows: "power" },
        { name: "green:wan", shows: "internet" },
        { name: "tplink:green:wlan", shows: "wifi" },
      ],
      refused: [],
    });
    expect(readLightNames(undefined)).toEqual({ lights: [], refused: [] });
    expect(readLightNames("")).toEqual({ lights: [], refused: [] });
  });
  it.each([
    "../ACT:power",
    "..:power",
    ".:power",
    "a/b:power",
    "/etc:power",
    "a\0b:power",
    "a b:power",
    ":power",
    "power",
    "ACT:disco",
    "ACT:",
    `${"a".repeat(64)}:power`,
  ])("that are none are refused: %j", (text) => {
    const { lights, refused } = readLightNames(text);
    expect([lights, refused.length]).toEqual([[], 1]);
    expect(refused[0]?.length).toBeLessThanOrEqual(80);
  });
  it("are eight at most", () => {
    const text = Array.from({ length: 20 }, (_, n) => `led${n}:power`).join(",");
    expect(readLightNames(text).lights).toHaveLength(8);
  });
});
