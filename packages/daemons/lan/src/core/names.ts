import type { Ipv4 } from "@passerelle/net";

/** Something of the home that may have a name in DNS. */
export interface NameWish {
  readonly address: Ipv4;
  /** Best first: what a person said, a reservation's name, what the device calls itself. */
  readonly wishes: readonly (string | undefined)[];
  /** Lower comes first where two want one name: reserved before dynamic. */
  readonly rank: number;
}

/**
 * DNS labels for addresses: each address one name, each name one address. A name that is taken is not
 * numbered on: whoever came later would otherwise get to be "nas-2" today and "nas" tomorrow.
 */
export function chooseNames(wishes: readonly NameWish[]): ReadonlyMap<Ipv4, string> {
  const taken = new Set<string>();
  const names = new Map<Ipv4, string>();
  const ordered = [...wishes].sort((a, b) => a.rank - b.rank || a.address - b.address);
  for (const { address, wishes: texts } of ordered) {
    if (names.has(address)) continue;
    for (const text of texts) {
      const label = text === undefined ? undefined : dnsLabel(text);
      if (label === undefined || taken.has(label) || RESERVED.has(label)) continue;
      taken.add(label);
      names.set(address, label);
      break;
    }
  }
  return names;
}

/** What is left of a free text as a DNS label (RFC 1123 section 2.1); undefined where nothing is. */
export function dnsLabel(text: string): string | undefined {
  const host = text.split(".")[0] ?? "";
  const label = host
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 63)
    .replace(/^-+|-+$/g, "");
  return label === "" ? undefined : label;
}

/** A device must not call itself the gateway, or answer for proxies and the like. */
const RESERVED: ReadonlySet<string> = new Set([
  "gateway",
  "passerelle",
  "localhost",
  "wpad",
  "isatap",
]);
