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
  const ordered = [...wishes].sort((a, b) => (precedes(a, b) ? -1 : 1));
  for (const { address, wishes: texts } of ordered) {
    const label = labelsOf(texts).find((one) => !taken.has(one));
    if (label === undefined || names.has(address)) continue;
    taken.add(label);
    names.set(address, label);
  }
  return names;
}

/** Who gets a name that two want: a lower rank, then the lower address, so that a restart changes nothing. */
export function precedes(
  a: Pick<NameWish, "rank" | "address">,
  b: Pick<NameWish, "rank" | "address">,
): boolean {
  return a.rank < b.rank || (a.rank === b.rank && a.address < b.address);
}

/** The DNS labels that free texts come to, each once; none that is not for devices. */
export function labelsOf(wishes: NameWish["wishes"]): readonly string[] {
  const labels: string[] = [];
  for (const text of wishes) {
    const label = text === undefined ? undefined : dnsLabel(text);
    if (label === undefined || RESERVED.has(label) || labels.includes(label)) continue;
    labels.push(label);
  }
  return labels;
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

/** The gateway itself: the page is told to people as http://box.home.arpa. */
export const GATEWAY_NAMES: readonly string[] = ["passerelle", "box"];

/** A device must not call itself the gateway, or answer for proxies and the like. */
const RESERVED: ReadonlySet<string> = new Set([
  ...GATEWAY_NAMES,
  "gateway",
  "localhost",
  "wpad",
  "isatap",
]);
