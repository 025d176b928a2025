import { fromHex, toHex } from "@passerelle/bytes";
import type { Rng } from "@passerelle/machine";
import type { Ipv4, Mac } from "@passerelle/net";
import { invariant } from "@passerelle/result";
import type { Instant } from "@passerelle/time";
import { type Negotiation, ROUNDS_MAX } from "../automaton/state.ts";
import type { AuthenticationMethod } from "../lcp/authentication.ts";
import type { Link, PppState } from "./state.ts";

/** What a later life needs to go on with a session that is up; plain JSON, without a secret. */
export interface PppSnapshot {
  readonly peer: Mac;
  readonly sessionId: number;
  /** Hostile text. */
  readonly acName: string;
  /** Hexadecimal. */
  readonly hostUniq: string;
  readonly payloadMax: number;
  readonly payloadProven: number;
  readonly upSince: Instant;
  readonly lcp: {
    readonly mru?: number;
    readonly magic?: number;
    readonly peerMru: number;
  };
  /** How we said who we are. */
  readonly method?: AuthenticationMethod;
  /** Where it is open. */
  readonly ipcp?: {
    readonly address: Ipv4;
    readonly primaryDns?: Ipv4;
    readonly secondaryDns?: Ipv4;
    readonly peerAddress?: Ipv4;
  };
  /** Where it is open; 8 octets each, hexadecimal. */
  readonly ipv6cp?: {
    readonly interfaceIdentifier: string;
    readonly peerInterfaceIdentifier?: string;
  };
}

/** Undefined where no session is up. */
export function snapshotOf({ phase }: PppState): PppSnapshot | undefined {
  if (phase.kind !== "up") return undefined;
  const { session, lcp, authentication, ipcp, ipv6cp, payloadProven, upSince } = phase.link;
  const { peer, sessionId, acName, hostUniq, payloadMax } = session;
  const { local, peer: theirs } = lcp.negotiation;
  invariant(upSince !== undefined && theirs !== undefined, "a session that is up has agreed");
  return {
    ...{ peer, sessionId, acName, hostUniq: toHex(hostUniq), payloadMax, payloadProven, upSince },
    lcp: {
      ...(local.mru === undefined ? {} : { mru: local.mru }),
      ...(local.magic === undefined ? {} : { magic: local.magic }),
      peerMru: theirs.mru,
    },
    ...(authentication === undefined ? {} : { method: authentication.method }),
    ...(ipcp?.phase === "opened" ? { ipcp: ipcpOf(ipcp) } : {}),
    ...(ipv6cp?.phase === "opened" ? { ipv6cp: ipv6cpOf(ipv6cp) } : {}),
  };
}

/**
 * The link as it was. What was not open then is not there: it is to be negotiated.
 *
 * @param identifier of our next packets: any
 */
export function linkOfSnapshot(kept: PppSnapshot, rng: Rng, identifier: number): Link {
  const { peer, sessionId, acName, payloadMax, payloadProven, upSince, lcp } = kept;
  const { method, ipcp, ipv6cp } = kept;
  const { mru, magic, peerMru } = lcp;
  return {
    session: { peer, sessionId, acName, hostUniq: octets(kept.hostUniq), payloadMax },
    ...{ payloadProven, upSince },
    lcp: {
      negotiation: opened(
        {
          ...(mru === undefined ? {} : { mru }),
          ...(magic === undefined ? {} : { magic }),
          ...{ rng, methodsRefused: 0, loops: 0 },
        },
        { mru: peerMru, ...(method === undefined ? {} : { authentication: method }) },
        identifier,
      ),
      echoIdentifier: 0,
    },
    // Accepted long ago; the operator may ask again.
    ...(method === undefined ? {} : { authentication: { method, identifier, triesLeft: 0 } }),
    ...(ipcp === undefined ? {} : { ipcp: restoredIpcp(ipcp, identifier) }),
    ...(ipv6cp === undefined ? {} : { ipv6cp: restoredIpv6cp(ipv6cp, rng, identifier) }),
  };
}

export function sameSnapshot(a: PppSnapshot | undefined, b: PppSnapshot | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function ipcpOf({ local, peer }: NonNullable<Link["ipcp"]>): NonNullable<PppSnapshot["ipcp"]> {
  const { address, primaryDns, secondaryDns } = local;
  return {
    address,
    ...(primaryDns === undefined ? {} : { primaryDns }),
    ...(secondaryDns === undefined ? {} : { secondaryDns }),
    ...(peer?.address === undefined ? {} : { peerAddress: peer.address }),
  };
}

function ipv6cpOf({
  local,
  peer,
}: NonNullable<Link["ipv6cp"]>): NonNullable<PppSnapshot["ipv6cp"]> {
  const theirs = peer?.interfaceIdentifier;
  return {
    interfaceIdentifier: toHex(local.interfaceIdentifier),
    ...(theirs === undefined ? {} : { peerInterfaceIdentifier: toHex(theirs) }),
  };
}

function restoredIpcp(
  { peerAddress, ...local }: NonNullable<PppSnapshot["ipcp"]>,
  identifier: number,
): NonNullable<Link["ipcp"]> {
  return opened(local, peerAddress === undefined ? {} : { address: peerAddress }, identifier);
}

function restoredIpv6cp(
  { interfaceIdentifier, peerInterfaceIdentifier: theirs }: NonNullable<PppSnapshot["ipv6cp"]>,
  rng: Rng,
  identifier: number,
): NonNullable<Link["ipv6cp"]> {
  const peer = theirs === undefined ? {} : { interfaceIdentifier: octets(theirs) };
  return opened({ interfaceIdentifier: octets(interfaceIdentifier), rng }, peer, identifier);
}

function opened<Local, Peer>(
  local: Local,
  peer: Peer,
  identifier: number,
): Negotiation<Local, Peer> {
  return {
    ...{ phase: "opened", local, peer, identifier },
    ...{ triesLeft: 0, naksLeft: 0, roundsLeft: ROUNDS_MAX },
  };
}

function octets(hex: string): Uint8Array {
  const bytes = fromHex(hex);
  invariant(bytes !== undefined, "a snapshot that was checked has hexadecimal only");
  return bytes;
}
