import { type Ipv4, type Ipv6, type Mac, parseMac } from "@passerelle/net";
import type { FakeInterface, FakeWire } from "./fake.ts";
import { groupMac, isGroup } from "./fake-address.ts";

/** The interface a datagram leaves by: the socket's, the one that was asked for, or where a neighbour has the address. */
export function pickInterface(
  interfaces: readonly FakeInterface[],
  wire: FakeWire,
  destination: Ipv4 | Ipv6,
  device: string | undefined,
  interfaceIndex: number,
): FakeInterface | undefined {
  if (device !== undefined) return interfaces.find((one) => one.name === device);
  if (interfaceIndex !== 0) return interfaces.find((one) => one.index === interfaceIndex);
  const wired = interfaces.filter((one) => one.segment !== undefined);
  if (isGroup(destination)) return wired[0];
  return wired.find((one) => wire.resolve(one.segment ?? "", destination) !== undefined);
}

/** Undefined where nobody answers the ARP or neighbour question. */
export function destinationMac(
  wire: FakeWire,
  by: FakeInterface,
  to: Ipv4 | Ipv6,
): Mac | undefined {
  return isGroup(to) ? groupMac(to) : wire.resolve(by.segment ?? "", to);
}

/** All of 127.0.0.0/8 is the loopback's (RFC 1122 section 3.2.1.3). */
export function owns(one: FakeInterface, address: Ipv4 | Ipv6): boolean {
  if (one.addresses.includes(address)) return true;
  return one.name === "lo" && typeof address === "number" && address >>> 24 === 127;
}

/** The same each time for a host and an index. */
export function madeMac(host: string, index: number): Mac {
  let hash = 0;
  for (const letter of host) hash = (hash * 31 + letter.charCodeAt(0)) % 0x1_0000;
  const hex = (n: number): string => n.toString(16).padStart(2, "0");
  const mac = parseMac(`02:00:${hex(hash >>> 8)}:${hex(hash & 0xff)}:00:${hex(index)}`);
  if (mac === undefined) throw new Error("invariant: a made MAC is a MAC");
  return mac;
}
