import { type Ipv6, MAC_ZERO, type Mac } from "@passerelle/net";
import {
  type Family,
  type InterfaceAddress,
  type Link,
  type Neighbour,
  type Route,
  RT_TABLE_MAIN,
  type Rule,
} from "@passerelle/netlink-codec";
import { ok, type Result } from "@passerelle/result";
import { addAddress, endDetection, removeAddress } from "./fake-addresses.ts";
import { deleteLink, loseLink, setLink, settle, settleAll } from "./fake-links.ts";
import { putRoute, removeRoute } from "./fake-routes.ts";
import { addRule, bootRules, removeRule } from "./fake-rules.ts";
import { type Detection, type FakeState, fakeRefusal, linkOf } from "./fake-state.ts";
import type {
  AddressSpec,
  BridgeOptions,
  LinkChange,
  Netlink,
  NetlinkError,
  NetlinkEvent,
  RouteFilter,
  RouteSpec,
  RuleSpec,
  Subscription,
  Topics,
  VlanOptions,
} from "./port.ts";
import { addressOfSpec, bridgeData, newLink, routeOfSpec, ruleOfSpec } from "./spec.ts";
import { vlanData, vlanOf } from "./vlan.ts";

/** A kernel in memory, with the hands of a test on what a cable does. */
export interface FakeNetlink extends Netlink {
  /** A network card that was there at boot, down. */
  addCard(name: string, mac: Mac): number;
  /** A card that is unplugged, or a session of PPP that ended. */
  pullCard(index: number): void;
  /** The cable of a card; cards have one in from the start. */
  setCarrier(index: number, on: boolean): void;
  /** An entry as if traffic had made it. */
  learnNeighbour(neighbour: Neighbour): void;
  forgetNeighbour(neighbour: Neighbour): void;
  /**
   * What duplicate address detection makes of IPv6 addresses added from now on; "pass" from the start, and then an
   * address is ours at once. One that the other end of a veth has fails by itself.
   */
  detectDuplicates(verdict: Detection): void;
  /** Ends the detection of an address that waits, on every link that has it. */
  endDetection(address: Ipv6, verdict: "pass" | "fail"): void;
  /** Tells the subscribers that events were lost. */
  loseEvents(): void;
  /** The next change fails with this code. */
  failNext(code: string): void;
}

/**
 * Behaves as Linux does where our daemons look: connected routes come and go with addresses and link
 * state, IPv6 addresses go when a link goes down, gateways must be reachable. It knows no local table,
 * no multicast routes, no time: routes with an end stay, lifetimes stand still. Events come in a microtask.
 */
export function createFakeNetlink(): FakeNetlink {
  return new FakeNetlinkBody();
}

type Answer<T> = Promise<Result<T, NetlinkError>>;

class FakeNetlinkBody implements FakeNetlink {
  readonly #state: FakeState = {
    links: [],
    addresses: [],
    routes: [],
    rules: [],
    neighbours: [],
    events: [],
    detection: "pass",
  };
  readonly #subscribers = new Set<{ topics: Topics; handler: (event: NetlinkEvent) => void }>();
  #nextIndex = 1;
  #failure: string | undefined;
  #scheduled = false;

  constructor() {
    this.#add({ ...newLink("lo", ""), mac: MAC_ZERO, mtu: 65_536 }, true);
    const loopback = this.#state.links[0];
    if (loopback !== undefined) Object.assign(loopback, { hardwareType: 772, flags: 8 });
    this.#state.rules.push(...bootRules());
    this.#state.events.length = 0;
  }

  async links(): Answer<readonly Link[]> {
    return ok(this.#state.links.map(({ hasCarrier: _, peer: __, ...link }) => link));
  }

  async addresses(family?: Family): Answer<readonly InterfaceAddress[]> {
    return ok(ofFamily(this.#state.addresses, family));
  }

  async neighbours(family?: Family): Answer<readonly Neighbour[]> {
    return ok(ofFamily(this.#state.neighbours, family));
  }

  async rules(family?: Family): Answer<readonly Rule[]> {
    return ok(ofFamily(this.#state.rules, family));
  }

  async routes({ family, table = RT_TABLE_MAIN }: RouteFilter = {}): Answer<readonly Route[]> {
    return ok(ofFamily(this.#state.routes, family).filter((route) => route.table === table));
  }

  createBridge(name: string, options: BridgeOptions = {}): Answer<number> {
    const mac = options.mac === undefined ? {} : { mac: options.mac };
    const link = newLink(name, "bridge", { ...mac, kindData: bridgeData(options) });
    return this.#change(() => this.#add(link, false));
  }

  createDummy(name: string): Answer<number> {
    return this.#change(() => this.#add(newLink(name, "dummy"), false));
  }

  createVlan(name: string, options: VlanOptions): Answer<number> {
    return this.#change(() => {
      const lower = linkOf(this.#state, options.lower);
      if (lower === undefined) return fakeRefusal("ENODEV");
      if (!(options.id >= 1 && options.id <= 4094)) return fakeRefusal("ERANGE");
      if (this.#state.links.some((one) => isVlan(one, options))) return fakeRefusal("EEXIST");
      const mac = lower.mac === undefined ? {} : { mac: lower.mac };
      const mtu = lower.mtu === undefined ? {} : { mtu: lower.mtu };
      // What gets no tag is not remembered.
      const egress = (options.egress ?? []).filter(({ tag }) => tag !== 0);
      const kindData = vlanData({ ...options, egress });
      const about = { ...mac, ...mtu, lower: options.lower, kindData };
      return this.#add(newLink(name, "vlan", about), false);
    });
  }

  createVeth(name: string, peer: string): Answer<number> {
    return this.#change(() => {
      const taken = this.#state.links.some((one) => one.name === peer) || name === peer;
      if (taken) return fakeRefusal("EEXIST");
      const first = this.#add(newLink(name, "veth"), false);
      if (!first.ok) return first;
      const second = this.#add(newLink(peer, "veth", { lower: first.value }), false);
      const a = linkOf(this.#state, first.value);
      const b = linkOf(this.#state, second.ok ? second.value : 0);
      if (a === undefined || b === undefined) return fakeRefusal("EINVAL");
      Object.assign(a, { peer: b.index, lower: b.index });
      Object.assign(b, { peer: a.index });
      return first;
    });
  }

  deleteLink(index: number): Answer<void> {
    return this.#change(() => deleteLink(this.#state, index));
  }

  setLink(index: number, wanted: LinkChange): Answer<void> {
    return this.#change(() => setLink(this.#state, index, wanted));
  }

  addAddress(spec: AddressSpec): Answer<void> {
    return this.#change(() => addAddress(this.#state, addressOfSpec(spec), false));
  }

  replaceAddress(spec: AddressSpec): Answer<void> {
    return this.#change(() => addAddress(this.#state, addressOfSpec(spec), true));
  }

  removeAddress(spec: AddressSpec): Answer<void> {
    return this.#change(() => removeAddress(this.#state, addressOfSpec(spec)));
  }

  addRoute(spec: RouteSpec): Answer<void> {
    return this.#change(() => putRoute(this.#state, routeOfSpec(spec), false));
  }

  replaceRoute(spec: RouteSpec): Answer<void> {
    return this.#change(() => putRoute(this.#state, routeOfSpec(spec), true));
  }

  removeRoute(spec: RouteSpec): Answer<void> {
    return this.#change(() => removeRoute(this.#state, routeOfSpec(spec)));
  }

  addRule(spec: RuleSpec): Answer<void> {
    return this.#change(() => addRule(this.#state, ruleOfSpec(spec)));
  }

  removeRule(spec: RuleSpec): Answer<void> {
    return this.#change(() => removeRule(this.#state, ruleOfSpec(spec)));
  }

  subscribe(
    topics: Topics,
    handler: (event: NetlinkEvent) => void,
  ): Result<Subscription, NetlinkError> {
    const entry = { topics, handler };
    this.#subscribers.add(entry);
    return ok({ close: () => void this.#subscribers.delete(entry) });
  }

  close(): void {
    this.#subscribers.clear();
  }

  addCard(name: string, mac: Mac): number {
    const made = this.#add({ ...newLink(name, ""), mac }, true);
    this.#publish();
    if (!made.ok) throw new Error(made.error.text);
    return made.value;
  }

  pullCard(index: number): void {
    const link = linkOf(this.#state, index);
    if (link === undefined) throw new Error(`no link ${index}`);
    loseLink(this.#state, link);
    this.#publish();
  }

  setCarrier(index: number, on: boolean): void {
    const link = linkOf(this.#state, index);
    if (link === undefined) throw new Error(`no link ${index}`);
    link.hasCarrier = on;
    // What stands on it, or holds it, changes with it.
    settleAll(this.#state, link);
    this.#publish();
  }

  learnNeighbour(neighbour: Neighbour): void {
    this.#forget(neighbour);
    this.#state.neighbours.push(neighbour);
    this.#state.events.push({ kind: "neighbour", deleted: false, neighbour });
    this.#publish();
  }

  forgetNeighbour(neighbour: Neighbour): void {
    this.#forget(neighbour);
    this.#state.events.push({ kind: "neighbour", deleted: true, neighbour });
    this.#publish();
  }

  detectDuplicates(verdict: Detection): void {
    this.#state.detection = verdict;
  }

  endDetection(address: Ipv6, verdict: "pass" | "fail"): void {
    for (const one of this.#state.addresses.filter((it) => it.address === address))
      endDetection(this.#state, one, verdict);
    this.#publish();
  }

  loseEvents(): void {
    this.#state.events.length = 0;
    this.#state.events.push({ kind: "resync" });
    this.#publish();
  }

  failNext(code: string): void {
    this.#failure = code;
  }

  #forget(neighbour: Neighbour): void {
    const others = this.#state.neighbours.filter((one) => !sameNeighbour(one, neighbour));
    this.#state.neighbours = others;
  }

  /** Runs a change, unless a test asked for a failure, and says what happened. */
  async #change<T>(call: () => Result<T, NetlinkError>): Answer<T> {
    const failed = this.#failure;
    this.#failure = undefined;
    const result = failed === undefined ? call() : fakeRefusal<T>(failed);
    this.#publish();
    return result;
  }

  #add(link: Link, card: boolean): Result<number, NetlinkError> {
    if (!/^[^\s/]{1,15}$/.test(link.name ?? "")) return fakeRefusal("EINVAL");
    if (this.#state.links.some((one) => one.name === link.name)) return fakeRefusal("EEXIST");
    const index = this.#nextIndex;
    this.#nextIndex += 1;
    const mac = link.mac ?? madeMac(index);
    const made = { hasCarrier: card, ...link, index, mac, mtu: link.mtu ?? 1500, hardwareType: 1 };
    this.#state.links.push(made);
    settle(this.#state, made);
    return ok(index);
  }

  #publish(): void {
    if (this.#scheduled || this.#state.events.length === 0) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      for (const event of this.#state.events.splice(0)) {
        for (const one of [...this.#subscribers]) {
          if (concerns(one.topics, event)) one.handler(event);
        }
      }
    });
  }
}

function concerns(topics: Topics, event: NetlinkEvent): boolean {
  if (event.kind === "resync") return true;
  const topic = event.kind === "address" ? "addresses" : (`${event.kind}s` as keyof Topics);
  return topics[topic] === true;
}

function ofFamily<T extends InterfaceAddress | Route | Neighbour | Rule>(
  all: readonly T[],
  family: 4 | 6 | undefined,
): readonly T[] {
  return all.filter((one) => family === undefined || one.family === family);
}

function sameNeighbour(a: Neighbour, b: Neighbour): boolean {
  return a.interfaceIndex === b.interfaceIndex && a.address === b.address;
}

function madeMac(index: number): Mac {
  return `02:00:00:00:00:${index.toString(16).padStart(2, "0")}` as Mac;
}

function isVlan(link: Link, { lower, id }: VlanOptions): boolean {
  const there = vlanOf(link);
  return there?.lower === lower && there.id === id;
}
