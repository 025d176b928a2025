import { type Ipv6, linkLocalOf } from "@passerelle/net";
import {
  IFAPROT_KERNEL_LL,
  IFAPROT_KERNEL_LO,
  type InterfaceAddress,
  type Link,
  type Neighbour,
  type Route,
  type Rule,
} from "@passerelle/netlink-codec";
import { err, type Result } from "@passerelle/result";
import type { NetlinkError, NetlinkEvent } from "./port.ts";

export type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A link, and what only its cable knows. */
export type FakeLink = Mutable<Link> & { hasCarrier: boolean; peer?: number };

export interface FakeState {
  links: FakeLink[];
  addresses: InterfaceAddress[];
  routes: Route[];
  rules: Rule[];
  neighbours: Neighbour[];
  events: NetlinkEvent[];
  /** What becomes of IPv6 addresses that are added from now on. */
  detection: Detection;
}

/** How duplicate address detection ends; "wait" has not yet. */
export type Detection = "pass" | "fail" | "wait";

export function linkOf(state: FakeState, index: number): FakeLink | undefined {
  return state.links.find((one) => one.index === index);
}

export function fakeRefusal<T>(code: string, text = code): Result<T, NetlinkError> {
  return err({ code, text });
}

/** The address a link makes itself when it comes up (RFC 4291 appendix A); the loopback has its two. */
export function addressesOfUp(link: Link): readonly InterfaceAddress[] {
  const common = { interfaceIndex: link.index, flags: 0x80, unknown: [] } as const;
  const protocol = link.name === "lo" ? IFAPROT_KERNEL_LO : IFAPROT_KERNEL_LL;
  if (link.name === "lo") {
    return [
      {
        ...common,
        family: 4,
        address: 0x7f000001 as InterfaceAddress["address"],
        prefixLength: 8,
        scope: 254,
        label: "lo",
        protocol,
      },
      { ...common, family: 6, address: "::1" as Ipv6, prefixLength: 128, scope: 254, protocol },
    ];
  }
  // A member of a bridge speaks through the bridge.
  if (link.mac === undefined || link.master !== undefined) return [];
  const address = linkLocalOf(link.mac);
  return [{ ...common, family: 6, address, prefixLength: 64, scope: 253, protocol }];
}
