import { type Ipv6, ipv6FromBytes, macBytes } from "@passerelle/net";
import type { InterfaceAddress, Link, Neighbour, Route, Rule } from "@passerelle/netlink-codec";
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
}

export function linkOf(state: FakeState, index: number): FakeLink | undefined {
  return state.links.find((one) => one.index === index);
}

export function fakeRefusal<T>(code: string, text = code): Result<T, NetlinkError> {
  return err({ code, text });
}

/** The address a link makes itself when it comes up (RFC 4291 appendix A); the loopback has its two. */
export function linkLocalOf(link: Link): readonly InterfaceAddress[] {
  const common = { interfaceIndex: link.index, flags: 0x80, unknown: [] } as const;
  if (link.name === "lo") {
    return [
      {
        ...common,
        family: 4,
        address: 0x7f000001 as InterfaceAddress["address"],
        prefixLength: 8,
        scope: 254,
        label: "lo",
      },
      { ...common, family: 6, address: "::1" as Ipv6, prefixLength: 128, scope: 254 },
    ];
  }
  // A member of a bridge speaks through the bridge.
  if (link.mac === undefined || link.master !== undefined) return [];
  const mac = macBytes(link.mac);
  const bytes = new Uint8Array(16);
  bytes.set([0xfe, 0x80]);
  bytes.set(mac.subarray(0, 3), 8);
  bytes[8] = (mac[0] ?? 0) ^ 0x02;
  bytes.set([0xff, 0xfe], 11);
  bytes.set(mac.subarray(3), 13);
  const address = ipv6FromBytes(bytes);
  if (address === undefined) return [];
  return [{ ...common, family: 6, address, prefixLength: 64, scope: 253 }];
}
