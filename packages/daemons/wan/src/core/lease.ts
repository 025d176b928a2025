import {
  addressesOf,
  addressOf,
  classlessRoutesOf,
  type Dhcpv4Message,
  domainNameOf,
  leaseSecondsOf,
  OPTION,
  rebindingSecondsOf,
  renewalSecondsOf,
  serverIdOf,
} from "@passerelle/dhcpv4";
import {
  broadcastOf,
  type Cidr4,
  contains4,
  IPV4_ANY,
  type Ipv4,
  networkOf,
  overlaps4,
  prefixLengthOf,
} from "@passerelle/net";
import { err, ok, type Result } from "@passerelle/result";
import { after, type Instant, milliseconds } from "@passerelle/time";

/** What a server gave and until when, checked: nothing in here can hurt the kernel or the LAN. */
export interface Lease {
  readonly address: Ipv4;
  /** 1 to 32. */
  readonly prefixLength: number;
  /** The server that gave it: renewals go there. */
  readonly server: Ipv4;
  /** Gateway of the default route, absent where the server gave none. */
  readonly gateway?: Ipv4;
  /** Other routes (RFC 3442). */
  readonly routes: readonly LeaseRoute[];
  readonly resolvers: readonly Ipv4[];
  readonly domain?: string;
  readonly obtainedAt: Instant;
  /** T1, T2 and the end; absent in a lease without end. */
  readonly renewsAt?: Instant;
  readonly rebindsAt?: Instant;
  readonly expiresAt?: Instant;
}

export interface LeaseRoute {
  readonly destination: Cidr4;
  /** Absent: on the link itself (RFC 3442, router 0.0.0.0). */
  readonly gateway?: Ipv4;
}

/** Why an offer or an acknowledgement was passed over. */
export type Refusal =
  | "no_server_id"
  | "bad_address"
  | "bad_netmask"
  | "bad_gateway"
  | "no_lease_time"
  | "lease_too_short"
  | "overlaps_lan";

/** Reads what a server says. `sentAt` is when our request left: the lease counts from there (RFC 2131 section 4.4.1). */
export function readLease(
  message: Dhcpv4Message,
  lanNetworks: readonly Cidr4[],
  sentAt: Instant,
  fuzz: number,
): Result<Lease, Refusal> {
  const server = serverIdOf(message);
  if (server === undefined || !isHostAddress(server)) return err("no_server_id");
  const address = message.yiaddr;
  if (!isHostAddress(address)) return err("bad_address");
  const prefixLength = readPrefixLength(message);
  if (prefixLength === undefined) return err("bad_netmask");
  const network: Cidr4 = { address, prefixLength };
  if (prefixLength <= 30 && (address === networkOf(network) || address === broadcastOf(network))) {
    return err("bad_address");
  }
  // A LAN that shares addresses with the line can't be routed: better no address than a broken home.
  if (lanNetworks.some((lan) => overlaps4(lan, network))) return err("overlaps_lan");
  const routing = readRoutes(message, network);
  if (routing === undefined) return err("bad_gateway");
  const leaseSeconds = leaseSecondsOf(message);
  if (leaseSeconds === undefined) return err("no_lease_time");
  if (leaseSeconds < LEASE_SECONDS_MIN) return err("lease_too_short");
  const domain = readDomain(message);
  return ok({
    ...network,
    server,
    ...routing,
    resolvers: readResolvers(message),
    ...(domain === undefined ? {} : { domain }),
    obtainedAt: sentAt,
    ...readTimes(message, leaseSeconds, sentAt, fuzz),
  });
}

/** True where the lease still holds at `now`. */
export function isValid(lease: Lease, now: Instant): boolean {
  return lease.expiresAt === undefined || now < lease.expiresAt;
}

export function isParked(
  lease: Pick<Lease, "address">,
  parkingPrefixes: readonly Cidr4[],
): boolean {
  return parkingPrefixes.some((prefix) => contains4(prefix, lease.address));
}

/** The prefix length by option 1, or by the address's old class where the server says none (RFC 950). */
function readPrefixLength(message: Dhcpv4Message): number | undefined {
  if (message.options.some((option) => option.code === OPTION.SUBNET_MASK)) {
    const mask = addressOf(message, OPTION.SUBNET_MASK);
    const length = mask === undefined ? undefined : prefixLengthOf(mask);
    return length !== undefined && length >= PREFIX_LENGTH_MIN ? length : undefined;
  }
  const first = message.yiaddr >>> 24;
  if (first < 128) return 8;
  return first < 192 ? 16 : 24;
}

/** RFC 3442: where option 121 is there, option 3 counts for nothing. Undefined: a gateway that can't be one. */
function readRoutes(
  message: Dhcpv4Message,
  network: Cidr4,
): { gateway?: Ipv4; routes: readonly LeaseRoute[] } | undefined {
  const classless = classlessRoutesOf(message);
  if (classless === undefined) {
    const router = addressOf(message, OPTION.ROUTER);
    if (router === undefined) return { routes: [] };
    return isGatewayAddress(router, network) ? { gateway: router, routes: [] } : undefined;
  }
  const routes: LeaseRoute[] = [];
  let gateway: Ipv4 | undefined;
  for (const { destination, router } of classless.slice(0, ROUTES_MAX)) {
    if (router !== IPV4_ANY && !isGatewayAddress(router, network)) return undefined;
    if (!isRoutable(destination)) continue;
    if (destination.prefixLength === 0 && router !== IPV4_ANY) gateway ??= router;
    else routes.push(router === IPV4_ANY ? { destination } : { destination, gateway: router });
  }
  return gateway === undefined ? { routes } : { gateway, routes };
}

function isGatewayAddress(router: Ipv4, network: Cidr4): boolean {
  return isHostAddress(router) && router !== network.address;
}

/** No route may take loopback, multicast or our own machine away. */
function isRoutable(destination: Cidr4): boolean {
  return destination.prefixLength === 0 || isHostAddress(networkOf(destination));
}

function readResolvers(message: Dhcpv4Message): readonly Ipv4[] {
  const usable = addressesOf(message, OPTION.DOMAIN_SERVER).filter(isHostAddress);
  return [...new Set(usable)].slice(0, RESOLVERS_MAX);
}

/** A domain is taken only where it is a host name by its letters: it goes into other programs' files. */
function readDomain(message: Dhcpv4Message): string | undefined {
  const domain = domainNameOf(message)?.replace(/\.$/, "").toLowerCase();
  if (domain === undefined || domain.length > 253) return undefined;
  const label = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
  return new RegExp(`^${label}(?:\\.${label})*$`).test(domain) ? domain : undefined;
}

/** @param fuzz 0 to 1: pulls T1 forward a little, so that a street does not renew in step (RFC 2131 section 4.4.5) */
function readTimes(
  message: Dhcpv4Message,
  asked: number,
  sentAt: Instant,
  fuzz: number,
): Pick<Lease, "renewsAt" | "rebindsAt" | "expiresAt"> {
  if (asked === LEASE_SECONDS_FOREVER) return {};
  const lease = Math.min(asked, LEASE_SECONDS_MAX);
  const t1 = renewalSecondsOf(message);
  const t2 = rebindingSecondsOf(message);
  const given = t1 !== undefined && t2 !== undefined && t1 > 0 && t1 < t2 && t2 < lease;
  // RFC 2131 section 4.4.5: T1 defaults to half and T2 to seven eighths of the lease.
  const [renew, rebind] = given ? [t1, t2] : [lease * 0.5, lease * 0.875];
  const early = Math.floor(Math.min(renew * 0.02, FUZZ_SECONDS_MAX) * 1000 * fuzz);
  return {
    renewsAt: after(sentAt, milliseconds(Math.floor(renew * 1000) - early)),
    rebindsAt: after(sentAt, milliseconds(Math.floor(rebind * 1000))),
    expiresAt: after(sentAt, milliseconds(lease * 1000)),
  };
}

/** A unicast address of the Internet or of a private network: not 0/8, loopback, multicast, reserved or broadcast. */
export function isHostAddress(address: Ipv4): boolean {
  const first = address >>> 24;
  return first > 0 && first !== 127 && first < 224;
}

/** RFC 2131 section 3.3. */
const LEASE_SECONDS_FOREVER = 0xffff_ffff;
/** Below this a lease is an attack on our CPU; the shortest seen in the field are 30 s. */
const LEASE_SECONDS_MIN = 10;
/** A longer lease counts as this long: an operator that renumbers is then noticed within a month. */
const LEASE_SECONDS_MAX = 30 * 86_400;
const FUZZ_SECONDS_MAX = 10;
/** A mask wider than /8 takes the Internet away. */
const PREFIX_LENGTH_MIN = 8;
const ROUTES_MAX = 32;
const RESOLVERS_MAX = 4;
