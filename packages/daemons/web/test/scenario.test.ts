import { fileURLToPath } from "node:url";
import { playScenario, readScenarios, settleScenario } from "@passerelle/testkit";
import { expect, test } from "vitest";
import { describeEffect, describeState, machine, parseInput } from "./story.ts";

const folder = fileURLToPath(new URL("./scenario", import.meta.url));

test.each(readScenarios(folder))("$name", (file) => {
  const told = playScenario(file.text, { machine, parseInput, describeState, describeEffect });
  expect(told).toBe(settleScenario(file, told));
});
