import { type Rng, seedRng } from "@passerelle/machine";
import { after, instant, milliseconds, seconds } from "@passerelle/time";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  beginExchange,
  checkExchange,
  type Exchange,
  elapsedIn,
  exchangeDeadline,
  firstDelay,
  onExchangeDue,
  RETRANSMISSION,
  type RetransmissionParameters,
} from "../src/index.ts";

/** What `nextUint32` draws of these is the sum of a, b and the counter. */
const LEAST: Rng = { a: 0, b: 0, c: 0, counter: 0 };
const MOST: Rng = { a: 0xffff_ffff, b: 0, c: 0, counter: 0 };
const start = instant(1_000_000);

const anyRng = fc
  .tuple(fc.nat(), fc.nat(), fc.nat(), fc.nat())
  .map((seed) => seedRng(seed as [number, number, number, number]));

/** Every transmission of an exchange that nobody answers, until it fails or there are so many. */
function story(parameters: RetransmissionParameters, rng: Rng, most = 40): readonly Exchange[] {
  let drawn = beginExchange(parameters, start, rng);
  const sent = [drawn.value];
  while (sent.length < most) {
    const next = onExchangeDue(drawn.value, exchangeDeadline(drawn.value), drawn.rng);
    if (next.value === undefined) break;
    drawn = { value: next.value, rng: next.rng };
    checkExchange(drawn.value);
    sent.push(drawn.value);
  }
  return sent;
}

describe("the first timeout (RFC 9915 section 15)", () => {
  test("is IRT within a tenth", () => {
    expect(beginExchange(RETRANSMISSION.REQUEST, start, LEAST).value.rt).toBe(900);
    expect(beginExchange(RETRANSMISSION.REQUEST, start, MOST).value.rt).toBe(1_100);
  });

  test("of a Solicit is longer than IRT (section 18.2.1)", () => {
    expect(beginExchange(RETRANSMISSION.SOLICIT, start, LEAST).value.rt).toBe(1_001);
    expect(beginExchange(RETRANSMISSION.SOLICIT, start, MOST).value.rt).toBe(1_100);
  });

  test("begins after a delay of none to all of the most", () => {
    expect(firstDelay(RETRANSMISSION.SOLICIT, LEAST).value).toBe(0);
    expect(firstDelay(RETRANSMISSION.SOLICIT, MOST).value).toBe(1_000);
    expect(firstDelay(RETRANSMISSION.REQUEST, MOST).value).toBe(0);
  });
});

describe("the next ones", () => {
  const at = (rt: number): Exchange => ({
    parameters: RETRANSMISSION.RENEW,
    firstSentAt: start,
    sentCount: 1,
    rt: milliseconds(rt),
    sentAt: start,
  });
  const next = (rt: number, rng: Rng) =>
    onExchangeDue(at(rt), after(start, milliseconds(rt)), rng).value?.rt;

  test("are twice the last one within a tenth of it", () => {
    expect(next(10_000, LEAST)).toBe(19_000);
    expect(next(10_000, MOST)).toBe(21_000);
  });

  test("are MRT within a tenth where that would be more", () => {
    // The draw after the least and the most one, of the spread around MRT, is another.
    for (const rng of [LEAST, MOST]) {
      const rt = next(600_000, rng) ?? 0;
      expect(rt).toBeGreaterThanOrEqual(540_000);
      expect(rt).toBeLessThanOrEqual(660_000);
    }
    // 2 * 310 - 31 is below MRT and stays; 2 * 300 + 30 is above.
    expect(next(310_000, LEAST)).toBe(589_000);
    expect(next(300_000, MOST)).toBeLessThanOrEqual(660_000);
  });

  test("without MRT grow on", () => {
    const sent = story(RETRANSMISSION.RELEASE, seedRng([1, 2, 3, 4]));
    expect(sent.map(({ sentCount }) => sentCount)).toEqual([1, 2, 3, 4]);
    expect(sent[3]?.rt).toBeGreaterThan(6_000);
  });
});

describe("the end", () => {
  test("MRC: a Request is sent ten times", () => {
    expect(story(RETRANSMISSION.REQUEST, seedRng([1, 2, 3, 4]))).toHaveLength(10);
  });

  test("MRD: a Confirm ends ten seconds after the first, in the middle of a timeout", () => {
    const sent = story(RETRANSMISSION.CONFIRM, seedRng([1, 2, 3, 4]));
    const last = sent.at(-1);
    expect(sent.length).toBeGreaterThan(2);
    if (last === undefined) return;
    expect(exchangeDeadline(last)).toBe(after(start, seconds(10)));
    expect(last.sentAt).toBeLessThan(after(start, seconds(10)));
    expect(onExchangeDue(last, after(start, seconds(10)), LEAST).value).toBeUndefined();
  });

  test("neither: a Solicit is sent for ever, at last once an hour", () => {
    const sent = story(RETRANSMISSION.SOLICIT, seedRng([1, 2, 3, 4]));
    expect(sent).toHaveLength(40);
    expect(sent.at(-1)?.rt).toBeGreaterThanOrEqual(3_240_000);
  });

  test("both: whichever is first (a server's SOL_MAX_RT, a lease's end)", () => {
    const both = { ...RETRANSMISSION.SOLICIT, mrt: seconds(60), mrc: 3, mrd: seconds(1_000) };
    expect(story(both, seedRng([1, 2, 3, 4]))).toHaveLength(3);
    expect(story({ ...both, mrd: seconds(2) }, seedRng([1, 2, 3, 4]))).toHaveLength(2);
  });
});

test("elapsed time is 0 in the first transmission and counts from it", () => {
  const { value } = beginExchange(RETRANSMISSION.SOLICIT, start, LEAST);
  expect(elapsedIn(value, start)).toBe(0);
  expect(elapsedIn({ ...value, sentAt: instant(1_005_000) }, instant(1_005_000))).toBe(5_000);
});

test("asked before its deadline it throws: ours is the mistake", () => {
  const { value, rng } = beginExchange(RETRANSMISSION.REQUEST, start, LEAST);
  expect(() => onExchangeDue(value, start, rng)).toThrow("invariant");
});

test("in every story each timeout lies within its bounds, and time moves on", () => {
  fc.assert(
    fc.property(anyRng, fc.constantFrom(...Object.values(RETRANSMISSION)), (rng, parameters) => {
      const sent: readonly Exchange[] = story(parameters, rng, 20);
      for (const [i, { rt, sentAt }] of sent.entries()) {
        const before = sent[i - 1];
        const { irt, mrt } = parameters;
        const base = before === undefined ? irt : 2 * before.rt;
        const spread = (before?.rt ?? irt) * 0.1;
        const isFree = rt >= base - spread - 1 && rt <= base + spread + 1;
        const isCapped = mrt > 0 && rt >= mrt * 0.9 - 1 && rt <= mrt * 1.1 + 1;
        expect(isFree || (isCapped && base + spread > mrt)).toBe(true);
        if (mrt > 0) expect(rt).toBeLessThanOrEqual(mrt * 1.1 + 1);
        if (before !== undefined) expect(sentAt).toBe(after(before.sentAt, before.rt));
      }
    }),
  );
});

test("what is not so is told by the check", () => {
  const { value } = beginExchange(RETRANSMISSION.REQUEST, start, LEAST);
  for (const wrong of [
    { sentCount: 0 },
    { sentCount: 11 },
    { rt: milliseconds(Number.NaN) },
    { rt: milliseconds(34_000) },
    { rt: milliseconds(800) },
    { sentAt: instant(0) },
  ]) {
    expect(() => checkExchange({ ...value, ...wrong })).toThrow("invariant");
  }
});
