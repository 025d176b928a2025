import type { Step } from "@passerelle/machine";
import { type Ipv6, MAC_ZERO } from "@passerelle/net";
import { after, earliest, type Instant, isDue, seconds } from "@passerelle/time";
import type { Dhcpv6Effect, Dhcpv6Input } from "../dhcpv6/input.ts";
import { challengeOf } from "../dhcpv6/moves.ts";
import { checkDhcpv6, type Dhcpv6State } from "../dhcpv6/state.ts";
import { dhcpv6Deadline, stepDhcpv6 } from "../dhcpv6/step.ts";
import type { LinkState } from "../link.ts";
import { checkRouter, type RouterState } from "../router/state.ts";
import { type RouterEffect, type RouterInput, routerDeadline, stepRouter } from "../router/step.ts";
import { type Network6, NO_NETWORK, networkOfLine } from "./network.ts";
import { dhcpv6Settings, type Ipv6Settings, wantedOf } from "./settings.ts";

/** IPv6 of the line: router discovery and DHCPv6, which share nothing with the session of IPv4 (RFC 7084 WLL-3). */
export interface Ipv6State {
  /** The link-local address of what carries the session, once it is ours alone. */
  readonly linkLocal?: Ipv6;
  readonly router: RouterState;
  readonly dhcpv6: Dhcpv6State;
  /** What the kernel was last told. */
  readonly network: Network6;
  readonly takeover: Takeover;
}

/**
 * A daemon that comes back knows its leases, but no router until one has spoken: meanwhile routes of its earlier life
 * stay, for traffic may flow over them right now.
 */
export type Takeover =
  | { readonly kind: "before" }
  | { readonly kind: "waiting"; readonly until: Instant }
  | { readonly kind: "over" };

export type Ipv6Input =
  /** Absent: there is none, or duplicate address detection is not done. */
  | { readonly kind: "link_local"; readonly address?: Ipv6 }
  | Extract<RouterInput, { readonly kind: "ndp" }>
  | { readonly kind: "dhcpv6"; readonly payload: Uint8Array }
  | { readonly kind: "address6_conflict"; readonly address: Ipv6 };

export type Ipv6Effect =
  | RouterEffect
  | Dhcpv6Effect
  /** Makes addresses and routes of IPv6 in the kernel exactly these; with `keep`, others of ours stay for now. */
  | { readonly kind: "configure6"; readonly network: Network6; readonly keep: boolean };

type Ipv6Step = Step<Ipv6State, Ipv6Effect>;

/** What the rest of the line says to IPv6. */
export interface Ipv6Surroundings {
  readonly link: LinkState;
  /** Of the session of IPv4, where it has drawn one. */
  readonly challenge?: Uint8Array;
}

export function ipv6Deadline({ router, dhcpv6, takeover }: Ipv6State): Instant | undefined {
  const until = takeover.kind === "waiting" ? takeover.until : undefined;
  return earliest(routerDeadline(router), dhcpv6Deadline(dhcpv6), until);
}

export function checkIpv6({ router, dhcpv6 }: Ipv6State): void {
  checkRouter(router);
  checkDhcpv6(dhcpv6);
}

/** @param input absent: only the surroundings may have changed */
export function stepIpv6(
  settings: Ipv6Settings,
  before: Ipv6State,
  surroundings: Ipv6Surroundings,
  input: Ipv6Input | { readonly kind: "timeout" | "reconnect" } | undefined,
  now: Instant,
): Ipv6Step {
  const { link } = surroundings;
  const line = new Turn(settings, before, link, now);
  switch (input?.kind) {
    case "link_local":
      line.linkLocal(input.address);
      break;
    case "ndp":
      line.router(input);
      break;
    case "dhcpv6":
      line.dhcpv6({ kind: "datagram", payload: input.payload });
      break;
    case "address6_conflict":
      line.dhcpv6({ kind: "address_conflict", address: input.address });
      break;
    case "reconnect":
      line.dhcpv6({ kind: "reconnect" });
      break;
    case "timeout":
      line.router({ kind: "timeout" });
      line.dhcpv6({ kind: "timeout" });
      break;
    case undefined:
      break;
  }
  line.follow(surroundings);
  return line.done();
}

/** One step of both machines, in the order in which they learn from each other. */
class Turn {
  readonly #settings: Ipv6Settings;
  readonly #link: LinkState;
  readonly #now: Instant;
  readonly #effects: Ipv6Effect[] = [];
  #state: Ipv6State;
  #isNew = false;

  constructor(settings: Ipv6Settings, state: Ipv6State, link: LinkState, now: Instant) {
    this.#settings = settings;
    this.#state = state;
    this.#link = link;
    this.#now = now;
  }

  linkLocal(address: Ipv6 | undefined): void {
    const { linkLocal: before, ...rest } = this.#state;
    // An interface that came anew has nothing of what it once was told.
    this.#isNew = before === undefined && address !== undefined;
    this.#state = { ...rest, ...(address === undefined ? {} : { linkLocal: address }) };
  }

  router(input: RouterInput): void {
    const step = stepRouter(this.#state.router, input, this.#now);
    this.#state = { ...this.#state, router: step.state };
    this.#effects.push(...step.effects);
  }

  dhcpv6(input: Dhcpv6Input): void {
    const { phase } = this.#link;
    const isEnding = input.kind === "link_down" || input.kind === "timeout";
    if (phase.kind !== "up" && !isEnding) return;
    // While the link is down nothing is sent, and no message needs to say who we are.
    const mac = phase.kind === "up" ? phase.mac : MAC_ZERO;
    const settings = dhcpv6Settings(this.#settings, mac);
    const step = stepDhcpv6(settings, this.#state.dhcpv6, input, this.#now);
    this.#state = { ...this.#state, dhcpv6: step.state };
    this.#effects.push(...step.effects);
  }

  follow({ link, challenge }: Ipv6Surroundings): void {
    const { linkLocal, router, dhcpv6 } = this.#state;
    const isUp = link.phase.kind === "up" && linkLocal !== undefined;
    if (isUp !== (router.phase.kind !== "down")) {
      this.router({ kind: isUp ? "link_up" : "link_down" });
    }
    const wanted = wantedOf(this.#settings, this.#state.router);
    const drawn = this.#settings.needsChallenge ? challenge : NO_CHALLENGE;
    const isIdle = dhcpv6.phase.kind === "idle";
    this.#takeOver(isUp);
    if (drawn !== undefined && !isIdle && challengeOf(dhcpv6.phase) !== drawn) {
      // The concentrator compares the two families: each message is to say what IPv4 said last (operators.md 3.4).
      this.dhcpv6({ kind: "challenge", challenge: drawn });
    }
    if (isUp) this.dhcpv6({ kind: "wanted", wanted });
    if (isUp && isIdle && drawn !== undefined) this.dhcpv6({ kind: "link_up", challenge: drawn });
    else if (!isUp && !isIdle) this.dhcpv6({ kind: "link_down" });
  }

  #takeOver(isUp: boolean): void {
    const { takeover, router } = this.#state;
    if (takeover.kind === "before" && isUp) {
      const until = after(this.#now, ROUTER_PATIENCE);
      this.#state = { ...this.#state, takeover: { kind: "waiting", until } };
    } else if (
      takeover.kind === "waiting" &&
      (router.phase.kind === "found" || isDue(takeover.until, this.#now))
    ) {
      this.#state = { ...this.#state, takeover: { kind: "over" } };
      this.#isNew = true;
    }
  }

  done(): Ipv6Step {
    const network = this.#network();
    const isSame = JSON.stringify(network) === JSON.stringify(this.#state.network);
    if (isSame && !this.#isNew) return { state: this.#state, effects: this.#effects };
    return {
      state: { ...this.#state, network },
      effects: [
        ...this.#effects,
        { kind: "configure6", network, keep: this.#state.takeover.kind !== "over" },
      ],
    };
  }

  /** What is there stays while the cable is out, to its end. */
  #network(): Network6 {
    const { phase } = this.#link;
    const { router, dhcpv6, network } = this.#state;
    if (phase.kind === "up") {
      const { fixedRouter } = this.#settings;
      const fixed = fixedRouter === undefined ? {} : { fixedRouter };
      return networkOfLine({ router, dhcpv6, mac: phase.mac, ...fixed });
    }
    const isLeft = (until: Instant | undefined): boolean =>
      until === undefined || until > this.#now;
    const left = {
      addresses: network.addresses.filter(({ validUntil }) => isLeft(validUntil)),
      routes: network.routes.filter(({ until }) => isLeft(until)),
    };
    return left.addresses.length + left.routes.length === 0 ? NO_NETWORK : left;
  }
}

/** A router answers within half a second (RFC 4861 section 6.2.6), to one of two solicitations. */
const ROUTER_PATIENCE = seconds(5);
const NO_CHALLENGE = new Uint8Array(16);
