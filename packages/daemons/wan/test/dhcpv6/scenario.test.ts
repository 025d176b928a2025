import { playScenario, readScenarios, settleScenario } from "@passerelle/testkit";
import { describe, expect, it } from "vitest";
import type { Remembered6 } from "../../src/core/dhcpv6/state.ts";
import { machine6, storedLease6 } from "./fixtures.ts";
import { teller6 } from "./story.ts";

/** `# start: held` or `# start: remembered`: what the lease file says, of this boot or of one before. */
function rememberedOf(text: string): Remembered6 | undefined {
  const word = /^# start: (held|remembered)/m.exec(text)?.[1];
  return word === undefined ? undefined : { lease: storedLease6(), inUse: word === "held" };
}

describe("stories of the DHCPv6 client", () => {
  for (const file of readScenarios(`${import.meta.dirname}/scenario`)) {
    it(file.name, () => {
      const rapidCommit = /^# rapid commit/m.test(file.text);
      const machine = machine6({ rapidCommit }, rememberedOf(file.text));
      const told = playScenario(file.text, teller6(machine));
      expect(told).toBe(settleScenario(file, told));
      // RFC 9096 WPD-9, WPD-10 and RFC 7084 W-5: nothing is released, and both identities stay the same.
      expect(told).not.toMatch(/send RELEASE|as A STRANGER|\b(na|pd)(?!1)\d*\[/);
    });
  }
});
