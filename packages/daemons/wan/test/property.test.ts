import { wanState } from "@passerelle/contract";
import { MESSAGE_TYPE, type MessageType } from "@passerelle/dhcpv4";
import { formatIpv4 } from "@passerelle/net";
import { type Instant, instant } from "@passerelle/time";
import fc from "fast-check";
import * as v from "valibot";
import { expect, it } from "vitest";
import type { WanInput } from "../src/core/input.ts";
import type { WanMachineState } from "../src/core/state.ts";
import { wanStateView } from "../src/core/view.ts";
import { CHALLENGE, MAC, machine, reply, settings, storedLease } from "./fixtures.ts";
import { xidOf } from "./story.ts";

type Event =
  | { readonly kind: "wait"; readonly ms: number }
  | { readonly kind: "ring" }
  | {
      readonly kind: "reply";
      readonly type: MessageType;
      readonly host: number;
      readonly lease: number;
      readonly good: boolean;
    }
  | { readonly kind: "input"; readonly make: (state: WanMachineState) => WanInput };

const link = (adminUp: boolean, carrier: boolean): WanInput => ({
  kind: "link",
  link: { adminUp, carrier, mac: MAC },
});
const round = (state: WanMachineState): number => state.reach.roundId;

const event: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("wait" as const),
      ms: fc.integer({ min: 0, max: 5000 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("wait" as const),
      ms: fc.integer({ min: 0, max: 4_000_000 }),
    }),
  },
  { weight: 8, arbitrary: fc.constant({ kind: "ring" as const }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("reply" as const),
      type: fc.constantFrom(MESSAGE_TYPE.DHCPOFFER, MESSAGE_TYPE.DHCPACK, MESSAGE_TYPE.DHCPNAK),
      host: fc.constantFrom(10, 10, 11),
      lease: fc.constantFrom(10, 60, 3600, 0xffff_ffff),
      good: fc.boolean(),
    }),
  },
  {
    weight: 6,
    arbitrary: fc
      .constantFrom<WanInput | ((state: WanMachineState) => WanInput)>(
        link(true, true),
        link(true, true),
        link(true, false),
        link(false, false),
        { kind: "link" },
        { kind: "reconnect" },
        { kind: "arp_conflict", address: storedLease().address },
        { kind: "configure_failed", address: storedLease().address },
        { kind: "entropy", entropy: { xid: 0xabc, challenge: CHALLENGE } },
        { kind: "lan_networks", networks: [] },
        { kind: "datagram", payload: new Uint8Array(300) },
        (state) => ({ kind: "resolver_answered", round: round(state), index: 0, good: true }),
        (state) => ({ kind: "resolver_answered", round: round(state), index: 0, good: false }),
      )
      .map((made) => ({
        kind: "input" as const,
        make: typeof made === "function" ? made : () => made,
      })),
  },
);

/** The kernel and the entropy of a story; `addresses` is what the interface has. */
class World {
  readonly addresses = new Map<string, Instant | undefined>();
  readonly #machine: ReturnType<typeof machine>;
  state: WanMachineState;
  now = instant(0);

  constructor(profile: string, held: boolean) {
    const remembered = held ? { lease: storedLease(), onInterface: true } : undefined;
    this.#machine = machine(settings(profile), 7, remembered);
    this.state = this.#machine.initial;
    if (held) this.addresses.set(formatIpv4(storedLease().address), storedLease().expiresAt);
  }

  input(input: WanInput | { readonly kind: "timeout" }): void {
    const step = this.#machine.step(this.state, input, this.now);
    this.state = step.state;
    this.#machine.check(step.state);
    let draws = 0;
    for (const effect of step.effects) {
      if (effect.kind === "unconfigure") this.addresses.delete(formatIpv4(effect.address));
      if (effect.kind === "configure") {
        this.addresses.clear();
        this.addresses.set(formatIpv4(effect.lease.address), effect.lease.expiresAt);
      }
      if (effect.kind === "draw_entropy") draws += 1;
    }
    for (let i = 0; i < draws; i += 1) {
      const xid = 0x1000 + this.now;
      this.input({ kind: "entropy", entropy: { xid, challenge: CHALLENGE } });
    }
    this.#judge();
  }

  ring(): void {
    const deadline = this.#machine.deadline(this.state);
    if (deadline === undefined) return;
    if (deadline > this.now) this.now = deadline;
    this.input({ kind: "timeout" });
    const next = this.#machine.deadline(this.state);
    // A timeout that leaves a deadline behind would ring for ever.
    if (next !== undefined) expect(next).toBeGreaterThan(this.now);
  }

  wait(ms: number): void {
    // Timers ring on the way, as the driver lets them.
    const end = instant(this.now + ms);
    for (let rung = 0; rung < 500; rung += 1) {
      const deadline = this.#machine.deadline(this.state);
      if (deadline === undefined || deadline > end) break;
      this.ring();
    }
    if (end > this.now) this.now = end;
  }

  #judge(): void {
    const { held } = this.state.session;
    // The kernel has exactly what the machine holds, never two, never past its end.
    expect([...this.addresses.keys()]).toEqual(
      held === undefined ? [] : [formatIpv4(held.address)],
    );
    if (held?.expiresAt !== undefined) expect(held.expiresAt).toBeGreaterThan(this.now);
    const view = wanStateView(this.state, {
      interface: "eth0",
      port: "eth0",
      ipv6: true,
      profile: "generic-dhcp",
      wall: (at) => Math.round(1_800_000_000_000 + at) as never,
    });
    expect(v.safeParse(wanState.schema, view).issues).toBeUndefined();
    // Either the home is online, or people are told why not.
    expect(view.cause === undefined).toBe(
      view.reach.kind === "online" && view.access.kind === "up",
    );
  }
}

it.each(["generic-dhcp", "orange-fr"])("holds in every story: %s", (profile) => {
  fc.assert(
    fc.property(fc.boolean(), fc.array(event, { maxLength: 60 }), (held, story) => {
      const world = new World(profile, held);
      for (const one of story) {
        if (one.kind === "wait") world.wait(one.ms);
        else if (one.kind === "ring") world.ring();
        else if (one.kind === "input") world.input(one.make(world.state));
        else {
          const xid = one.good ? xidOf(world.state) : 1;
          const address = `198.51.100.${one.host}`;
          const payload = reply(one.type, { xid, address, lease: one.lease });
          world.input({ kind: "datagram", payload });
        }
      }
    }),
    { numRuns: 400 },
  );
});

it("survives any octets at port 68", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 8 }),
      fc.constantFrom(MESSAGE_TYPE.DHCPOFFER, MESSAGE_TYPE.DHCPACK, MESSAGE_TYPE.DHCPNAK),
      fc.nat(420),
      (flips, type, length) => {
        const world = new World("generic-dhcp", false);
        world.input(link(true, true));
        for (let turn = 0; turn < 2; turn += 1) {
          const bytes = reply(type, { xid: xidOf(world.state) });
          for (const [at, value] of flips) if (at < bytes.length) bytes[at] = value;
          world.input({ kind: "datagram", payload: bytes.subarray(0, length) });
          world.input({
            kind: "datagram",
            payload: reply(MESSAGE_TYPE.DHCPOFFER, { xid: xidOf(world.state) }),
          });
        }
      },
    ),
    { numRuns: 500 },
  );
});
