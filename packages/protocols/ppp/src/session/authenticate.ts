import { ignored, nextUint32 } from "@passerelle/machine";
import { invariant } from "@passerelle/result";
import { after, type Instant } from "@passerelle/time";
import type { AuthenticationEffect, AuthenticationInput, Credentials } from "../auth/state.ts";
import { type AuthenticationStep, startAuthentication, stepAuthentication } from "../auth/step.ts";
import type { AuthenticationMethod } from "../lcp/authentication.ts";
import { PPP_PROTOCOL } from "../protocol-numbers.ts";
import { terminate } from "./ending.ts";
import { andThen, openPhase, type PppStep, sendControl, withLink, withText } from "./moves.ts";
import { startNetwork } from "./network.ts";
import type { PppSettings } from "./settings.ts";
import type { PppState } from "./state.ts";

/** RFC 1661 section 3.5: says who we are, as the peer asked for in LCP. */
export function authenticate(
  settings: PppSettings,
  state: PppState,
  method: AuthenticationMethod,
  now: Instant,
): PppStep {
  const { link } = openPhase(state);
  const drawn = nextUint32(state.rng);
  const begun = startAuthentication(
    credentialsOf(settings),
    settings.authentication,
    method,
    drawn.value & 0xff,
    now,
  );
  const giveUpAt = after(now, settings.phaseMax);
  return follow(
    settings,
    {
      ...state,
      rng: drawn.rng,
      phase: { kind: "auth", link: { ...link, authentication: begun.state }, giveUpAt },
    },
    begun,
    now,
  );
}

/** A packet of PAP or CHAP, or its timer. Means something as long as the link is open: a peer may ask again. */
export function feedAuthentication(
  settings: PppSettings,
  state: PppState,
  input: AuthenticationInput,
  now: Instant,
): PppStep {
  const { link } = openPhase(state);
  if (link.authentication === undefined) return ignored(state);
  const stepped = stepAuthentication(
    credentialsOf(settings),
    settings.authentication,
    link.authentication,
    input,
    now,
  );
  if (stepped.state === link.authentication && stepped.effects.length === 0) return ignored(state);
  return follow(
    settings,
    withLink(state, { ...link, authentication: stepped.state }),
    stepped,
    now,
  );
}

function follow(
  settings: PppSettings,
  state: PppState,
  { effects }: AuthenticationStep,
  now: Instant,
): PppStep {
  let step: PppStep = { state, effects: [] };
  for (const effect of effects) {
    step = andThen(step, (next) => followOne(settings, next, effect, now));
  }
  return step;
}

function followOne(
  settings: PppSettings,
  state: PppState,
  effect: AuthenticationEffect,
  now: Instant,
): PppStep {
  const phase = openPhase(state);
  switch (effect.kind) {
    case "send": {
      const isPap = phase.link.authentication?.method === "pap";
      const protocol = isPap ? PPP_PROTOCOL.PAP : PPP_PROTOCOL.CHAP;
      return { state, effects: [sendControl(protocol, effect.packet)] };
    }
    case "accepted":
      return phase.kind === "auth" ? startNetwork(settings, state, now) : ignored(state);
    case "refused": {
      const trouble = withText("auth_failed", effect.text);
      return terminate(settings, state, { next: "wait", trouble }, now);
    }
    case "silent":
      return terminate(settings, state, { next: "wait", trouble: { code: "auth_timeout" } }, now);
  }
}

function credentialsOf({ credentials }: PppSettings): Credentials {
  invariant(credentials !== undefined, "only who has credentials agrees to authenticate");
  return credentials;
}
