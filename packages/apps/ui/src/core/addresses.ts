import type { ConfigDifference } from "@passerelle/contract";

/** Where the box will be found on the LAN after a change: new addresses of its networks, without the prefix length. */
export function newAddresses(differences: readonly ConfigDifference[]): readonly string[] {
  const found = differences
    .filter(({ section }) => section === "lan")
    .flatMap(({ path, after }) => addressesIn(path, after));
  return [...new Set(found)].slice(0, MAX);
}

const MAX = 4;

function addressesIn(path: string, after: unknown): readonly string[] {
  if (/^\/networks\/[^/]+\/address$/.test(path)) return addressOf(after);
  if (path === "/networks" && Array.isArray(after)) return after.flatMap(addressOfNetwork);
  if (/^\/networks\/[^/]+$/.test(path)) return addressOfNetwork(after);
  return [];
}

function addressOfNetwork(network: unknown): readonly string[] {
  const isNetwork = typeof network === "object" && network !== null && "address" in network;
  if (!isNetwork) return [];
  // The page is never served to guests.
  if ("zone" in network && network.zone === "guest") return [];
  return addressOf(network.address);
}

function addressOf(value: unknown): readonly string[] {
  const match =
    typeof value === "string" ? /^(\d{1,3}(?:\.\d{1,3}){3})\/\d{1,2}$/.exec(value) : null;
  return match?.[1] === undefined ? [] : [match[1]];
}
