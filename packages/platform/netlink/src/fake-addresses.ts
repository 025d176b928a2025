import {
  IFA_F_PERMANENT,
  IFF_UP,
  type InterfaceAddress,
  RTPROT_KERNEL,
} from "@passerelle/netlink-codec";
import { ok, type Result } from "@passerelle/result";
import { connectedRoutes, dropRoutes, samePrefix } from "./fake-routes.ts";
import { type FakeState, fakeRefusal, linkOf } from "./fake-state.ts";
import type { NetlinkError } from "./port.ts";

export function addAddress(
  state: FakeState,
  wanted: InterfaceAddress,
  replace: boolean,
): Result<void, NetlinkError> {
  const link = linkOf(state, wanted.interfaceIndex);
  if (link === undefined) return fakeRefusal("ENODEV");
  if (!(wanted.prefixLength >= 0 && wanted.prefixLength <= (wanted.family === 4 ? 32 : 128))) {
    return fakeRefusal("EINVAL");
  }
  const { preferredSeconds = Number.POSITIVE_INFINITY, validSeconds = Number.POSITIVE_INFINITY } =
    wanted;
  if (!(validSeconds > 0 && preferredSeconds <= validSeconds)) return fakeRefusal("EINVAL");
  const there = state.addresses.find((one) => sameAddress(one, wanted));
  if (there !== undefined && !replace) return fakeRefusal("EEXIST");
  const forEver = wanted.validSeconds === undefined ? IFA_F_PERMANENT : 0;
  const address: InterfaceAddress = {
    ...wanted,
    flags: wanted.flags | forEver,
    ...(wanted.family === 4 ? { label: wanted.label ?? link.name ?? "" } : {}),
  };
  state.addresses = state.addresses.filter((one) => one !== there);
  state.addresses.push(address);
  state.events.push({ kind: "address", deleted: false, address });
  if (there === undefined && (link.flags & IFF_UP) !== 0) connectedRoutes(state, address);
  return ok(undefined);
}

export function removeAddress(
  state: FakeState,
  wanted: InterfaceAddress,
): Result<void, NetlinkError> {
  if (linkOf(state, wanted.interfaceIndex) === undefined) return fakeRefusal("ENODEV");
  const address = state.addresses.find((one) => sameAddress(one, wanted));
  if (address === undefined) return fakeRefusal("EADDRNOTAVAIL");
  state.addresses = state.addresses.filter((one) => one !== address);
  state.events.push({ kind: "address", deleted: true, address });
  const others = state.addresses.filter((one) => one.interfaceIndex === address.interfaceIndex);
  const shared = others.some((one) => samePrefix(one, address));
  const { interfaceIndex } = address;
  if (!shared) {
    dropRoutes(
      state,
      (route) =>
        route.interfaceIndex === interfaceIndex &&
        route.protocol === RTPROT_KERNEL &&
        route.destination !== undefined &&
        samePrefix(route.destination, address),
    );
  }
  // Routes that prefer this source fall with it.
  dropRoutes(
    state,
    (route) => route.family === 4 && route.preferredSource === address.address,
    () => false,
  );
  return ok(undefined);
}

function sameAddress(a: InterfaceAddress, b: InterfaceAddress): boolean {
  return (
    a.interfaceIndex === b.interfaceIndex &&
    a.address === b.address &&
    (a.family === 6 || a.prefixLength === b.prefixLength)
  );
}
