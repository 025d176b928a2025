import { type Rng, splitRng } from "@passerelle/machine";
import type { Cidr4 } from "@passerelle/net";
import { invariant } from "@passerelle/result";
import type { Instant } from "@passerelle/time";
import type { AccessState } from "./access.ts";
import type { CauseCode } from "./cause.ts";
import { initialDhcpv6, type Remembered6 } from "./dhcpv6/state.ts";
import { NO_NETWORK } from "./ipv6/network.ts";
import { checkIpv6, type Ipv6State } from "./ipv6/step.ts";
import { type LinkState, WAITING } from "./link.ts";
import { checkReach, type ReachState } from "./reach/state.ts";
import { initialRouter } from "./router/state.ts";
import {
  checkSession,
  initialSession,
  type Remembered,
  type SessionState,
} from "./session/state.ts";

/** The whole line: machines that share nothing but what `step` hands from one to the next. */
export interface WanMachineState {
  readonly access: AccessState;
  readonly link: LinkState;
  /** The session of IPv4. */
  readonly session: SessionState;
  readonly ipv6: Ipv6State;
  readonly reach: ReachState;
  /** The networks of the home, as `lan` publishes them. */
  readonly lanNetworks: readonly Cidr4[];
  /** The held address is one that the operator gives to who failed its check. */
  readonly parked: boolean;
  readonly marks: Marks;
}

/** What was last reported of each layer, and since when: transitions are differences of these. */
export interface Marks {
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
}

export function initialWan(rng: Rng, now: Instant, remembered: RememberedLine): WanMachineState {
  const [own, forRouters, forDhcpv6] = splitRng(rng);
  return {
    access: { kind: "absent" },
    link: WAITING,
    session: initialSession(own, remembered.ipv4),
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
  checkIpv6(state.ipv6);
  checkReach(state.reach);
  const isUp = state.link.phase.kind === "up";
  invariant(!isUp || state.access.kind === "up", "a link is carried by an access that is up");
  invariant(
    isUp === (state.session.phase.kind !== "idle"),
    "the session works while the link is up",
  );
  invariant(
    (state.reach.kind === "watching") ===
      (isUp && state.session.held !== undefined && !state.parked),
    "the Internet is asked for while there is an address to ask from",
  );
}
