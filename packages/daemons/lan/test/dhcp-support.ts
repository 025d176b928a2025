import { fromHex } from "@passerelle/bytes";
import {
  addressOption,
  BOOTREQUEST,
  CLIENT_PORT,
  chaddrOf,
  type Dhcpv4Message,
  type Dhcpv4Option,
  FLAG_BROADCAST,
  leaseSecondsOf,
  MESSAGE_TYPE,
  messageTypeOf,
  messageTypeOption,
  OPTION,
  parameterListOption,
  serverIdOf,
  textOption,
} from "@passerelle/dhcpv4";
import {
  type Cidr4,
  formatIpv4,
  IPV4_ANY,
  type Ipv4,
  type Mac,
  parseCidr4,
  parseIpv4,
  parseMac,
} from "@passerelle/net";
import { seconds } from "@passerelle/time";
import type {
  DhcpConfig,
  DhcpEffect,
  DhcpInput,
  DhcpNetwork,
  ReplyDestination,
} from "../src/core/dhcp/index.ts";

export function ip(text: string): Ipv4 {
  const address = parseIpv4(text);
  if (address === undefined) throw new Error(`not an address: ${text}`);
  return address;
}

export function cidr(text: string): Cidr4 {
  const parsed = parseCidr4(text);
  if (parsed === undefined) throw new Error(`not a network: ${text}`);
  return parsed;
}

export function mac(text: string): Mac {
  const parsed = parseMac(text);
  if (parsed === undefined) throw new Error(`not a MAC: ${text}`);
  return parsed;
}

export function network(parts: Partial<DhcpNetwork> = {}): DhcpNetwork {
  const subnet = cidr("192.168.1.1/24");
  return {
    name: "lan",
    server: ip("192.168.1.1"),
    subnet,
    former: [],
    first: ip("192.168.1.50"),
    last: ip("192.168.1.59"),
    leaseTime: seconds(3600),
    probe: true,
    newLeasesPerSecond: 20,
    options: [
      addressOption(OPTION.ROUTER, ip("192.168.1.1")),
      addressOption(OPTION.DOMAIN_SERVER, ip("192.168.1.1")),
      textOption(OPTION.DOMAIN_NAME, "home.arpa"),
    ],
    ...parts,
  };
}

export function config(parts: Partial<DhcpConfig> = {}): DhcpConfig {
  return { networks: [network()], reservations: [], classes: [], ...parts };
}

export interface Said {
  readonly type: keyof typeof MESSAGE_TYPE;
  readonly mac: Mac;
  readonly xid?: number;
  readonly requested?: Ipv4;
  readonly server?: Ipv4;
  readonly ciaddr?: Ipv4;
  readonly giaddr?: Ipv4;
  readonly broadcast?: boolean;
  readonly id?: string;
  readonly hostname?: string;
  readonly vendorClass?: string;
  readonly more?: readonly Dhcpv4Option[];
}

export function says(said: Said): Dhcpv4Message {
  const options: Dhcpv4Option[] = [messageTypeOption(MESSAGE_TYPE[said.type])];
  if (said.requested !== undefined) {
    options.push(addressOption(OPTION.ADDRESS_REQUEST, said.requested));
  }
  if (said.server !== undefined) options.push(addressOption(OPTION.DHCP_SERVER_ID, said.server));
  if (said.id !== undefined) {
    options.push({ code: OPTION.CLIENT_ID, data: fromHex(said.id) ?? new Uint8Array(0) });
  }
  if (said.hostname !== undefined) options.push(textOption(OPTION.HOSTNAME, said.hostname));
  if (said.vendorClass !== undefined) options.push(textOption(OPTION.CLASS_ID, said.vendorClass));
  options.push(parameterListOption([1, 3, 6, 15, 51]), ...(said.more ?? []));
  return {
    op: BOOTREQUEST,
    htype: 1,
    hlen: 6,
    hops: 0,
    xid: said.xid ?? 1,
    secs: 0,
    flags: said.broadcast === true ? FLAG_BROADCAST : 0,
    ciaddr: said.ciaddr ?? IPV4_ANY,
    yiaddr: IPV4_ANY,
    siaddr: IPV4_ANY,
    giaddr: said.giaddr ?? IPV4_ANY,
    chaddr: chaddrOf(said.mac),
    sname: new Uint8Array(0),
    file: new Uint8Array(0),
    options,
  };
}

export function message(said: Said, by = "lan"): DhcpInput {
  return { kind: "message", network: by, message: says(said) };
}

export function describeEffect(effect: DhcpEffect): string {
  switch (effect.kind) {
    case "send": {
      const type = messageTypeOf(effect.message);
      const name = Object.entries(MESSAGE_TYPE).find(([, value]) => value === type)?.[0] ?? "?";
      const lease = leaseSecondsOf(effect.message);
      const given =
        effect.message.yiaddr === IPV4_ANY ? "" : ` ${formatIpv4(effect.message.yiaddr)}`;
      const time = lease === undefined ? "" : ` ${lease}s`;
      // A refusal is believed only from the server that gave the lease.
      const server = serverIdOf(effect.message);
      const by = type === MESSAGE_TYPE.DHCPNAK && server ? ` by ${formatIpv4(server)}` : "";
      return `send ${name}${given}${time}${by} to ${describeDestination(effect.to)}`;
    }
    case "probe":
      return `probe ${formatIpv4(effect.address)}`;
    case "store_lease": {
      const { lease } = effect;
      return `store_lease #${effect.commit} ${formatIpv4(lease.address)} ${lease.key} until ${lease.expires}ms`;
    }
    case "store_end":
      return `store_end ${formatIpv4(effect.lease.address)} ${effect.lease.key}`;
    case "lease_event":
      return `lease_event ${effect.event} ${effect.address === undefined ? "-" : formatIpv4(effect.address)}`;
  }
}

function describeDestination(to: ReplyDestination): string {
  switch (to.kind) {
    case "broadcast":
      return "broadcast";
    case "hardware":
      return `${to.mac} as ${formatIpv4(to.address)}`;
    case "relay":
      return `relay ${formatIpv4(to.address)}`;
    case "client":
      return `${formatIpv4(to.address)} port ${CLIENT_PORT}`;
  }
}
