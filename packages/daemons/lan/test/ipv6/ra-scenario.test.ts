import { playScenario, readScenarios, settleScenario } from "@passerelle/testkit";
import { type Instant, seconds } from "@passerelle/time";
import { expect, test } from "vitest";
import {
  type RaConfig,
  type RaInput,
  type RaState,
  routerAdvertiser,
  type StoredAnnouncements,
} from "../../src/core/ipv6/ra/index.ts";
import { describeEffect, describeState, homeOfTexts, RNG, raConfig } from "./ra-support.ts";
import { ip6 } from "./support.ts";

/**
 * Words of a story: `start|configure [mode=slaac-and-dhcpv6] [every=SECONDS] [mtu=N] [search=NAME]`; a start takes
 * `[boot=NAME]`, and `stored` for what the life before wrote. `home [PREFIX…] [unreachable]`, prefixes as in
 * `homePrefix`; `ask [ADDRESS]`; `stop [farewell]`.
 */
function parser(): (words: readonly string[], now: Instant) => RaInput {
  return (words, now) => {
    const [verb = "", ...rest] = words;
    switch (verb) {
      case "start":
        return {
          kind: "start",
          config: configOf(rest),
          stored: rest.includes("stored") ? written : undefined,
          bootId: word(rest, "boot") ?? "boot",
          rng: RNG,
        };
      case "configure":
        return { kind: "configure", config: configOf(rest) };
      case "home": {
        const prefixes = rest.filter((one) => one !== "unreachable");
        return { kind: "home", home: homeOfTexts(prefixes, now, !rest.includes("unreachable")) };
      }
      case "ask":
        return { kind: "solicitation", source: ip6(rest[0] ?? "::") };
      case "stop":
        return { kind: "stop", farewell: rest.includes("farewell") };
      default:
        throw new Error(`unknown word: ${verb}`);
    }
  };
}

/** The disk: what was stored last, in this story or a life before. */
let written: StoredAnnouncements | undefined;

function word(words: readonly string[], name: string): string | undefined {
  return words.find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1);
}

function configOf(words: readonly string[]): RaConfig {
  const mtu = word(words, "mtu");
  const mode = word(words, "mode");
  return raConfig({
    ...(mode === "slaac-and-dhcpv6" || mode === "dhcpv6" ? { addressing: mode } : {}),
    maxInterval: seconds(Number(word(words, "every") ?? 600)),
    mtuBytes: mtu === undefined ? undefined : Number(mtu),
    searchDomains: [word(words, "search") ?? "home.arpa"],
  });
}

/** A machine that dies and lives again: `start` begins anew, and what was stored is kept. */
const withLives: typeof routerAdvertiser = {
  ...routerAdvertiser,
  step: (state, input, now) => {
    const from: RaState = input.kind === "start" ? routerAdvertiser.initial : state;
    const step = routerAdvertiser.step(from, input, now);
    for (const effect of step.effects) {
      // As the disk gives it back.
      if (effect.kind === "store") written = JSON.parse(JSON.stringify(effect.record));
    }
    return step;
  },
};

test.each(
  readScenarios(`${import.meta.dirname}/ra-scenario`).map((file) => [file.name, file] as const),
)("%s", (_, file) => {
  written = undefined;
  const told = playScenario(file.text, {
    machine: withLives,
    parseInput: parser(),
    describeEffect,
    describeState,
  });
  expect(told).toBe(settleScenario(file, told));
});
