import { MESSAGE_TYPE, type MessageType } from "@passerelle/dhcpv6";
import { formatCidr6 } from "@passerelle/net";
import { type Instant, instant } from "@passerelle/time";
import type { Dhcpv6Effect, Dhcpv6Input } from "../../src/core/dhcpv6/input.ts";
import type { Dhcpv6State } from "../../src/core/dhcpv6/state.ts";
import type { Machine6 } from "./fixtures.ts";
import { Operator } from "./operator.ts";
import { decoded6, serverMessage } from "./words.ts";

/** What the network and the server do to one message of the client. */
export interface Fate {
  readonly kind: "answered" | "silent" | "hostile";
  readonly answerLost: boolean;
  readonly twice: boolean;
  /** Of the answer on its way, milliseconds: more than a timeout is a late answer, or one that overtakes. */
  readonly delayMs: number;
  /** What a hostile server says, in the words of a scenario. */
  readonly lie: { readonly msgType: MessageType; readonly words: readonly string[] };
  /** Octets of a hostile answer that are changed on top. */
  readonly flips: readonly (readonly [number, number])[];
}

/** A client, the air between, and the operator; time runs only in here. */
export class World {
  readonly operator = new Operator();
  readonly #machine: Machine6;
  readonly #fates: readonly Fate[];
  #fate = 0;
  #air: { readonly at: Instant; readonly payload: Uint8Array }[] = [];
  readonly #sentAt: Instant[] = [];
  /** What was done to the client, which may answer with messages. */
  #pokes = 0;
  /** A server has said that a lease is never renewed, although it ends. */
  #saidNever = false;
  state: Dhcpv6State;
  now = instant(0);
  isGood = false;

  constructor(machine: Machine6, fates: readonly Fate[]) {
    this.#machine = machine;
    this.#fates = fates;
    this.state = machine.initial;
  }

  poke(input: Dhcpv6Input): void {
    this.#pokes += 1;
    this.#step(input);
  }

  /** Lets time pass; whatever is due on the way comes in its order. */
  run(ms: number, isOver: (state: Dhcpv6State) => boolean = () => false): void {
    const end = instant(this.now + ms);
    let inVain = 0;
    while (!isOver(this.state)) {
      const deadline = this.#machine.deadline(this.state) ?? instant(Number.POSITIVE_INFINITY);
      const [next] = this.#air;
      const at = instant(Math.max(this.now, Math.min(deadline, next?.at ?? deadline)));
      if (at > end) break;
      this.now = at;
      if (next !== undefined && next.at <= at) {
        this.#air.shift();
        this.#step({ kind: "datagram", payload: next.payload });
      } else {
        this.#step({ kind: "timeout" });
        // A timeout that leaves a deadline behind would ring for ever; T1 may have come meanwhile.
        inVain = (this.#machine.deadline(this.state) ?? at + 1) > at ? 0 : inVain + 1;
        must(inVain < 3, "no deadline stays behind");
      }
    }
    if (!isOver(this.state)) this.now = end;
  }

  #step(input: Dhcpv6Input): void {
    const step = this.#machine.step(this.state, input, this.now);
    this.state = step.state;
    this.#machine.check(step.state);
    for (const effect of step.effects) this.#run(effect);
    this.#judge();
  }

  #run(effect: Dhcpv6Effect): void {
    if (effect.kind === "store_lease6") must(this.state.held === effect.lease, "stored is held");
    if (effect.kind !== "send_dhcpv6") return;
    this.#sentAt.push(this.now);
    // RFC 7084 WPD-9 as RFC 9096 has it.
    must(decoded6(effect.payload).msgType !== MESSAGE_TYPE.RELEASE, "nothing is released");
    const fate = this.isGood ? GOOD : (this.#fates[this.#fate++ % this.#fates.length] ?? GOOD);
    const answer = this.#answer(effect.payload, fate);
    if (answer === undefined || fate.answerLost) return;
    this.#send(answer, fate.delayMs);
    if (fate.twice) this.#send(answer, fate.delayMs * 2 + 1);
  }

  #answer(payload: Uint8Array, fate: Fate): Uint8Array | undefined {
    if (fate.kind === "silent") return undefined;
    if (fate.kind === "answered") return this.operator.answer(payload);
    const { msgType, words } = fate.lie;
    this.#saidNever ||= words.includes("t1=inf");
    const bytes = serverMessage(msgType, decoded6(payload).transactionId, words);
    for (const [at, value] of fate.flips) if (at < bytes.length) bytes[at] = value;
    return bytes;
  }

  #send(payload: Uint8Array, delayMs: number): void {
    this.#air.push({ at: instant(this.now + delayMs), payload });
    this.#air.sort((a, b) => a.at - b.at);
  }

  #judge(): void {
    const { held, wanted, phase, trouble } = this.state;
    const leases = [...(held?.addresses ?? []), ...(held?.prefixes ?? [])];
    const ends = leases.map(({ validUntil }) => validUntil ?? Number.POSITIVE_INFINITY);
    must(Math.min(...ends) > this.now, "nothing is held past its end");
    const names = leases.map((one) => ("address" in one ? one.address : formatCidr6(one.prefix)));
    must(new Set(names).size === names.length, "nothing is held twice");
    if (phase.kind === "bound" && held?.renewsAt !== undefined) {
      const preferred = leases.filter((one) => (one.preferredUntil ?? Infinity) > held.obtainedAt);
      const last = Math.min(...preferred.map(({ validUntil }) => validUntil ?? Infinity));
      // Nobody is asked more often than every five seconds, and who says "never" is obeyed.
      const isSoon = last < held.obtainedAt + 5000;
      must(held.renewsAt <= last || isSoon || this.#saidNever, "what ends is renewed before");
    }
    const isAtRest = phase.kind === "bound" || phase.kind === "informed";
    const lacks = wanted.prefix && (held?.prefixes.length ?? 0) === 0;
    must(!isAtRest || !lacks || trouble !== undefined, "a missing prefix is told");
    this.#countMessages();
  }

  #countMessages(): void {
    while ((this.#sentAt[0] ?? this.now) < this.now - 60_000) this.#sentAt.shift();
    // RFC 9915 section 14.1; what a person, a cable or a neighbour does may cost three on top.
    const most = MESSAGES_A_MINUTE_MAX + 3 * this.#pokes;
    must(this.#sentAt.length <= most, `${this.#sentAt.length} messages a minute`);
  }
}

function must(isTrue: boolean, what: string): void {
  if (!isTrue) throw new Error(`must be: ${what}`);
}

export const MESSAGES_A_MINUTE_MAX = 40;

const GOOD: Fate = {
  kind: "answered",
  answerLost: false,
  twice: false,
  delayMs: 5,
  lie: { msgType: MESSAGE_TYPE.REPLY, words: [] },
  flips: [],
};
