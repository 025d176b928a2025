import { decodeNdp, encodeNdp, prefixesOf, recursiveDnsServersOf, routesOf } from "@passerelle/ndp";
import { ALL_NODES, formatCidr6, type Ipv6, isUniqueLocal6 } from "@passerelle/net";
import { type Instant, instant } from "@passerelle/time";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { HomePrefix } from "../../src/core/ipv6/plan.ts";
import {
  type RaEffect,
  type RaInput,
  type RaState,
  routerAdvertiser,
  type StoredAnnouncements,
} from "../../src/core/ipv6/ra/index.ts";
import { homeOf, RNG, raConfig } from "./ra-support.ts";
import { homePrefix, ip6 } from "./support.ts";

/** An operator with three prefixes, a box that is killed and rebooted at any moment, hosts that ask. */
type Action =
  | { readonly kind: "prefixes"; readonly which: readonly number[]; readonly reachable: boolean }
  | { readonly kind: "lifetime"; readonly preferred: number; readonly valid: number }
  | { readonly kind: "ask"; readonly host: number }
  | { readonly kind: "wait"; readonly ms: number }
  | { readonly kind: "kill" }
  | { readonly kind: "reboot" };

const PREFIXES = ["2a01:1::/56", "2a01:2::/56", "2a01:3::/60", "fd12:3456:789a::/48"];

const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({
    kind: fc.constant("prefixes" as const),
    which: fc.uniqueArray(fc.nat(PREFIXES.length - 1)),
    reachable: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant("lifetime" as const),
    preferred: fc.constantFrom(0, 1, 30, 4000, 100_000),
    valid: fc.constantFrom(0, 1, 40, 6000, 100_000),
  }),
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("ask" as const), host: fc.nat(40) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("wait" as const),
      ms: fc.constantFrom(1, 400, 2999, 60_000, 700_000, 5_400_000),
    }),
  },
  fc.constant({ kind: "kill" as const }),
  fc.constant({ kind: "reboot" as const }),
);

class World {
  now = 0;
  bootedAt = 0;
  boot = 0;
  state: RaState = routerAdvertiser.initial;
  stored: StoredAnnouncements | undefined;
  which: readonly number[] = [];
  reachable = true;
  lasts = { preferred: 4000, valid: 6000 };
  home: readonly HomePrefix[] = [];
  lastToAll: number | undefined;
  /** What hosts have: the prefix, and until when it is valid for them, in the world's time. */
  readonly hosts = new Map<string, number>();

  get clock(): Instant {
    return instant(this.now - this.bootedAt);
  }

  start(): void {
    this.state = routerAdvertiser.initial;
    const stored = this.stored;
    this.feed({ kind: "start", config: raConfig(), stored, bootId: `${this.boot}`, rng: RNG });
    // Whoever starts anew knows nothing of when the life before spoke.
    this.lastToAll = undefined;
    this.tell();
  }

  tell(): void {
    const { preferred, valid } = this.lasts;
    this.home = this.which.map((index) =>
      homePrefix(
        index === 3
          ? (PREFIXES[3] ?? "")
          : `${PREFIXES[index]}~${Math.min(preferred, valid)}!${valid}`,
        this.clock,
      ),
    );
    this.feed({ kind: "home", home: homeOf(this.home, this.clock, this.reachable) });
  }

  feed(input: RaInput): void {
    const step = routerAdvertiser.step(this.state, input, this.clock);
    this.state = step.state;
    routerAdvertiser.check(this.state);
    for (const effect of step.effects) this.effect(effect);
  }

  effect(effect: RaEffect): void {
    if (effect.kind === "store") this.stored = JSON.parse(JSON.stringify(effect.record));
    if (effect.kind === "send") this.judge(effect);
  }

  judge({ to, message }: RaEffect & { readonly kind: "send" }): void {
    if (to === ALL_NODES) {
      if (this.lastToAll !== undefined)
        expect(this.now - this.lastToAll).toBeGreaterThanOrEqual(3000);
      this.lastToAll = this.now;
    }
    const bytes = encodeNdp(message);
    expect(bytes.length).toBeLessThanOrEqual(1240);
    const envelope = { source: ip6("fe80::1"), destination: to, hopLimit: 255 };
    expect(decodeNdp(bytes, envelope)).toEqual({ ok: true, value: message });
    const alive = this.home.filter(({ validUntil }) => (validUntil ?? Infinity) > this.clock);
    const isServed = alive.some(({ prefix }) => !isUniqueLocal6(prefix.address));
    expect(message.routerLifetime > 0).toBe(this.reachable && isServed);
    const seen = new Set<string>();
    for (const { prefix, preferredLifetime, validLifetime } of prefixesOf(message)) {
      const name = formatCidr6(prefix);
      expect(seen.has(name)).toBe(false);
      seen.add(name);
      expect(preferredLifetime).toBeLessThanOrEqual(validLifetime);
      const of = alive.find((one) => name.startsWith(one.prefix.address));
      const left = ((of?.validUntil ?? Infinity) - this.clock) / 1000;
      const good = ((of?.preferredUntil ?? Infinity) - this.clock) / 1000;
      expect(validLifetime).toBeLessThanOrEqual(of === undefined ? 0 : Math.min(5400, left));
      expect(preferredLifetime).toBeLessThanOrEqual(Math.max(0, Math.min(2700, good)));
      this.hosts.set(name, this.now + validLifetime * 1000);
    }
    // Whatever a host may still have is told: with what is left of it, or its end.
    for (const [name, until] of this.hosts) {
      if (until > this.now) expect(seen.has(name)).toBe(true);
    }
    for (const { routeLifetime } of routesOf(message))
      expect(routeLifetime).toBeLessThanOrEqual(2700);
    for (const { lifetime } of recursiveDnsServersOf(message))
      expect(lifetime).toBeLessThanOrEqual(2700);
  }

  wait(ms: number): void {
    const until = this.now + ms;
    for (let guard = 0; guard < 20_000; guard += 1) {
      const deadline = routerAdvertiser.deadline(this.state);
      if (deadline === undefined || deadline + this.bootedAt > until) {
        this.now = until;
        return;
      }
      this.now = Math.max(this.now, deadline + this.bootedAt);
      this.feed({ kind: "timeout" });
      const next = routerAdvertiser.deadline(this.state);
      expect(next === undefined || next > this.clock).toBe(true);
    }
    throw new Error("time stands still");
  }

  act(one: Action): void {
    switch (one.kind) {
      case "prefixes":
        this.which = one.which;
        this.reachable = one.reachable;
        this.tell();
        return;
      case "lifetime":
        this.lasts = { preferred: one.preferred, valid: one.valid };
        this.tell();
        return;
      case "ask":
        this.feed({ kind: "solicitation", source: hostAt(one.host) });
        return;
      case "wait":
        this.wait(one.ms);
        return;
      case "reboot":
        this.boot += 1;
        this.bootedAt = this.now;
        this.start();
        return;
      case "kill":
        this.start();
    }
  }
}

function hostAt(host: number): Ipv6 {
  return ip6(host === 0 ? "::" : `fe80::${host.toString(16)}`);
}

const RUNS = Number(process.env.PASSERELLE_FUZZ_SECONDS ?? 0) > 0 ? 5000 : 200;

test("whatever happens in whatever order: no promise beyond the line, no stale prefix forgotten, no noise", () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
      const world = new World();
      world.start();
      for (const one of actions) world.act(one);
    }),
    { numRuns: RUNS },
  );
});

test("a flood of questions: a few hosts are answered one by one, the others hear what everybody hears", () => {
  const world = new World();
  world.which = [0];
  world.start();
  let sent = 0;
  const judge = world.judge.bind(world);
  world.judge = (effect) => {
    sent += 1;
    judge(effect);
  };
  for (let i = 1; i <= 10_000; i += 1) {
    world.feed({ kind: "solicitation", source: hostAt(i) });
    world.wait(1);
  }
  // Ten seconds: ten single answers a second and a burst of twenty; one to everybody every three seconds.
  expect(sent).toBeLessThanOrEqual(10 * 10 + 20 + 4);
});
