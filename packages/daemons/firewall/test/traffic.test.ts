import { instant, type WallTime, wallTime } from "@passerelle/time";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readCounters } from "../src/core/counters.ts";
import {
  type Count,
  DEVICES_MAX,
  HISTORY_PERIOD,
  HISTORY_POINTS_MAX,
  initialTraffic,
  readTraffic,
  type TrafficState,
} from "../src/core/traffic.ts";

const A = "02:00:00:00:00:0a";
const START = wallTime(HISTORY_PERIOD * 1000);
const owner = (address: string) => (address === "192.168.1.10" ? A : undefined);

function counts(bytes: Readonly<Record<string, number>>): Map<string, Count> {
  return new Map(Object.entries(bytes).map(([key, n]) => [key, { bytes: n, packets: n / 100 }]));
}

function read(
  state: TrafficState,
  atSeconds: number,
  up: number,
  down: number,
  who: (address: string) => string | undefined = owner,
): TrafficState {
  return readTraffic(
    state,
    { up: counts({ [A]: up }), down: counts({ "192.168.1.10": down }) },
    who,
    instant(atSeconds * 1000),
    (START + atSeconds * 1000) as WallTime,
  );
}

describe("counters become traffic of devices", () => {
  test("sums and rates", () => {
    const first = read(initialTraffic(START), 0, 1000, 2000);
    expect(first.devices.get(A)).toMatchObject({ upBytes: 1000, downBytes: 2000, upRate: 0 });
    const next = read(first, 10, 2000, 12_000);
    expect(next.devices.get(A)).toMatchObject({
      upBytes: 2000,
      downBytes: 12_000,
      upPackets: 20,
      downPackets: 120,
      upRate: 800,
      downRate: 8000,
    });
  });
  test("a counter that began anew adds all it shows", () => {
    const state = read(read(initialTraffic(START), 0, 1000, 1000), 10, 300, 1000);
    expect(state.devices.get(A)).toMatchObject({ upBytes: 1300, downBytes: 1000 });
  });
  test("a counter of nobody is kept for its owner", () => {
    const nobody = () => undefined;
    let state = read(initialTraffic(START), 0, 100, 500, nobody);
    state = read(state, 10, 100, 800, nobody);
    expect(state.devices.get(A)?.downBytes).toBe(0);
    state = read(state, 20, 100, 1000);
    expect(state.devices.get(A)?.downBytes).toBe(1000);
  });
  test("the first reading is no traffic of the running period", () => {
    let state = read(initialTraffic(START), 0, 5000, 0);
    state = read(state, 10, 5100, 0);
    state = read(state, 301, 5150, 0);
    expect(state.history.get(A)).toEqual([{ at: START, up: 150, down: 0 }]);
  });
  test("the history is 24 hours long at most", () => {
    let state = initialTraffic(START);
    for (let period = 0; period < HISTORY_POINTS_MAX + 50; period += 1) {
      state = read(state, period * 300, period * 100, 0);
    }
    expect(state.history.get(A)).toHaveLength(HISTORY_POINTS_MAX);
    for (let period = 400; period < 800; period += 1) state = read(state, period * 300, 0, 0);
    expect(state.history.get(A)).toBeUndefined();
  });
  test("made-up devices do not make the table grow without end", () => {
    const up = new Map(
      Array.from({ length: 1000 }, (_, i) => [`mac${i}`, { bytes: i, packets: i }] as const),
    );
    const state = readTraffic(
      initialTraffic(START),
      { up, down: new Map() },
      owner,
      instant(0),
      START,
    );
    expect(state.devices.size).toBe(DEVICES_MAX);
    expect(state.devices.has("mac999")).toBe(true);
  });
  test("sums never shrink, rates are never negative", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(10_000), fc.nat(10_000)), { maxLength: 30 }), (all) => {
        let state = initialTraffic(START);
        let before = { up: 0, down: 0 };
        for (const [i, [up, down]] of all.entries()) {
          state = read(state, i * 10, up, down);
          const device = state.devices.get(A);
          const sums = { up: device?.upBytes ?? 0, down: device?.downBytes ?? 0 };
          expect(sums.up).toBeGreaterThanOrEqual(before.up);
          expect(sums.down).toBeGreaterThanOrEqual(before.down);
          expect(device?.upRate).toBeGreaterThanOrEqual(0);
          before = sums;
        }
      }),
    );
  });
});

test("the elements of one set that have counters", () => {
  const sets = [
    { name: "other", elements: [{ key: "x", counter: { bytes: 1, packets: 1 } }] },
    {
      name: "traffic_up",
      elements: [{ key: A, counter: { packets: 2, bytes: 300 } }, { key: "no counter" }],
    },
  ];
  expect(readCounters(sets, "traffic_up")).toEqual(new Map([[A, { bytes: 300, packets: 2 }]]));
  expect(readCounters([], "traffic_up").size).toBe(0);
});
