import { ByteReader, ByteWriter } from "@passerelle/bytes";
import { type Cidr6, IPV6_ANY, ipv6Bytes, ipv6FromBytes, networkOf6 } from "@passerelle/net";
import { type DecodeError, err, ok, type Result } from "@passerelle/result";
import { NDP_OPTION, type NdpOption } from "./message.ts";

/** A prefix of the link (RFC 4861 section 4.6.2). */
export interface PrefixInformation {
  /** Host bits are zero, but for an address with flag R. */
  readonly prefix: Cidr6;
  /** See `PREFIX_FLAG`. */
  readonly flags: number;
  /** Seconds; 0xffffffff is for ever. */
  readonly validLifetime: number;
  /** Seconds; 0 takes the addresses out of use for what is new (RFC 4862 section 5.5.4). */
  readonly preferredLifetime: number;
}

/**
 * L: the prefix is on this link. A: hosts make addresses of it. R: the sender's own whole address
 * (RFC 6275). P: better ask for a prefix of one's own by DHCPv6 (RFC 9762).
 */
export const PREFIX_FLAG = { L: 0x80, A: 0x40, R: 0x20, P: 0x10 } as const;

/** Octets of the option after type and length. */
const DATA_LENGTH = 30;

export function decodePrefixInformation(data: Uint8Array): Result<PrefixInformation, DecodeError> {
  if (data.length !== DATA_LENGTH) return err({ code: "prefix_length", at: data.length });
  const reader = new ByteReader(data);
  const prefixLength = reader.uint8();
  if (prefixLength > 128) return err({ code: "prefix_length", at: 0 });
  const flags = reader.uint8();
  const validLifetime = reader.uint32();
  const preferredLifetime = reader.uint32();
  reader.skip(4);
  const address = ipv6FromBytes(reader.take(16)) ?? IPV6_ANY;
  const whole = { address, prefixLength };
  const isAddress = (flags & PREFIX_FLAG.R) !== 0;
  const prefix = isAddress ? whole : { address: networkOf6(whole), prefixLength };
  return ok({ prefix, flags, validLifetime, preferredLifetime });
}

export function prefixInformationOption(information: PrefixInformation): NdpOption {
  const { prefix, flags, validLifetime, preferredLifetime } = information;
  const isAddress = (flags & PREFIX_FLAG.R) !== 0;
  const writer = new ByteWriter(DATA_LENGTH)
    .uint8(prefix.prefixLength)
    .uint8(flags)
    .uint32(validLifetime)
    .uint32(preferredLifetime)
    .zeros(4)
    .put(ipv6Bytes(isAddress ? prefix.address : networkOf6(prefix)));
  return { type: NDP_OPTION.PREFIX_INFORMATION, data: writer.finish() };
}
