import type { Dhcpv6Option } from "@passerelle/dhcpv6";

/** Profile and configuration, made ready for the machine. Secrets stay inside `options`. */
export interface Dhcpv6Settings {
  /** Who we are to the operator: the same for ever (RFC 7084 W-5). */
  readonly duid: Uint8Array;
  /** Length of the prefix that we would like to have (RFC 7084 WPD-2). */
  readonly prefixLength: number;
  readonly rapidCommit: boolean;
  /** Codes of option ORO, in the order of the wire. */
  readonly optionRequest: readonly number[];
  /** Options of the profile, sent in every message; `challenge` as in the session of IPv4 (operators.md 3.4). */
  readonly options: (challenge: Uint8Array) => readonly Dhcpv6Option[];
}

/** What the line is to ask for, by profile and router advertisement (RFC 7084 WAA-3, WPD-4). */
export interface Wanted6 {
  readonly address: boolean;
  readonly prefix: boolean;
  /** Resolvers alone, where neither of the others is wanted. */
  readonly information: boolean;
}

/** The associations that a message has. */
export type Asked6 = Pick<Wanted6, "address" | "prefix">;

export const NOTHING_WANTED: Wanted6 = { address: false, prefix: false, information: false };
