import { broadcastOf, contains4, networkOf, parseCidr4, parseIpv4 } from "@passerelle/net";

/** Whether a device of the home can have this address: in one of its networks, and not the gateway's own. */
export function isDeviceAddress(
  networks: readonly { readonly address: string }[],
  text: string,
): boolean {
  const address = parseIpv4(text);
  if (address === undefined) return false;
  return networks.some((network) => {
    const cidr = parseCidr4(network.address);
    if (cidr === undefined || !contains4(cidr, address)) return false;
    return ![cidr.address, networkOf(cidr), broadcastOf(cidr)].some((taken) => taken === address);
  });
}
