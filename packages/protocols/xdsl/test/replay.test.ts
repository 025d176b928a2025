import { transitionTable } from "@passerelle/testkit";
import { after, instant, minutes, seconds } from "@passerelle/time";
import { describe, expect, test } from "vitest";
import {
  type PlayerState,
  readRecording,
  recordingPlayer,
  STORY_ADSL2PLUS,
  STORY_VDSL2_17A,
  simulateLine,
  writeRecording,
} from "../src/index.ts";
import { value } from "./fixture.ts";

describe.each([
  ["ADSL2+", STORY_ADSL2PLUS],
  ["VDSL2 17a", STORY_VDSL2_17A],
])("the line of %s", (_, story) => {
  const recording = simulateLine(story);
  const up = recording.entries.flatMap((entry) =>
    entry.kind === "snapshot" && entry.snapshot.state === "up" ? [entry.snapshot] : [],
  );

  test("trains, comes up, loses margin and comes up again at a lower rate", () => {
    const states = recording.entries.flatMap((entry) =>
      entry.kind === "state" ? [entry.state] : [],
    );
    const training = ["no_signal", "handshake", "training", "showtime_no_tc", "up"];
    expect(states).toEqual([...training, ...training]);
    const rates = [...new Set(up.map(({ down }) => down.currRate))];
    expect(rates).toHaveLength(2);
    expect(rates[1]).toBeLessThan(rates[0] ?? 0);
    const margins = up.map(({ down }) => down.noiseMargin ?? Number.NaN);
    expect(Math.max(...margins)).toBeLessThanOrEqual(6);
    expect(Math.min(...margins)).toBeLessThanOrEqual(0.5);
    expect(up.at(-1)?.down.previousRate).toBe(rates[0]);
  });

  test("counts errors that never fall", () => {
    const counted = up.map(({ near }) => near?.erroredSecs ?? Number.NaN);
    expect(counted).toEqual([...counted].sort((a, b) => a - b));
    expect(counted.at(-1)).toBeGreaterThan(10);
  });

  test("its spectrum tells the story of its rate", () => {
    const spectra = recording.entries.flatMap((entry) =>
      entry.kind === "spectrum" ? [entry.spectrum] : [],
    );
    expect(spectra).toHaveLength(2);
    const rates = [...new Set(up.map(({ down }) => down.currRate ?? 0))];
    for (const [index, { down }] of spectra.entries()) {
      const bits = (down.bits?.values ?? []).reduce((sum: number, tone) => sum + (tone ?? 0), 0);
      const rate = bits * (down.bits?.groupSize ?? 1) * 4000 * 0.92;
      expect(Math.abs(rate / (rates[index] ?? 0) - 1)).toBeLessThan(0.02);
    }
  });

  test("is the same each time, small, and read as it was written", () => {
    const text = writeRecording(recording);
    expect(writeRecording(simulateLine(story))).toBe(text);
    expect(writeRecording(simulateLine(story, 2))).not.toBe(text);
    expect(text.length).toBeLessThan(100_000);
    expect(value(readRecording(text))).toEqual(recording);
  });
});

const HEAD = '{"format":"passerelle-line-recording","version":1,"about":"x"}';
const STATE = '{"at":1,"kind":"state","state":"up","rawState":"y"}';

test.each([
  ["", "recording_head", 0],
  ["{}", "recording_head", 0],
  ['{"format":"passerelle-line-recording","version":2}', "recording_version", 0],
  [`${HEAD}\nx`, "recording_entry", HEAD.length + 1],
  [
    `${HEAD}\n${STATE}\n${STATE.replace("1", "0")}`,
    "recording_order",
    HEAD.length + STATE.length + 2,
  ],
  [`${HEAD}\n${STATE.replace('"up"', '"UP"')}`, "recording_entry", HEAD.length + 1],
  [`${HEAD}\n${STATE.replace("1", "-1")}`, "recording_entry", HEAD.length + 1],
  [
    `${HEAD}\n{"at":1,"kind":"snapshot","snapshot":{"state":"up"}}`,
    "recording_entry",
    HEAD.length + 1,
  ],
  [
    `${HEAD}\n{"at":1,"kind":"snapshot","snapshot":{"state":"up","rawState":"","down":{"currRate":"1"},"up":{},"inventory":{},"quality":{},"raw":null}}`,
    "recording_entry",
    HEAD.length + 1,
  ],
  [
    `${HEAD}\n{"at":1,"kind":"spectrum","spectrum":{"down":{"bits":{"groupSize":1,"values":["1"]}},"up":{}}}`,
    "recording_entry",
    HEAD.length + 1,
  ],
])("refuses %j", (text, code, at) => {
  expect(readRecording(text)).toEqual({ ok: false, error: { code, at } });
});

test("a recording without its end is one until there, and a cut line is none", () => {
  const text = `${HEAD}\n${STATE}\n`;
  expect(value(readRecording(text)).entries).toHaveLength(1);
  for (let length = 0; length < text.length; length += 1) readRecording(text.slice(0, length));
  expect(value(readRecording(`${HEAD}\n`)).entries).toEqual([]);
});

describe("the player", () => {
  const recording = value(
    readRecording(
      [HEAD, ...[0, 10, 10, 30].map((at) => STATE.replace('"at":1', `"at":${at}`))].join("\n"),
    ),
  );
  const start = instant(1000);

  test("gives each entry when it is due, ten times as fast", () => {
    const player = recordingPlayer(recording, { speed: 10 });
    const given: string[] = [];
    let state: PlayerState = player.initial;
    let step = player.step(state, { kind: "start" }, start);
    for (let turn = 0; turn < 10; turn += 1) {
      state = step.state;
      player.check(state);
      const due = player.deadline(state);
      given.push(
        `${step.effects.map((effect) => ("entry" in effect ? effect.entry.at : effect.kind))} next ${due}`,
      );
      if (due === undefined) break;
      step = player.step(state, { kind: "timeout" }, due);
    }
    expect(given).toEqual(["0 next 2000", "10,10 next 4000", "30,ended next undefined"]);
  });

  test("begins again, and does not catch up with whole rounds", () => {
    const player = recordingPlayer(recording, { isLoop: true });
    const playing = player.step(player.initial, { kind: "start" }, start).state;
    const late = player.step(playing, { kind: "timeout" }, after(start, minutes(10)));
    expect(late.effects).toHaveLength(3);
    expect(player.deadline(late.state)).toBe(after(start, minutes(10)));
    const moment = recordingPlayer(
      { about: "", entries: recording.entries.slice(0, 1) },
      { isLoop: true },
    );
    expect(moment.step(moment.initial, { kind: "start" }, start).state.kind).toBe("ended");
  });

  test("an empty recording ends as it begins; time that does not pass is our mistake", () => {
    const player = recordingPlayer({ about: "", entries: [] });
    expect(player.step(player.initial, { kind: "start" }, start)).toEqual({
      state: { kind: "ended" },
      effects: [{ kind: "ended" }],
    });
    expect(() => recordingPlayer(recording, { speed: 0 })).toThrow("invariant");
  });

  test("every state meets every input", async () => {
    const table = transitionTable({
      machine: recordingPlayer(recording),
      states: {
        idle: { kind: "idle" },
        playing: { kind: "playing", startedAt: start, next: 1 },
        ended: { kind: "ended" },
      },
      inputs: {
        start: { kind: "start" },
        stop: { kind: "stop" },
        resync: { kind: "resync" },
        timeout: { kind: "timeout" },
      },
      now: after(start, seconds(10)),
      describeState: (state: PlayerState) => state.kind,
      describeEffect: (effect) => ("entry" in effect ? `entry@${effect.entry.at}` : effect.kind),
    });
    await expect(table).toMatchFileSnapshot("golden/player-transitions.txt");
  });
});
