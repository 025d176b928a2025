import { concatBytes } from "@passerelle/bytes";
import { nextBelow, nextUint32, type Rng } from "@passerelle/machine";
import { after, type Duration, type Instant, milliseconds } from "@passerelle/time";
import { uint32Data } from "../numbers.ts";
import { startDiscovery } from "../pppoe/discovery.ts";
import type { PppEffect } from "./effect.ts";
import { type PppStep, sendPadt } from "./moves.ts";
import type { PppSettings, RedialSettings } from "./settings.ts";
import type { PppState } from "./state.ts";

/** Sends the first PADI; before it, the end of a session that the concentrator may still have. */
export function dial(settings: PppSettings, state: PppState, now: Instant): PppStep {
  const high = nextUint32(state.rng);
  const low = nextUint32(high.rng);
  const hostUniq = concatBytes(uint32Data(high.value), uint32Data(low.value));
  const { stale, ...rest } = state;
  const farewell: readonly PppEffect[] =
    stale === undefined ? [] : [sendPadt(stale), { kind: "forget_session" }];
  const discovery = startDiscovery(settings.discovery, hostUniq, now);
  return {
    state: { ...rest, rng: low.rng, phase: { kind: "discovering", discovery: discovery.state } },
    effects: [...farewell, ...discovery.effects],
  };
}

/** Counts a failure and waits for the next dial; `state.trouble` says what it was. */
export function pause(settings: PppSettings, state: PppState, now: Instant): PppStep {
  const failures = state.failures + 1;
  const refused = state.trouble?.code === "auth_failed";
  const refusals = state.refusals + (refused ? 1 : 0);
  const drawn = redialWait(settings.redial, refused, refused ? refusals : failures, state.rng);
  return {
    state: {
      ...state,
      rng: drawn.rng,
      failures,
      refusals,
      phase: { kind: "waiting", until: after(now, drawn.wait) },
    },
    effects: [],
  };
}

/** The wait doubles with each failure, and has up to half more by lot. @param count at least 1 */
function redialWait(
  redial: RedialSettings,
  refused: boolean,
  count: number,
  rng: Rng,
): { readonly wait: Duration; readonly rng: Rng } {
  const { first, max } = refused ? { first: redial.refusedFirst, max: redial.refusedMax } : redial;
  const base = Math.min(max, first * 2 ** Math.min(count - 1, 20));
  const drawn = nextBelow(rng, Math.floor(base / 2) + 1);
  return { wait: milliseconds(base + drawn.value), rng: drawn.rng };
}
