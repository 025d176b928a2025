import {
  addressOption,
  BOOTREPLY,
  chaddrOf,
  type Dhcpv4Message,
  type Dhcpv4Option,
  decodeDhcpv4,
  encodeClasslessRoutes,
  encodeDhcpv4,
  HTYPE_ETHERNET,
  MESSAGE_TYPE,
  type MessageType,
  messageTypeOf,
  messageTypeOption,
  OPTION,
  requestedAddressOf,
  serverIdOf,
  textOption,
  uint32Option,
} from "@passerelle/dhcpv4";
import { decodeDhcpv6, MESSAGE_TYPE as MESSAGE_TYPE6 } from "@passerelle/dhcpv6";
import { type Rng, seedRng } from "@passerelle/machine";
import {
  formatCidr6,
  formatIpv4,
  IPV4_ANY,
  type Ipv4,
  type Mac,
  parseCidr4,
  parseIpv4,
  parseMac,
} from "@passerelle/net";
import { instant } from "@passerelle/time";
import type { WanEffect } from "../src/core/effect.ts";
import type { Network6 } from "../src/core/ipv6/network.ts";
import type { Lease } from "../src/core/lease.ts";
import type { DhcpProfile } from "../src/core/profile.ts";
import { type LineIdentity, sessionSettings } from "../src/core/session/settings.ts";
import type { Remembered } from "../src/core/session/state.ts";
import type { DhcpLineSettings, WanSettings } from "../src/core/step.ts";
import { wanMachine } from "../src/core/step.ts";
import { findProfile, type Profile } from "../src/profile.ts";

export const MAC = mac("02:00:00:00:00:01");
export const CHALLENGE = Uint8Array.from({ length: 16 }, (_, i) => i + 1);

export function ip(text: string): Ipv4 {
  const address = parseIpv4(text);
  if (address === undefined) throw new Error(`no address: ${text}`);
  return address;
}

export function mac(text: string): Mac {
  const parsed = parseMac(text);
  if (parsed === undefined) throw new Error(`no MAC: ${text}`);
  return parsed;
}

export function profile(id: string): Profile {
  const found = findProfile(id);
  if (found === undefined) throw new Error(`no profile: ${id}`);
  return found;
}

export function dhcpProfile(id: string): Profile & { readonly dhcp: DhcpProfile } {
  const one = profile(id);
  if (one.dhcp === undefined) throw new Error(`${id} has no DHCP`);
  return { ...one, dhcp: one.dhcp };
}

export function settings(
  id = "generic-dhcp",
  line: Partial<LineIdentity> = {},
): WanSettings & DhcpLineSettings {
  const one = dhcpProfile(id);
  return {
    session: sessionSettings(one, {
      login: "fti/xxxxxxx",
      password: "xxxxxxx",
      boxModel: one.boxModel ?? "",
      ...line,
    }),
    reach: { names: ["web.internet.test"] },
  };
}

export function rng(seed = 1): Rng {
  return seedRng([seed, 2, 3, 4]);
}

export function machine(chosen: WanSettings = settings(), seed = 1, remembered?: Remembered) {
  const ipv4 = remembered === undefined ? {} : { ipv4: remembered };
  return wanMachine(chosen, rng(seed), instant(0), ipv4);
}

/** What a server says, with everything a sane lease has; fields as words of a scenario. */
export interface ReplyFields {
  readonly xid: number;
  readonly mac?: Mac;
  readonly address?: string;
  readonly server?: string;
  readonly mask?: string;
  readonly router?: string;
  readonly lease?: number;
  readonly t1?: number;
  readonly t2?: number;
  readonly dns?: string;
  readonly domain?: string;
  readonly route?: string;
}

export function reply(type: MessageType, fields: ReplyFields): Uint8Array {
  const address = type === MESSAGE_TYPE.DHCPNAK ? IPV4_ANY : ip(fields.address ?? "198.51.100.10");
  const options: Dhcpv4Option[] = [messageTypeOption(type)];
  if (fields.server !== "none") {
    options.push(addressOption(OPTION.DHCP_SERVER_ID, ip(fields.server ?? "198.51.100.1")));
  }
  if (type !== MESSAGE_TYPE.DHCPNAK) options.push(...leaseOptions(fields));
  return encodeDhcpv4({
    op: BOOTREPLY,
    htype: HTYPE_ETHERNET,
    hlen: 6,
    hops: 0,
    xid: fields.xid,
    secs: 0,
    flags: 0,
    ciaddr: IPV4_ANY,
    yiaddr: address,
    siaddr: IPV4_ANY,
    giaddr: IPV4_ANY,
    chaddr: chaddrOf(fields.mac ?? MAC),
    sname: new Uint8Array(0),
    file: new Uint8Array(0),
    options,
  });
}

function leaseOptions(fields: ReplyFields): Dhcpv4Option[] {
  const options: Dhcpv4Option[] = [];
  if (fields.mask !== "none") {
    options.push(addressOption(OPTION.SUBNET_MASK, ip(fields.mask ?? "255.255.255.0")));
  }
  if (fields.router !== "none") {
    options.push(addressOption(OPTION.ROUTER, ip(fields.router ?? "198.51.100.1")));
  }
  if (fields.dns !== "none") {
    const servers = (fields.dns ?? "203.0.113.53").split(",").map(ip);
    options.push(addressOption(OPTION.DOMAIN_SERVER, ...servers));
  }
  if (fields.lease !== 0) options.push(uint32Option(OPTION.ADDRESS_TIME, fields.lease ?? 3600));
  if (fields.t1 !== undefined) options.push(uint32Option(OPTION.RENEWAL_TIME, fields.t1));
  if (fields.t2 !== undefined) options.push(uint32Option(OPTION.REBINDING_TIME, fields.t2));
  if (fields.domain !== undefined) options.push(textOption(OPTION.DOMAIN_NAME, fields.domain));
  if (fields.route !== undefined) {
    const routes = fields.route.split(",").map((text) => {
      const [destination = "", router = ""] = text.split(">");
      const cidr = parseCidr4(destination);
      if (cidr === undefined) throw new Error(`no route: ${text}`);
      return { destination: cidr, router: ip(router) };
    });
    options.push({
      code: OPTION.CLASSLESS_STATIC_ROUTE_OPTION,
      data: encodeClasslessRoutes(routes),
    });
  }
  return options;
}

export function storedLease(): Lease {
  return {
    address: ip("198.51.100.10"),
    prefixLength: 24,
    server: ip("198.51.100.1"),
    gateway: ip("198.51.100.1"),
    routes: [],
    resolvers: [ip("203.0.113.53")],
    obtainedAt: instant(0),
    renewsAt: instant(1_800_000),
    rebindsAt: instant(3_150_000),
    expiresAt: instant(3_600_000),
  };
}

export function decoded(bytes: Uint8Array): Dhcpv4Message {
  const message = decodeDhcpv4(bytes);
  if (!message.ok) throw new Error(message.error.code);
  return message.value;
}

export function describeEffect(effect: WanEffect): string {
  switch (effect.kind) {
    case "broadcast":
      return `broadcast ${describeMessage(effect.payload)}`;
    case "unicast":
      return `unicast ${formatIpv4(effect.from)} -> ${formatIpv4(effect.to)} ${describeMessage(effect.payload)}`;
    case "configure": {
      const { address, prefixLength, gateway, routes } = effect.lease;
      const via = gateway === undefined ? "no gateway" : `via ${formatIpv4(gateway)}`;
      return `configure ${formatIpv4(address)}/${prefixLength} ${via}${routes.length > 0 ? ` +${routes.length} routes` : ""}`;
    }
    case "unconfigure":
    case "arp_probe":
      return `${effect.kind} ${formatIpv4(effect.address)}`;
    case "store_lease":
      return `store_lease ${formatIpv4(effect.lease.address)}`;
    case "ask_resolver":
      return `ask_resolver ${formatIpv4(effect.resolver)} ${effect.name} round ${effect.round}`;
    case "probe":
      return `probe ${effect.probe.kind} round ${effect.round}`;
    case "raise":
      return effect.mac === undefined ? "raise" : `raise ${effect.mac}`;
    case "transition":
      return `transition ${effect.layer} ${effect.from} -> ${effect.to}${effect.cause === undefined ? "" : ` (${effect.cause})`}`;
    case "ppp":
      return `ppp ${effect.ppp.kind}`;
    case "send_dhcpv6": {
      const message = decodeDhcpv6(effect.payload);
      return `send_dhcpv6 ${message.ok ? nameOf6(message.value.msgType) : "?"}`;
    }
    case "configure6":
      return `${describeNetwork6(effect.network)}${effect.keep ? " and what is there" : ""}`;
    case "store_lease6":
      return `store_lease6 ${effect.lease.prefixes.map(({ prefix }) => formatCidr6(prefix)).join(" ")}`;
    case "raise_vlan":
    case "solicit_routers":
    case "forget_lease6":
    case "draw_entropy":
    case "forget_lease":
      return effect.kind;
  }
}

function describeNetwork6({ addresses, routes }: Network6): string {
  const words = [
    ...addresses.map(({ address, prefixLength }) => `${address}/${prefixLength}`),
    ...routes.map(({ destination, gateway, unreachable }) => {
      const to = destination === undefined ? "default" : formatCidr6(destination);
      return unreachable === true ? `${to} unreachable` : `${to} via ${gateway ?? "link"}`;
    }),
  ];
  return `configure6 ${words.length === 0 ? "nothing" : words.join(", ")}`;
}

function nameOf6(type: number): string {
  const found = Object.entries(MESSAGE_TYPE6).find(([, value]) => value === type);
  return found?.[0] ?? "?";
}

const TYPE_NAMES = new Map<number, string>(
  Object.entries(MESSAGE_TYPE).map(([name, value]) => [value, name.slice(4)]),
);

function describeMessage(bytes: Uint8Array): string {
  const message = decoded(bytes);
  const words = [TYPE_NAMES.get(messageTypeOf(message) ?? 0) ?? "?"];
  const requested = requestedAddressOf(message);
  const server = serverIdOf(message);
  if (requested !== undefined) words.push(`requested ${formatIpv4(requested)}`);
  if (server !== undefined) words.push(`server ${formatIpv4(server)}`);
  if (message.ciaddr !== IPV4_ANY) words.push(`ciaddr ${formatIpv4(message.ciaddr)}`);
  words.push(`xid ${message.xid.toString(16)} secs ${message.secs}`);
  return words.join(" ");
}
