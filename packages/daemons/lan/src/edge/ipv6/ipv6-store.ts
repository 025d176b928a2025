import type { StoredLease } from "../../core/ipv6/dhcpv6/index.ts";
import type { Places } from "../../core/ipv6/plan.ts";
import type { StoredAnnouncements } from "../../core/ipv6/ra/index.ts";

/** What the box remembers of the home's IPv6. */
export interface Ipv6Store {
  /** Undefined before the first start. */
  home(): StoredHome | undefined;
  putHome(home: StoredHome): void;
  /** What the hosts of a network were told. */
  announcements(network: string): StoredAnnouncements | undefined;
  putAnnouncements(network: string, record: StoredAnnouncements): void;
  dhcpv6Leases(): readonly StoredLease[];
  /** `done` says whether all of them are on the disk. */
  putDhcpv6Leases(leases: readonly StoredLease[], done: (durable: boolean) => void): void;
  removeDhcpv6Leases(slots: readonly string[]): void;
}

/** What is decided once and kept. */
export interface StoredHome {
  /** Of our own prefix (RFC 4193), hexadecimal. */
  readonly globalId: string;
  /** DUID of the DHCPv6 server, hexadecimal. */
  readonly serverId: string;
  readonly places: Places;
}
