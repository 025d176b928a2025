import { ByteReader, ByteWriter } from "@passerelle/bytes";
import { decodeNameList, encodeNameList, type NameText } from "@passerelle/dns";
import { IPV6_ANY, type Ipv6, ipv6Bytes, ipv6FromBytes } from "@passerelle/net";
import { type DecodeError, err, invariant, ok, type Result } from "@passerelle/result";
import { NDP_OPTION, type NdpOption } from "./message.ts";
import { paddedOption } from "./option-list.ts";

/** Resolvers (RFC 8106 section 5.1). */
export interface RecursiveDnsServers {
  /** Seconds; 0xffffffff is for ever, 0 takes them back. */
  readonly lifetime: number;
  readonly addresses: readonly Ipv6[];
}

/** Search list (RFC 8106 section 5.2). */
export interface DnsSearchList {
  /** Seconds, as of the resolvers. */
  readonly lifetime: number;
  readonly names: readonly NameText[];
}

/** Two octets reserved, four of lifetime. */
const HEADER_LENGTH = 6;

export function decodeRecursiveDnsServers(
  data: Uint8Array,
): Result<RecursiveDnsServers, DecodeError> {
  const octets = data.length - HEADER_LENGTH;
  // RFC 8106 section 5.3.1: at least one address, and whole ones.
  if (octets < 16 || octets % 16 !== 0) return err({ code: "rdnss_length", at: data.length });
  const reader = new ByteReader(data, 2);
  const lifetime = reader.uint32();
  const addresses: Ipv6[] = [];
  while (reader.left > 0) addresses.push(ipv6FromBytes(reader.take(16)) ?? IPV6_ANY);
  return ok({ lifetime, addresses });
}

export function recursiveDnsServersOption(servers: RecursiveDnsServers): NdpOption {
  invariant(servers.addresses.length > 0, "there is a resolver to tell of");
  const writer = new ByteWriter(22).zeros(2).uint32(servers.lifetime);
  for (const address of servers.addresses) writer.put(ipv6Bytes(address));
  return { type: NDP_OPTION.RECURSIVE_DNS_SERVER, data: writer.finish() };
}

export function decodeDnsSearchList(data: Uint8Array): Result<DnsSearchList, DecodeError> {
  const reader = new ByteReader(data, 2);
  const lifetime = reader.uint32();
  if (reader.overrun !== undefined) return err({ code: "dnssl_length", at: data.length });
  const names = decodeNameList(data.subarray(HEADER_LENGTH));
  if (!names.ok) return err({ code: names.error.code, at: names.error.at + HEADER_LENGTH });
  if (names.value.length === 0) return err({ code: "dnssl_length", at: HEADER_LENGTH });
  return ok({ lifetime, names: names.value });
}

export function dnsSearchListOption({ lifetime, names }: DnsSearchList): NdpOption {
  invariant(names.length > 0, "there is a domain to tell of");
  const writer = new ByteWriter(64).zeros(2).uint32(lifetime).put(encodeNameList(names));
  return paddedOption(NDP_OPTION.DNS_SEARCH_LIST, writer.finish());
}
