import type { Mac } from "@passerelle/net";
import {
  IFF_LOWER_UP,
  IFF_UP,
  type InterfaceAddress,
  type Link,
  type Neighbour,
  type Route,
  RT_TABLE_LOCAL,
  RT_TABLE_MAIN,
  type Rule,
} from "@passerelle/netlink-codec";
import { ok, type Result } from "@passerelle/result";
import { addAddress, removeAddress } from "./fake-addresses.ts";
import { connectedRoutes, dropRoutes, putRoute, removeRoute } from "./fake-routes.ts";
import { type FakeState, fakeRefusal, linkLocalOf, linkOf, type Mutable } from "./fake-state.ts";
import type { LinkChange, Netlink, NetlinkError, NetlinkEvent, Topics } from "./port.ts";
import { addressOfSpec, bridgeData, newLink, routeOfSpec, ruleOfSpec, vlanData } from "./spec.ts";

/** A kernel in memory, with the hands of a test on what a cable does. */
export interface FakeNetlink extends Netlink {
  /** A network card that was there at boot, down. */
  addCard(name: string, mac: Mac): number;
  /** The cable of a card; cards have one in from the start. */
  setCarrier(index: number, on: boolean): void;
  /** An entry as if traffic had made it. */
  learnNeighbour(neighbour: Neighbour): void;
  forgetNeighbour(neighbour: Neighbour): void;
  /** Tells the subscribers that events were lost. */
  loseEvents(): void;
  /** The next change fails with this code. */
  failNext(code: string): void;
}

/**
 * Behaves as Linux does where our daemons look: connected routes come and go with addresses and link
 * state, IPv6 addresses go when a link goes down, gateways must be reachable. It knows no local table,
 * no multicast routes, no duplicate address detection. Events come in a microtask.
 */
export function createFakeNetlink(): FakeNetlink {
  const state: FakeState = {
    links: [],
    addresses: [],
    routes: [],
    rules: [],
    neighbours: [],
    events: [],
  };
  const subscribers = new Set<{ topics: Topics; handler: (event: NetlinkEvent) => void }>();
  let nextIndex = 1;
  let failure: string | undefined;
  let scheduled = false;

  const publish = (): void => {
    if (scheduled || state.events.length === 0) return;
    scheduled = true;
    queueMicrotask(() => {
      scheduled = false;
      for (const event of state.events.splice(0)) {
        for (const one of [...subscribers]) if (concerns(one.topics, event)) one.handler(event);
      }
    });
  };
  /** Runs a change, unless a test asked for a failure, and says what happened. */
  const change = async <T>(
    call: () => Result<T, NetlinkError>,
  ): Promise<Result<T, NetlinkError>> => {
    const failed = failure;
    failure = undefined;
    const result = failed === undefined ? call() : fakeRefusal<T>(failed);
    publish();
    return result;
  };
  const add = (link: Link, card: boolean): Result<number, NetlinkError> => {
    if (!/^[^\s/]{1,15}$/.test(link.name ?? "")) return fakeRefusal("EINVAL");
    if (state.links.some((one) => one.name === link.name)) return fakeRefusal("EEXIST");
    const index = nextIndex;
    nextIndex += 1;
    const mac = link.mac ?? madeMac(index);
    const made = { hasCarrier: card, ...link, index, mac, mtu: link.mtu ?? 1500, hardwareType: 1 };
    state.links.push(made);
    settle(state, made);
    return ok(index);
  };
  const create = (link: Link): Promise<Result<number, NetlinkError>> =>
    change(() => add(link, false));

  add({ ...newLink("lo", ""), mac: "00:00:00:00:00:00" as Mac, mtu: 65_536 }, true);
  const loopback = state.links[0];
  if (loopback !== undefined) Object.assign(loopback, { hardwareType: 772, flags: 8 });
  state.rules.push(...bootRules());
  state.events.length = 0;

  return {
    links: async () => ok(state.links.map(({ hasCarrier: _, peer: __, ...link }) => link)),
    addresses: async (family) => ok(ofFamily(state.addresses, family)),
    neighbours: async (family) => ok(ofFamily(state.neighbours, family)),
    rules: async (family) => ok(ofFamily(state.rules, family)),
    routes: async ({ family, table = RT_TABLE_MAIN } = {}) =>
      ok(ofFamily(state.routes, family).filter((route) => route.table === table)),

    createBridge: (name, options = {}) =>
      create({
        ...newLink(name, "bridge", { kindData: bridgeData(options) }),
        ...(options.mac === undefined ? {} : { mac: options.mac }),
      }),
    createDummy: (name) => create(newLink(name, "dummy")),
    createVlan: (name, options) =>
      change(() => {
        if (linkOf(state, options.lower) === undefined) return fakeRefusal("ENODEV");
        if (!(options.id >= 1 && options.id <= 4094)) return fakeRefusal("ERANGE");
        return add(
          newLink(name, "vlan", { lower: options.lower, kindData: vlanData(options) }),
          false,
        );
      }),
    createVeth: (name, peer) =>
      change(() => {
        const taken = state.links.some((one) => one.name === peer) || name === peer;
        if (taken) return fakeRefusal("EEXIST");
        const first = add(newLink(name, "veth"), false);
        if (!first.ok) return first;
        const second = add(newLink(peer, "veth", { lower: first.value }), false);
        const [a, b] = [linkOf(state, first.value), linkOf(state, second.ok ? second.value : 0)];
        if (a === undefined || b === undefined) return fakeRefusal("EINVAL");
        Object.assign(a, { peer: b.index, lower: b.index });
        Object.assign(b, { peer: a.index });
        return first;
      }),
    deleteLink: (index) => change(() => deleteLink(state, index)),
    setLink: (index, wanted) => change(() => setLink(state, index, wanted)),

    addAddress: (spec) => change(() => addAddress(state, addressOfSpec(spec), false)),
    replaceAddress: (spec) => change(() => addAddress(state, addressOfSpec(spec), true)),
    removeAddress: (spec) => change(() => removeAddress(state, addressOfSpec(spec))),
    addRoute: (spec) => change(() => putRoute(state, routeOfSpec(spec), false)),
    replaceRoute: (spec) => change(() => putRoute(state, routeOfSpec(spec), true)),
    removeRoute: (spec) => change(() => removeRoute(state, routeOfSpec(spec))),
    addRule: (spec) => change(() => addRule(state, ruleOfSpec(spec))),
    removeRule: (spec) => change(() => removeRule(state, ruleOfSpec(spec))),

    subscribe(topics, handler) {
      const entry = { topics, handler };
      subscribers.add(entry);
      return ok({ close: () => void subscribers.delete(entry) });
    },
    close: () => subscribers.clear(),

    addCard(name, mac) {
      const made = add({ ...newLink(name, ""), mac }, true);
      publish();
      if (!made.ok) throw new Error(made.error.text);
      return made.value;
    },
    setCarrier(index, on) {
      const link = linkOf(state, index);
      if (link === undefined) throw new Error(`no link ${index}`);
      link.hasCarrier = on;
      settle(state, link);
      publish();
    },
    learnNeighbour(neighbour) {
      state.neighbours = state.neighbours.filter((one) => !sameNeighbour(one, neighbour));
      state.neighbours.push(neighbour);
      state.events.push({ kind: "neighbour", deleted: false, neighbour });
      publish();
    },
    forgetNeighbour(neighbour) {
      state.neighbours = state.neighbours.filter((one) => !sameNeighbour(one, neighbour));
      state.events.push({ kind: "neighbour", deleted: true, neighbour });
      publish();
    },
    loseEvents() {
      state.events.length = 0;
      state.events.push({ kind: "resync" });
      publish();
    },
    failNext(code) {
      failure = code;
    },
  };
}

function setLink(state: FakeState, index: number, wanted: LinkChange): Result<void, NetlinkError> {
  const link = linkOf(state, index);
  if (link === undefined) return fakeRefusal("ENODEV");
  const { up, master, ...rest } = wanted;
  const same = state.links.find((one) => one.name === rest.name);
  if (rest.name !== undefined && same !== undefined && same !== link) return fakeRefusal("EEXIST");
  if (rest.mtu !== undefined && !(rest.mtu >= 68 && rest.mtu <= 65_536))
    return fakeRefusal("EINVAL");
  if (master !== undefined && master !== 0) {
    const bridge = linkOf(state, master);
    if (bridge === undefined) return fakeRefusal("EINVAL");
    if (bridge.kind !== "bridge" || bridge === link) return fakeRefusal("ENOTSUP");
  }
  Object.assign(link, rest);
  if (master === 0) {
    delete link.master;
    delete link.memberKind;
  } else if (master !== undefined) {
    Object.assign(link, { master, memberKind: "bridge" });
  }
  if (up !== undefined && up !== ((link.flags & IFF_UP) !== 0)) raiseOrLower(state, link, up);
  for (const one of state.links) settle(state, one, one === link);
  return ok(undefined);
}

/** Link-local and connected routes come with "up"; with "down" all routes go, and IPv6 addresses too. */
function raiseOrLower(state: FakeState, link: Mutable<Link>, up: boolean): void {
  link.flags = up ? link.flags | IFF_UP : link.flags & ~IFF_UP;
  if (up) {
    for (const one of state.addresses) {
      if (one.interfaceIndex === link.index) connectedRoutes(state, one);
    }
    for (const one of linkLocalOf(link)) addAddress(state, one, false);
    return;
  }
  dropRoutes(state, (route) => route.interfaceIndex === link.index, isIpv6);
  const gone = state.addresses.filter(
    (one) => one.interfaceIndex === link.index && one.family === 6,
  );
  for (const one of gone) removeAddress(state, one);
}

function deleteLink(state: FakeState, index: number): Result<void, NetlinkError> {
  const link = linkOf(state, index);
  if (link === undefined) return fakeRefusal("ENODEV");
  if (link.kind === undefined || link.kind === "") return fakeRefusal("ENOTSUP");
  const group = state.links.filter(
    (one) => one === link || one.index === link.peer || stands(one, link),
  );
  for (const one of group) {
    dropRoutes(state, (route) => route.interfaceIndex === one.index, isIpv6);
    const own = state.addresses.filter((address) => address.interfaceIndex === one.index);
    for (const address of own) removeAddress(state, address);
    state.neighbours = state.neighbours.filter((entry) => entry.interfaceIndex !== one.index);
    state.links = state.links.filter((other) => other !== one);
    for (const member of state.links) {
      if (member.master !== one.index) continue;
      delete member.master;
      delete member.memberKind;
    }
    const { hasCarrier: _, peer: __, ...gone } = one;
    state.events.push({ kind: "link", deleted: true, link: gone });
  }
  for (const one of state.links) settle(state, one, false);
  return ok(undefined);
}

function isIpv6(route: Route): boolean {
  return route.family === 6;
}

/** A VLAN stands on its lower interface. */
function stands(one: Link, lower: Link): boolean {
  return one.kind === "vlan" && one.lower === lower.index;
}

/** Works carrier and operational state out anew, and says so where they, or anything else, changed. */
function settle(state: FakeState, link: FakeState["links"][number], changed = true): void {
  const up = (link.flags & IFF_UP) !== 0;
  const carrier = up && carrierOf(state, link);
  const flags = carrier ? link.flags | IFF_LOWER_UP : link.flags & ~IFF_LOWER_UP;
  const running = up ? "lower-layer-down" : "down";
  const kindless = link.name === "lo" ? "unknown" : "up";
  const operState = carrier ? kindless : link.peer === undefined ? "down" : running;
  const same = flags === link.flags && operState === link.operState;
  Object.assign(link, { flags, operState, carrier: carrier ? 1 : 0 });
  if (same && !changed) return;
  const { hasCarrier: _, peer: __, ...told } = link;
  state.events.push({ kind: "link", deleted: false, link: told });
}

function carrierOf(state: FakeState, link: FakeState["links"][number]): boolean {
  const isUp = (index: number | undefined): boolean =>
    ((linkOf(state, index ?? 0)?.flags ?? 0) & IFF_UP) !== 0;
  if (link.kind === "veth") return isUp(link.peer);
  if (link.kind === "vlan")
    return isUp(link.lower) && linkOf(state, link.lower ?? 0)?.carrier === 1;
  if (link.kind === "bridge") {
    return state.links.some((one) => one.master === link.index && one.carrier === 1);
  }
  return link.kind === "dummy" || link.hasCarrier;
}

function addRule(state: FakeState, rule: Rule): Result<void, NetlinkError> {
  if (state.rules.some((one) => ruleKey(one) === ruleKey(rule))) return fakeRefusal("EEXIST");
  state.rules.push(rule);
  state.rules.sort((a, b) => (a.priority ?? 0) - (b.priority ?? 0));
  state.events.push({ kind: "rule", deleted: false, rule });
  return ok(undefined);
}

function removeRule(state: FakeState, rule: Rule): Result<void, NetlinkError> {
  const found = state.rules.find((one) => ruleKey(one) === ruleKey(rule));
  if (found === undefined) return fakeRefusal("ENOENT");
  state.rules = state.rules.filter((one) => one !== found);
  state.events.push({ kind: "rule", deleted: true, rule: found });
  return ok(undefined);
}

function ruleKey({ unknown: _, ...rule }: Rule): string {
  return JSON.stringify(Object.entries(rule).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What every kernel starts with: local, main, and for IPv4 the empty "default". */
function bootRules(): readonly Rule[] {
  const rule = (family: 4 | 6, priority: number, table: number): Rule => ({
    family,
    ...(priority === 0 ? {} : { priority }),
    table,
    action: 1,
    flags: 0,
    tos: 0,
    protocol: 2,
    unknown: [],
  });
  const main = RT_TABLE_MAIN;
  const four = [rule(4, 0, RT_TABLE_LOCAL), rule(4, 32_766, main), rule(4, 32_767, 253)];
  return [...four, rule(6, 0, RT_TABLE_LOCAL), rule(6, 32_766, main)];
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
