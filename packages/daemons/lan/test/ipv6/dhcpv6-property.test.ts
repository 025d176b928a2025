import { toHex } from "@passerelle/bytes";
import {
  clientIdOf,
  type Dhcpv6Message,
  decodeDhcpv6,
  duidLl,
  encodeDhcpv6,
  iaNasOf,
  iaPdsOf,
  MESSAGE_TYPE,
} from "@passerelle/dhcpv6";
import {
  type Cidr6,
  contains6,
  formatCidr6,
  linkLocalOf,
  type Mac,
  overlaps6,
} from "@passerelle/net";
import { type Instant, instant } from "@passerelle/time";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  checkEverything,
  type DelegatedRoute,
  type Dhcpv6Config,
  type Dhcpv6Effect,
  type Dhcpv6Input,
  type Dhcpv6State,
  dhcpv6Server,
  type StoredLease,
  slotOfLease,
} from "../../src/core/ipv6/dhcpv6/index.ts";
import { config, type MessageName, message, type Said } from "./dhcpv6-support.ts";
import { homePrefix, mac } from "./support.ts";

/**
 * A world of six clients, a disk, a line whose prefix changes, and a server that is killed and rebooted at any
 * moment. What a client was told is what counts.
 */
const CLIENTS = Array.from({ length: 6 }, (_, i) => mac(`00:11:22:33:44:0${i}`));
const PREFIXES = ["2a01:1:1:100::/60", "2a01:2:2:200::/60", "2a01:3:3:300::/62"];

type Action =
  | {
      readonly kind: "say";
      readonly client: number;
      readonly type: MessageName;
      readonly what: number;
      readonly hint: number;
    }
  | { readonly kind: "wait"; readonly ms: number }
  | { readonly kind: "disk"; readonly durable: boolean }
  | { readonly kind: "line"; readonly which: readonly number[]; readonly seconds: number }
  | { readonly kind: "kill" }
  | { readonly kind: "reboot" };

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant("say" as const),
      client: fc.nat(CLIENTS.length - 1),
      type: fc.constantFrom<MessageName>(
        ...(["SOLICIT", "REQUEST", "REQUEST", "RENEW", "RENEW", "REBIND"] as const),
        ...(["RELEASE", "DECLINE", "CONFIRM"] as const),
      ),
      what: fc.integer({ min: 1, max: 3 }),
      hint: fc.constantFrom(0, 62, 63, 64),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("wait" as const),
      ms: fc.constantFrom(50, 5_000, 600_000, 2_000_000, 5_500_000),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant("disk" as const), durable: fc.constant(true) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("line" as const),
      which: fc.uniqueArray(fc.nat(PREFIXES.length - 1)),
      seconds: fc.constantFrom(10, 1000, 100_000),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "kill" as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: "reboot" as const }) },
);

interface Held {
  readonly prefix: Cidr6;
  /** In the world's time. */
  readonly until: number;
}

class World {
  now = 0;
  bootedAt = 0;
  boot = 0;
  state: Dhcpv6State = dhcpv6Server.initial;
  readonly rows = new Map<string, StoredLease>();
  queue: (Dhcpv6Effect & { readonly kind: "store_leases" | "store_ends" })[] = [];
  readonly held = new Map<Mac, readonly Held[]>();
  readonly lastAsked = new Map<Mac, number>();
  routes: readonly DelegatedRoute[] = [];
  which: readonly number[] = [0];
  /** When the line's prefixes end, in the world's time. */
  lineEnds = 100_000_000;

  get clock(): Instant {
    return instant(this.now - this.bootedAt);
  }

  config(): Dhcpv6Config {
    const left = Math.max(0, Math.floor((this.lineEnds - this.now) / 1000));
    const prefixes = this.which.map((index) => `${PREFIXES[index]}~${left}!${left}`);
    return config({ now: this.clock, prefixes, newLeasesPerSecond: 100_000 });
  }

  start(): void {
    this.state = dhcpv6Server.initial;
    this.queue = [];
    this.routes = [];
    const leases = [...this.rows.values()];
    this.feed({ kind: "start", config: this.config(), leases, bootId: `boot ${this.boot}` });
  }

  feed(input: Dhcpv6Input): void {
    const step = dhcpv6Server.step(this.state, input, this.clock);
    this.state = step.state;
    checkEverything(this.state);
    for (const effect of step.effects) this.effect(effect);
  }

  effect(effect: Dhcpv6Effect): void {
    if (effect.kind === "store_leases" || effect.kind === "store_ends") this.queue.push(effect);
    if (effect.kind === "routes") this.routes = effect.routes;
    if (effect.kind === "send") this.judge(effect.message);
  }

  judge(reply: Dhcpv6Message): void {
    expect(decodeDhcpv6(encodeDhcpv6(reply))).toEqual({ ok: true, value: reply });
    const told = toldIn(reply);
    const left = Math.max(0, (this.lineEnds - this.now) / 1000);
    for (const { preferred, valid } of told) {
      expect(preferred).toBeLessThanOrEqual(Math.min(valid, 2700));
      expect(valid).toBeLessThanOrEqual(Math.min(left, 5400));
    }
    if (reply.msgType !== MESSAGE_TYPE.REPLY) return;
    const duid = toHex(clientIdOf(reply) ?? new Uint8Array(0));
    const client = CLIENTS.find((one) => toHex(duidLl(one)) === duid);
    if (client === undefined) return;
    const kept = (this.held.get(client) ?? []).filter(
      ({ prefix }) => !told.some((one) => formatCidr6(one.prefix) === formatCidr6(prefix)),
    );
    const fresh = told.map(({ prefix, valid }) => ({ prefix, until: this.now + valid * 1000 }));
    this.held.set(
      client,
      [...kept, ...fresh].filter(({ until }) => until > this.now),
    );
    for (const { prefix, valid } of told) {
      if (valid > 0) this.isAlone(client, prefix);
      if (prefix.prefixLength === 128) continue;
      const route = this.routes.find((one) => formatCidr6(one.prefix) === formatCidr6(prefix));
      if (valid > 0) expect(route?.via).toBe(linkLocalOf(client));
      // A late answer may take back what is another client's by now, and that one's route is right.
      else expect(route?.via).not.toBe(linkLocalOf(client));
    }
  }

  isAlone(client: Mac, prefix: Cidr6): void {
    for (const [other, list] of this.held) {
      if (other === client) continue;
      for (const one of list) {
        if (one.until <= this.now || !overlaps6(one.prefix, prefix)) continue;
        throw new Error(`${formatCidr6(prefix)} promised to ${other} and to ${client}`);
      }
    }
  }

  wait(ms: number): void {
    const until = this.now + ms;
    for (let guard = 0; guard < 5000; guard += 1) {
      const deadline = dhcpv6Server.deadline(this.state);
      if (deadline === undefined || deadline + this.bootedAt > until) break;
      this.now = Math.max(this.now, deadline + this.bootedAt);
      this.feed({ kind: "timeout" });
      const next = dhcpv6Server.deadline(this.state);
      expect(next === undefined || next > this.clock).toBe(true);
    }
    this.now = until;
  }

  act(one: Action): void {
    switch (one.kind) {
      case "say":
        this.say(one);
        return;
      case "wait":
        this.wait(one.ms);
        return;
      case "disk":
        this.write(one.durable);
        return;
      case "line":
        this.which = one.which;
        this.lineEnds = this.now + one.seconds * 1000;
        this.feed({ kind: "configure", config: this.config() });
        return;
      case "kill":
        this.start();
        return;
      case "reboot":
        this.boot += 1;
        this.bootedAt = this.now;
        this.start();
    }
  }

  write(durable: boolean): void {
    const effect = this.queue.shift();
    if (effect === undefined) return;
    if (effect.kind === "store_ends") {
      if (durable) for (const slot of effect.slots) this.rows.delete(slot);
      return;
    }
    if (durable) {
      for (const row of effect.leases) {
        this.rows.set(slotOfLease(row.lease), JSON.parse(JSON.stringify(row)));
      }
    }
    this.feed({ kind: "leases_stored", commit: effect.commit, durable });
  }

  say({ client, type, what, hint }: Action & { readonly kind: "say" }): void {
    const who = CLIENTS[client] ?? mac("00:11:22:33:44:00");
    const held = (this.held.get(who) ?? []).filter(({ until }) => until > this.now);
    // Who begins anew forgets what it had.
    const isAnew = type === "SOLICIT" || type === "REQUEST";
    if (isAnew) this.held.delete(who);
    const addresses = isAnew ? [] : held.filter(({ prefix }) => prefix.prefixLength === 128);
    const prefixes = isAnew ? [] : held.filter(({ prefix }) => prefix.prefixLength < 128);
    const wish = hint === 0 || prefixes.length > 0 ? [] : [`::/${hint}`];
    const said: Said = {
      type,
      mac: who,
      ...((what & 1) === 0 ? {} : { na: addresses.map(({ prefix }) => prefix.address) }),
      ...((what & 2) === 0
        ? {}
        : { pd: [...prefixes.map(({ prefix }) => formatCidr6(prefix)), ...wish] }),
    };
    // Who gives back or declines uses it no more, whatever becomes of the message.
    if (type === "RELEASE" || type === "DECLINE") this.held.delete(who);
    this.feed(message(said));
  }
}

function toldIn(
  reply: Dhcpv6Message,
): readonly { readonly prefix: Cidr6; readonly preferred: number; readonly valid: number }[] {
  const addresses = iaNasOf(reply).flatMap((ia) =>
    ia.addresses.map(({ address, preferredLifetime, validLifetime }) => ({
      prefix: { address, prefixLength: 128 },
      preferred: preferredLifetime,
      valid: validLifetime,
    })),
  );
  const prefixes = iaPdsOf(reply).flatMap((ia) =>
    ia.prefixes.map(({ prefix, preferredLifetime, validLifetime }) => ({
      prefix,
      preferred: preferredLifetime,
      valid: validLifetime,
    })),
  );
  return [...addresses, ...prefixes];
}

function play(actions: readonly Action[]): World {
  const world = new World();
  world.start();
  for (const one of actions) world.act(one);
  return world;
}

const RUNS = Number(process.env.PASSERELLE_FUZZ_SECONDS ?? 0) > 0 ? 20_000 : 200;

test("nothing is promised to two clients, nor for longer than the line has it, whatever happens", () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 120 }), (actions) => {
      play(actions);
    }),
    { numRuns: RUNS },
  );
});

test("the same with a disk that refuses now and then, while nobody is killed", () => {
  const flaky = fc.oneof(
    { weight: 5, arbitrary: action },
    { weight: 2, arbitrary: fc.constant<Action>({ kind: "disk", durable: false }) },
  );
  const alive = flaky.filter((one) => one.kind !== "kill" && one.kind !== "reboot");
  fc.assert(
    fc.property(fc.array(alive, { maxLength: 120 }), (actions) => {
      play(actions);
    }),
    { numRuns: RUNS },
  );
});

test("a client that comes back after any restart gets the same again", () => {
  const requests: Action[] = [
    { kind: "say", client: 2, type: "REQUEST", what: 3, hint: 0 },
    { kind: "disk", durable: true },
  ];
  for (const how of ["kill", "reboot"] as const) {
    const world = play([...requests, { kind: how }]);
    const before = world.held.get(CLIENTS[2] ?? mac("00:11:22:33:44:00"));
    expect(before?.map(({ prefix }) => prefix.prefixLength)).toEqual([128, 64]);
    for (const one of requests) world.act(one);
    expect(world.held.get(CLIENTS[2] ?? mac("00:11:22:33:44:00"))).toEqual(before);
  }
});

test("a flood of made-up clients gets what the limits say, and the state stays small", () => {
  const server = config({ now: instant(0) });
  let state = dhcpv6Server.initial;
  const feed = (input: Dhcpv6Input, at: number): readonly Dhcpv6Effect[] => {
    const step = dhcpv6Server.step(state, input, instant(at));
    state = step.state;
    dhcpv6Server.check(state);
    return step.effects;
  };
  feed({ kind: "start", config: server, leases: [], bootId: "boot" }, 0);
  let given = 0;
  for (let i = 0; i < 4000; i += 1) {
    const made = i.toString(16).padStart(6, "0");
    const who = mac(`02:00:00:${made.slice(0, 2)}:${made.slice(2, 4)}:${made.slice(4)}`);
    for (const effect of feed(message({ type: "REQUEST", mac: who, na: [], pd: [] }), i / 4)) {
      if (effect.kind !== "store_leases") continue;
      given += effect.leases.length;
      feed({ kind: "leases_stored", commit: effect.commit, durable: true }, i / 4);
    }
  }
  // One second: a burst of 40, and 20 a second.
  expect(given).toBeGreaterThanOrEqual(50);
  expect(given).toBeLessThanOrEqual(40 + 20 + 1);
  // One machine under many identifiers.
  const one = message({ type: "REQUEST", mac: mac("00:11:22:33:44:01"), na: [] });
  let leases = 0;
  for (let i = 0; i < 40; i += 1) {
    const said = message({ type: "REQUEST", mac: mac("00:11:22:33:44:01"), na: [], iaid: i });
    if (said.kind !== "message" || one.kind !== "message") continue;
    for (const effect of feed({ ...said, source: one.source }, 60_000 + i)) {
      if (effect.kind !== "store_leases") continue;
      leases += 1;
      feed({ kind: "leases_stored", commit: effect.commit, durable: true }, 60_000 + i);
    }
  }
  expect(leases).toBe(8);
});

test("what is delegated is never a network's own /64 nor the operator's part", () => {
  const hints = fc.constantFrom("::/48", "::/58", "::/61", "::/64");
  fc.assert(
    fc.property(
      fc.integer({ min: 56, max: 64 }),
      fc.array(hints, { maxLength: 12 }),
      (length, list) => {
        const excluded = length < 63 ? `-2a01:1:1:10${length === 62 ? 3 : 7}::/64` : "";
        const given = config({
          now: instant(0),
          prefixes: [`2a01:1:1:100::/${length}${excluded}`],
        });
        const own = given.networks.flatMap(({ subnets }) => subnets.map(({ prefix }) => prefix));
        const kept = homePrefix(`2a01:1:1:100::/${length}${excluded}`, instant(0)).excluded;
        let state = dhcpv6Server.initial;
        const start: Dhcpv6Input = { kind: "start", config: given, leases: [], bootId: "boot" };
        state = dhcpv6Server.step(state, start, instant(0)).state;
        for (const [i, hint] of list.entries()) {
          const who = mac(`00:11:22:33:44:${(i + 16).toString(16)}`);
          const asks = message({ type: "REQUEST", mac: who, pd: [hint] });
          const { state: next, effects } = dhcpv6Server.step(state, asks, instant(i));
          state = next;
          checkEverything(state);
          for (const effect of effects) {
            if (effect.kind !== "routes") continue;
            for (const { prefix } of effect.routes) {
              expect(contains6({ ...prefix, prefixLength: length }, prefix.address)).toBe(true);
              expect(prefix.prefixLength).toBeLessThanOrEqual(64);
              const mine = kept === undefined ? own : [...own, kept];
              expect(mine.some((one) => overlaps6(one, prefix))).toBe(false);
            }
          }
        }
      },
    ),
    { numRuns: 40 },
  );
});
