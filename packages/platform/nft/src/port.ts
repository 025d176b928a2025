import type { Result } from "@passerelle/result";

/** nftables: whole rulesets as one atomic transaction of text, and what the kernel has, read back as JSON. */
export interface Nft {
  /** All of it, or nothing where any line is refused. */
  apply(ruleset: string): Promise<Result<void, NftError>>;
  /** Says whether `apply` would do; changes nothing. */
  check(ruleset: string): Promise<Result<void, NftError>>;
  /** Undefined where there is no such table. */
  listTable(family: NftFamily, table: string): Promise<Result<NftTable | undefined, NftError>>;
  /** The named counters of a table. */
  counters(family: NftFamily, table: string): Promise<Result<readonly NftCounter[], NftError>>;
  /** Makes a set (or map) hold exactly these, in one transaction. Texts as in nft: "10.0.0.0/24", "80 : 10.0.0.2 . 8080". */
  setElements(set: NftSetName, elements: readonly string[]): Promise<Result<void, NftError>>;
  addElements(set: NftSetName, elements: readonly string[]): Promise<Result<void, NftError>>;
  removeElements(set: NftSetName, elements: readonly string[]): Promise<Result<void, NftError>>;
  /**
   * Calls back after anybody changed any table, ourselves included: once for all that happened since the last call.
   * What packets do (counters, elements that rules add) is no change.
   */
  watch(changed: () => void): Result<Subscription, NftError>;
}

export interface Subscription {
  close(): void;
}

export type NftFamily = "inet" | "ip" | "ip6" | "arp" | "bridge" | "netdev";

export interface NftError {
  /** "syntax", "not_found", "exists", "refused", "invalid_element", "unreadable", or why nft could not be run. */
  readonly code: string;
  readonly text: string;
  /** Where in the ruleset, from 1. */
  readonly line?: number;
  readonly column?: number;
}

export interface NftSetName {
  readonly family: NftFamily;
  readonly table: string;
  readonly name: string;
  /** Default "set": nft flushes a map by another word. */
  readonly kind?: "set" | "map";
}

export interface NftTable {
  readonly family: NftFamily;
  readonly name: string;
  readonly chains: readonly NftChain[];
  readonly sets: readonly NftSet[];
  readonly counters: readonly NftCounter[];
}

export interface NftChain {
  readonly name: string;
  /** Of a base chain: where it hangs. */
  readonly hook?: string;
  readonly policy?: string;
  readonly rules: readonly NftRule[];
}

export interface NftRule {
  readonly comment?: string;
  /** The anonymous counter of the rule, where it has one. */
  readonly counter?: NftCount;
}

export interface NftSet {
  readonly name: string;
  readonly kind: "set" | "map";
  readonly elements: readonly NftElement[];
}

export interface NftElement {
  /** As in nft's own text: "10.0.0.0/24", "a . b". */
  readonly key: string;
  /** Of a map. */
  readonly value?: string;
  /** Remaining time of an element that ends by itself. */
  readonly expiresSeconds?: number;
  readonly counter?: NftCount;
}

export interface NftCounter extends NftCount {
  readonly name: string;
}

export interface NftCount {
  readonly packets: number;
  readonly bytes: number;
}
