import {
  addressesOption,
  clientIdOption,
  type Dhcpv6Message,
  type Dhcpv6Option,
  dnsServersOf,
  domainSearchOf,
  duidLl,
  emptyOption,
  hasOption,
  iaNaOption,
  iaNasOf,
  iaPdOption,
  iaPdsOf,
  informationRefreshSecondsOf,
  MESSAGE_TYPE,
  namesOption,
  OPTION,
  optionRequestOption,
  preferenceOf,
  STATUS,
  type StatusCode,
  serverIdOption,
  statusOf,
} from "@passerelle/dhcpv6";
import { formatCidr6, linkLocalOf, type Mac } from "@passerelle/net";
import type { Instant } from "@passerelle/time";
import type {
  Dhcpv6Config,
  Dhcpv6Effect,
  Dhcpv6Input,
  Dhcpv6Network,
  Dhcpv6State,
  Lease,
} from "../../src/core/ipv6/dhcpv6/index.ts";
import { planPrefixes } from "../../src/core/ipv6/plan.ts";
import { cidr6, homePrefix, ip6, mac } from "./support.ts";

export const SERVER_ID = duidLl(mac("02:00:00:00:00:01"));

export interface NetworkParts extends Partial<Dhcpv6Network> {
  readonly prefixes?: readonly string[];
  readonly now: Instant;
}

/** The networks "lan" and "guest" as the plan makes them; only "lan" delegates. */
export function config(parts: NetworkParts, more: Partial<Dhcpv6Config> = {}): Dhcpv6Config {
  const { prefixes = ["2a01:cb00:1:100::/56"], now, ...rest } = parts;
  const home = prefixes.map((text) => homePrefix(text, now));
  const { subnets, pools } = planPrefixes(["lan", "guest"], { lan: 0, guest: 1 }, home, now);
  const network = (name: "lan" | "guest"): Dhcpv6Network => ({
    name,
    addresses: true,
    delegates: name === "lan",
    delegatedLength: 64,
    subnets: subnets[name] ?? [],
    pools,
    options: [
      addressesOption(OPTION.DNS_SERVERS, [ip6("fd12:3456:789a::1")]),
      namesOption(OPTION.DOMAIN_LIST, ["home.arpa"]),
    ],
    newLeasesPerSecond: 20,
    ...rest,
  });
  return {
    serverId: SERVER_ID,
    networks: [network("lan"), network("guest")],
    reservations: [],
    ...more,
  };
}

export type MessageName = keyof typeof MESSAGE_TYPE;

export interface Said {
  readonly type: MessageName;
  readonly mac: Mac;
  /** The addresses in it, or only the wish for one; absent: no IA_NA. */
  readonly na?: readonly string[];
  /** As `na`: prefixes. */
  readonly pd?: readonly string[];
  readonly iaid?: number;
  readonly rapid?: boolean;
  readonly server?: Uint8Array | undefined;
  readonly asks?: readonly number[];
  readonly transactionId?: number;
  readonly more?: readonly Dhcpv6Option[];
}

const TO_ONE: readonly MessageName[] = ["REQUEST", "RENEW", "RELEASE", "DECLINE"];

export function says(said: Said): Dhcpv6Message {
  const { type, iaid = 1, na, pd } = said;
  const options: Dhcpv6Option[] = [clientIdOption(duidLl(said.mac))];
  const server = "server" in said ? said.server : TO_ONE.includes(type) ? SERVER_ID : undefined;
  if (server !== undefined) options.push(serverIdOption(server));
  if (na !== undefined) {
    options.push(iaNaOption({ iaid, addresses: na.map((text) => ({ address: ip6(text) })) }));
  }
  if (pd !== undefined) {
    options.push(iaPdOption({ iaid, prefixes: pd.map((text) => ({ prefix: cidr6(text) })) }));
  }
  if (said.rapid === true) options.push(emptyOption(OPTION.RAPID_COMMIT));
  options.push(optionRequestOption(said.asks ?? [OPTION.DNS_SERVERS]), ...(said.more ?? []));
  return { msgType: MESSAGE_TYPE[type], transactionId: said.transactionId ?? 1, options };
}

export function message(said: Said, network = "lan"): Dhcpv6Input {
  return { kind: "message", network, source: linkLocalOf(said.mac), message: says(said) };
}

export function describeEffect(effect: Dhcpv6Effect): string {
  switch (effect.kind) {
    case "send":
      return `send ${describeMessage(effect.message)} to ${effect.to}`;
    case "store_leases":
      return `store_leases #${effect.commit} ${effect.leases.map(({ lease }) => described(lease)).join(", ")}`;
    case "store_ends":
      return `store_ends ${effect.slots.length}`;
    case "routes": {
      const routes = effect.routes.map(({ prefix, via }) => `${formatCidr6(prefix)} via ${via}`);
      return `routes [${routes.join(", ")}]`;
    }
    case "lease_event":
      return `lease_event ${effect.event} ${described(effect.lease)}`;
  }
}

export function describeMessage(reply: Dhcpv6Message): string {
  const type = Object.entries(MESSAGE_TYPE).find(([, value]) => value === reply.msgType)?.[0];
  const parts: string[] = [];
  if (hasOption(reply, OPTION.STATUS_CODE)) parts.push(statusName(statusOf(reply)));
  if (hasOption(reply, OPTION.RAPID_COMMIT)) parts.push("rapid");
  if (preferenceOf(reply) > 0) parts.push(`preference ${preferenceOf(reply)}`);
  for (const { iaid, t1, t2, addresses, status } of iaNasOf(reply)) {
    const leases = addresses.map((one) => `${one.address} ${lifetimes(one)}`);
    parts.push(`na ${iaid} ${t1}/${t2} [${leases.join(", ")}]${suffix(status)}`);
  }
  for (const { iaid, t1, t2, prefixes, status } of iaPdsOf(reply)) {
    const leases = prefixes.map((one) => `${formatCidr6(one.prefix)} ${lifetimes(one)}`);
    parts.push(`pd ${iaid} ${t1}/${t2} [${leases.join(", ")}]${suffix(status)}`);
  }
  const dns = dnsServersOf(reply);
  if (dns.length > 0) parts.push(`dns ${dns.join(" ")}`);
  const search = domainSearchOf(reply);
  if (search !== undefined) parts.push(`search ${search.join(" ")}`);
  if (hasOption(reply, OPTION.INFORMATION_REFRESH_TIME)) {
    parts.push(`refresh ${informationRefreshSecondsOf(reply)}`);
  }
  return `${type} ${parts.join(", ")}`.trim();
}

export function describeState(state: Dhcpv6State): string {
  if (state.kind === "idle") return "idle";
  const leases = [...state.leases.values()].map(described).sort();
  const waiting = state.commits.size === 0 ? "" : ` waiting ${state.commits.size}`;
  const aside = state.quarantined.length === 0 ? "" : ` aside ${state.quarantined.length}`;
  return `serving [${leases.join(", ")}]${waiting}${aside}`;
}

function described(lease: Lease): string {
  const place =
    lease.kind === "address"
      ? lease.host
      : `/${lease.block.prefixLength} #${lease.block.fromEnd} from the end`;
  return `${lease.network} ${lease.client.mac?.slice(-2) ?? "?"} ${place}`;
}

function lifetimes(one: { readonly preferredLifetime: number; readonly validLifetime: number }) {
  return `${one.preferredLifetime}/${one.validLifetime}`;
}

function suffix(status: StatusCode): string {
  return status.code === STATUS.Success ? "" : ` ${statusName(status)}`;
}

function statusName({ code }: StatusCode): string {
  return Object.entries(STATUS).find(([, value]) => value === code)?.[0] ?? `status ${code}`;
}
