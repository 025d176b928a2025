import { transitionTable } from "@passerelle/testkit";
import { expect, test } from "vitest";
import { INPUT_KINDS, type Input } from "../src/core/input.ts";
import type { DoorState } from "../src/core/state.ts";
import { at, describeEffect, describeState, machine, parseInput, told } from "./story.ts";

const login: readonly (readonly [number, string])[] = [
  [1, "login 1 a s"],
  [1, "right 1"],
];
const STATES: Readonly<Record<string, DoorState>> = {
  empty: machine.initial,
  judging: told([1, "login 7 a s"]),
  "judging, one waits": told([1, "login 7 a s"], [1, "login 8 b t"]),
  delayed: told([1, "login 1 a s"], [99.5, "wrong 1"]),
  "logged in": told(...login),
  remembered: told([1, "login 1 a s remember"], [1, "right 1"]),
  "stepped up": told(...login, [2, "step-up 2 a s"], [2, "right 2"]),
  "waits for the button": told(...login, [99, "ask-button 2 s"]),
  "button pressed": told(...login, [98, "ask-button 2 s"], [99, "button"]),
  "app asks": told([1, "app-asks 1 c app read"]),
  "app paired": told(
    [1, "app-asks 1 c app read"],
    [2, "app-answer 2 app read"],
    [99, "challenge 3 app xyz"],
  ),
  "app logged in": told(
    [1, "app-asks 1 c app read"],
    [2, "app-answer 2 app read"],
    [3, "challenge 3 app xyz"],
    [3, "proof 4 c app xyz s"],
    [3, "right 4"],
  ),
};

const INPUTS: Readonly<Record<string, Input>> = {
  "knock login": parseInput(["login", "9", "a", "n"]),
  "knock step_up": parseInput(["step-up", "9", "a", "s"]),
  "knock password": parseInput(["password", "9", "a", "s"]),
  "knock app": parseInput(["proof", "9", "c", "app", "xyz", "n"]),
  "judged right": parseInput(["right", "7"]),
  "judged wrong": parseInput(["wrong", "7"]),
  failed: parseInput(["failed", "a"]),
  seen: parseInput(["seen", "s"]),
  "ended logout": parseInput(["logout", "9", "s"]),
  "ended revoked": parseInput(["revoke", "9", "s"]),
  button_asked: parseInput(["ask-button", "9", "s"]),
  button: parseInput(["button"]),
  app_asked: parseInput(["app-asks", "9", "d", "other", "read", "settings"]),
  app_answered: parseInput(["app-answer", "9", "app", "devices"]),
  "app_answered with nothing": parseInput(["app-answer", "9", "app"]),
  app_changed: parseInput(["app-change", "9", "app", "read", "settings"]),
  app_revoked: parseInput(["app-revoke", "9", "app"]),
  challenge_asked: parseInput(["challenge", "9", "app", "abc"]),
  timeout: { kind: "timeout" },
};

test("every state meets every input", async () => {
  const met = new Set(Object.values(INPUTS).map(({ kind }) => kind));
  expect(INPUT_KINDS.filter((kind) => !met.has(kind))).toEqual([]);
  const now = at(100);
  const table = transitionTable({
    ...{ machine, states: STATES, inputs: INPUTS, now, describeState, describeEffect },
  });
  await expect(table).toMatchFileSnapshot("transitions.txt");
});
