import { playScenario, readScenarios, settleScenario } from "@passerelle/testkit";
import { describe, expect, it } from "vitest";
import type { Remembered } from "../src/core/session/state.ts";
import { settings, storedLease } from "./fixtures.ts";
import { teller } from "./story.ts";

/** The first line of a scenario may name its profile: `# profile: orange-fr`. */
function profileOf(text: string): string {
  return /^# profile: (\S+)/m.exec(text)?.[1] ?? "generic-dhcp";
}

/** `# start: held` or `# start: remembered`: what the lease file says and where the address is. */
function rememberedOf(text: string): Remembered | undefined {
  const word = /^# start: (held|remembered)/m.exec(text)?.[1];
  return word === undefined ? undefined : { lease: storedLease(), onInterface: word === "held" };
}

describe("stories of the line", () => {
  for (const file of readScenarios(`${import.meta.dirname}/scenario`)) {
    it(file.name, () => {
      const told = playScenario(
        file.text,
        teller(settings(profileOf(file.text)), rememberedOf(file.text)),
      );
      expect(told).toBe(settleScenario(file, told));
    });
  }
});
