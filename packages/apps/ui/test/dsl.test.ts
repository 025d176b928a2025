import type { WanDsl, WanDslBin, WanDslSpectrum } from "@passerelle/contract";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { errorFigures, errorLines, QUARTER_MS } from "../src/core/dsl-errors.ts";
import {
  bitsFigures,
  spectrumFigures,
  spectrumKinds,
  spectrumLines,
} from "../src/core/dsl-spectrum.ts";
import {
  type DslLine,
  dslBands,
  dslMode,
  dslRows,
  dslSaying,
  marksIn,
  moreDslRows,
} from "../src/core/dsl-view.ts";
import { lowestOf, thinned } from "../src/core/series.ts";
import { daysOf } from "../src/core/timeline.ts";
import { en } from "../src/words/en.ts";
import { fr } from "../src/words/fr.ts";

const SINCE = 1_800_000_000_000;

const fault = {
  code: "dsl_no_signal",
  text: { fr: "Aucun signal.", en: "No signal." },
  next: { fr: "Le câble.", en: "The cable." },
};

function line(more: Partial<DslLine> = {}): DslLine {
  return {
    ...{ kind: "line", driver: "draytek", state: "up", rawState: "SHOWTIME", since: SINCE },
    ...{ retrains: 0, down: {}, up: {}, quality: {} },
    abilities: { spectrum: true, resync: true },
    ...more,
  };
}

const STATES = [
  "disabled",
  "no_signal",
  "handshake",
  "training",
  "showtime_no_tc",
  "up",
  "resync",
  "error",
  "unknown",
] as const satisfies readonly DslLine["state"][];

describe("the sentence of the line", () => {
  const said = (dsl: WanDsl): string => {
    const saying = dslSaying(dsl);
    return saying === undefined ? "nothing" : `${saying.status} ${saying.sentence.kind}`;
  };

  test.each<[DslLine["state"], string, string]>([
    ["disabled", "fault disabled", "fault fault"],
    ["no_signal", "fault no_signal", "fault fault"],
    ["handshake", "working handshake", "working handshake"],
    ["training", "working training", "working training"],
    ["showtime_no_tc", "working checking", "working checking"],
    ["up", "ok up_plain", "ok up_plain"],
    ["resync", "warning resync", "warning resync"],
    ["error", "fault error", "fault fault"],
    ["unknown", "warning unknown", "warning unknown"],
  ])("%s", (state, alone, withFault) => {
    expect(said(line({ state }))).toBe(alone);
    expect(said(line({ state, fault }))).toBe(withFault);
  });

  test("without a line", () => {
    expect(said({ kind: "none" })).toBe("nothing");
    expect(said({ kind: "asking", driver: "snmp", since: SINCE })).toBe("working asking");
    const away: WanDsl = { kind: "unreachable", driver: "snmp", since: SINCE, fault };
    expect(dslSaying(away)).toEqual({
      ...{ status: "fault", word: "unknown", sentence: { kind: "fault", fault } },
      ...{ since: SINCE, next: fault.next },
    });
  });

  test("what helps is said in every state that has it", () => {
    for (const state of STATES) expect(dslSaying(line({ state, fault }))?.next).toBe(fault.next);
  });

  test.each<[string, Partial<DslLine>, object]>([
    [
      "rates are said where both are known",
      { down: { currRate: 21_400_000 }, up: { currRate: 1_100_000 } },
      { kind: "up", down: 21_400_000, up: 1_100_000 },
    ],
    ["a rate of zero is known", { down: { currRate: 0 }, up: { currRate: 0 } }, { kind: "up" }],
    ["one rate alone is not", { down: { currRate: 21_400_000 } }, { kind: "up_plain" }],
    [
      "the smaller margin counts",
      { down: { noiseMargin: 6 }, up: { noiseMargin: 1.8 } },
      { kind: "low_margin", margin: 1.8 },
    ],
    ["a margin of zero is low", { down: { noiseMargin: 0 } }, { kind: "low_margin", margin: 0 }],
    ["a margin below zero", { down: { noiseMargin: -1 } }, { kind: "low_margin", margin: -1 }],
    ["3 dB are enough", { down: { noiseMargin: 3 } }, { kind: "up_plain" }],
    [
      "a doubtful margin warns nobody",
      { down: { noiseMargin: 0 }, quality: { "down.noiseMargin": "suspect" } },
      { kind: "up_plain" },
    ],
    ["a margin that is not said warns nobody", {}, { kind: "up_plain" }],
  ])("up: %s", (_, more, sentence) => {
    expect(dslSaying(line(more))?.sentence).toMatchObject(sentence);
  });

  test("every sentence has its words in both languages", () => {
    const wanted = STATES.flatMap((state) => {
      const kinds = [line({ state }), line({ state, down: { noiseMargin: 1 } })];
      return kinds.map((dsl) => dslSaying(dsl)?.sentence.kind);
    });
    for (const kind of [...wanted, "asking", "up", "low_margin"]) {
      if (kind === "fault") continue;
      for (const words of [en, fr]) expect(words).toHaveProperty([`dsl.say.${kind}`]);
    }
  });

  test("every state has its word in both languages; a silent modem says nothing of its line", () => {
    for (const state of STATES) {
      const word = dslSaying(line({ state }))?.word;
      for (const words of [en, fr]) expect(words).toHaveProperty([`dsl.word.${word}`]);
    }
    expect(dslSaying(line({ state: "no_signal" }))?.word).toBe("broken");
    expect(dslSaying(line({ state: "unknown" }))?.word).toBe("unknown");
    expect(dslSaying(line({ down: { noiseMargin: 1 } }))?.word).toBe("frail");
  });
});

describe("the values", () => {
  test("a row that the modem knows nothing of is left out; zero is not nothing", () => {
    const rows = dslRows(line({ down: { noiseMargin: 0 }, up: { power: 6.3 } }));
    expect(rows).toEqual([
      {
        name: "noiseMargin",
        down: { kind: "number", value: 0, unit: "decibels", mark: undefined },
        up: undefined,
      },
      {
        name: "power",
        down: undefined,
        up: { kind: "number", value: 6.3, unit: "dbm", mark: undefined },
      },
    ]);
    expect(dslRows(line())).toEqual([]);
    expect(moreDslRows(line())).toEqual([]);
  });

  test("what is off is said, what is not known is not", () => {
    const rows = dslRows(line({ down: { retransmission: false, vectoring: "full" } }));
    expect(rows.map(({ name, down }) => [name, down?.kind])).toEqual([
      ["retransmission", "off"],
      ["vectoring", "vectoring"],
    ]);
    expect(moreDslRows(line({ up: { trellis: true } }))[0]?.up?.kind).toBe("on");
  });

  test("errors of what goes up are those that the other end counted", () => {
    const rows = moreDslRows(line({ near: { crcErrors: 7 }, far: { crcErrors: 0 } }));
    expect(rows).toMatchObject([{ name: "crcErrors", down: { value: 7 }, up: { value: 0 } }]);
    expect(moreDslRows(line({ near: {}, far: {} }))).toEqual([]);
  });

  test("a number that is none is not shown", () => {
    expect(dslRows(line({ down: { noiseMargin: Number.NaN, currRate: 1 / 0 } }))).toEqual([]);
  });

  test("computed and doubtful values are marked, and only these are explained", () => {
    const rows = dslRows(
      line({
        down: { maxRate: 1, power: 2 },
        up: { power: 3 },
        quality: { "down.maxRate": "derived", "down.power": "measured", "up.power": "suspect" },
      }),
    );
    expect(rows.map(({ down, up }) => [down?.mark, up?.mark])).toEqual([
      ["derived", undefined],
      [undefined, "suspect"],
    ]);
    expect(marksIn(rows)).toEqual(["derived", "suspect"]);
    expect(marksIn(dslRows(line({ down: { power: 1 } })))).toEqual([]);
  });

  test("every row has its words in both languages", () => {
    const all = {
      ...{ currRate: 1, maxRate: 1, previousRate: 1, noiseMargin: 1, lineAttenuation: 1 },
      ...{ signalAttenuation: 1, power: 1, interleaveDelay: 1, interleaveDepth: 1, actInp: 1 },
      ...{ trellis: true, bitswap: true, sra: true, retransmission: true },
      vectoring: "off" as const,
    };
    const known = line({ down: all, near: { crcErrors: 0 }, far: { fecErrors: 0 } });
    const rows = [...dslRows(known), ...moreDslRows(known)];
    expect(rows).toHaveLength(Object.keys(all).length + 2);
    for (const { name } of rows) {
      for (const words of [en, fr]) expect(words).toHaveProperty([`dsl.row.${name}`]);
    }
  });

  test.each<[Partial<DslLine>, object]>([
    [
      { standard: "G.992.5", annex: "A" },
      { standard: "ADSL2+", annex: "A", profile: undefined },
    ],
    [
      { standard: "G.993.2", profile: "17a" },
      { standard: "VDSL2", profile: "17a" },
    ],
    [{ standard: "G.999" }, { standard: "G.999" }],
    [{ standard: "constructor" }, { standard: "constructor" }],
    [{}, { standard: undefined }],
  ])("what it speaks: %j", (more, mode) => {
    expect(dslMode(line(more))).toMatchObject(mode);
  });

  test("texts of the modem come out short and on their own line direction", () => {
    const hostile = `\u202Egpj\u2066<b>\n${"W".repeat(2000)}`;
    const { standard, profile, annex } = dslMode(
      line({ standard: hostile, profile: hostile, annex: hostile }),
    );
    const bands = dslBands(line({ down: { bands: Array(50).fill({ band: hostile }) } }));
    expect(bands).toHaveLength(9);
    for (const text of [standard, profile, annex, bands[0]?.band]) {
      expect(text?.length).toBeLessThanOrEqual(16);
      expect(text).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    }
  });

  test("bands of both directions, without a value where there is none", () => {
    const bands = dslBands(
      line({ down: { bands: [{ band: "D1", noiseMargin: 0 }] }, up: { bands: [{ band: "U0" }] } }),
    );
    expect(bands).toEqual([
      { band: "D1", noiseMargin: 0, lineAttenuation: undefined },
      { band: "U0", noiseMargin: undefined, lineAttenuation: undefined },
    ]);
  });
});

const KHZ = 4.3125;

function spectrum(
  down: WanDslSpectrum["down"],
  up: WanDslSpectrum["up"] = {},
  toneSpacing: number | undefined = KHZ * 1000,
): WanDslSpectrum {
  return { at: SINCE, down, up, ...(toneSpacing === undefined ? {} : { toneSpacing }) };
}

function tones(...values: (number | null)[]): { groupSize: number; values: (number | null)[] } {
  return { groupSize: 1, values };
}

describe("the spectrum", () => {
  test("stands over kilohertz, or over tones where nobody knows how far they stand apart", () => {
    const known = spectrumLines(spectrum({ bits: tones(1, 2) }), "bits");
    expect(known).toEqual({
      axis: "khz",
      step: 1,
      unit: KHZ,
      at: [0, KHZ],
      down: [1, 2],
      up: [null, null],
    });
    const unknown = { at: SINCE, down: { bits: tones(1, 2) }, up: {} };
    expect(spectrumLines(unknown, "bits")).toMatchObject({ axis: "tone", at: [0, 1] });
    expect(spectrumLines(spectrum({ bits: tones(1) }, {}, 0), "bits").axis).toBe("tone");
  });

  test("groups of different size stand at their tones", () => {
    const lines = spectrumLines(
      spectrum({ snr: { groupSize: 4, values: [10, 20] } }, { snr: { groupSize: 2, values: [5] } }),
      "snr",
    );
    expect(lines.step).toBe(2);
    expect(lines.at.map((at) => at / KHZ)).toEqual([0, 2, 4, 6]);
    expect(lines.down).toEqual([10, 10, 20, 20]);
    expect(lines.up).toEqual([5, null, null, null]);
  });

  test("bits outside of a direction's bands are the other's; noise is everybody's", () => {
    const bands = [{ start: 2, end: 3 }];
    const down = { bits: tones(0, 0, 8, 7, 0), qln: tones(-120, -121, -122, -123, -124), bands };
    expect(spectrumLines(spectrum(down), "bits").down).toEqual([null, null, 8, 7, null]);
    expect(spectrumLines(spectrum(down), "qln").down).toEqual([-120, -121, -122, -123, -124]);
  });

  test("only kinds that were measured can be chosen", () => {
    expect(spectrumKinds(spectrum({ bits: tones(null), snr: tones(null, 0) }))).toEqual(["snr"]);
    expect(spectrumKinds(spectrum({}, { hlog: tones(-1) }))).toEqual(["hlog"]);
    expect(spectrumKinds(spectrum({}))).toEqual([]);
  });

  test("where bits are carried, and how many on average", () => {
    const figures = bitsFigures(spectrum({ bits: tones(0, null, 4, 0, 8, 0) }), "down");
    expect(figures).toEqual({ from: 2 * KHZ, to: 5 * KHZ, mean: 6, gaps: undefined });
    expect(bitsFigures(spectrum({ bits: tones(0, null) }), "down")).toBeUndefined();
    expect(bitsFigures(spectrum({}), "up")).toBeUndefined();
  });

  test.each<[string, (number | null)[], number]>([
    ["none", [4, 4, 4, 4, 4, 4], 0],
    ["the pilot is none", [4, 4, 0, 4, 4, 4], 0],
    ["two tones that carry nothing", [4, 0, 0, 4, 4, 4], 1],
    ["the weak end of a band is none", [4, 4, 4, 0, 0, 0], 0],
    ["nor is what lies between two bands", [4, 0, null, null, 0, 4], 0],
    ["two of them", [4, 0, 0, 4, 0, 0, 4], 2],
  ])("gaps within the bands: %s", (_, bits, gaps) => {
    const bands = [{ start: 0, end: 10 }];
    expect(bitsFigures(spectrum({ bits: tones(...bits), bands }), "down")?.gaps).toBe(gaps);
  });

  test("a group at the edge of a band counts as far as the band goes", () => {
    const bits = { groupSize: 8, values: [4, 4, 4] };
    const down = { bits, bands: [{ start: 7, end: 18 }] };
    expect(bitsFigures(spectrum(down), "down")).toMatchObject({ from: 7 * KHZ, to: 19 * KHZ });
  });

  test("one group of many tones is a gap", () => {
    const bits = { groupSize: 8, values: [4, 0, 4] };
    const down = { bits, bands: [{ start: 0, end: 23 }] };
    expect(bitsFigures(spectrum(down), "down")?.gaps).toBe(1);
  });

  test("lowest, highest, mean: gaps do not count, and nothing measured is no zero", () => {
    expect(spectrumFigures([null, -120, -100, null])).toEqual({
      ...{ low: -120, high: -100, mean: -110 },
    });
    expect(spectrumFigures([null])).toBeUndefined();
    expect(lowestOf([null, 3, 2])).toBe(2);
    expect(lowestOf([null])).toBeUndefined();
  });

  test("whatever a modem sends, the chart stays small and its axis ascends", () => {
    const values = fc.array(fc.option(fc.double(), { nil: null }), { maxLength: 600 });
    const direction = fc.record({
      bits: fc.record({ groupSize: fc.nat(100_000), values }),
      bands: fc.array(fc.record({ start: fc.nat(9000), end: fc.nat(9000) }), { maxLength: 5 }),
    });
    fc.assert(
      fc.property(direction, direction, fc.double(), (down, up, toneSpacing) => {
        const lines = spectrumLines({ at: SINCE, toneSpacing, down, up }, "bits");
        expect(lines.at.length).toBeLessThanOrEqual(1024);
        expect([lines.down.length, lines.up.length]).toEqual([lines.at.length, lines.at.length]);
        const isAscending = lines.at.every((at, n) => n === 0 || at > (lines.at[n - 1] ?? 0));
        return isAscending && [...lines.down, ...lines.up].every((one) => !Number.isNaN(one));
      }),
      { numRuns: 60 },
    );
  });

  test("a table of it has few rows: means of neighbours, by their first", () => {
    expect(thinned([0, 1, 2, 3, 4], [[1, 3, null, null, 9]], 3)).toEqual({
      at: [0, 2, 4],
      lines: [[2, null, 9]],
    });
    expect(thinned([], [[]], 60)).toEqual({ at: [], lines: [[]] });
  });
});

function bin(n: number, near: number | undefined, more: Partial<WanDslBin> = {}): WanDslBin {
  return {
    ...{ start: SINCE + n * QUARTER_MS, seconds: 900, upSeconds: 900, retrains: 0 },
    ...{ isEstimated: false, far: {} },
    near: near === undefined ? {} : { erroredSecs: near },
    ...more,
  };
}

describe("errors", () => {
  test("a bar in the middle of its time; nobody counted is not zero", () => {
    expect(errorLines([bin(1, undefined), bin(0, 0)], QUARTER_MS)).toEqual({
      times: [SINCE + 450_000, SINCE + 1_350_000],
      down: [0, null],
      up: [null, null],
    });
  });

  test("sums, the worst time of both ends, and trainings", () => {
    const figures = errorFigures([
      bin(0, 5),
      bin(1, 4, { far: { erroredSecs: 9 }, retrains: 2, isEstimated: true }),
      bin(2, undefined),
    ]);
    expect(figures).toEqual({
      ...{ down: 9, up: 9, retrains: 2, isEstimated: true },
      worst: { at: SINCE + QUARTER_MS, seconds: 13 },
    });
  });

  test("an end that tells nothing has no sum; nothing counted has no figures", () => {
    expect(errorFigures([bin(0, 0)])).toMatchObject({ down: 0, up: undefined });
    expect(errorFigures([bin(0, undefined)])).toBeUndefined();
    expect(errorFigures([])).toBeUndefined();
  });
});

test("steps of one training are not told one by one", () => {
  const change = (at: number, from: string, to: string) => ({
    ...{ at, layer: "dsl" as const, from, to },
  });
  const days = daysOf(
    [
      change(1, "up", "no_signal"),
      change(2, "no_signal", "handshake"),
      change(3, "handshake", "training"),
      change(4, "training", "showtime_no_tc"),
      change(5, "showtime_no_tc", "up"),
    ],
    9,
    () => "day",
  );
  expect(days[0]?.changes.map(({ to }) => to)).toEqual(["up", "handshake", "no_signal"]);
  expect(days[0]?.outages).toBe(0);
});
