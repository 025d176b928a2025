import { toHex } from "@passerelle/bytes";
import {
  addressesOption,
  type Dhcpv6Message,
  type Dhcpv6Option,
  emptyOption,
  encodeDhcpv6,
  hasOption,
  iaNaOption,
  iaNasOf,
  iaPdOption,
  iaPdsOf,
  MESSAGE_TYPE,
  OPTION,
  optionOf,
  STATUS,
  serverIdOf,
  serverIdOption,
  statusCodeOption,
  uint8Option,
} from "@passerelle/dhcpv6";
import { ADDRESS, ip6, PREFIX, SERVERS } from "./fixtures.ts";
import { decoded6 } from "./words.ts";

/** An honest server in memory, which can forget; it answers in the way of RFC 9915 section 18.3. */
export class Operator {
  /** Does it know the client? */
  #isBound = false;

  /** A restart without its lease file. */
  forget(): void {
    this.#isBound = false;
  }

  answer(payload: Uint8Array): Uint8Array | undefined {
    const message = decoded6(payload);
    const to = serverIdOf(message);
    if (to !== undefined && toHex(to) !== toHex(SERVERS.a)) return undefined;
    switch (message.msgType) {
      case MESSAGE_TYPE.SOLICIT:
        if (!hasOption(message, OPTION.RAPID_COMMIT)) {
          return this.#reply(message, MESSAGE_TYPE.ADVERTISE, [uint8Option(OPTION.PREFERENCE, 10)]);
        }
        this.#isBound = true;
        return this.#reply(message, MESSAGE_TYPE.REPLY, [emptyOption(OPTION.RAPID_COMMIT)]);
      case MESSAGE_TYPE.REQUEST:
        this.#isBound = true;
        return this.#reply(message, MESSAGE_TYPE.REPLY);
      case MESSAGE_TYPE.RENEW:
      case MESSAGE_TYPE.REBIND:
        return this.#isBound
          ? this.#reply(message, MESSAGE_TYPE.REPLY)
          : answerTo(message, MESSAGE_TYPE.REPLY, noBindingsOf(message));
      default:
        return answerTo(message, MESSAGE_TYPE.REPLY, []);
    }
  }

  #reply(
    message: Dhcpv6Message,
    msgType: typeof MESSAGE_TYPE.ADVERTISE | typeof MESSAGE_TYPE.REPLY,
    options: readonly Dhcpv6Option[] = [],
  ): Uint8Array {
    const lifetimes = { preferredLifetime: 600, validLifetime: 1200 };
    const nas = iaNasOf(message).map(({ iaid }) =>
      iaNaOption({ iaid, t1: 300, t2: 480, addresses: [{ address: ADDRESS, ...lifetimes }] }),
    );
    const pds = iaPdsOf(message).map(({ iaid }) =>
      iaPdOption({ iaid, t1: 300, t2: 480, prefixes: [{ prefix: PREFIX, ...lifetimes }] }),
    );
    return answerTo(message, msgType, [...options, ...nas, ...pds]);
  }
}

function answerTo(
  message: Dhcpv6Message,
  msgType: typeof MESSAGE_TYPE.ADVERTISE | typeof MESSAGE_TYPE.REPLY,
  options: readonly Dhcpv6Option[],
): Uint8Array {
  return encodeDhcpv6({
    msgType,
    transactionId: message.transactionId,
    options: [
      { code: OPTION.CLIENTID, data: optionOf(message, OPTION.CLIENTID) ?? new Uint8Array(0) },
      serverIdOption(SERVERS.a),
      addressesOption(OPTION.DNS_SERVERS, [ip6("2001:db8::53")]),
      ...options,
    ],
  });
}

/** RFC 9915 section 18.3.4: what a server says that does not know them. */
function noBindingsOf(message: Dhcpv6Message): readonly Dhcpv6Option[] {
  const options = [statusCodeOption(STATUS.NoBinding)];
  return [
    ...iaNasOf(message).map(({ iaid }) => iaNaOption({ iaid, options })),
    ...iaPdsOf(message).map(({ iaid }) => iaPdOption({ iaid, options })),
  ];
}
