import {
  IFA_F_DADFAILED,
  IFA_F_NODAD,
  IFA_F_PERMANENT,
  IFA_F_TENTATIVE,
  IFF_LOOPBACK,
  IFF_UP,
  type InterfaceAddress,
  RTPROT_KERNEL,
} from "@passerelle/netlink-codec";
import { ok, type Result } from "@passerelle/result";
import { connectedRoutes, dropRoutes, samePrefix } from "./fake-routes.ts";
import { type Detection, type FakeState, fakeRefusal, linkOf } from "./fake-state.ts";
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
    flags: wanted.flags | forEver | detectionFlags(state, wanted, there),
    ...(there !== undefined && wanted.family === 4 ? madeBy(there) : {}),
    ...(wanted.family === 4 ? { label: wanted.label ?? link.name ?? "" } : {}),
  };
  state.addresses = state.addresses.filter((one) => one !== there);
  state.addresses.push(address);
  state.events.push({ kind: "address", deleted: false, address });
  if ((link.flags & IFF_UP) !== 0) connectedRoutes(state, address);
  const verdict = isTaken(state, address) ? "fail" : state.detection;
  if (there === undefined) endDetection(state, address, verdict);
  return ok(undefined);
}

/** The end of duplicate address detection of an address that waits for it; of any other it changes nothing. */
export function endDetection(
  state: FakeState,
  address: InterfaceAddress,
  verdict: Detection,
): void {
  const waits = (address.flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED)) === IFA_F_TENTATIVE;
  if (!waits || verdict === "wait") return;
  const flags =
    verdict === "fail" ? address.flags | IFA_F_DADFAILED : address.flags & ~IFA_F_TENTATIVE;
  const judged = { ...address, flags };
  state.addresses = state.addresses.map((one) => (one === address ? judged : one));
  // As in Linux: one with an end is not kept for somebody to look at it.
  if (verdict === "fail" && (flags & IFA_F_PERMANENT) === 0) removeAddress(state, judged);
  else state.events.push({ kind: "address", deleted: false, address: judged });
}

/** A new address of IPv6 waits, unless all is well at once; a renewed one goes on as it was. */
function detectionFlags(
  state: FakeState,
  wanted: InterfaceAddress,
  there: InterfaceAddress | undefined,
): number {
  if (there !== undefined) return there.flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED);
  const link = linkOf(state, wanted.interfaceIndex);
  const loopback = ((link?.flags ?? 0) & IFF_LOOPBACK) !== 0;
  if (wanted.family === 4 || loopback || (wanted.flags & IFA_F_NODAD) !== 0) return 0;
  return state.detection === "pass" && !isTaken(state, wanted) ? 0 : IFA_F_TENTATIVE;
}

/** Whether the other end of the cable has the same address. */
function isTaken(state: FakeState, wanted: InterfaceAddress): boolean {
  const peer = linkOf(state, wanted.interfaceIndex)?.peer;
  return state.addresses.some(
    (one) =>
      one.interfaceIndex === peer &&
      one.address === wanted.address &&
      (one.flags & IFA_F_TENTATIVE) === 0,
  );
}

/** An address of IPv4 keeps the name of its first maker. */
function madeBy(there: InterfaceAddress): { readonly protocol?: number } {
  return there.protocol === undefined ? {} : { protocol: there.protocol };
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
  // A network of IPv6 with an end has it from its router, not from our address: it stays until then.
  const stays = address.family === 6 && (address.flags & IFA_F_PERMANENT) === 0;
  if (!shared && !stays) {
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
