import { IPV4_ANY, type Ipv4, ipv4, ipv4Bytes, ipv4FromBytes } from "@passerelle/net";
import type { Judgement, NegotiationPolicy, Verdict } from "../automaton/policy.ts";
import type { PppOption } from "../control-packet.ts";

/** RFC 1332 section 3, RFC 1877 section 1. */
export const IPCP_OPTION = {
  IP_ADDRESSES: 1,
  IP_COMPRESSION_PROTOCOL: 2,
  IP_ADDRESS: 3,
  PRIMARY_DNS: 129,
  PRIMARY_NBNS: 130,
  SECONDARY_DNS: 131,
  SECONDARY_NBNS: 132,
} as const;

/** What we ask for; 0.0.0.0 asks the peer to choose. */
export interface IpcpLocal {
  readonly address: Ipv4;
  /** Undefined when the peer does not know the option. */
  readonly primaryDns?: Ipv4;
  readonly secondaryDns?: Ipv4;
}

export interface IpcpPeer {
  /** Its end of the link, where it says one. */
  readonly address?: Ipv4;
}

export const NEW_IPCP_LOCAL: IpcpLocal = {
  address: IPV4_ANY,
  primaryDns: IPV4_ANY,
  secondaryDns: IPV4_ANY,
};

export const ipcpPolicy: NegotiationPolicy<IpcpLocal, IpcpPeer> = {
  request: ({ address, primaryDns, secondaryDns }) => [
    { type: IPCP_OPTION.IP_ADDRESS, data: ipv4Bytes(address) },
    ...addressOption(IPCP_OPTION.PRIMARY_DNS, primaryDns),
    ...addressOption(IPCP_OPTION.SECONDARY_DNS, secondaryDns),
  ],
  naked: (local, wanted) => wanted.reduce(withValue, local),
  rejected: (local, unknown) =>
    // Without an address of ours there is no IPv4 on the link.
    unknown.some(({ type }) => type === IPCP_OPTION.IP_ADDRESS)
      ? undefined
      : unknown.reduce(withoutOption, local),
  judge,
  extraCodes: [],
};

/** Resolvers of the operator, without those it did not give. */
export function resolversOf({ primaryDns, secondaryDns }: IpcpLocal): readonly Ipv4[] {
  const given = [primaryDns ?? IPV4_ANY, secondaryDns ?? IPV4_ANY];
  return [...new Set(given)].filter((address) => address !== IPV4_ANY);
}

function addressOption(type: number, address: Ipv4 | undefined): readonly PppOption[] {
  return address === undefined ? [] : [{ type, data: ipv4Bytes(address) }];
}

function withValue(local: IpcpLocal, { type, data }: PppOption): IpcpLocal {
  const address = data.length === 4 ? ipv4FromBytes(data) : undefined;
  if (address === undefined || !isHost(address)) return local;
  switch (type) {
    case IPCP_OPTION.IP_ADDRESS:
      return { ...local, address };
    case IPCP_OPTION.PRIMARY_DNS:
      return local.primaryDns === undefined ? local : { ...local, primaryDns: address };
    case IPCP_OPTION.SECONDARY_DNS:
      return local.secondaryDns === undefined ? local : { ...local, secondaryDns: address };
    default:
      return local;
  }
}

function withoutOption(local: IpcpLocal, { type }: PppOption): IpcpLocal {
  const { primaryDns, secondaryDns, ...rest } = local;
  return {
    ...rest,
    ...(primaryDns === undefined || type === IPCP_OPTION.PRIMARY_DNS ? {} : { primaryDns }),
    ...(secondaryDns === undefined || type === IPCP_OPTION.SECONDARY_DNS ? {} : { secondaryDns }),
  };
}

function judge(local: IpcpLocal, asked: readonly PppOption[]): Judgement<IpcpLocal, IpcpPeer> {
  let peer: IpcpPeer = {};
  const verdicts = asked.map(({ type, data }): Verdict => {
    const address = data.length === 4 ? ipv4FromBytes(data) : undefined;
    // A peer that wants an address of us, or resolvers, or compression: there is none.
    if (type !== IPCP_OPTION.IP_ADDRESS || address === undefined || address === IPV4_ANY) {
      return { kind: "reject" };
    }
    peer = { address };
    return { kind: "ack" };
  });
  return { local, verdicts, peer };
}

/** Not 0/8, not loopback, not multicast or above. */
function isHost(address: Ipv4): boolean {
  const first = address >>> 24;
  return first !== 0 && first !== 127 && address < ipv4(0xe000_0000);
}
