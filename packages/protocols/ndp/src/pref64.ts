import { ByteReader, ByteWriter } from "@passerelle/bytes";
import { type Cidr6, IPV6_ANY, ipv6Bytes, ipv6FromBytes, networkOf6 } from "@passerelle/net";
import { type DecodeError, err, invariant, ok, type Result } from "@passerelle/result";
import { NDP_OPTION, type NdpOption } from "./message.ts";

/** The prefix under which a NAT64 shows the IPv4 Internet (RFC 8781). */
export interface Pref64 {
  /** Of 32, 40, 48, 56, 64 or 96 bits. */
  readonly prefix: Cidr6;
  /** Seconds, a multiple of 8, at most 65528; 0 takes the prefix back. */
  readonly lifetime: number;
}

/** Octets of the option after type and length. */
const DATA_LENGTH = 14;
/** RFC 8781 section 4: the prefix length code is the place in this list. */
const PREFIX_LENGTHS: readonly number[] = [96, 64, 56, 48, 40, 32];
const LIFETIME_UNIT = 8;
const LIFETIME_MAX = 0x1fff * LIFETIME_UNIT;

export function decodePref64(data: Uint8Array): Result<Pref64, DecodeError> {
  if (data.length !== DATA_LENGTH) return err({ code: "pref64_length", at: data.length });
  const reader = new ByteReader(data);
  const scaled = reader.uint16();
  const prefixLength = PREFIX_LENGTHS[scaled & 0x7];
  if (prefixLength === undefined) return err({ code: "pref64_length", at: 1 });
  const whole = new Uint8Array(16);
  whole.set(reader.take(12));
  const address = ipv6FromBytes(whole) ?? IPV6_ANY;
  const prefix = { address: networkOf6({ address, prefixLength }), prefixLength };
  return ok({ prefix, lifetime: (scaled >>> 3) * LIFETIME_UNIT });
}

/** A lifetime between two multiples of 8 is rounded up, one too long is cut to the longest (RFC 8781 section 4.1). */
export function pref64Option({ prefix, lifetime }: Pref64): NdpOption {
  const code = PREFIX_LENGTHS.indexOf(prefix.prefixLength);
  invariant(code >= 0, "a NAT64 prefix has one of six lengths");
  const units = Math.ceil(Math.min(lifetime, LIFETIME_MAX) / LIFETIME_UNIT);
  const writer = new ByteWriter(DATA_LENGTH).uint16((units << 3) | code);
  writer.put(ipv6Bytes(networkOf6(prefix)).subarray(0, 12));
  return { type: NDP_OPTION.PREF64, data: writer.finish() };
}
