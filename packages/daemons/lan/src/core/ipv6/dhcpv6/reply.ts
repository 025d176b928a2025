import { ByteWriter } from "@passerelle/bytes";
import {
  type Dhcpv6Message,
  type Dhcpv6Option,
  emptyOption,
  encodeOptions,
  hasOption,
  iaNaOption,
  iaPdOption,
  iaTasOf,
  MESSAGE_TYPE,
  type MessageType,
  OPTION,
  optionOf,
  optionRequestOf,
  STATUS,
  serverIdOption,
  statusCodeOption,
  uint8Option,
  uint32Option,
} from "@passerelle/dhcpv6";
import type { Ipv6 } from "@passerelle/net";
import { type Instant, remaining, toWholeSeconds } from "@passerelle/time";
import { PREFERRED_MAX_SECONDS } from "../lifetimes.ts";
import type { Verdict } from "./association.ts";
import type { Dhcpv6Network } from "./config.ts";
import type { Given } from "./lease.ts";
import type { Turn } from "./turn.ts";

export interface Answer {
  readonly verdicts?: readonly Verdict[];
  /** Of the whole message. */
  readonly status?: number;
  /** Options of the exchange, before the associations. */
  readonly extra?: readonly Dhcpv6Option[];
}

/** RFC 9915 section 18.3.9 for an Advertise, 18.3.10 for a Reply. */
export function sendAnswer(
  turn: Turn,
  network: Dhcpv6Network,
  to: Ipv6,
  request: Dhcpv6Message,
  msgType: MessageType,
  { verdicts = [], status, extra = [] }: Answer,
): void {
  const identifier = optionOf(request, OPTION.CLIENTID);
  const options: Dhcpv6Option[] = [];
  if (identifier !== undefined) options.push({ code: OPTION.CLIENTID, data: identifier });
  options.push(serverIdOption(turn.state.config.serverId), ...extra);
  if (status !== undefined) options.push(statusCodeOption(status));
  for (const verdict of verdicts) options.push(associationOption(verdict, turn.now));
  // RFC 9915 section 21.5: temporary addresses are obsolete, and there are none.
  for (const { iaid } of verdicts.length === 0 ? [] : iaTasOf(request).slice(0, IA_TA_MAX)) {
    options.push(noTemporaryAddresses(iaid));
  }
  options.push(...parameters(network, request));
  turn.effects.push({
    kind: "send",
    network: network.name,
    to,
    message: { msgType, transactionId: request.transactionId, options },
  });
}

/** We are the only server of the network and say so: the client need not wait for others (section 18.2.1). */
export function offerOptions(): readonly Dhcpv6Option[] {
  return [uint8Option(OPTION.PREFERENCE, PREFERENCE_MAX)];
}

export function rapidCommitOptions(request: Dhcpv6Message): readonly Dhcpv6Option[] {
  const isRapid = request.msgType === MESSAGE_TYPE.SOLICIT;
  return isRapid ? [emptyOption(OPTION.RAPID_COMMIT)] : [];
}

function associationOption(verdict: Verdict, now: Instant): Dhcpv6Option {
  const { association, given, withdrawn, status } = verdict;
  const { kind, iaid } = association;
  const leases = [
    ...given.map((one) => ({ prefix: one.prefix, ...secondsOf(one, now) })),
    ...withdrawn.map((prefix) => ({ prefix, preferredLifetime: 0, validLifetime: 0 })),
  ];
  const options = status === undefined ? [] : [statusCodeOption(status)];
  const shared = { iaid, ...renewalTimes(leases), options };
  return kind === "delegation"
    ? iaPdOption({ ...shared, prefixes: leases })
    : iaNaOption({
        ...shared,
        addresses: leases.map(({ prefix, ...lifetimes }) => ({
          address: prefix.address,
          ...lifetimes,
        })),
      });
}

/** RFC 9915 section 21.4: half and four fifths of the shortest preferred lifetime that is one. */
function renewalTimes(leases: readonly { readonly preferredLifetime: number }[]): {
  readonly t1: number;
  readonly t2: number;
} {
  const preferred = leases.map(({ preferredLifetime }) => preferredLifetime).filter((s) => s > 0);
  if (preferred.length === 0) return { t1: 0, t2: 0 };
  const shortest = Math.min(...preferred);
  return { t1: Math.floor(shortest * 0.5), t2: Math.floor(shortest * 0.8) };
}

function secondsOf({ preferredUntil, validUntil }: Given, now: Instant) {
  return {
    preferredLifetime: toWholeSeconds(remaining(now, preferredUntil)),
    validLifetime: toWholeSeconds(remaining(now, validUntil)),
  };
}

/** What the client asks for, in its order; to one without a list, all there is. */
function parameters(network: Dhcpv6Network, request: Dhcpv6Message): readonly Dhcpv6Option[] {
  const available = [...network.options];
  if (request.msgType === MESSAGE_TYPE.INFORMATION_REQUEST) {
    available.push(uint32Option(OPTION.INFORMATION_REFRESH_TIME, PREFERRED_MAX_SECONDS));
  }
  if (!hasOption(request, OPTION.ORO)) return available;
  const asked = [...new Set(optionRequestOf(request))];
  return asked.flatMap((code) => available.filter((option) => option.code === code));
}

function noTemporaryAddresses(iaid: number): Dhcpv6Option {
  const status = encodeOptions([statusCodeOption(STATUS.NoAddrsAvail)]);
  return { code: OPTION.IA_TA, data: new ByteWriter(16).uint32(iaid).put(status).finish() };
}

const PREFERENCE_MAX = 255;
const IA_TA_MAX = 4;
