import { expect, test } from "vitest";
import {
  LINE_STATES,
  linkStatusOf,
  qualityOf,
  readMode,
  readVendorId,
  snapshotOfPipe,
  toneSpacingOf,
  toneValues,
} from "../src/index.ts";
import { modeOfXtse } from "../src/lantiq/xtse.ts";
import { durationIn, numberIn } from "../src/text.ts";
import { fixture, pipeAnswers, value } from "./fixture.ts";

test("every state has its word of TR-181", () => {
  expect(Object.fromEntries(LINE_STATES.map((state) => [state, linkStatusOf(state)]))).toEqual({
    disabled: "Disabled",
    no_signal: "NoSignal",
    handshake: "Initializing",
    training: "EstablishingLink",
    showtime_no_tc: "EstablishingLink",
    up: "Up",
    resync: "EstablishingLink",
    error: "Error",
    unknown: "Error",
  });
});

test.each([
  ["VDSL2 Annex B Profile BrcmPriv1", { standard: "G.993.2", annex: "B", profile: "35b" }],
  ["G.993.2 (VDSL2) Profile 17a", { standard: "G.993.2", profile: "17a" }],
  ["G.993.2 (VDSL2, Profile 17a, with vectoring)", { standard: "G.993.2", profile: "17a" }],
  ["17A", { standard: "G.993.2", profile: "17a" }],
  ["35B", { standard: "G.993.2", profile: "35b" }],
  ["106a", { standard: "G.9701", profile: "106a" }],
  ["G.992.5 (ADSL2+) Annex J", { standard: "G.992.5", annex: "J" }],
  ["ADSL2+ Annex A", { standard: "G.992.5", annex: "A" }],
  ["ADSL2", { standard: "G.992.3" }],
  ["G.992.3_Annex_L", { standard: "G.992.3", annex: "L" }],
  ["G.DMT", { standard: "G.992.1" }],
  ["T1.413", { standard: "T1.413" }],
  ["VDSL", { standard: "G.993.1" }],
  ["G.fast", { standard: "G.9701" }],
  ["117a", {}],
  ["Annex Z", {}],
  ["", {}],
])("the mode %j", (text, mode) => {
  expect(readMode(text)).toEqual(mode);
});

test("tones are as far apart as the mode says", () => {
  expect(toneSpacingOf({ standard: "G.993.2", profile: "17a" })).toBe(4312.5);
  expect(toneSpacingOf({ standard: "G.993.2", profile: "30a" })).toBe(8625);
  expect(toneSpacingOf({ standard: "G.9701" })).toBe(51_750);
  expect(toneSpacingOf({})).toBeUndefined();
});

test("a bit of the system enabling is a standard with its annex (ITU-T G.997.1 section 7.3.1.1.1)", () => {
  expect(modeOfXtse([0, 0, 0, 0, 0, 0, 0, 2])).toEqual({ standard: "G.993.2", annex: "B" });
  expect(modeOfXtse([0, 0, 0, 0, 0, 1])).toEqual({ standard: "G.992.5", annex: "A" });
  expect(modeOfXtse([0, 0, 0, 0, 0, 0, 4])).toEqual({ standard: "G.992.5", annex: "M" });
  expect(modeOfXtse([1])).toEqual({ standard: "T1.413" });
  expect(modeOfXtse([0, 0xf0, 0, 0, 0, 0, 0xf0, 0xf8])).toEqual({});
});

test("a vendor is four letters (ITU-T G.994.1 section 9.3.3.1)", () => {
  const octets = [0xb5, 0, 0x42, 0x44, 0x43, 0x4d, 0xc1, 0xb2];
  expect(readVendorId(octets)).toEqual({ vendor: "BDCM", version: "193.178" });
  expect(readVendorId([...octets.slice(0, 6), 0, 0])).toEqual({ vendor: "BDCM" });
  expect(readVendorId([0, 0, 0, 0, 0, 0, 0, 0])).toBeUndefined();
  expect(readVendorId(octets.slice(1))).toBeUndefined();
});

test("what the modem measured need not be named, what it did not is", () => {
  const snapshot = value(snapshotOfPipe(pipeAnswers(fixture("lantiq-pipe.txt"))));
  expect(qualityOf(snapshot, "down.currRate")).toBe("measured");
  expect(qualityOf(snapshot, "down.noiseMargin")).toBe("derived");
  expect(qualityOf(snapshot, "up.power")).toBe("suspect");
});

test("tones beyond the largest plan are not believed, and gaps are not zeros", () => {
  expect(
    toneValues([
      [3, 7],
      [1, 2],
      [9000, 1],
      [-1, 1],
      [1.5, 1],
    ]),
  ).toEqual({ groupSize: 1, values: [null, 2, null, 7] });
  expect(toneValues([[9000, 1]])).toBeUndefined();
});

test("numbers as consoles write them", () => {
  expect(numberIn("- 4.3 dBm")).toBe(-4.3);
  expect(numberIn("  9.7 dB")).toBe(9.7);
  expect(numberIn("dB")).toBeUndefined();
  expect(durationIn("2 days 39 min 7 sec")).toBe(2 * 86_400 + 39 * 60 + 7);
  expect(durationIn("soon")).toBeUndefined();
});
