import { isWithin, type NameText } from "@passerelle/dns";

/** Zones that answer here and never leave the home, each with the reason. Below them nothing exists. */
const EMPTY_ZONES: readonly NameText[] = [
  // RFC 6761 section 6.4; RFC 7686; RFC 9476; RFC 6762 section 22.1 (names of mDNS). "test" is forwarded on purpose.
  "invalid",
  "onion",
  "alt",
  "local",
  // RFC 9462 section 6.4: no designated resolver of ours.
  "resolver.arpa",
  // RFC 6303 section 4.
  "10.in-addr.arpa",
  "168.192.in-addr.arpa",
  "0.in-addr.arpa",
  "127.in-addr.arpa",
  "254.169.in-addr.arpa",
  "2.0.192.in-addr.arpa",
  "100.51.198.in-addr.arpa",
  "113.0.203.in-addr.arpa",
  "255.255.255.255.in-addr.arpa",
  `${"0.".repeat(32)}ip6.arpa`,
  `1.${"0.".repeat(31)}ip6.arpa`,
  "d.f.ip6.arpa",
  "8.e.f.ip6.arpa",
  "9.e.f.ip6.arpa",
  "a.e.f.ip6.arpa",
  "b.e.f.ip6.arpa",
  "8.b.d.0.1.0.0.2.ip6.arpa",
  ...range(16, 31).map((n) => `${n}.172.in-addr.arpa`),
  // RFC 7793: the shared address space of operators.
  ...range(64, 127).map((n) => `${n}.100.in-addr.arpa`),
];

/** RFC 8375: names of the home, whatever the home's own domain is. */
export const HOME_ZONE: NameText = "home.arpa";

const emptyZones: ReadonlySet<NameText> = new Set(EMPTY_ZONES);

/** The locally served zone a folded name lies in; undefined for names of the world. */
export function emptyZoneOf(name: NameText): NameText | undefined {
  // Suffix by suffix; 34 labels are as many as the longest zone has.
  let rest = name;
  for (let labels = 0; labels < LABELS_MAX; labels += 1) {
    if (emptyZones.has(rest)) return rest;
    const dot = rest.indexOf(".");
    if (dot < 0) return undefined;
    rest = rest.slice(dot + 1);
  }
  return undefined;
}

/** RFC 6761 section 6.3. */
export function isLocalhost(name: NameText): boolean {
  return isWithin(name, "localhost");
}

const LABELS_MAX = 128;

function range(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}
