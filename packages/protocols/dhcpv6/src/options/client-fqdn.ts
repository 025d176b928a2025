import { concatBytes } from "@passerelle/bytes";
import { decodeName, formatName, type NameText, parseName } from "@passerelle/dns";
import { type DecodeError, err, invariant, ok, type Result } from "@passerelle/result";
import type { Dhcpv6Option } from "../message.ts";
import { OPTION } from "../option-codes.ts";

/** Option CLIENT_FQDN (RFC 4704): the client's name. */
export interface ClientFqdn {
  /** See `FQDN_FLAG`; others are kept. */
  readonly flags: number;
  /** "." where the client has none and would like the server's. */
  readonly name: NameText;
  /** The name is to be completed by the server's domain. */
  readonly isPartial: boolean;
}

/** RFC 4704 section 4.1: the server updates AAAA; the server has overridden that; no update at all. */
export const FQDN_FLAG = { S: 1, O: 2, N: 4 } as const;

export function decodeClientFqdn(bytes: Uint8Array): Result<ClientFqdn, DecodeError> {
  const flags = bytes[0];
  if (flags === undefined) return err({ code: "fqdn_truncated", at: 0 });
  const octets = bytes.subarray(1);
  // RFC 4704 section 4.2: a partial name stands without the root label, so that one is lent to it.
  const name = decodeName(concatBytes(octets, Uint8Array.of(0)), 0);
  if (!name.ok) return err({ code: name.error.code, at: name.error.at + 1 });
  const { wire, next } = name.value;
  if (wire.length !== next) return err({ code: "name_compressed", at: 1 });
  const isPartial = next > octets.length;
  if (!isPartial && next < octets.length) return err({ code: "fqdn_trailing", at: 1 + next });
  return ok({ flags, name: formatName(wire), isPartial });
}

export function clientFqdnOption({ flags, name, isPartial }: ClientFqdn): Dhcpv6Option {
  const wire = parseName(name);
  invariant(wire !== undefined, "a name of ours can be written");
  const octets = isPartial ? wire.subarray(0, wire.length - 1) : wire;
  return { code: OPTION.CLIENT_FQDN, data: concatBytes(Uint8Array.of(flags), octets) };
}
