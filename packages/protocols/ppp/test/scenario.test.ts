import { playScenario, readScenarios, settleScenario } from "@passerelle/testkit";
import { milliseconds } from "@passerelle/time";
import { describe, expect, it } from "vitest";
import type { PppStart } from "../src/index.ts";
import { AC, settingsOf } from "./fixtures.ts";
import { teller } from "./story.ts";

/** `# start: remembered=5 spread=5000`: what storage says, and the lot of the first dial. */
function startOf(text: string): PppStart {
  const remembered = /^# start:.* remembered=(\d+)/m.exec(text)?.[1];
  const spread = /^# start:.* spread=(\d+)/m.exec(text)?.[1];
  return {
    ...(remembered === undefined
      ? {}
      : { remembered: { peer: AC, sessionId: Number(remembered) } }),
    ...(spread === undefined ? {} : { firstWaitMax: milliseconds(Number(spread)) }),
  };
}

describe("stories of a line over PPPoE", () => {
  for (const file of readScenarios(`${import.meta.dirname}/scenario`)) {
    it(file.name, () => {
      const words = /^# settings: (.*)$/m.exec(file.text)?.[1]?.split(" ") ?? [];
      const told = playScenario(file.text, teller(settingsOf(words), startOf(file.text)));
      expect(told).toBe(settleScenario(file, told));
    });
  }
});
