import { ByteReader, ByteWriter } from "@passerelle/bytes";
import { type Ipv4, ipv4 } from "@passerelle/net";
import { type DecodeError, err, ok, type Result } from "@passerelle/result";
import { decodeDomainSearch, encodeDomainSearch } from "./domain-search.ts";

/** Option 120 (RFC 3361): where the SIP proxies are, as names or as addresses. */
export type SipServers =
  | { readonly kind: "names"; readonly names: readonly string[] }
  | { readonly kind: "addresses"; readonly addresses: readonly Ipv4[] };

const ENCODING_NAMES = 0;
const ENCODING_ADDRESSES = 1;

export function decodeSipServers(bytes: Uint8Array): Result<SipServers, DecodeError> {
  const encoding = bytes[0];
  const rest = bytes.subarray(1);
  if (rest.length === 0) return err({ code: "sip_servers_truncated", at: bytes.length });
  if (encoding === ENCODING_NAMES) {
    const names = decodeDomainSearch(rest);
    if (!names.ok) return err({ code: names.error.code, at: names.error.at + 1 });
    return ok({ kind: "names", names: names.value });
  }
  if (encoding !== ENCODING_ADDRESSES) return err({ code: "sip_servers_encoding", at: 0 });
  if (rest.length % 4 !== 0) return err({ code: "sip_servers_truncated", at: bytes.length });
  const reader = new ByteReader(rest);
  const addresses: Ipv4[] = [];
  while (reader.left > 0) addresses.push(ipv4(reader.uint32()));
  return ok({ kind: "addresses", addresses });
}

export function encodeSipServers(servers: SipServers): Uint8Array {
  const writer = new ByteWriter();
  if (servers.kind === "names") {
    return writer.uint8(ENCODING_NAMES).put(encodeDomainSearch(servers.names)).finish();
  }
  writer.uint8(ENCODING_ADDRESSES);
  for (const address of servers.addresses) writer.uint32(address);
  return writer.finish();
}
