import type { PppTraffic } from "./port.ts";

/** What /proc/net/dev says of an interface; undefined where it is not there. */
export function trafficOf(text: string, name: string): PppTraffic | undefined {
  for (const line of text.split("\n")) {
    const colon = line.lastIndexOf(":");
    if (colon < 0 || line.slice(0, colon).trim() !== name) continue;
    const numbers = line
      .slice(colon + 1)
      .trim()
      .split(/\s+/)
      .map(Number);
    const [receivedBytes, receivedPackets] = numbers;
    const [sentBytes, sentPackets] = numbers.slice(RECEIVE_COLUMNS);
    const all = [receivedBytes, receivedPackets, sentBytes, sentPackets];
    if (!all.every((one) => Number.isSafeInteger(one))) return undefined;
    return {
      receivedBytes: receivedBytes ?? 0,
      receivedPackets: receivedPackets ?? 0,
      sentBytes: sentBytes ?? 0,
      sentPackets: sentPackets ?? 0,
    };
  }
  return undefined;
}

/** Octets, packets, errors, dropped, fifo, frame, compressed, multicast. */
const RECEIVE_COLUMNS = 8;
