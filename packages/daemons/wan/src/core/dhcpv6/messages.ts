import {
  clientIdOption,
  type Dhcpv6Option,
  elapsedIn,
  elapsedTimeOption,
  emptyOption,
  encodeDhcpv6,
  iaNaOption,
  iaPdOption,
  MESSAGE_TYPE,
  type MessageType,
  OPTION,
  optionRequestOption,
  serverIdOption,
} from "@passerelle/dhcpv6";
import type { Ipv6 } from "@passerelle/net";
import type { Instant } from "@passerelle/time";
import { IAID, type Lease6 } from "./lease.ts";
import type { Dhcpv6Settings } from "./settings.ts";
import type { Talk } from "./state.ts";

/** The messages of a client (RFC 9915 section 18.2), option by option. */
export interface MessageParts {
  readonly settings: Dhcpv6Settings;
  readonly talk: Talk;
  readonly now: Instant;
}

/** What we live with already is asked for again (RFC 9915 section 18.2.1). */
export function solicitMessage(parts: MessageParts, hint?: Lease6): Uint8Array {
  const rapid = parts.settings.rapidCommit ? [emptyOption(OPTION.RAPID_COMMIT)] : [];
  return message(parts, MESSAGE_TYPE.SOLICIT, [...rapid, ...associations(parts, hint)]);
}

export function requestMessage(parts: MessageParts, offered: Lease6): Uint8Array {
  const own = [serverIdOption(offered.server), ...associations(parts, offered)];
  return message(parts, MESSAGE_TYPE.REQUEST, own);
}

export function renewMessage(parts: MessageParts, held: Lease6): Uint8Array {
  const own = [serverIdOption(held.server), ...associations(parts, held)];
  return message(parts, MESSAGE_TYPE.RENEW, own);
}

export function rebindMessage(parts: MessageParts, held: Lease6): Uint8Array {
  return message(parts, MESSAGE_TYPE.REBIND, associations(parts, held));
}

export function informationMessage(parts: MessageParts): Uint8Array {
  return message(parts, MESSAGE_TYPE.INFORMATION_REQUEST, []);
}

/** RFC 9915 section 18.2.8: who, what and from whom; nothing is asked for. */
export function declineMessage(parts: MessageParts, held: Lease6, address: Ipv6): Uint8Array {
  const { settings, talk, now } = parts;
  return encodeDhcpv6({
    msgType: MESSAGE_TYPE.DECLINE,
    transactionId: talk.transactionId,
    options: [
      clientIdOption(settings.duid),
      serverIdOption(held.server),
      elapsedTimeOption(elapsedIn(talk.exchange, now)),
      iaNaOption({ iaid: IAID, addresses: [{ address }] }),
      ...settings.options(talk.challenge),
    ],
  });
}

function associations({ settings, talk }: MessageParts, lease: Lease6 | undefined): Dhcpv6Option[] {
  const addresses = lease?.addresses.map(({ address }) => ({ address })) ?? [];
  const known = lease?.prefixes.map(({ prefix }) => ({ prefix })) ?? [];
  const hint = { prefix: { address: "::" as Ipv6, prefixLength: settings.prefixLength } };
  const prefixes = known.length === 0 ? [hint] : known;
  return [
    ...(talk.asked.address ? [iaNaOption({ iaid: IAID, addresses })] : []),
    ...(talk.asked.prefix ? [iaPdOption({ iaid: IAID, prefixes })] : []),
  ];
}

function message(
  { settings, talk, now }: MessageParts,
  msgType: MessageType,
  own: readonly Dhcpv6Option[],
): Uint8Array {
  return encodeDhcpv6({
    msgType,
    transactionId: talk.transactionId,
    options: [
      clientIdOption(settings.duid),
      elapsedTimeOption(elapsedIn(talk.exchange, now)),
      optionRequestOption(settings.optionRequest),
      ...own,
      ...settings.options(talk.challenge),
    ],
  });
}
