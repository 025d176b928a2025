import { bytesEqual, concatBytes } from "@passerelle/bytes";
import { nextUint32, type Rng } from "@passerelle/machine";
import type { Judgement, NegotiationPolicy, Verdict } from "../automaton/policy.ts";
import type { PppOption } from "../control-packet.ts";
import { uint32Data } from "../numbers.ts";

/** RFC 5072 section 4, RFC 5172 section 2. */
export const IPV6CP_OPTION = { INTERFACE_IDENTIFIER: 1, IPV6_COMPRESSION_PROTOCOL: 2 } as const;

export const INTERFACE_IDENTIFIER_LENGTH = 8;

export interface Ipv6cpLocal {
  /** 8 octets: the lower half of our link-local address; the peer may give us another. */
  readonly interfaceIdentifier: Uint8Array;
  readonly rng: Rng;
}

export interface Ipv6cpPeer {
  /** 8 octets, where it says one. */
  readonly interfaceIdentifier?: Uint8Array;
}

export const ipv6cpPolicy: NegotiationPolicy<Ipv6cpLocal, Ipv6cpPeer> = {
  request: ({ interfaceIdentifier }) => [
    { type: IPV6CP_OPTION.INTERFACE_IDENTIFIER, data: interfaceIdentifier },
  ],
  naked: (local, wanted) => {
    const data = wanted.find(({ type }) => type === IPV6CP_OPTION.INTERFACE_IDENTIFIER)?.data;
    return data === undefined || !isIdentifier(data)
      ? local
      : { ...local, interfaceIdentifier: data };
  },
  // RFC 5072 section 4.1: nothing else here tells two link-local addresses apart.
  rejected: () => undefined,
  judge,
  extraCodes: [],
};

/** RFC 5072 section 4.1: zero asks for an identifier, and ours is taken: the peer gets another. */
function judge(
  local: Ipv6cpLocal,
  asked: readonly PppOption[],
): Judgement<Ipv6cpLocal, Ipv6cpPeer> {
  let next = local;
  let peer: Ipv6cpPeer = {};
  const verdicts = asked.map(({ type, data }): Verdict => {
    if (
      type !== IPV6CP_OPTION.INTERFACE_IDENTIFIER ||
      data.length !== INTERFACE_IDENTIFIER_LENGTH
    ) {
      return { kind: "reject" };
    }
    if (isIdentifier(data) && !bytesEqual(data, local.interfaceIdentifier)) {
      peer = { interfaceIdentifier: data };
      return { kind: "ack" };
    }
    const drawn = drawIdentifier(next.rng);
    next = { ...next, rng: drawn.rng };
    return { kind: "nak", data: drawn.interfaceIdentifier };
  });
  return { local: next, verdicts, peer };
}

/** A random identifier, marked as locally made (RFC 5072 section 4.1 case 3: the "u" bit is zero). */
function drawIdentifier(rng: Rng): {
  readonly interfaceIdentifier: Uint8Array;
  readonly rng: Rng;
} {
  const high = nextUint32(rng);
  const low = nextUint32(high.rng);
  const interfaceIdentifier = concatBytes(
    uint32Data((high.value & 0xfdff_ffff) >>> 0),
    uint32Data((low.value | 1) >>> 0),
  );
  return { interfaceIdentifier, rng: low.rng };
}

function isIdentifier(data: Uint8Array): boolean {
  return data.length === INTERFACE_IDENTIFIER_LENGTH && data.some((octet) => octet !== 0);
}
