import { ignored, type Step } from "@passerelle/machine";
import type { Mac } from "@passerelle/net";
import { after, type Instant, isDue, seconds } from "@passerelle/time";

/** The line as the cable says it. */
export type AccessState =
  | { readonly kind: "absent" }
  /** No signal, or not yet as we want it: brought up and with the MAC of the configuration. */
  | { readonly kind: "no_carrier"; readonly retryAt?: Instant }
  | { readonly kind: "up"; readonly mac: Mac };

/** What the kernel tells of the interface; undefined where there is none of that name. */
export interface LinkStatus {
  readonly adminUp: boolean;
  readonly carrier: boolean;
  readonly mac: Mac;
}

/** Brings the interface up, with that MAC where one is given; answered by a link event. */
export interface RaiseEffect {
  readonly kind: "raise";
  readonly mac?: Mac;
}

/** @param wantedMac absent: the interface's own */
export function stepAccess(
  state: AccessState,
  link: LinkStatus | undefined,
  wantedMac: Mac | undefined,
  now: Instant,
): Step<AccessState, RaiseEffect> {
  if (link === undefined) {
    return state.kind === "absent" ? ignored(state) : { state: { kind: "absent" }, effects: [] };
  }
  const isOurs = wantedMac === undefined || link.mac === wantedMac;
  if (!link.adminUp || !isOurs) {
    // While the interface is being raised it tells of every step on the way: one wish is enough.
    const isRaising = state.kind === "no_carrier" && state.retryAt !== undefined;
    return isRaising ? ignored(state) : raise(wantedMac, now);
  }
  if (link.carrier) {
    if (state.kind === "up" && state.mac === link.mac) return ignored(state);
    return { state: { kind: "up", mac: link.mac }, effects: [] };
  }
  return state.kind === "no_carrier" && state.retryAt === undefined
    ? ignored(state)
    : { state: { kind: "no_carrier" }, effects: [] };
}

/** The kernel did not tell of a success: once more. */
export function accessTimeout(
  state: AccessState,
  wantedMac: Mac | undefined,
  now: Instant,
): Step<AccessState, RaiseEffect> {
  if (state.kind !== "no_carrier" || !isDue(state.retryAt, now)) return ignored(state);
  return raise(wantedMac, now);
}

export function accessDeadline(state: AccessState): Instant | undefined {
  return state.kind === "no_carrier" ? state.retryAt : undefined;
}

function raise(wantedMac: Mac | undefined, now: Instant): Step<AccessState, RaiseEffect> {
  return {
    state: { kind: "no_carrier", retryAt: after(now, RAISE_RETRY) },
    effects: [wantedMac === undefined ? { kind: "raise" } : { kind: "raise", mac: wantedMac }],
  };
}

const RAISE_RETRY = seconds(5);
