import {
  addressOption,
  BOOTREQUEST,
  chaddrOf,
  type Dhcpv4Option,
  encodeDhcpv4,
  FLAG_BROADCAST,
  HTYPE_ETHERNET,
  MESSAGE_TYPE,
  type MessageType,
  messageTypeOption,
  OPTION,
  parameterListOption,
  textOption,
} from "@passerelle/dhcpv4";
import { IPV4_ANY, type Ipv4 } from "@passerelle/net";
import type { Duration } from "@passerelle/time";
import { toWholeSeconds } from "@passerelle/time";
import type { SessionSettings } from "./settings.ts";
import type { Identity, Offer } from "./state.ts";

/** The messages of a client, field by field as in RFC 2131 table 5. */
export interface MessageContext {
  readonly settings: SessionSettings;
  readonly identity: Identity;
  /** Since the exchange began: relays may look at it (RFC 2131 table 1, secs). */
  readonly elapsed: Duration;
}

export function discoverMessage(context: MessageContext): Uint8Array {
  return request(context, MESSAGE_TYPE.DHCPDISCOVER, IPV4_ANY, []);
}

/** RFC 2131 section 4.3.2, SELECTING: server identifier and requested address, ciaddr zero. */
export function selectMessage(context: MessageContext, offer: Offer): Uint8Array {
  return request(context, MESSAGE_TYPE.DHCPREQUEST, IPV4_ANY, [
    addressOption(OPTION.ADDRESS_REQUEST, offer.address),
    addressOption(OPTION.DHCP_SERVER_ID, offer.server),
  ]);
}

/** RFC 2131 section 4.3.2, INIT-REBOOT: requested address, no server identifier, ciaddr zero. */
export function rebootMessage(context: MessageContext, address: Ipv4): Uint8Array {
  return request(context, MESSAGE_TYPE.DHCPREQUEST, IPV4_ANY, [
    addressOption(OPTION.ADDRESS_REQUEST, address),
  ]);
}

/** RFC 2131 section 4.3.2, RENEWING and REBINDING: ciaddr only. */
export function renewMessage(context: MessageContext, address: Ipv4): Uint8Array {
  return request(context, MESSAGE_TYPE.DHCPREQUEST, address, []);
}

/** RFC 2131 table 5: a DECLINE carries who, what and from whom, and no parameter list. */
export function declineMessage(context: MessageContext, offer: Offer): Uint8Array {
  return message(context, IPV4_ANY, 0, [
    messageTypeOption(MESSAGE_TYPE.DHCPDECLINE),
    addressOption(OPTION.ADDRESS_REQUEST, offer.address),
    addressOption(OPTION.DHCP_SERVER_ID, offer.server),
    ...identityOf(context),
  ]);
}

function request(
  context: MessageContext,
  type: MessageType,
  ciaddr: Ipv4,
  own: readonly Dhcpv4Option[],
): Uint8Array {
  const { settings } = context;
  // With an address of our own unicast reaches us: asking for broadcast then only loads the street.
  const flags = settings.broadcast && ciaddr === IPV4_ANY ? FLAG_BROADCAST : 0;
  return message(context, ciaddr, flags, [
    messageTypeOption(type),
    ...own,
    parameterListOption(settings.parameterRequestList),
    ...(settings.hostname === undefined ? [] : [textOption(OPTION.HOSTNAME, settings.hostname)]),
    ...identityOf(context),
  ]);
}

function identityOf({ settings, identity }: MessageContext): readonly Dhcpv4Option[] {
  return settings.options(identity).map(({ code, value }) => ({ code, data: value }));
}

function message(
  { identity, elapsed }: MessageContext,
  ciaddr: Ipv4,
  flags: number,
  options: readonly Dhcpv4Option[],
): Uint8Array {
  return encodeDhcpv4({
    op: BOOTREQUEST,
    htype: HTYPE_ETHERNET,
    hlen: 6,
    hops: 0,
    xid: identity.entropy.xid,
    secs: Math.min(0xffff, toWholeSeconds(elapsed)),
    flags,
    ciaddr,
    yiaddr: IPV4_ANY,
    siaddr: IPV4_ANY,
    giaddr: IPV4_ANY,
    chaddr: chaddrOf(identity.mac),
    sname: new Uint8Array(0),
    file: new Uint8Array(0),
    options,
  });
}
