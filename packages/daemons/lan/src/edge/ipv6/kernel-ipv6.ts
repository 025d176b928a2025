import { type Cidr6, formatCidr6, isLinkLocal6 } from "@passerelle/net";
import type {
  InterfaceAddress,
  Netlink,
  NetlinkError,
  Route,
  RouteSpec,
} from "@passerelle/netlink";
import { RTPROT_PASSERELLE } from "@passerelle/netlink-codec";
import { err, ok, type Result } from "@passerelle/result";
import type { Instant } from "@passerelle/time";
import type { DelegatedRoute } from "../../core/ipv6/dhcpv6/index.ts";
import { secondsLeft } from "../../core/ipv6/lifetimes.ts";
import type { Subnet } from "../../core/ipv6/plan.ts";

/** What a bridge has of IPv6, and what lies behind routers on it. */
export interface BridgeIpv6 {
  readonly index: number;
  readonly subnets: readonly Subnet[];
  readonly delegated: readonly DelegatedRoute[];
}

type Answer = Promise<Result<void, NetlinkError>>;

/**
 * Gives bridges their addresses and routes, with the ends that they have; what is right already is not touched.
 * The connected route is one of ours: the kernel's own would stay when the address of a changed prefix goes.
 */
export async function addIpv6(
  netlink: Netlink,
  bridges: readonly BridgeIpv6[],
  now: Instant,
): Answer {
  const addresses = await netlink.addresses(6);
  if (!addresses.ok) return addresses;
  const routes = await netlink.routes({ family: 6 });
  if (!routes.ok) return routes;
  for (const { index, subnets } of bridges) {
    for (const subnet of subnets) {
      const times = kernelTimes(subnet, now);
      if (times === undefined) continue;
      const wanted = { interfaceIndex: index, address: subnet.address, prefixLength: 64 };
      const there = addresses.value.find((one) => isAddress(one, wanted));
      if (there === undefined || !isSameTime(there, times)) {
        // The box decides who has this address: DNS answers at it when hosts hear of it, not a second later.
        const spec = { ...wanted, ...times, noPrefixRoute: true, noDuplicateDetection: true };
        const added = await netlink.replaceAddress(spec);
        if (!added.ok) return err(said(added.error, formatCidr6(subnet.prefix)));
      }
      const routed = await followRoute(netlink, routes.value, {
        ...routeTo(subnet.prefix, index),
        ...(times.validSeconds === undefined ? {} : { expiresSeconds: times.validSeconds }),
      });
      if (!routed.ok) return routed;
    }
  }
  return ok(undefined);
}

/** What was delegated to a router of the home is reached by it. */
export async function addDelegated(netlink: Netlink, bridges: readonly BridgeIpv6[]): Answer {
  const routes = await netlink.routes({ family: 6 });
  if (!routes.ok) return routes;
  for (const { index, delegated } of bridges) {
    for (const { prefix, via } of delegated) {
      const spec = { ...routeTo(prefix, index), gateway: via };
      const routed = await followRoute(netlink, routes.value, spec);
      if (!routed.ok) return routed;
    }
  }
  return ok(undefined);
}

/** Takes away what is wanted no more, of this life or the one before. */
export async function pruneIpv6(netlink: Netlink, bridges: readonly BridgeIpv6[]): Answer {
  const routes = await netlink.routes({ family: 6 });
  if (!routes.ok) return routes;
  const addresses = await netlink.addresses(6);
  if (!addresses.ok) return addresses;
  for (const { index, subnets, delegated } of bridges) {
    const prefixes = [...subnets, ...delegated].map(({ prefix }) => prefix);
    for (const { destination, gateway, interfaceIndex, metric, protocol } of routes.value) {
      if (interfaceIndex !== index || protocol !== RTPROT_PASSERELLE) continue;
      if (prefixes.some((one) => isSamePrefix(one, destination))) continue;
      const removed = await netlink.removeRoute({
        family: 6,
        interfaceIndex: index,
        ...(destination === undefined ? {} : { destination }),
        ...(gateway === undefined ? {} : { gateway }),
        ...(metric === undefined ? {} : { metric }),
      });
      if (!removed.ok && removed.error.code !== "ESRCH") return removed;
    }
    // Whoever made them: the bridge is ours, and an older kernel does not know its makers.
    for (const one of addresses.value) {
      const { interfaceIndex, address, prefixLength } = one;
      if (interfaceIndex !== index || typeof address === "number" || isLinkLocal6(address)) {
        continue;
      }
      if (subnets.some((subnet) => subnet.address === address)) continue;
      const removed = await netlink.removeAddress({ interfaceIndex, address, prefixLength });
      if (!removed.ok && removed.error.code !== "EADDRNOTAVAIL") return removed;
    }
  }
  return ok(undefined);
}

interface KernelTimes {
  readonly preferredSeconds?: number;
  readonly validSeconds?: number;
}

/** Undefined where it is over. */
function kernelTimes(
  { preferredUntil, validUntil }: Subnet,
  now: Instant,
): KernelTimes | undefined {
  const validSeconds =
    validUntil === undefined ? undefined : secondsLeft(validUntil, now, SECONDS_MAX);
  if (validSeconds === 0) return undefined;
  if (validSeconds === undefined && preferredUntil === undefined) return {};
  const preferred = secondsLeft(preferredUntil, now, SECONDS_MAX);
  return {
    preferredSeconds: Math.min(preferred, validSeconds ?? SECONDS_MAX),
    ...(validSeconds === undefined ? {} : { validSeconds }),
  };
}

async function followRoute(netlink: Netlink, known: readonly Route[], spec: RouteSpec): Answer {
  const there = known.find(
    (one) =>
      isSamePrefix(spec.destination, one.destination) &&
      one.interfaceIndex === spec.interfaceIndex &&
      one.metric === spec.metric &&
      one.gateway === spec.gateway,
  );
  if (there !== undefined && isNear(there.expiresSeconds, spec.expiresSeconds)) {
    return ok(undefined);
  }
  const routed = await netlink.replaceRoute(spec);
  return routed.ok ? routed : err(said(routed.error, "route"));
}

function routeTo(destination: Cidr6, interfaceIndex: number): RouteSpec {
  return { family: 6, destination, interfaceIndex, metric: METRIC };
}

function isAddress(
  one: InterfaceAddress,
  wanted: Pick<InterfaceAddress, "interfaceIndex" | "address" | "prefixLength">,
): boolean {
  return (
    one.interfaceIndex === wanted.interfaceIndex &&
    one.address === wanted.address &&
    one.prefixLength === wanted.prefixLength
  );
}

function isSamePrefix(a: RouteSpec["destination"], b: RouteSpec["destination"]): boolean {
  return a?.address === b?.address && a?.prefixLength === b?.prefixLength;
}

function isSameTime(there: KernelTimes, wanted: KernelTimes): boolean {
  return (
    isNear(there.preferredSeconds, wanted.preferredSeconds) &&
    isNear(there.validSeconds, wanted.validSeconds)
  );
}

/** Both for ever, or not further apart than two clocks that are read one after the other. */
function isNear(there: number | undefined, wanted: number | undefined): boolean {
  if (there === undefined || wanted === undefined) return there === wanted;
  return Math.abs(there - wanted) <= NEAR_SECONDS;
}

function said({ code, text }: NetlinkError, what: string): NetlinkError {
  return { code, text: `${what}: ${text}` };
}

/** That of the kernel's own connected routes. */
const METRIC = 256;
const NEAR_SECONDS = 2;
/** All ones would be for ever. */
const SECONDS_MAX = 0xffff_fffe;
