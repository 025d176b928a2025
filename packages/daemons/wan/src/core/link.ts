import { ignored, type Step } from "@passerelle/machine";
import type { Mac } from "@passerelle/net";
import { after, type Instant, isDue, seconds } from "@passerelle/time";
import type { AccessState, LinkStatus } from "./access.ts";

/** What carries the session: the cable itself, or one VLAN of it. Without a VLAN it is up when the access is. */
export interface LinkState {
  readonly phase: LinkPhase;
  /** The VLAN as the kernel last told of it; undefined while there is none. */
  readonly device?: LinkStatus;
}

export type LinkPhase =
  /** The access is not up. */
  | { readonly kind: "waiting" }
  /** The kernel was asked for the VLAN; `refused`: it said no the last time. */
  | { readonly kind: "configuring"; readonly retryAt: Instant; readonly refused: boolean }
  | { readonly kind: "up"; readonly mac: Mac };

/** A tagged line (IEEE 802.1Q). */
export interface Vlan {
  /** 1 to 4094. */
  readonly id: number;
  /** Priority bits of what runs the line: DHCP, ARP, neighbour discovery, IGMP. */
  readonly pcpControl: number;
  /** Priority bits of everything else. */
  readonly pcpData: number;
}

/** Makes the VLAN as the profile wants it and brings it up; answered by `vlan`, or by `vlan_refused`. */
export interface RaiseVlanEffect {
  readonly kind: "raise_vlan";
}

type LinkStep = Step<LinkState, RaiseVlanEffect>;

export const WAITING: LinkState = { phase: { kind: "waiting" } };

/** The access changed, or may have. */
export function followAccess(
  vlan: Vlan | undefined,
  state: LinkState,
  access: AccessState,
  now: Instant,
): LinkStep {
  const { phase } = state;
  if (access.kind !== "up") {
    // A VLAN stays while the cable is out; when it falls with its interface, the kernel says so.
    return phase.kind === "waiting" ? ignored(state) : to(state, { kind: "waiting" });
  }
  if (vlan !== undefined) return phase.kind === "waiting" ? raise(state, now) : ignored(state);
  if (phase.kind === "up" && phase.mac === access.mac) return ignored(state);
  return to(state, { kind: "up", mac: access.mac });
}

/** The kernel's word on the VLAN. */
export function vlanTold(
  before: LinkState,
  device: LinkStatus | undefined,
  now: Instant,
): LinkStep {
  const state = { phase: before.phase, ...(device === undefined ? {} : { device }) };
  const mac = carries(device);
  switch (state.phase.kind) {
    case "waiting":
      return { state, effects: [] };
    case "configuring":
      return mac === undefined ? { state, effects: [] } : to(state, { kind: "up", mac });
    case "up":
      if (mac !== undefined) return to(state, { kind: "up", mac });
      // Its carrier follows the cable's, of which a word is on its way. Gone or put down: once more.
      return device?.adminUp === true ? { state, effects: [] } : raise(state, now);
  }
}

export function vlanRefused(state: LinkState): LinkStep {
  const { phase } = state;
  if (phase.kind !== "configuring") return ignored(state);
  return to(state, { ...phase, refused: true });
}

export function linkTimeout(state: LinkState, now: Instant): LinkStep {
  const { phase } = state;
  if (phase.kind !== "configuring" || !isDue(phase.retryAt, now)) return ignored(state);
  return ask(state, { ...phase, retryAt: after(now, RETRY) });
}

export function linkDeadline({ phase }: LinkState): Instant | undefined {
  return phase.kind === "configuring" ? phase.retryAt : undefined;
}

function raise(state: LinkState, now: Instant): LinkStep {
  const mac = carries(state.device);
  // The daemon came back to a line that runs: it goes on, and the VLAN is only looked at.
  if (mac !== undefined) return ask(state, { kind: "up", mac });
  return ask(state, { kind: "configuring", retryAt: after(now, RETRY), refused: false });
}

function ask(state: LinkState, phase: LinkPhase): LinkStep {
  return { state: { ...state, phase }, effects: [{ kind: "raise_vlan" }] };
}

function to(state: LinkState, phase: LinkPhase): LinkStep {
  return { state: { ...state, phase }, effects: [] };
}

/** The MAC of a device that carries. */
function carries(device: LinkStatus | undefined): Mac | undefined {
  return device?.adminUp === true && device.carrier ? device.mac : undefined;
}

const RETRY = seconds(5);
