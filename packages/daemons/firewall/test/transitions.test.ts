import { instant } from "@passerelle/time";
import { describe, expect, test } from "vitest";
import { INPUT_KINDS, type Input } from "../src/core/input.ts";
import { check, deadline, type State } from "../src/core/state.ts";
import { firewallMachine, step } from "../src/core/step.ts";
import { configOf, lanOf, wanOf } from "./facts.ts";

const NOW = instant(100_000);
const DIGEST = "d".repeat(64);
const FAULT = { code: "ruleset_refused", text: { fr: "non", en: "no" } };
const lan = lanOf(["br-lan lan 192.168.1.1/24"]);
const wan = wanOf(["wan0", "81.250.0.100"]);

const INPUTS: Readonly<Record<(typeof INPUT_KINDS)[number], Input>> = {
  start: { kind: "start" },
  found: { kind: "found", table: "ours" },
  configured: { kind: "configured", config: configOf({ answerPing: false }) },
  lan_known: { kind: "lan_known", lan: lanOf(["br-lan lan 10.0.0.1/24"]) },
  wan_known: { kind: "wan_known", wan: wanOf(["wan1", "81.250.0.7"]) },
  addresses_known: {
    kind: "addresses_known",
    addresses: new Map([["02:00:00:00:00:01", ["192.168.1.9"]]]),
  },
  applied: { kind: "applied", digest: DIGEST },
  apply_failed: { kind: "apply_failed", fault: FAULT },
  settings_failed: { kind: "settings_failed", fault: FAULT },
  verified: { kind: "verified" },
  differs: { kind: "differs", what: "the table is gone" },
  verify_failed: { kind: "verify_failed", fault: FAULT },
  touched: { kind: "touched" },
  timeout: { kind: "timeout" },
};

/** Runs inputs, each at its time in seconds after boot. */
function after(...story: readonly (readonly [number, Input])[]): State {
  let state = firewallMachine(configOf()).initial;
  for (const [at, input] of story) {
    ({ state } = step(state, input, instant(at * 1000)));
    check(state);
  }
  return state;
}

const known: readonly (readonly [number, Input])[] = [
  [1, { kind: "start" }],
  [1, { kind: "lan_known", lan }],
  [1, { kind: "wan_known", wan }],
  [1, { kind: "found", table: "none" }],
];
const adopted = after([1, { kind: "start" }], [1, { kind: "found", table: "ours" }]);
const applying = after(...known);
const protecting = after(...known, [2, { kind: "applied", digest: DIGEST }]);
const failed = after(...known, [2, { kind: "apply_failed", fault: FAULT }]);

const STATES: Readonly<Record<string, State>> = {
  starting: firewallMachine(configOf()).initial,
  adopted,
  applying,
  protecting,
  failed,
};

test("every state meets every input", () => {
  const rows = Object.entries(STATES).flatMap(([name, state]) =>
    INPUT_KINDS.map((kind) => {
      // A touch only brings forward what isn't due yet.
      const next = step(state, INPUTS[kind], kind === "touched" ? instant(2_100) : NOW);
      check(next.state);
      const same = next.state === state && next.effects.length === 0;
      const effects = next.effects.map((effect) =>
        effect.kind === "apply" ? `apply(${effect.replace})` : effect.kind,
      );
      return [name, kind, same ? "(ignored)" : `-> ${next.state.kind}`, ...effects].join(" ");
    }),
  );
  expect(`\n${rows.join("\n")}\n`).toBe(TABLE);
});

const TABLE = `
starting start -> starting look
starting found -> starting
starting configured -> starting
starting lan_known -> starting
starting wan_known -> starting
starting addresses_known -> starting
starting applied (ignored)
starting apply_failed (ignored)
starting settings_failed (ignored)
starting verified (ignored)
starting differs (ignored)
starting verify_failed (ignored)
starting touched (ignored)
starting timeout (ignored)
adopted start -> starting look
adopted found -> starting
adopted configured -> starting
adopted lan_known -> starting
adopted wan_known -> starting
adopted addresses_known -> starting
adopted applied (ignored)
adopted apply_failed (ignored)
adopted settings_failed (ignored)
adopted verified (ignored)
adopted differs (ignored)
adopted verify_failed (ignored)
adopted touched -> starting
adopted timeout -> starting look
applying start (ignored)
applying found (ignored)
applying configured -> applying
applying lan_known -> applying
applying wan_known -> applying
applying addresses_known -> applying
applying applied -> protecting settings
applying apply_failed -> failed
applying settings_failed (ignored)
applying verified (ignored)
applying differs (ignored)
applying verify_failed (ignored)
applying touched (ignored)
applying timeout (ignored)
protecting start (ignored)
protecting found (ignored)
protecting configured -> applying apply(flush)
protecting lan_known -> applying apply(flush)
protecting wan_known -> applying apply(flush)
protecting addresses_known -> protecting
protecting applied (ignored)
protecting apply_failed (ignored)
protecting settings_failed -> failed
protecting verified (ignored)
protecting differs -> applying report_foreign_change apply(flush)
protecting verify_failed -> failed
protecting touched -> protecting
protecting timeout -> protecting verify
failed start (ignored)
failed found (ignored)
failed configured -> applying apply(flush)
failed lan_known -> applying apply(flush)
failed wan_known -> applying apply(flush)
failed addresses_known -> failed
failed applied (ignored)
failed apply_failed (ignored)
failed settings_failed (ignored)
failed verified (ignored)
failed differs (ignored)
failed verify_failed (ignored)
failed touched -> failed
failed timeout -> applying apply(flush)
`;

test("rules of an earlier life stay until both sides are known", () => {
  let next = step(adopted, { kind: "lan_known", lan }, NOW);
  expect(next.state.kind).toBe("starting");
  expect(next.effects).toEqual([]);
  next = step(next.state, { kind: "wan_known", wan }, NOW);
  expect(next.effects.map((e) => e.kind)).toEqual(["apply"]);
});

test("a foreign flush while adopting brings the base rules", () => {
  const looking = step(adopted, { kind: "timeout" }, NOW);
  expect(looking.effects).toEqual([{ kind: "look" }]);
  const next = step(looking.state, { kind: "found", table: "none" }, NOW);
  expect(next.state.kind === "applying" && next.state.goal.model.kind).toBe("base");
});

test("a table of another layout is deleted in the same transaction", () => {
  const next = step(STATES.starting as State, { kind: "found", table: "other_layout" }, NOW);
  expect(next.effects).toMatchObject([{ kind: "apply", replace: "delete" }]);
});

test("news that change no rule apply nothing", () => {
  const addresses = new Map([["02:00:00:00:00:77", ["192.168.1.30"]]]);
  const next = step(protecting, { kind: "addresses_known", addresses }, NOW);
  expect(next.state.kind).toBe("protecting");
  expect(next.effects).toEqual([]);
});

test("what is learned during a transaction is applied after it", () => {
  const later = step(applying, { kind: "wan_known", wan: wanOf(["wan2"]) }, NOW);
  expect(later.effects).toEqual([]);
  const next = step(later.state, { kind: "applied", digest: DIGEST }, NOW);
  expect(next.effects.map((e) => e.kind)).toEqual(["settings", "apply"]);
});

test("base rules never switch forwarding on", () => {
  const base = step(STATES.starting as State, { kind: "found", table: "none" }, NOW);
  const next = step(base.state, { kind: "applied", digest: DIGEST }, NOW);
  expect(next.state.kind).toBe("protecting");
  expect(next.effects).toEqual([]);
});

test("a refusal is tried again later and later; the third attempt deletes the table", () => {
  let state = failed;
  const waits: number[] = [];
  const replaced: string[] = [];
  let now = 2000;
  for (let i = 0; i < 8; i += 1) {
    const at = deadline(state) ?? instant(0);
    waits.push((at - now) / 1000);
    now = at;
    const again = step(state, { kind: "timeout" }, at);
    replaced.push(...again.effects.map((e) => (e.kind === "apply" ? e.replace : e.kind)));
    ({ state } = step(again.state, { kind: "apply_failed", fault: FAULT }, at));
  }
  expect(waits).toEqual([2, 4, 8, 16, 32, 60, 60, 60]);
  expect(replaced.slice(0, 3)).toEqual(["flush", "delete", "delete"]);
});

describe("another program's transaction", () => {
  const touched: Input = { kind: "touched" };
  const confirmed: Input = { kind: "applied", digest: DIGEST };

  test("is looked at 50 ms later; half a second after the last look at the earliest", () => {
    const dueAfterTouch = (state: State, at: number) =>
      deadline(step(state, touched, instant(at)).state);
    // The states are of 1 s (adopted) and 2 s.
    expect(dueAfterTouch(protecting, 9_000)).toBe(9_050);
    expect(dueAfterTouch(protecting, 2_010)).toBe(2_500);
    expect(dueAfterTouch(adopted, 9_000)).toBe(9_050);
    expect(dueAfterTouch(adopted, 1_010)).toBe(1_500);
    expect(dueAfterTouch(failed, 3_000)).toBe(3_050);
    expect(dueAfterTouch(failed, 2_010)).toBe(2_500);
    // Nothing is put off by it.
    expect(dueAfterTouch(protecting, 31_990)).toBe(32_000);
    expect(dueAfterTouch(failed, 3_990)).toBe(4_000);
  });
  test("in a loop costs two repairs a second, and each comes within half a second", () => {
    let state = protecting;
    const repairs: number[] = [];
    for (let at = 10_000; at < 20_000; at += 10) {
      const now = instant(at);
      ({ state } = step(state, touched, now));
      if ((deadline(state) ?? NOW) > now) continue;
      const looked = step(state, { kind: "timeout" }, now);
      expect(looked.effects.map((effect) => effect.kind)).toEqual(["verify"]);
      const repaired = step(looked.state, { kind: "differs", what: "the table is gone" }, now);
      expect(repaired.effects.map((effect) => effect.kind)).toContain("apply");
      repairs.push(at);
      ({ state } = step(repaired.state, confirmed, now));
    }
    const gaps = repairs.slice(1).map((at, i) => at - (repairs[i] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(500);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(510);
  });
  test("that changed nothing of ours brings the regular look back", () => {
    const later = step(protecting, touched, instant(9_000)).state;
    const looked = step(later, { kind: "timeout" }, instant(9_050)).state;
    expect(deadline(step(looked, { kind: "verified" }, instant(9_060)).state)).toBe(39_050);
  });
});
