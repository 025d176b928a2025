import { type Rng, splitRng } from "@passerelle/machine";
import type { Cidr4 } from "@passerelle/net";
import type { PppStart } from "@passerelle/ppp";
import { invariant } from "@passerelle/result";
import type { Instant } from "@passerelle/time";
import type { AccessState } from "./access.ts";
import type { CauseCode } from "./cause.ts";
import { initialDhcpv6, type Remembered6 } from "./dhcpv6/state.ts";
import type { DslWord } from "./dsl/state.ts";
import { ipv4Of } from "./ipv4.ts";
import { NO_NETWORK } from "./ipv6/network.ts";
import { checkIpv6, type Ipv6State } from "./ipv6/step.ts";
import { type LinkState, WAITING } from "./link.ts";
import { checkPppLine, initialPppLine, type PppLine } from "./ppp/line.ts";
import { checkReach, type ReachState } from "./reach/state.ts";
import { initialRouter } from "./router/state.ts";
import {
  checkSession,
  initialSession,
  type Remembered,
  type SessionState,
} from "./session/state.ts";
import type { Shaping } from "./shaping.ts";

/** The whole line: machines that share nothing but what `step` hands from one to the next. */
export interface WanMachineState {
  readonly access: AccessState;
  /** What the modem says of the wires, where one is watched. */
  readonly dsl?: DslWord;
  readonly link: LinkState;
  /** The session of IPv4 by DHCP; it stays idle on a line over PPPoE. */
  readonly session: SessionState;
  /** Of a line over PPPoE. */
  readonly ppp?: PppLine;
  readonly ipv6: Ipv6State;
  readonly reach: ReachState;
  /** The networks of the home, as `lan` publishes them. */
  readonly lanNetworks: readonly Cidr4[];
  /** The held address is one that the operator gives to who failed its check. */
  readonly parked: boolean;
  /** The queues of the line, where it is bounded. */
  readonly shaping?: Shaping;
  readonly marks: Marks;
}

/** What was last reported of each layer, and since when: transitions are differences of these. */
export interface Marks {
  /** "none" where no modem is watched. */
  readonly dsl: Mark;
  readonly access: Mark;
  /** Of a VLAN; without one the access says it all. */
  readonly link: Mark;
  readonly session: Mark;
  readonly reach: Mark;
  readonly cause: CauseCode | undefined;
  /** When the cause became what it is. */
  readonly causeSince: Instant;
}

export interface Mark {
  readonly kind: string;
  readonly since: Instant;
}

/** What the files of an earlier life say. */
export interface RememberedLine {
  readonly ipv4?: Remembered;
  readonly ipv6?: Remembered6;
  readonly ppp?: PppStart;
}

/** @param overPpp the line is one over PPPoE */
export function initialWan(
  rng: Rng,
  now: Instant,
  remembered: RememberedLine,
  overPpp: boolean,
): WanMachineState {
  const [own, forRouters, forDhcpv6, forPpp] = splitRng(rng);
  return {
    access: { kind: "absent" },
    link: WAITING,
    session: initialSession(own, remembered.ipv4),
    ...(overPpp ? { ppp: initialPppLine(forPpp, remembered.ppp) } : {}),
    ipv6: {
      router: initialRouter(forRouters),
      dhcpv6: initialDhcpv6(forDhcpv6, remembered.ipv6),
      network: NO_NETWORK,
      takeover: { kind: "before" },
    },
    reach: { kind: "down", roundId: 0 },
    lanNetworks: [],
    parked: false,
    marks: {
      dsl: { kind: "none", since: now },
      access: { kind: "absent", since: now },
      link: { kind: "waiting", since: now },
      session: { kind: "idle", since: now },
      reach: { kind: "unknown", since: now },
      cause: "no_interface",
      causeSince: now,
    },
  };
}

export function checkWan(state: WanMachineState): void {
  checkSession(state.session);
  if (state.ppp !== undefined) checkPppLine(state.ppp);
  checkIpv6(state.ipv6);
  checkReach(state.reach);
  const isUp = state.link.phase.kind === "up";
  invariant(!isUp || state.access.kind === "up", "a link is carried by an access that is up");
  const { phase } = state.ppp?.ppp ?? state.session;
  invariant(isUp === (phase.kind !== "idle"), "the session works while the link is up");
  invariant(
    (state.reach.kind === "watching") === (isUp && ipv4Of(state) !== undefined && !state.parked),
    "the Internet is asked for while there is an address to ask from",
  );
}
