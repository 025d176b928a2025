import type { values } from "@passerelle/contract";
import type { Cidr4, Ipv4, Ipv6, Mac } from "@passerelle/net";

/** Everything the rules depend on. The same model always makes the same text. */
export type RulesetModel = BaseModel | HomeModel;

/** Before anything is known: every interface that is not a bridge of the home is the WAN, and nothing is forwarded. */
export interface BaseModel {
  readonly kind: "base";
}

export interface HomeModel {
  readonly kind: "home";
  readonly wanInterfaces: readonly string[];
  /** Addresses of ours on the WAN: what port forwards answer to. */
  readonly wanAddresses: readonly Ipv4[];
  readonly networks: readonly HomeNetwork[];
  readonly forwards: readonly ModelForward[];
  readonly dmz?: Ipv4;
  readonly blocked: readonly BlockedDevice[];
  readonly services: readonly InsideService[];
  readonly answerPing: boolean;
  readonly rejectPrivateDestinations: boolean;
  /** Sources that never come from the WAN; the home's own prefixes are added by the rules. */
  readonly refusedSources4: readonly Cidr4[];
  readonly refusedSources6: readonly Cidr6[];
}

/** Several may be on one interface: a network that moved is there as it was, too, until its devices have followed. */
export interface HomeNetwork {
  readonly interface: string;
  readonly zone: values.Zone;
  /** The router's address in this network, with the network's length. */
  readonly address: Cidr4;
}

export interface ModelForward {
  readonly id: string;
  readonly protocols: readonly ("tcp" | "udp")[];
  readonly portFirst: number;
  readonly portLast: number;
  readonly to: Ipv4;
  /** First port at the device; a range keeps its ports. */
  readonly toPort: number;
  readonly source?: Cidr4;
}

export interface BlockedDevice {
  readonly mac: Mac;
  readonly addresses4: readonly Ipv4[];
  readonly addresses6: readonly Ipv6[];
}

/** A service of the router itself that a zone of the home may reach, beyond DHCP, DNS and ping. */
export interface InsideService {
  readonly name: string;
  readonly zone: values.Zone;
  readonly protocol: "tcp" | "udp";
  readonly port: number;
}

export interface Cidr6 {
  readonly address: Ipv6;
  /** 0 to 128. */
  readonly prefixLength: number;
}
