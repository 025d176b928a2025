import type { Mac } from "@passerelle/net";
import { IFF_LOWER_UP, IFF_UP, type Link } from "@passerelle/netlink-codec";
import { ok, type Result } from "@passerelle/result";
import { addAddress, removeAddress } from "./fake-addresses.ts";
import { connectedRoutes, dropRoutes } from "./fake-routes.ts";
import {
  addressesOfUp,
  type FakeLink,
  type FakeState,
  fakeRefusal,
  linkOf,
  type Mutable,
} from "./fake-state.ts";
import type { LinkChange, NetlinkError } from "./port.ts";

export function setLink(
  state: FakeState,
  index: number,
  wanted: LinkChange,
): Result<void, NetlinkError> {
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
  const lower = link.kind === "vlan" ? linkOf(state, link.lower ?? 0) : undefined;
  if (up === true && lower !== undefined && (lower.flags & IFF_UP) === 0) {
    return fakeRefusal("ENETDOWN");
  }
  if (rest.mac !== undefined) vlansInherit(state, link, rest.mac);
  Object.assign(link, rest);
  if (master === 0) {
    delete link.master;
    delete link.memberKind;
  } else if (master !== undefined) {
    Object.assign(link, { master, memberKind: "bridge" });
  }
  if (up !== undefined) {
    for (const one of [link, ...vlansOn(state, link)]) {
      if (up !== ((one.flags & IFF_UP) !== 0)) raiseOrLower(state, one, up);
    }
  }
  settleAll(state, link);
  return ok(undefined);
}

/** Those that never had an address of their own. */
function vlansInherit(state: FakeState, lower: FakeLink, mac: Mac): void {
  for (const vlan of vlansOn(state, lower)) {
    if (vlan.mac !== lower.mac) continue;
    vlan.mac = mac;
    settle(state, vlan);
  }
}

function vlansOn(state: FakeState, lower: Link): readonly FakeLink[] {
  return state.links.filter((one) => stands(one, lower));
}

/** Link-local and connected routes come with "up"; with "down" all routes go, and IPv6 addresses too. */
function raiseOrLower(state: FakeState, link: Mutable<Link>, up: boolean): void {
  link.flags = up ? link.flags | IFF_UP : link.flags & ~IFF_UP;
  if (up) {
    for (const one of state.addresses) {
      if (one.interfaceIndex === link.index) connectedRoutes(state, one);
    }
    for (const one of addressesOfUp(link)) addAddress(state, one, false);
    return;
  }
  dropRoutes(state, (route) => route.interfaceIndex === link.index, isIpv6);
  const gone = state.addresses.filter(
    (one) => one.interfaceIndex === link.index && one.family === 6,
  );
  for (const one of gone) removeAddress(state, one);
}

export function deleteLink(state: FakeState, index: number): Result<void, NetlinkError> {
  const link = linkOf(state, index);
  if (link === undefined) return fakeRefusal("ENODEV");
  if (link.kind === undefined || link.kind === "") return fakeRefusal("ENOTSUP");
  loseLink(state, link);
  return ok(undefined);
}

/** A link that is gone, by whatever cause, with all that stands on it. */
export function loseLink(state: FakeState, link: FakeState["links"][number]): void {
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
  settleAll(state);
}

function isIpv6(route: { readonly family: number }): boolean {
  return route.family === 6;
}

/** A VLAN stands on its lower interface. */
function stands(one: Link, lower: Link): boolean {
  return one.kind === "vlan" && one.lower === lower.index;
}

/** After a change of one link, all that stand on it or hold it: a carrier climbs a few layers. */
export function settleAll(state: FakeState, changed?: FakeLink): void {
  if (changed !== undefined) settle(state, changed);
  for (let layer = 0; layer < LAYERS_MAX; layer += 1) {
    for (const one of state.links) settle(state, one, false);
  }
}

const LAYERS_MAX = 4;

/** Works carrier and operational state out anew, and says so where they, or anything else, changed. */
export function settle(state: FakeState, link: FakeLink, changed = true): void {
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

function carrierOf(state: FakeState, link: FakeLink): boolean {
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
