import { createFakeProcesses } from "@passerelle/process";
import { STORY_ADSL2PLUS, simulateLine } from "@passerelle/xdsl";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createLinuxLine, type LineDriver } from "../src/index.ts";

const SPEED = 100;
const { entries } = simulateLine(STORY_ADSL2PLUS);
const states = entries.flatMap((entry) => (entry.kind === "state" ? [entry] : []));

let driver: LineDriver;
let heard: string[];

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  const line = createLinuxLine({ processes: createFakeProcesses() });
  driver = line.open({ driver: "replay", recording: "adsl2plus", speed: SPEED });
  heard = [];
  driver.onState((state, rawState) => heard.push(`${state} ${rawState}`));
  await Promise.resolve();
});

afterEach(() => {
  driver.close();
  vi.useRealTimers();
});

const pass = (recordedSeconds: number): void =>
  void vi.advanceTimersByTime((recordedSeconds * 1000) / SPEED + 1);

it("tells every change of the recording, at its speed, and begins again", () => {
  const expected = states.map(({ state, rawState }) => `${state} ${rawState}`);
  expect(heard).toEqual(expected.slice(0, 1));
  pass((states[1]?.at ?? 0) - 1);
  expect(heard.length).toBe(1);
  pass(1);
  expect(heard).toEqual(expected.slice(0, 2));
  pass(7200);
  expect(heard.slice(0, expected.length + 1)).toEqual([...expected, expected[0]]);
});

it("has the newest snapshot, and no spectrum before the first showtime", async () => {
  const before = await driver.spectrum();
  expect(before.ok || before.error.code).toBe("not_understood");
  pass(40);
  const up = await driver.snapshot();
  const recorded = entries.find(
    (entry) => entry.kind === "snapshot" && entry.snapshot.state === "up",
  );
  expect(up).toEqual({ ok: true, value: recorded?.kind === "snapshot" && recorded.snapshot });
  expect((await driver.spectrum()).ok).toBe(true);
});

it("trains anew when it is told to", async () => {
  pass(40);
  const soFar = heard.length;
  expect(await driver.resync()).toEqual({ ok: true, value: undefined });
  pass(5);
  expect(heard.slice(soFar)).toEqual(heard.slice(0, 3));
  const line = await driver.snapshot();
  expect(line.ok && line.value.state).toBe("training");
});

it("leaves no timer, and says nothing, when it is closed", () => {
  expect(vi.getTimerCount()).toBe(1);
  driver.close();
  expect(vi.getTimerCount()).toBe(0);
  const soFar = heard.length;
  pass(7200);
  expect(heard.length).toBe(soFar);
});

it("begins with the first question where nobody listens", async () => {
  const line = createLinuxLine({ processes: createFakeProcesses() });
  const quiet = line.open({ driver: "replay", recording: "vdsl2", speed: SPEED });
  expect(vi.getTimerCount()).toBe(1);
  const first = await quiet.snapshot();
  expect(first.ok && first.value.state).toBe("no_signal");
  expect(vi.getTimerCount()).toBe(2);
  quiet.close();
});
