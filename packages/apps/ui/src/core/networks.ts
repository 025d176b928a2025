/** An IPv4 address with the length of its network; the address is a number. */
export interface Network {
  readonly address: number;
  readonly prefixLength: number;
}

export function networkOf(typed: string, prefixLength: number): Network | undefined {
  const address = addressOf(typed);
  const isLength = Number.isInteger(prefixLength) && prefixLength >= 8 && prefixLength <= 32;
  return address === undefined || !isLength ? undefined : { address, prefixLength };
}

export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}

/** True for the address of a device: in the network, and neither its first nor its last. */
export function isInside(network: Network, typed: string): boolean {
  const address = addressOf(typed);
  if (address === undefined) return false;
  const size = sizeOf(network);
  const base = Math.floor(network.address / size) * size;
  return address > base && address < base + size - 1;
}

/** The same place in another network; undefined where it has no such place. */
export function moveInto(from: Network, to: Network, typed: string): string | undefined {
  const address = addressOf(typed);
  if (address === undefined) return undefined;
  const place = address % sizeOf(from);
  const size = sizeOf(to);
  if (place <= 0 || place >= size - 1) return undefined;
  return formatAddress(Math.floor(to.address / size) * size + place);
}

function sizeOf({ prefixLength }: Network): number {
  return 2 ** (32 - prefixLength);
}

function addressOf(typed: string): number | undefined {
  const match = /^\s*(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\s*$/.exec(typed);
  const octets = match?.slice(1, 5).map(Number) ?? [];
  if (octets.length !== 4 || octets.some((octet) => octet > 255)) return undefined;
  return octets.reduce((sum, octet) => sum * 256 + octet, 0);
}
