import { transitionTable } from "@passerelle/testkit";
import { instant } from "@passerelle/time";
import { expect, test } from "vitest";
import type { Effect } from "../src/core/effect.ts";
import { INPUT_KINDS, type Input } from "../src/core/input.ts";
import { check, deadline, EMPTY_MEMORY, initial, type State } from "../src/core/state.ts";
import { step } from "../src/core/step.ts";
import { notificationsView } from "../src/core/view.ts";
import { at, configOf, happens, NO_INTERNET, Story } from "./story.ts";

const fresh = initial(configOf(), EMPTY_MEMORY);

/** Everything is as it should be, and known. */
const calm = (): Story =>
  new Story()
    .tell(1, happens.online(1))
    .tell(1, { kind: "clock", at: at(1), wanted: true, source: "192.0.2.1" })
    .tell(1, happens.alive(1, "lan", true))
    .tell(1, happens.revision(1, 3))
    .tell(1, happens.measured(1, 0.5))
    .tell(1, happens.openings(1, "tcp 80 → 192.168.1.9:80"))
    .tell(2, happens.device(2, "laptop"))
    .go(100);

const STATES: Readonly<Record<string, State>> = {
  fresh,
  calm: calm().state,
  flapping: calm().tell(100, happens.offline(100)).state,
  offline: calm().tell(100, happens.offline(100)).go(140).state,
  "on trial": calm()
    .tell(100, happens.revision(100, 4, true))
    .tell(100, happens.revisions(100, 4, "probation")).state,
  "daemon away": calm().tell(100, happens.alive(100, "lan", false)).state,
  "daemon dying": [100, 110, 120].reduce(
    (story, second) =>
      story
        .tell(second, happens.alive(second, "lan", false))
        .tell(second + 1, happens.alive(second + 1, "lan", true, second)),
    calm(),
  ).state,
  "disk full": calm().tell(100, happens.measured(100, 0.05)).go(130).state,
  closing: calm().tell(100, happens.openings(100)).state,
};

const INPUTS: Readonly<Record<(typeof INPUT_KINDS)[number], Input>> = {
  configured: { kind: "configured", config: configOf({ timezone: "Europe/Berlin" }) },
  started: { kind: "started", at: at(150), boot: { cause: "power" } },
  line_history: {
    kind: "line_history",
    transitions: [
      { at: at(150), layer: "reach", from: "online", to: "offline", cause: NO_INTERNET },
    ],
  },
  reach: happens.online(150),
  networks: { kind: "networks", guests: ["guest"] },
  device: happens.device(150, "tablet"),
  named: { kind: "named", id: "id-laptop", name: "Laptop of Anna" },
  revision: happens.revision(150, 4),
  revisions: happens.revisions(150, 4, "confirmed"),
  firewall: happens.openings(150, "tcp 443 → 192.168.1.9:443"),
  alive: happens.alive(150, "lan", true, 77),
  security: {
    kind: "security",
    at: at(150),
    code: "login_failed",
    actor: "x",
    source: "192.168.1.5",
  },
  clock: { kind: "clock", at: at(150), wanted: true },
  clock_stepped: { kind: "clock_stepped", at: at(150), ms: -86_400_000 },
  measured: happens.measured(150, 0.3, 60),
  noted: { kind: "noted", at: at(150), code: "log_replaced" },
  upgrade: {
    kind: "upgrade",
    at: at(150),
    news: {
      kind: "ended",
      outcome: { kind: "fell_back", version: "0.3.0", from: "0.2.0", at: at(150) },
    },
  },
  dismissed: { kind: "dismissed", id: "device:id-laptop" },
  timeout: { kind: "timeout" },
};

test("every state meets every input", async () => {
  const table = transitionTable<State, Input, Effect>({
    machine: { initial: fresh, step, deadline, check },
    states: STATES,
    inputs: INPUTS,
    now: instant(150_000),
    describeState: (state) => {
      const notices = notificationsView(state).map(({ code }) => code);
      const alarms = [...state.alarms].map(([id, { kind }]) => `${id}=${kind}`);
      return `[${[...notices, ...alarms].join(" ")}]`;
    },
    describeEffect: (effect) => {
      if (effect.kind !== "keep") return effect.kind;
      const memory = effect.memory === undefined ? [] : ["memory"];
      return `keep(${[...effect.lines.map(({ code }) => code), ...memory].join(" ")})`;
    },
  });
  expect(Object.keys(INPUTS)).toEqual([...INPUT_KINDS]);
  await expect(table).toMatchFileSnapshot("golden/transitions.txt");
});
