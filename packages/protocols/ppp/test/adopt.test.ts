import { type Instant, instant, seconds } from "@passerelle/time";
import { describe, expect, it } from "vitest";
import {
  linkPhaseOf,
  PPPOE_CODE,
  type PppEffect,
  type PppInput,
  type PppSnapshot,
  type PppStart,
  type PppState,
  pppDeadline,
  pppMachine,
  snapshotOf,
} from "../src/index.ts";
import { AC, describeEffect, rng, settings } from "./fixtures.ts";
import { Operator, type OperatorHabits } from "./operator.ts";

const GOOD: OperatorHabits = { auth: "chap", passwordGood: true, ipv4: true, ipv6: true };

/** One life of the daemon on a line whose concentrator outlives it. */
class Life {
  readonly #machine;
  readonly #operator: Operator;
  state: PppState;
  now: Instant;
  done: PppEffect[] = [];

  constructor(operator: Operator, start: PppStart = {}, now: Instant = instant(1000)) {
    this.#operator = operator;
    this.#machine = pppMachine(settings(), rng(7), start);
    this.state = this.#machine.initial;
    this.now = now;
  }

  tell(...inputs: readonly PppInput[]): this {
    const waiting = [...inputs];
    for (let input = waiting.shift(); input !== undefined; input = waiting.shift()) {
      const step = this.#machine.step(this.state, input, this.now);
      this.state = step.state;
      this.#machine.check(this.state);
      this.done.push(...step.effects);
      for (const effect of step.effects) {
        if (effect.kind === "send_discovery")
          waiting.push(...this.#operator.discovery(effect.payload));
        if (effect.kind === "send_packet") {
          waiting.push(...this.#operator.packet(effect.protocol, effect.payload));
        }
      }
    }
    return this;
  }

  wait(ms: number): this {
    const end = this.now + ms;
    while (this.now < end) {
      this.now = instant(Math.min(end, this.now + 50));
      if ((pppDeadline(this.state) ?? Infinity) <= this.now) this.tell({ kind: "timeout" });
      this.tell(...this.#operator.speak());
    }
    return this;
  }

  /** What storage has at the end of this life. */
  get remembered(): PppStart["remembered"] {
    return this.done.reduce<PppStart["remembered"]>((kept, effect) => {
      if (effect.kind === "remember_session") return JSON.parse(JSON.stringify(effect.session));
      return effect.kind === "forget_session" ? undefined : kept;
    }, undefined);
  }
}

function upFor(habits: Partial<OperatorHabits> = {}) {
  const operator = new Operator({ ...GOOD, ...habits });
  const first = new Life(operator).tell({ kind: "link_up" }).wait(2000);
  expect(first.state.phase.kind).toBe("up");
  return { operator, first };
}

describe("a daemon that was killed and comes back", () => {
  it.each([
    ["both", {}],
    ["IPv4 alone", { ipv6: false }],
    ["IPv6 alone", { ipv4: false }],
    ["PAP", { auth: "pap" }],
    ["nobody asked", { auth: "none" }],
  ] as const)("goes on with its session: %s", (_, habits) => {
    const { operator, first } = upFor(habits);
    const { remembered } = first;
    expect(remembered?.up).toEqual(snapshotOf(first.state));
    const again = new Life(operator, { remembered } as PppStart, first.now).tell({
      kind: "link_up",
    });
    expect(again.state.phase.kind).toBe("up");
    expect(again.done[0]).toEqual({
      kind: "adopt_channel",
      session: { peer: AC, sessionId: 1 },
    });
    const told = (effects: readonly PppEffect[], kind: string) =>
      effects
        .filter((one) => one.kind === kind)
        .map(describeEffect)
        .at(-1);
    for (const kind of ["configure_link", "configure_ipv4", "configure_ipv6"]) {
      expect(told(again.done, kind)).toBe(told(first.done, kind));
    }
    again.wait(20_000);
    expect(again.state.phase.kind).toBe("up");
    expect(again.done.some(({ kind }) => kind === "send_discovery")).toBe(false);
    expect(again.done.some(({ kind }) => kind === "close_channel")).toBe(false);
  });

  it("notices within seconds that the concentrator died meanwhile", () => {
    const { operator, first } = upFor();
    operator.die();
    const { remembered } = first;
    const again = new Life(operator, { remembered } as PppStart, first.now)
      .tell({ kind: "link_up" })
      .wait(seconds(8));
    expect(again.done.some(({ kind }) => kind === "close_channel")).toBe(true);
    again.wait(seconds(10));
    expect(again.state.phase.kind).toBe("up");
  });

  it("dials at once where the kernel has no such session, and ends the old one first", () => {
    const { operator, first } = upFor();
    const { remembered } = first;
    const again = new Life(operator, { remembered } as PppStart, first.now)
      .tell({ kind: "link_up" })
      .tell({ kind: "channel_ended" });
    const codes = again.done.flatMap((one) =>
      one.kind === "send_discovery" ? [one.payload[1]] : [],
    );
    expect(codes.slice(0, 2)).toEqual([PPPOE_CODE.PADT, PPPOE_CODE.PADI]);
    again.wait(2000);
    expect(again.state.phase.kind).toBe("up");
  });

  it("killed before its session was up, dials anew", () => {
    const operator = new Operator(GOOD);
    const first = new Life(operator).tell({ kind: "link_up" });
    expect(linkPhaseOf(first.state)?.kind).toBe("lcp");
    const { remembered } = first;
    expect(remembered).toEqual({ peer: AC, sessionId: 1 });
    const again = new Life(operator, { remembered } as PppStart, first.now).tell({
      kind: "link_up",
    });
    expect(again.done.map(({ kind }) => kind).slice(0, 3)).toEqual([
      ...["send_discovery", "forget_session", "send_discovery"],
    ]);
  });

  it("answers the operator that asks again who we are", () => {
    const { operator, first } = upFor();
    const { remembered } = first;
    const again = new Life(operator, { remembered } as PppStart, first.now).tell({
      kind: "link_up",
    });
    again.done = [];
    again.tell({
      kind: "packet",
      protocol: 0xc223,
      payload: Uint8Array.of(
        1,
        40,
        0,
        21,
        16,
        ...Array.from("sixteen octets!!", (c) => c.charCodeAt(0)),
      ),
    });
    expect(again.done.some((one) => one.kind === "send_packet" && one.protocol === 0xc223)).toBe(
      true,
    );
    expect(again.state.phase.kind).toBe("up");
  });
});

it("a snapshot holds no secret and is plain JSON", () => {
  const { first } = upFor();
  const kept: PppSnapshot | undefined = snapshotOf(first.state);
  const text = JSON.stringify(kept);
  expect(JSON.parse(text)).toEqual(kept);
  expect(text).not.toContain("secret");
});
