import { wanDsl, wanDslHistory, wanDslSpectrum } from "@passerelle/contract";
import { instant, wallTime } from "@passerelle/time";
import { LINE_STATES, STORY_VDSL2_17A, simulateLine } from "@passerelle/xdsl";
import fc from "fast-check";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { spectrumView } from "../../src/core/dsl/spectrum.ts";
import { type DslState, initialDsl, wordOf } from "../../src/core/dsl/state.ts";
import { binsView, dslView, ratesOf } from "../../src/core/dsl/view.ts";
import { snapshot } from "./line.ts";

const NOW = instant(5000);
const context = {
  driver: "draytek",
  abilities: { spectrum: true, resync: false, events: false },
  wall: () => wallTime(1_780_000_000_000),
};

function seen(of: ReturnType<typeof snapshot>): DslState {
  const state = { ...initialDsl(NOW), seen: { snapshot: of, since: NOW } };
  return { ...state, mark: { word: wordOf(state), since: NOW } };
}

describe("a modem on the bus", () => {
  it("is asked, then not reached, then a line", () => {
    expect(dslView(initialDsl(NOW), context)).toMatchObject({ kind: "asking", driver: "draytek" });
    const failure = { reason: "login_refused", text: "Login incorrect" } as const;
    expect(dslView({ ...initialDsl(NOW), failures: 1, failure }, context)).toMatchObject({
      kind: "unreachable",
      fault: { code: "dsl_login_refused", raw: "Login incorrect" },
    });
    const line = dslView(seen(snapshot("up")), context);
    expect(line).toMatchObject({
      ...{ kind: "line", state: "up", profile: "17a", tc: "ptm" },
      modem: { vendor: "IFTN" },
      operator: { vendor: "BDCM", version: "178.13" },
      quality: { "up.power": "suspect" },
      abilities: { spectrum: true, resync: false },
    });
    expect(line).not.toHaveProperty("fault");
    // What a modem says beside its fields may be anything.
    expect(JSON.stringify(line)).not.toContain("never shown");
  });

  it.each(LINE_STATES)(
    "a line that is %s keeps the contract and says why it is not up",
    (state) => {
      const view = dslView(seen(snapshot(state)), context);
      expect(v.parse(wanDsl.schema, view)).toEqual(view);
      const tells = !["up", "resync", "unknown"].includes(state);
      expect("fault" in view).toBe(tells);
    },
  );

  it("keeps the contract whatever a modem says", () => {
    const number = fc.oneof(fc.double({ noNaN: true }), fc.integer());
    const direction = fc.record(
      {
        ...{ currRate: number, maxRate: number, noiseMargin: fc.double({ noNaN: true }) },
        bands: fc.array(fc.record({ band: fc.string({ maxLength: 400 }) }), { maxLength: 12 }),
      },
      { requiredKeys: [] },
    );
    const hostile = fc.record({
      rawState: fc.string({ unit: "binary", maxLength: 2000 }),
      down: direction,
      up: direction,
      near: fc.record({ crcErrors: number, fecErrors: number }, { requiredKeys: [] }),
      inventory: fc.record({ near: fc.record({ vendor: fc.string({ maxLength: 5000 }) }) }),
    });
    fc.assert(
      fc.property(hostile, fc.constantFrom(...LINE_STATES), (said, state) => {
        const view = dslView(seen(snapshot(state, said)), context);
        expect(v.safeParse(wanDsl.schema, view).success).toBe(true);
      }),
    );
  });
});

describe("the spectrum on the bus", () => {
  const recorded = simulateLine(STORY_VDSL2_17A).entries.find(({ kind }) => kind === "spectrum");
  if (recorded?.kind !== "spectrum") throw new Error("the line has a spectrum");

  it("keeps the contract, and its shape in few values", () => {
    const view = spectrumView(recorded.spectrum, wallTime(1));
    expect(v.parse(wanDslSpectrum.reply, view)).toEqual(view);
    const { bits } = view.down;
    expect(bits?.values.length).toBeLessThanOrEqual(512);
    // The last tone of the last band of 17a.
    expect((bits?.values.length ?? 0) * (bits?.groupSize ?? 0)).toBeGreaterThan(4000);
    expect(Math.max(...(bits?.values ?? []).map((value) => value ?? 0))).toBeLessThanOrEqual(15);
  });

  it("is the mean of neighbours; where nothing was measured it is null", () => {
    const values = Array.from({ length: 1024 }, (_, n) => (n < 4 ? null : n % 2));
    const view = spectrumView({ down: { snr: { groupSize: 2, values } }, up: {} }, wallTime(1));
    expect(view.down.snr?.groupSize).toBe(4);
    expect(view.down.snr?.values.slice(0, 3)).toEqual([null, null, 0.5]);
    expect(view.down.snr?.values).toHaveLength(512);
  });
});

it("bins keep the contract", () => {
  expect(binsView({ kind: "empty" })).toEqual({ quarters: [], days: [] });
  const near = { crcErrors: 4 };
  const bin = {
    ...{ start: wallTime(1_780_000_200_000), seconds: 12, upSeconds: 10, retrains: 1 },
    ...{ isEstimated: false, near, far: {} },
  };
  const last = { at: wallTime(1_780_000_212_000), isUp: true, near, far: {} };
  const view = binsView({ kind: "counting", last, quarters: [bin], days: [bin] });
  expect(v.parse(wanDslHistory.reply, view)).toEqual(view);
  expect(view.quarters[0]).toEqual(bin);
});

it("rates are followed while the line is up, and only rates", () => {
  expect(ratesOf(seen(snapshot("up")))).toEqual({ down: 50_000_000, up: 10_000_000, tc: "ptm" });
  expect(ratesOf(seen(snapshot("training")))).toBeUndefined();
  expect(ratesOf(seen(snapshot("up", { down: { currRate: 0 } })))).toBeUndefined();
  expect(ratesOf(undefined)).toBeUndefined();
});
