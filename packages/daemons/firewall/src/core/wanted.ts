import {
  type Cidr4,
  contains4,
  formatIpv4,
  type Ipv4,
  type Ipv6,
  type Mac,
  parseCidr4,
  parseIpv4,
  parseIpv6,
  parseMac,
} from "@passerelle/net";
import type { FirewallConfig } from "../config.ts";
import { parseCidr6 } from "./cidr6.ts";
import type { BlockedDevice, HomeModel, HomeNetwork, ModelForward, RulesetModel } from "./model.ts";

/** What others told us: everything that the rules are made from. */
export interface Wanted {
  readonly config: FirewallConfig;
  readonly lan?: LanFacts;
  readonly wan?: WanFacts;
  /** Known addresses of devices, from leases and inventory; only those of blocked ones make rules. */
  readonly addresses: DeviceAddresses;
}

export interface LanFacts {
  readonly networks: readonly HomeNetwork[];
}

export interface WanFacts {
  readonly interfaces: readonly string[];
  readonly addresses: readonly Ipv4[];
}

/** Hardware address → IP addresses as text. */
export type DeviceAddresses = ReadonlyMap<string, readonly string[]>;

/** True once both sides are known: rules made earlier would close what a restart found open. */
export function isComplete(wanted: Wanted): boolean {
  return wanted.lan !== undefined && wanted.wan !== undefined;
}

export function modelOf(wanted: Wanted): RulesetModel {
  const { config, lan, wan } = wanted;
  if (lan === undefined) return { kind: "base" };
  const dmz = config.dmz === undefined ? undefined : parseIpv4(config.dmz);
  const model: HomeModel = {
    kind: "home",
    wanInterfaces: wan?.interfaces ?? [],
    wanAddresses: wan?.addresses ?? [],
    networks: lan.networks,
    forwards: config.forwards.flatMap((forward) => modelForward(forward, lan.networks)),
    ...(dmz !== undefined && isLanDevice(dmz, lan.networks) ? { dmz } : {}),
    blocked: config.blocked.flatMap((mac) => blockedDevice(mac, wanted.addresses)),
    services: config.services,
    answerPing: config.answerPing,
    rejectPrivateDestinations: config.rejectPrivateDestinations,
    refusedSources4: config.refusedSources.ipv4.flatMap((text) => some(parseCidr4(text))),
    refusedSources6: config.refusedSources.ipv6.flatMap((text) => some(parseCidr6(text))),
  };
  return model;
}

function modelForward(
  forward: FirewallConfig["forwards"][number],
  networks: readonly HomeNetwork[],
): ModelForward[] {
  const to = parseIpv4(forward.to);
  // A forward to an address that isn't in the LAN would send strangers back out, or to ourselves.
  if (!forward.enabled || to === undefined || !isLanDevice(to, networks)) return [];
  const source: Cidr4 | undefined =
    forward.source === undefined ? undefined : parseCidr4(forward.source);
  return [
    {
      id: forward.id,
      protocols: forward.protocol === "both" ? ["tcp", "udp"] : [forward.protocol],
      portFirst: forward.port,
      portLast: forward.portLast ?? forward.port,
      to,
      toPort: forward.toPort ?? forward.port,
      ...(source === undefined ? {} : { source }),
    },
  ];
}

function isLanDevice(address: Ipv4, networks: readonly HomeNetwork[]): boolean {
  return (
    networks.some((one) => one.zone === "lan" && contains4(one.address, address)) &&
    networks.every((one) => one.address.address !== address)
  );
}

function blockedDevice(text: string, known: DeviceAddresses): BlockedDevice[] {
  const mac: Mac | undefined = parseMac(text);
  if (mac === undefined) return [];
  const addresses = (known.get(mac) ?? []).slice(0, ADDRESSES_PER_DEVICE_MAX);
  const addresses4 = addresses.flatMap((a) => some(parseIpv4(a)));
  const addresses6: Ipv6[] = addresses.flatMap((a) => some(parseIpv6(a)));
  return [{ mac, addresses4: addresses4.sort(byNumber), addresses6: addresses6.sort() }];
}

/** A host may give itself many IPv6 addresses; its hardware address stops what it sends in any case. */
const ADDRESSES_PER_DEVICE_MAX = 32;

export interface Opening {
  readonly id: string;
  readonly protocol: "tcp" | "udp";
  readonly port: number;
  readonly portLast?: number;
  readonly to: string;
  readonly toPort: number;
  readonly owner: "person";
}

/** What the rules in force let in, for people; empty while the WAN has no address. */
export function openingsOf(model: RulesetModel): Opening[] {
  if (model.kind === "base" || model.wanAddresses.length === 0) return [];
  return model.forwards.flatMap((forward) =>
    forward.protocols.map((protocol) => ({
      id: forward.id,
      protocol,
      port: forward.portFirst,
      ...(forward.portLast > forward.portFirst ? { portLast: forward.portLast } : {}),
      to: formatIpv4(forward.to),
      toPort: forward.toPort,
      owner: "person" as const,
    })),
  );
}

function some<T>(value: T | undefined): T[] {
  return value === undefined ? [] : [value];
}

function byNumber(a: number, b: number): number {
  return a - b;
}
