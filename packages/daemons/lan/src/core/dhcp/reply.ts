import {
  addressOption,
  BOOTREPLY,
  type Dhcpv4Message,
  type Dhcpv4Option,
  FLAG_BROADCAST,
  hardwareAddressOf,
  MESSAGE_TYPE,
  type MessageType,
  messageLengthMaxOf,
  messageTypeOption,
  OPTION,
  optionOf,
  parameterListOf,
  textOption,
  uint32Option,
} from "@passerelle/dhcpv4";
import { IPV4_ANY, type Ipv4, netmask4 } from "@passerelle/net";
import { type Duration, toWholeSeconds } from "@passerelle/time";
import { matchesClass } from "./client.ts";
import type { DhcpConfig, DhcpNetwork } from "./config.ts";
import type { ReplyDestination } from "./effect.ts";
import type { Turn } from "./turn.ts";

export interface Reply {
  readonly type: MessageType;
  readonly yiaddr: Ipv4;
  /** Absent in answers to DHCPINFORM and refusals. */
  readonly duration?: Duration;
  /** Who answers; absent: the server of the network. */
  readonly server?: Ipv4;
  /** For people who read a capture. */
  readonly text?: string;
}

export function sendReply(
  turn: Turn,
  network: DhcpNetwork,
  request: Dhcpv4Message,
  reply: Reply,
): void {
  const isNak = reply.type === MESSAGE_TYPE.DHCPNAK;
  // RFC 2131 table 3. A relay agent must broadcast a DHCPNAK to a client that may have a wrong address:
  // section 4.3.2 sets the flag for it.
  const flags =
    isNak && request.giaddr !== IPV4_ANY ? FLAG_BROADCAST : request.flags & FLAG_BROADCAST;
  const message: Dhcpv4Message = {
    op: BOOTREPLY,
    htype: request.htype,
    hlen: request.hlen,
    hops: 0,
    xid: request.xid,
    secs: 0,
    flags,
    ciaddr: reply.type === MESSAGE_TYPE.DHCPACK ? request.ciaddr : IPV4_ANY,
    yiaddr: reply.yiaddr,
    siaddr: IPV4_ANY,
    giaddr: request.giaddr,
    chaddr: request.chaddr,
    sname: new Uint8Array(0),
    file: new Uint8Array(0),
    options: [
      ...headOptions(network, reply),
      ...(isNak ? [] : parameters(turn.state.config, network, request)),
      ...echoedOptions(request),
    ],
  };
  turn.effects.push({
    kind: "send",
    network: network.name,
    to: destinationOf(request, message, isNak),
    message,
    lengthMax: messageLengthMaxOf(request),
  });
}

/** RFC 2131 section 4.1: where an answer goes. */
function destinationOf(
  request: Dhcpv4Message,
  reply: Dhcpv4Message,
  isNak: boolean,
): ReplyDestination {
  if (request.giaddr !== IPV4_ANY) return { kind: "relay", address: request.giaddr };
  // "In all cases, when giaddr is zero, the server broadcasts any DHCPNAK messages to 0xffffffff."
  if (isNak) return { kind: "broadcast" };
  if (request.ciaddr !== IPV4_ANY) return { kind: "client", address: request.ciaddr };
  if ((request.flags & FLAG_BROADCAST) !== 0) return { kind: "broadcast" };
  const mac = hardwareAddressOf(request);
  return mac === undefined
    ? { kind: "broadcast" }
    : { kind: "hardware", mac, address: reply.yiaddr };
}

function headOptions(network: DhcpNetwork, reply: Reply): readonly Dhcpv4Option[] {
  const options = [
    messageTypeOption(reply.type),
    addressOption(OPTION.DHCP_SERVER_ID, reply.server ?? network.server),
  ];
  if (reply.text !== undefined) options.push(textOption(OPTION.DHCP_MESSAGE, reply.text));
  if (reply.duration !== undefined) {
    const leaseSeconds = toWholeSeconds(reply.duration);
    options.push(
      uint32Option(OPTION.ADDRESS_TIME, leaseSeconds),
      // RFC 2131 section 4.4.5: T1 after half of the lease, T2 after seven eighths.
      uint32Option(OPTION.RENEWAL_TIME, Math.floor(leaseSeconds / 2)),
      uint32Option(OPTION.REBINDING_TIME, Math.floor((leaseSeconds * 7) / 8)),
    );
  }
  return options;
}

/** Configuration parameters: what the client asks for, in its order, and what no client can do without. */
function parameters(
  config: DhcpConfig,
  network: DhcpNetwork,
  request: Dhcpv4Message,
): readonly Dhcpv4Option[] {
  const available = new Map<number, Dhcpv4Option>();
  const unasked = new Set<number>(ALWAYS);
  const mask = netmask4(network.subnet.prefixLength);
  available.set(OPTION.SUBNET_MASK, addressOption(OPTION.SUBNET_MASK, mask));
  for (const option of network.options) available.set(option.code, option);
  for (const one of config.classes) {
    if (one.networks?.includes(network.name) === false) continue;
    if (!matchesClass(one.match, request)) continue;
    for (const option of one.options) {
      available.set(option.code, option);
      if (one.always) unasked.add(option.code);
    }
  }
  const asked = parameterListOf(request);
  // A client without a list (RFC 2132 section 9.8 does not demand one) gets all there is.
  if (asked.length === 0) return [...available.values()];
  const chosen: Dhcpv4Option[] = [];
  for (const code of [...ALWAYS, ...asked, ...available.keys()]) {
    const option = available.get(code);
    if (option === undefined || !(asked.includes(code) || unasked.has(code))) continue;
    available.delete(code);
    chosen.push(option);
  }
  return chosen;
}

function echoedOptions(request: Dhcpv4Message): readonly Dhcpv4Option[] {
  const echoed: Dhcpv4Option[] = [];
  // RFC 6842 section 3: the client identifier goes back unchanged.
  // RFC 3046 section 2.2: so does the relay agent's option, as the last one.
  for (const code of [OPTION.CLIENT_ID, OPTION.RELAY_AGENT_INFORMATION]) {
    const data = optionOf(request, code);
    if (data !== undefined) echoed.push({ code, data });
  }
  return echoed;
}

const ALWAYS: readonly number[] = [OPTION.SUBNET_MASK, OPTION.ROUTER, OPTION.DOMAIN_SERVER];
