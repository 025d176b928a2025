import { transitionTable } from "@passerelle/testkit";
import { type Instant, instant, seconds } from "@passerelle/time";
import { expect, test } from "vitest";
import { type RaInput, type RaState, routerAdvertiser } from "../../src/core/ipv6/ra/index.ts";
import { describeEffect, describeState, homeOfTexts, RNG, raConfig } from "./ra-support.ts";
import { ip6 } from "./support.ts";

const NOW = instant(2000);
const config = raConfig({ searchDomains: [] });
const start: RaInput = { kind: "start", config, stored: undefined, bootId: "boot", rng: RNG };
const home = (texts: readonly string[], now: Instant, reachable = true): RaInput => ({
  kind: "home",
  home: homeOfTexts(texts, now, reachable),
});

/** A state is the story that leads to it. */
function told(...inputs: readonly (readonly [number, RaInput])[]): RaState {
  let state = routerAdvertiser.initial;
  for (const [at, input] of inputs) {
    state = routerAdvertiser.step(state, input, instant(at)).state;
    routerAdvertiser.check(state);
  }
  return state;
}

const one = home(["2a01:1::/56"], instant(0));

test("every state meets every input", () => {
  const table = transitionTable({
    machine: routerAdvertiser,
    now: NOW,
    states: {
      idle: routerAdvertiser.initial,
      waiting: told([0, start]),
      "announcing, said": told([0, start], [1000, one]),
      "announcing, due": told(
        [0, start],
        [0, one],
        [0, { kind: "solicitation", source: ip6("fe80::9") }],
      ),
      "with former": told([0, start], [0, one], [1000, home(["2a01:2::/56"], instant(1000))]),
      leaving: told([0, start], [0, one], [1000, { kind: "stop", farewell: true }]),
      stopped: told([0, start], [0, one], [1000, { kind: "stop", farewell: false }]),
    },
    inputs: {
      start,
      configure: {
        kind: "configure",
        config: raConfig({ maxInterval: seconds(30), mtuBytes: 1400 }),
      },
      "the same home": one,
      "another prefix": home(["2a01:3::/56"], NOW),
      "no prefix": home([], NOW),
      unreachable: home(["2a01:1::/56"], NOW, false),
      "asked by one": { kind: "solicitation", source: ip6("fe80::1") },
      "asked by a newcomer": { kind: "solicitation", source: ip6("::") },
      stop: { kind: "stop", farewell: false },
      farewell: { kind: "stop", farewell: true },
      timeout: { kind: "timeout" },
    },
    describeState,
    describeEffect: (effect) => `[${describeEffect(effect)}]`,
  });
  return expect(table).toMatchFileSnapshot("ra-transitions.txt");
});

test("a router advertises every 4 s to 30 min: another interval is our mistake", () => {
  const wrong: RaInput = { ...start, config: raConfig({ maxInterval: seconds(3) }) };
  expect(() => routerAdvertiser.step(routerAdvertiser.initial, wrong, NOW)).toThrow(
    "4 s to 30 min",
  );
});
