import type { Mac } from "@passerelle/net";
import type {
  Family,
  InterfaceAddress,
  IpAddress,
  Link,
  Neighbour,
  Prefix,
  Route,
  Rule,
} from "@passerelle/netlink-codec";
import type { Result } from "@passerelle/result";

/** Why the kernel refused: the name of the errno ("EEXIST") and its own sentence where it gave one. */
export interface NetlinkError {
  readonly code: string;
  readonly text: string;
}

type Answer<T> = Promise<Result<T, NetlinkError>>;

/** The kernel's links, addresses, routes, neighbours and rules. One body talks to Linux, one is a kernel in memory. */
export interface Netlink {
  links(): Answer<readonly Link[]>;
  addresses(family?: Family): Answer<readonly InterfaceAddress[]>;
  /** @param filter `table` absent: the main table */
  routes(filter?: RouteFilter): Answer<readonly Route[]>;
  neighbours(family?: Family): Answer<readonly Neighbour[]>;
  rules(family?: Family): Answer<readonly Rule[]>;

  /** Each gives the index of the new interface, which is down. */
  createBridge(name: string, options?: BridgeOptions): Answer<number>;
  createVlan(name: string, options: VlanOptions): Answer<number>;
  createDummy(name: string): Answer<number>;
  /** A pair of joined interfaces; the index of the first. */
  createVeth(name: string, peer: string): Answer<number>;
  deleteLink(index: number): Answer<void>;
  setLink(index: number, change: LinkChange): Answer<void>;

  addAddress(address: AddressSpec): Answer<void>;
  /** Adds it, or changes the lifetimes of the one that is there. */
  replaceAddress(address: AddressSpec): Answer<void>;
  removeAddress(address: AddressSpec): Answer<void>;
  /** EEXIST where one with the same destination, metric and table is there, by whatever gateway or interface. */
  addRoute(route: RouteSpec): Answer<void>;
  /**
   * Adds it, or puts it in the place of the one with the same destination, metric and table: by whatever gateway or
   * interface, whoever made it, all paths of a multipath at once. It never makes a multipath.
   */
  replaceRoute(route: RouteSpec): Answer<void>;
  removeRoute(route: RouteSpec): Answer<void>;
  addRule(rule: RuleSpec): Answer<void>;
  removeRule(rule: RuleSpec): Answer<void>;

  /**
   * Events from now on, in the kernel's order. After `resync` events were lost: list everything again.
   * Linux says nothing of IPv4 routes that fall with their link or source address: take the link's event.
   * Routes of every table are told, the local one's too.
   */
  subscribe(
    topics: Topics,
    handler: (event: NetlinkEvent) => void,
  ): Result<Subscription, NetlinkError>;
  /** Ends all subscriptions too. */
  close(): void;
}

export interface RouteFilter {
  readonly family?: Family;
  readonly table?: number;
}

export interface BridgeOptions {
  readonly mac?: Mac;
  /** Default false: a home has no loops of its own, and the learning delay keeps clients waiting. */
  readonly spanningTree?: boolean;
  readonly multicastSnooping?: boolean;
  readonly multicastQuerier?: boolean;
}

export interface VlanOptions {
  /** Index of the interface below. */
  readonly lower: number;
  /** 1 to 4094. */
  readonly id: number;
  /** SO_PRIORITY of a packet → priority bits of its tag. */
  readonly egress?: readonly { readonly priority: number; readonly tag: number }[];
}

export interface LinkChange {
  readonly up?: boolean;
  readonly name?: string;
  readonly mtu?: number;
  readonly mac?: Mac;
  /** Index of the bridge it joins; 0 leaves. */
  readonly master?: number;
}

export interface AddressSpec {
  readonly interfaceIndex: number;
  readonly address: IpAddress;
  readonly prefixLength: number;
  readonly broadcast?: IpAddress;
  /** Absent: for ever. */
  readonly preferredSeconds?: number;
  readonly validSeconds?: number;
  /**
   * IPv6: usable at once, without duplicate address detection. With it an event says how it ended: IFA_F_TENTATIVE is
   * gone, or IFA_F_DADFAILED is set. One with an end that failed is deleted by the kernel, in an event with that flag.
   */
  readonly noDuplicateDetection?: boolean;
  /** No connected route comes with it. */
  readonly noPrefixRoute?: boolean;
  /** Default: RTPROT_PASSERELLE, by which we know our own. A kernel before 5.18 forgets it without a word. */
  readonly protocol?: number;
}

export interface RouteSpec {
  readonly family: Family;
  /** Absent: the default route. */
  readonly destination?: Prefix;
  readonly gateway?: IpAddress;
  readonly interfaceIndex?: number;
  readonly metric?: number;
  /** Default: the main table. */
  readonly table?: number;
  /** Default: RTPROT_PASSERELLE, by which we know our own. */
  readonly protocol?: number;
  readonly preferredSource?: IpAddress;
  /** Default "unicast"; the others need no interface and swallow or refuse what matches. */
  readonly type?: "unicast" | "blackhole" | "unreachable" | "prohibit";
  /** The gateway is on the link although no address of ours says so. */
  readonly onLink?: boolean;
  /** IPv6: seconds after which the kernel ends it by itself. Absent: for ever. */
  readonly expiresSeconds?: number;
  /**
   * IPv6: RFC 4191 section 2.1, default "medium". The kernel asks it only among routes of the same metric, of which
   * there is one: between ours the metric decides.
   */
  readonly preference?: "low" | "medium" | "high";
}

export interface RuleSpec {
  readonly family: Family;
  readonly priority: number;
  readonly table: number;
  readonly source?: Prefix;
  readonly destination?: Prefix;
  readonly inputInterface?: string;
  readonly outputInterface?: string;
  readonly mark?: number;
  readonly markMask?: number;
  readonly suppressPrefixLength?: number;
}

export interface Topics {
  readonly links?: boolean;
  readonly addresses?: boolean;
  readonly routes?: boolean;
  readonly neighbours?: boolean;
  readonly rules?: boolean;
}

export type NetlinkEvent =
  | { readonly kind: "link"; readonly deleted: boolean; readonly link: Link }
  | { readonly kind: "address"; readonly deleted: boolean; readonly address: InterfaceAddress }
  | { readonly kind: "route"; readonly deleted: boolean; readonly route: Route }
  | { readonly kind: "neighbour"; readonly deleted: boolean; readonly neighbour: Neighbour }
  | { readonly kind: "rule"; readonly deleted: boolean; readonly rule: Rule }
  | { readonly kind: "resync" };

export interface Subscription {
  close(): void;
}
