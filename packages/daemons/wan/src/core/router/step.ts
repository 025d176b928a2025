import { beginExchange, exchangeDeadline, onExchangeDue, RETRANSMISSION } from "@passerelle/dhcpv6";
import { ignored, type Machine, type Rng, type Step } from "@passerelle/machine";
import { decodeNdp, type NdpEnvelope } from "@passerelle/ndp";
import { unreachable } from "@passerelle/result";
import { earliest, type Instant, isDue } from "@passerelle/time";
import { aged, endsOf, heard, isSpent } from "./advertisement.ts";
import {
  checkRouter,
  defaultRouters,
  initialRouter,
  ROUTERS_MAX,
  type Router,
  type RouterState,
} from "./state.ts";

export type RouterInput =
  /** The link carries, and its link-local address is ours alone (RFC 7084 W-2). */
  | { readonly kind: "link_up" }
  | { readonly kind: "link_down" }
  /** What came to an ICMPv6 socket. */
  | { readonly kind: "ndp"; readonly payload: Uint8Array; readonly envelope: NdpEnvelope }
  | { readonly kind: "timeout" };

export interface RouterEffect {
  readonly kind: "solicit_routers";
}

type RouterStep = Step<RouterState, RouterEffect>;

/** Router discovery as a machine of its own, for tests; the daemon steps it inside the line's machine. */
export function routerMachine(rng: Rng): Machine<RouterState, RouterInput, RouterEffect> {
  return {
    initial: initialRouter(rng),
    step: stepRouter,
    deadline: routerDeadline,
    check: checkRouter,
  };
}

export function stepRouter(state: RouterState, input: RouterInput, now: Instant): RouterStep {
  const older = ageRouters(state, now);
  const next = stepLive(older.state, input, now);
  return { state: next.state, effects: [...older.effects, ...next.effects] };
}

/** Comes before everything else: nothing advertised is used past its end. */
export function ageRouters(state: RouterState, now: Instant): RouterStep {
  const routers = state.routers.map((router) => aged(router, now));
  if (routers.every((router, i) => router === state.routers[i])) return ignored(state);
  return settled({ ...state, routers: routers.filter((router) => !isSpent(router)) }, now);
}

export function routerDeadline({ phase, routers }: RouterState): Instant | undefined {
  const looking = phase.kind === "looking" ? exchangeDeadline(phase.exchange) : undefined;
  return earliest(looking, ...routers.flatMap(endsOf));
}

function stepLive(state: RouterState, input: RouterInput, now: Instant): RouterStep {
  const { phase } = state;
  switch (input.kind) {
    case "link_up":
      // What was heard before may not be true of the link that is there now: ask in any case.
      return phase.kind === "down" ? look(state, now) : ignored(state);
    case "link_down":
      return phase.kind === "down"
        ? ignored(state)
        : { state: { ...state, phase: { kind: "down" } }, effects: [] };
    case "ndp":
      return received(state, input.payload, input.envelope, now);
    case "timeout":
      return repeat(state, now);
    default:
      return unreachable(input);
  }
}

function received(
  state: RouterState,
  payload: Uint8Array,
  envelope: NdpEnvelope,
  now: Instant,
): RouterStep {
  if (state.phase.kind === "down") return ignored(state);
  const decoded = decodeNdp(payload, envelope);
  if (!decoded.ok) return { state: { ...state, malformed: state.malformed + 1 }, effects: [] };
  const message = decoded.value;
  if (message.kind !== "router_advertisement") return ignored(state);
  const known = state.routers.find(({ address }) => address === envelope.source);
  const router = heard(known, envelope.source, message, now);
  const others = state.routers.filter((one) => one !== known);
  const routers = isSpent(router) ? others : [...withRoom(others), router];
  return settled({ ...state, routers }, now);
}

/** Room for one more: who is no default router goes first, then who was heard longest ago. */
function withRoom(routers: readonly Router[]): readonly Router[] {
  if (routers.length < ROUTERS_MAX) return routers;
  const least = routers.find(({ defaultUntil }) => defaultUntil === undefined) ?? routers[0];
  return routers.filter((one) => one !== least);
}

/** Found or lost. */
function settled(state: RouterState, now: Instant): RouterStep {
  const { phase } = state;
  if (phase.kind === "down") return { state, effects: [] };
  const isFound = defaultRouters(state).length > 0;
  if (isFound) return { state: { ...state, phase: { kind: "found" } }, effects: [] };
  return phase.kind === "found" ? look(state, now) : { state, effects: [] };
}

function look(state: RouterState, now: Instant): RouterStep {
  const drawn = beginExchange(SOLICITATION, now, state.rng);
  return {
    state: { ...state, rng: drawn.rng, phase: { kind: "looking", exchange: drawn.value } },
    effects: [{ kind: "solicit_routers" }],
  };
}

function repeat(state: RouterState, now: Instant): RouterStep {
  const { phase } = state;
  if (phase.kind !== "looking" || !isDue(exchangeDeadline(phase.exchange), now)) {
    return ignored(state);
  }
  const again = onExchangeDue(phase.exchange, now, state.rng);
  if (again.value === undefined) return ignored(state);
  return {
    state: { ...state, rng: again.rng, phase: { kind: "looking", exchange: again.value } },
    effects: [{ kind: "solicit_routers" }],
  };
}

/** RFC 7559 section 2: as a Solicit of DHCPv6, to the end of days. The first goes at once: a home waits. */
const SOLICITATION = RETRANSMISSION.SOLICIT;
