import { bytesEqual } from "@passerelle/bytes";
import * as dhcpv6 from "@passerelle/dhcpv6";
import * as ndp from "@passerelle/ndp";
import { formatCidr6, parseIpv6 } from "@passerelle/net";
import { goldens } from "./seeds.ts";

/** As a server and as a client reads it, and every option by every reader. */
export function readDhcpv6(bytes: Uint8Array): void {
  const relayed = dhcpv6.decodeRelayed(bytes);
  if (!relayed.ok) return;
  const { relays, message } = relayed.value;
  dhcpv6.refusalByServer(message, bytes);
  dhcpv6.refusalByClient(message, { transactionId: message.transactionId, clientId: bytes });
  dhcpv6.verifyReconfigure(message, bytes.subarray(0, 16));
  for (const { excluded } of dhcpv6.iaPdsOf(message).flatMap(({ prefixes }) => prefixes)) {
    if (excluded !== undefined) formatCidr6(excluded);
  }
  dhcpv6.domainSearchOf(message);
  dhcpv6.clientFqdnOf(message);
  for (const { data } of message.options) {
    dhcpv6.decodeIaNa(data);
    dhcpv6.decodeVendorClass(data);
    dhcpv6.decodeVendorOptions(data);
    dhcpv6.decodeUserClasses(data);
    dhcpv6.decodeAuthentication(data);
    const duid = dhcpv6.decodeDuid(data);
    if (duid.ok) dhcpv6.encodeDuid(duid.value);
  }
  const again = dhcpv6.decodeRelayed(dhcpv6.encodeReplyBy(relays, message));
  if (!again.ok) throw new Error(`what we wrote does not read: ${again.error.code}`);
}

export function dhcpv6Seeds(): readonly Uint8Array[] {
  const plain = goldens("protocols/dhcpv6");
  const address = parseIpv6("fe80::1");
  if (address === undefined) throw new Error("an address");
  const relayed = plain.map((data) =>
    dhcpv6.encodeDhcpv6Relay({
      msgType: dhcpv6.RELAY_MESSAGE_TYPE.RELAY_FORW,
      hopCount: 0,
      linkAddress: address,
      peerAddress: address,
      options: [{ code: dhcpv6.OPTION.RELAY_MSG, data }],
    }),
  );
  return [...plain, ...relayed];
}

/** From a router on the link, so that no rule of the header hides the rest. */
export function readNdp(bytes: Uint8Array): void {
  const router = parseIpv6("fe80::1");
  if (router === undefined) throw new Error("an address");
  const decoded = ndp.decodeNdp(bytes, { source: router, destination: router, hopLimit: 255 });
  if (!decoded.ok) return;
  const message = decoded.value;
  ndp.prefixesOf(message);
  ndp.routesOf(message);
  ndp.recursiveDnsServersOf(message);
  ndp.dnsSearchListsOf(message);
  ndp.pref64sOf(message);
  ndp.captivePortalOf(message);
  const written = ndp.encodeNdp(message);
  if (!bytesEqual(written.subarray(4), bytes.subarray(4))) throw new Error("octets were lost");
}
