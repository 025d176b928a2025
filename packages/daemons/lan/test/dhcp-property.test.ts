import { leaseSecondsOf, MESSAGE_TYPE, messageTypeOf } from "@passerelle/dhcpv4";
import { formatIpv4, type Ipv4, ipv4, type Mac } from "@passerelle/net";
import { instant, seconds } from "@passerelle/time";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  checkEverything,
  type DhcpEffect,
  type DhcpInput,
  type DhcpState,
  dhcpServer,
  type StoredLease,
} from "../src/core/dhcp/index.ts";
import { config, ip, mac, message, network, type Said } from "./dhcp-support.ts";

/**
 * A world of eight clients, a disk and a server that is killed and rebooted at any moment. What a client was
 * told is what counts: no address may be promised to two clients at once.
 */
const CLIENTS = Array.from({ length: 8 }, (_, i) =>
  mac(`${i % 2 === 0 ? "00" : "02"}:11:22:33:44:0${i}`),
);
const SERVER = ip("192.168.1.1");
const FIRST = 0xc0a80132;

type Action =
  | { readonly kind: "ask"; readonly client: number }
  | {
      readonly kind: "say";
      readonly client: number;
      readonly type: Said["type"];
      readonly form: number;
      readonly at: number;
    }
  | { readonly kind: "wait"; readonly ms: number }
  | { readonly kind: "disk"; readonly durable: boolean }
  | { readonly kind: "kill" }
  | { readonly kind: "reboot" }
  | { readonly kind: "configure"; readonly size: number };

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("ask" as const), client: fc.nat(7) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("say" as const),
      client: fc.nat(7),
      type: fc.constantFrom(
        "DHCPREQUEST",
        "DHCPREQUEST",
        "DHCPRELEASE",
        "DHCPDECLINE",
        "DHCPINFORM",
      ),
      form: fc.nat(2),
      at: fc.nat(7),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("wait" as const),
      ms: fc.constantFrom(50, 400, 5_000, 61_000, 200_000, 700_000),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant("disk" as const), durable: fc.constant(true) }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "kill" as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: "reboot" as const }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("configure" as const),
      size: fc.integer({ min: 2, max: 5 }),
    }),
  },
);

class World {
  now = 0;
  boot = 0;
  size = 3;
  /** Whether the server asks by ARP: with it, mistakes of its memory would not show. */
  readonly probe: boolean;
  state: DhcpState = dhcpServer.initial;
  /** Rows on the disk, and writes that did not get there yet. */
  readonly rows = new Map<number, StoredLease>();
  queue: { readonly commit: number | undefined; readonly lease: StoredLease }[] = [];
  /** What each client believes it has: address and end, in the world's own time. */
  readonly held = new Map<
    Mac,
    { readonly address: Ipv4; readonly until: number; readonly asked: number }
  >();
  readonly offered = new Map<Mac, Ipv4>();
  readonly lastAsked = new Map<Mac, number>();
  /** World time at which the present boot began: the monotonic clock starts anew. */
  bootedAt = 0;

  constructor(probe: boolean) {
    this.probe = probe;
  }

  start(): void {
    this.state = dhcpServer.initial;
    this.queue = [];
    const leases = [...this.rows.values()];
    this.feed({ kind: "start", config: this.config(), leases, bootId: `boot ${this.boot}` });
  }

  config(): ReturnType<typeof config> {
    return config({
      networks: [
        network({ last: ipv4(FIRST + this.size - 1), leaseTime: seconds(600), probe: this.probe }),
      ],
    });
  }

  feed(input: DhcpInput): void {
    const step = dhcpServer.step(this.state, input, instant(this.now - this.bootedAt));
    this.state = step.state;
    dhcpServer.check(this.state);
    checkEverything(this.state);
    for (const effect of step.effects) this.effect(effect);
  }

  effect(effect: DhcpEffect): void {
    if (effect.kind === "store_lease") this.queue.push(effect);
    if (effect.kind === "store_end") this.queue.push({ commit: undefined, lease: effect.lease });
    if (effect.kind === "probe") {
      // Whoever has the address answers.
      for (const [client, held] of this.held) {
        if (held.address === effect.address && held.until > this.now) {
          this.feed({ kind: "arp_seen", network: "lan", address: effect.address, mac: client });
        }
      }
    }
    if (effect.kind !== "send") return;
    const client = CLIENTS.find((one) => one === macOf(effect));
    if (client === undefined) return;
    const type = messageTypeOf(effect.message);
    if (type === MESSAGE_TYPE.DHCPOFFER) this.offered.set(client, effect.message.yiaddr);
    if (type === MESSAGE_TYPE.DHCPNAK) this.held.delete(client);
    const lease = leaseSecondsOf(effect.message);
    if (type !== MESSAGE_TYPE.DHCPACK || lease === undefined) return;
    const asked = this.lastAsked.get(client) ?? this.now;
    const until = asked + lease * 1000;
    this.held.set(client, { address: effect.message.yiaddr, until, asked });
    for (const [other, held] of this.held) {
      if (other === client || held.address !== effect.message.yiaddr) continue;
      if (held.until > this.now) {
        throw new Error(`${formatIpv4(held.address)} promised to ${other} and to ${client}`);
      }
    }
  }

  wait(ms: number): void {
    const until = this.now + ms;
    for (let guard = 0; guard < 5000; guard += 1) {
      const deadline = dhcpServer.deadline(this.state);
      if (deadline === undefined || deadline + this.bootedAt > until) break;
      this.now = Math.max(this.now, deadline + this.bootedAt);
      this.feed({ kind: "timeout" });
    }
    this.now = until;
  }

  act(one: Action): void {
    switch (one.kind) {
      case "ask":
        this.feed(message({ type: "DHCPDISCOVER", mac: clientAt(one.client) }));
        return;
      case "say":
        this.say(one);
        return;
      case "wait":
        this.wait(one.ms);
        return;
      case "disk": {
        const write = this.queue.shift();
        if (write === undefined) return;
        if (one.durable) this.rows.set(write.lease.address, write.lease);
        if (write.commit === undefined) return;
        this.feed({ kind: "lease_stored", commit: write.commit, durable: one.durable });
        return;
      }
      case "kill":
        this.start();
        return;
      case "reboot":
        this.boot += 1;
        this.bootedAt = this.now;
        this.start();
        return;
      case "configure":
        this.size = one.size;
        this.feed({ kind: "configure", config: this.config() });
    }
  }

  say(one: Action & { readonly kind: "say" }): void {
    const client = clientAt(one.client);
    const held = this.held.get(client);
    const holds = held !== undefined && held.until > this.now ? held.address : undefined;
    const base = { type: one.type, mac: client };
    switch (one.type) {
      case "DHCPREQUEST": {
        const offered = this.offered.get(client);
        this.lastAsked.set(client, this.now);
        // Renewing what it has, taking what was offered, or waking up with any old address.
        if (one.form === 0 && holds !== undefined) this.feed(message({ ...base, ciaddr: holds }));
        else if (one.form === 1 && offered !== undefined) {
          this.held.delete(client);
          this.feed(message({ ...base, requested: offered, server: SERVER }));
        } else {
          this.held.delete(client);
          this.feed(message({ ...base, requested: ipv4(FIRST + one.at) }));
        }
        return;
      }
      case "DHCPRELEASE":
        if (holds === undefined) return;
        this.held.delete(client);
        this.feed(message({ ...base, ciaddr: holds, server: SERVER }));
        return;
      case "DHCPDECLINE":
        if (holds === undefined) return;
        this.held.delete(client);
        this.feed(message({ ...base, requested: holds, server: SERVER }));
        return;
      default:
        this.feed(message({ ...base, ciaddr: holds ?? ipv4(FIRST) }));
    }
  }
}

function clientAt(index: number): Mac {
  return CLIENTS[index] ?? mac("00:11:22:33:44:00");
}

function macOf(effect: DhcpEffect & { readonly kind: "send" }): string {
  return [...effect.message.chaddr.slice(0, 6)]
    .map((octet) => octet.toString(16).padStart(2, "0"))
    .join(":");
}

function play(actions: readonly Action[], probe: boolean): World {
  const world = new World(probe);
  world.start();
  for (const one of actions) world.act(one);
  return world;
}

const RUNS = Number(process.env.PASSERELLE_FUZZ_SECONDS ?? 0) > 0 ? 20_000 : 400;

const flaky = fc.oneof(
  { weight: 5, arbitrary: action },
  { weight: 2, arbitrary: fc.constant<Action>({ kind: "disk", durable: false }) },
);

test("no address is promised to two clients, whatever happens in whatever order", () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 150 }), (actions) => {
      play(actions, false);
    }),
    { numRuns: RUNS },
  );
});

test("the same with a disk that refuses now and then, while nobody is killed", () => {
  const alive = flaky.filter((one) => one.kind !== "kill" && one.kind !== "reboot");
  fc.assert(
    fc.property(fc.array(alive, { maxLength: 150 }), (actions) => {
      play(actions, false);
    }),
    { numRuns: RUNS },
  );
});

test("the same with both: what was forgotten answers by ARP", () => {
  fc.assert(
    fc.property(fc.array(flaky, { maxLength: 150 }), (actions) => {
      play(actions, true);
    }),
    { numRuns: RUNS },
  );
});

test("a client that comes back after any restart gets the same address again", () => {
  fc.assert(
    fc.property(fc.nat(7), fc.constantFrom("kill" as const, "reboot" as const), (client, how) => {
      const lease: Action[] = [
        { kind: "ask", client },
        { kind: "wait", ms: 400 },
        { kind: "say", client, type: "DHCPREQUEST", form: 1, at: 0 },
        { kind: "disk", durable: true },
      ];
      const world = play([...lease, { kind: how }], true);
      const before = world.held.get(clientAt(client))?.address;
      expect(before).toBeDefined();
      for (const one of lease) world.act(one);
      expect(world.held.get(clientAt(client))?.address).toBe(before);
    }),
  );
});
