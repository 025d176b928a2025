import { fuzzMilliseconds } from "@passerelle/testkit";
import { type Instant, instant } from "@passerelle/time";
import fc from "fast-check";
import { expect, it } from "vitest";
import {
  linkPhaseOf,
  type PppEffect,
  type PppInput,
  type PppState,
  pppMachine,
} from "../src/index.ts";
import { describeState, rng, settings } from "./fixtures.ts";
import { Operator, type OperatorHabits } from "./operator.ts";
import { parseInput } from "./story.ts";

/** What the way does to a packet: it is lost, comes once after a while, or twice. */
type Fate = readonly number[];

const fate: fc.Arbitrary<Fate> = fc.oneof(
  { weight: 1, arbitrary: fc.constant([]) },
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 400 }).map((delay) => [delay]) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 1, max: 900 })),
  },
);

const habits: fc.Arbitrary<OperatorHabits> = fc.record({
  auth: fc.constantFrom("none" as const, "pap" as const, "chap" as const),
  passwordGood: fc.constantFrom(true, true, true, false),
  ipv4: fc.boolean(),
  ipv6: fc.boolean(),
});

interface Mail {
  readonly at: Instant;
  readonly toOperator?: PppEffect;
  readonly toUs?: PppInput;
}

/** Clock, way and operator of a story; fates are used up, then every packet comes at once. */
class World {
  readonly machine = pppMachine(settings(), rng());
  readonly #operator: Operator;
  readonly #fates: Fate[];
  readonly #mail: Mail[] = [];
  state: PppState = this.machine.initial;
  now: Instant = instant(0);
  channelOpen = false;
  addresses = 0;

  constructor(operator: Operator, fates: readonly Fate[]) {
    this.#operator = operator;
    this.#fates = [...fates];
  }

  feed(input: PppInput): void {
    const step = this.machine.step(this.state, input, this.now);
    this.state = step.state;
    this.machine.check(step.state);
    for (const effect of step.effects) this.#run(effect);
    const isUp = this.state.phase.kind === "up";
    expect(this.addresses > 0).toBe(isUp);
    if (isUp) expect(this.channelOpen).toBe(true);
  }

  /** Goes to whatever comes next, at most to `until`. */
  advance(until: Instant): boolean {
    const deadline = this.machine.deadline(this.state);
    const [mail] = this.#mail.toSorted((a, b) => a.at - b.at);
    const speech = instant(Math.floor(this.now / 1000) * 1000 + 1000);
    const next = Math.min(deadline ?? until, mail?.at ?? until, speech, until);
    this.now = instant(Math.max(this.now, next));
    if (this.now >= until) return false;
    if (mail !== undefined && mail.at <= this.now) {
      this.#mail.splice(this.#mail.indexOf(mail), 1);
      this.#deliver(mail);
    } else if (deadline !== undefined && deadline <= this.now) {
      this.feed({ kind: "timeout" });
      // A machine whose timer is due again at once would never let time pass; the few it has may be due together.
      this.#spins = this.machine.deadline(this.state) === deadline ? this.#spins + 1 : 0;
      expect(this.#spins).toBeLessThan(5);
    } else for (const said of this.#operator.speak()) this.#send({ at: this.now, toUs: said });
    return true;
  }

  #spins = 0;

  #run(effect: PppEffect): void {
    switch (effect.kind) {
      case "open_channel":
      case "adopt_channel":
        expect(this.channelOpen).toBe(false);
        this.channelOpen = true;
        break;
      case "close_channel":
        expect(this.channelOpen).toBe(true);
        this.channelOpen = false;
        break;
      case "configure_ipv4":
      case "configure_ipv6":
        this.addresses += 1;
        break;
      case "unconfigure_ipv4":
      case "unconfigure_ipv6":
        this.addresses -= 1;
        break;
      case "send_packet":
        expect(this.channelOpen).toBe(true);
        this.#send({ at: this.now, toOperator: effect });
        break;
      case "send_discovery":
        this.#send({ at: this.now, toOperator: effect });
        break;
      case "configure_link":
      case "remember_session":
      case "forget_session":
        break;
    }
  }

  #send(mail: Mail): void {
    for (const delay of this.#fates.shift() ?? [1]) {
      this.#mail.push({ ...mail, at: instant(this.now + delay) });
    }
  }

  #deliver({ toOperator, toUs }: Mail): void {
    if (toUs !== undefined) this.feed(toUs);
    if (toOperator === undefined) return;
    const answers =
      toOperator.kind === "send_discovery"
        ? this.#operator.discovery(toOperator.payload)
        : toOperator.kind === "send_packet"
          ? this.#operator.packet(toOperator.protocol, toOperator.payload)
          : [];
    for (const answer of answers) this.#send({ at: this.now, toUs: answer });
  }
}

it("over a way that loses, delays and doubles packets, a line comes up, and up again, or says why not", () => {
  fc.assert(
    fc.property(habits, fc.array(fate, { maxLength: 120 }), (operator, fates) => {
      const concentrator = new Operator(operator);
      const world = new World(concentrator, fates);
      world.feed({ kind: "link_up" });
      let wasUp = false;
      let deadSession: number | undefined;
      let hasDied = false;
      let steps = 0;
      while (world.advance(instant(240_000))) {
        steps += 1;
        wasUp ||= world.state.phase.kind === "up";
        if (!hasDied && world.now >= 100_000) {
          concentrator.die();
          deadSession = linkPhaseOf(world.state)?.link.session.sessionId;
          hasDied = true;
        }
        if (world.state.phase.kind === "waiting") expect(world.state.trouble).toBeDefined();
        expect(steps).toBeLessThan(4000);
      }
      const authenticates = operator.auth === "none" || operator.passwordGood;
      const possible = authenticates && (operator.ipv4 || operator.ipv6);
      expect(wasUp).toBe(possible);
      // The way has been good for minutes: who could come up is up.
      const session = linkPhaseOf(world.state)?.link.session.sessionId;
      if (possible) {
        expect(describeState(world.state)).toMatch(/^up/);
        expect(session).not.toBe(deadSession);
      } else expect(world.state.trouble?.code).toMatch(/^(auth_failed|no_ip|closed_by_isp)$/);
    }),
    { interruptAfterTimeLimit: fuzzMilliseconds(4000) },
  );
});

const WORDS = [
  "link up",
  "link down",
  "stop",
  "reconnect",
  "heard",
  "channel_failed",
  "pado",
  "pado max=1500",
  "pads sid=17",
  "pads sid=0 system_error=full",
  "padt sid=17",
  "lcp request magic=11223344",
  "lcp request auth=pap",
  "lcp request auth=chap",
  "lcp request auth=eap",
  "lcp request magic=ours",
  "lcp ack",
  "lcp ack",
  "lcp nak mru=1400",
  "lcp reject mru=1492",
  "lcp terminate",
  "lcp terminate_ack",
  "lcp code 8 80210101",
  "lcp code 8 80570101",
  "lcp code 7 01010004",
  "lcp code 9 00000000",
  "pap ack",
  "pap nak no",
  "chap challenge 7 0102",
  "chap success 7",
  "chap failure 7",
  "ipcp request",
  "ipcp ack",
  "ipcp nak address=203.0.113.7",
  "ipcp terminate",
  "ipv6cp request iid=00000000000000aa",
  "ipv6cp ack",
  "ipv6cp reject iid=ours",
  "raw 80fd 01010004",
];

it("whatever comes in whatever order, what is believed of a line holds", () => {
  const event = fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...WORDS) },
    { weight: 2, arbitrary: fc.constant("timeout") },
  );
  fc.assert(
    fc.property(fc.array(event, { maxLength: 120 }), (events) => {
      const machine = pppMachine(settings(), rng());
      let state = machine.initial;
      let now = instant(0);
      for (const line of ["link up", "pado", "pads sid=17", ...events]) {
        const deadline = machine.deadline(state);
        now = instant(
          line === "timeout" && deadline !== undefined ? Math.max(now, deadline) : now + 1,
        );
        const input: PppInput =
          line === "timeout" ? { kind: "timeout" } : parseInput(line.split(" "), now, state);
        state = machine.step(state, input, now).state;
        machine.check(state);
      }
    }),
    { numRuns: 300, interruptAfterTimeLimit: fuzzMilliseconds(4000) },
  );
});
