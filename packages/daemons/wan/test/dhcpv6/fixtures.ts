import {
  duidLl,
  INFINITY_SECONDS,
  OPTION,
  RETRANSMISSION,
  type RetransmissionParameters,
} from "@passerelle/dhcpv6";
import type { Machine } from "@passerelle/machine";
import { type Cidr6, type Ipv6, parseCidr6, parseIpv6 } from "@passerelle/net";
import { type Instant, instant, milliseconds } from "@passerelle/time";
import type { Dhcpv6Effect, Dhcpv6Input } from "../../src/core/dhcpv6/input.ts";
import type { Lease6 } from "../../src/core/dhcpv6/lease.ts";
import type { Asked6, Dhcpv6Settings, Wanted6 } from "../../src/core/dhcpv6/settings.ts";
import type { Dhcpv6State, Remembered6, Talk } from "../../src/core/dhcpv6/state.ts";
import { dhcpv6Machine } from "../../src/core/dhcpv6/step.ts";
import { CHALLENGE, MAC, mac, rng } from "../fixtures.ts";

export const DUID = duidLl(MAC);
/** Two servers of one link, and somebody's box next door. */
export const SERVERS = {
  a: duidLl(mac("02:00:00:00:0a:01")),
  b: duidLl(mac("02:00:00:00:0b:01")),
} as const;
export const NEIGHBOUR = duidLl(mac("02:00:00:00:00:99"));

export const ADDRESS = ip6("2001:db8:1::10");
export const PREFIX = cidr6("2001:db8:100::/56");
export const BOTH: Wanted6 = { address: true, prefix: true, information: false };

export function ip6(text: string): Ipv6 {
  const address = parseIpv6(text);
  if (address === undefined) throw new Error(`no address: ${text}`);
  return address;
}

export function cidr6(text: string): Cidr6 {
  const prefix = parseCidr6(text);
  if (prefix === undefined) throw new Error(`no prefix: ${text}`);
  return prefix;
}

export function settings6(some: Partial<Dhcpv6Settings> = {}): Dhcpv6Settings {
  return {
    duid: DUID,
    prefixLength: 56,
    rapidCommit: false,
    optionRequest: [OPTION.DNS_SERVERS, OPTION.SOL_MAX_RT],
    options: () => [],
    ...some,
  };
}

export type Machine6 = Machine<Dhcpv6State, Dhcpv6Input, Dhcpv6Effect>;

export function machine6(some: Partial<Dhcpv6Settings> = {}, remembered?: Remembered6): Machine6 {
  return dhcpv6Machine(settings6(some), rng(), remembered);
}

/** An hour from `obtainedAt` on, renewed after half of its half hour of preference. */
export function storedLease6(obtainedAt: Instant = instant(0)): Lease6 {
  const at = (s: number): Instant => instant(obtainedAt + s * 1000);
  const ends = { preferredUntil: at(1800), validUntil: at(3600) };
  return {
    server: SERVERS.a,
    addresses: [{ address: ADDRESS, ...ends }],
    prefixes: [{ prefix: PREFIX, ...ends }],
    obtainedAt,
    renewsAt: at(900),
    rebindsAt: at(1440),
  };
}

/** A message that was sent `sentCount` times, the last time a second before it is due at `dueAt`. */
export function talkDue(
  kind: keyof typeof RETRANSMISSION,
  dueAt: Instant,
  sentCount = 1,
  asked: Asked6 = BOTH,
): Talk {
  const parameters: RetransmissionParameters = RETRANSMISSION[kind];
  const rt = milliseconds(parameters.irt);
  const sentAt = instant(dueAt - rt);
  const firstSentAt = instant(sentAt - (sentCount - 1) * 1000);
  const exchange = { parameters, firstSentAt, sentCount, rt, sentAt };
  return { challenge: CHALLENGE, transactionId: XID, exchange, asked };
}

export const XID = 0xabcdef;

/** Seconds of the wire as words of a story: `inf` for ever. */
export function parseSeconds(text: string): number {
  const value = text === "inf" ? INFINITY_SECONDS : Number(text);
  if (!Number.isInteger(value)) throw new Error(`no seconds: ${text}`);
  return value;
}
