import { bytesEqual } from "@passerelle/bytes";
import { ignored, type Machine, type Step } from "@passerelle/machine";
import { isMulticastMac, MAC_BROADCAST, type Mac } from "@passerelle/net";
import { after, type Instant, isDue, milliseconds } from "@passerelle/time";
import { peerText } from "../text.ts";
import {
  checkDiscovery,
  type DiscoveryEffect,
  type DiscoveryFailure,
  type DiscoveryInput,
  type DiscoverySettings,
  type DiscoveryState,
  discoveryDeadline,
  type Offer,
  PAYLOAD_ORDINARY,
  type Retransmission,
} from "./discovery-state.ts";
import {
  encodePppoe,
  PPPOE_CODE,
  type PppoePacket,
  type PppoeTag,
  SESSION_ID_RESERVED,
} from "./packet.ts";
import { maxPayloadOf, maxPayloadTag, TAG, tagOf, tagsOf } from "./tags.ts";

export type DiscoveryStep = Step<DiscoveryState, DiscoveryEffect>;
type Soliciting = DiscoveryState & { readonly kind: "soliciting" };
type Requesting = DiscoveryState & { readonly kind: "requesting" };

/** A PADR that echoes more than this would not fit into a frame. */
const ECHOED_MAX = 1200;

/** The search as a machine of its own, for tests; the session steps it inside its own. */
export function discoveryMachine(
  settings: DiscoverySettings,
  hostUniq: Uint8Array,
  now: Instant,
): Machine<DiscoveryState, DiscoveryInput, DiscoveryEffect> {
  return {
    initial: startDiscovery(settings, hostUniq, now).state,
    step: (state, input, at) => stepDiscovery(settings, state, input, at),
    deadline: discoveryDeadline,
    check: checkDiscovery,
  };
}

/** @param hostUniq any octets that no other search of ours has (RFC 2516 appendix A) */
export function startDiscovery(
  settings: DiscoverySettings,
  hostUniq: Uint8Array,
  now: Instant,
): DiscoveryStep {
  const nextAt = after(now, settings.padi.first);
  return solicit(settings, { kind: "soliciting", hostUniq, sent: 1, nextAt });
}

export function stepDiscovery(
  settings: DiscoverySettings,
  state: DiscoveryState,
  input: DiscoveryInput,
  now: Instant,
): DiscoveryStep {
  if (state.kind !== "soliciting" && state.kind !== "requesting") return ignored(state);
  if (input.kind === "timeout") return timeout(settings, state, now);
  const { source, packet } = input;
  const uniq = tagOf(packet, TAG.HOST_UNIQ);
  // RFC 2516 appendix A: an answer carries our Host-Uniq unmodified.
  if (uniq === undefined || !bytesEqual(uniq, state.hostUniq)) return ignored(state);
  if (isMulticastMac(source)) return ignored(state);
  if (state.kind === "soliciting") {
    return packet.code === PPPOE_CODE.PADO
      ? offered(settings, state, source, packet, now)
      : ignored(state);
  }
  // A late PADO means nothing here; nor does a PADS of a concentrator that was not asked.
  return packet.code === PPPOE_CODE.PADS && source === state.offer.peer
    ? confirmed(settings, state, packet)
    : ignored(state);
}

function timeout(
  settings: DiscoverySettings,
  state: Soliciting | Requesting,
  now: Instant,
): DiscoveryStep {
  if (state.kind === "soliciting" && isDue(state.chooseAt, now) && state.offer !== undefined) {
    return request(settings, state.hostUniq, state.offer, now);
  }
  if (!isDue(state.nextAt, now)) return ignored(state);
  const schedule = state.kind === "soliciting" ? settings.padi : settings.padr;
  if (state.sent >= schedule.tries) return givenUp(state);
  const again = {
    sent: state.sent + 1,
    nextAt: after(now, waitAfter(schedule, state.sent + 1)),
  };
  return state.kind === "soliciting"
    ? solicit(settings, { ...state, ...again })
    : sendRequest(settings, { ...state, ...again });
}

/** RFC 2516 section 8: the waiting period doubles. */
function waitAfter(schedule: Retransmission, sent: number): ReturnType<typeof milliseconds> {
  return milliseconds(Math.min(schedule.max, schedule.first * 2 ** Math.min(sent - 1, 20)));
}

function givenUp(state: Soliciting | Requesting): DiscoveryStep {
  const silence: DiscoveryFailure = {
    code: state.kind === "soliciting" ? "no_access_server" : "no_session",
  };
  const failure = state.kind === "soliciting" ? (state.refusal ?? silence) : silence;
  return { state: { kind: "failed", failure }, effects: [] };
}

function solicit(settings: DiscoverySettings, state: Soliciting): DiscoveryStep {
  const tags = [...ownTags(settings, state.hostUniq), ...payloadTags(settings)];
  return {
    state,
    effects: [send(MAC_BROADCAST, { code: PPPOE_CODE.PADI, sessionId: 0, tags })],
  };
}

function offered(
  settings: DiscoverySettings,
  state: Soliciting,
  source: Mac,
  packet: PppoePacket,
  now: Instant,
): DiscoveryStep {
  const refusal = refusalOf(packet);
  if (refusal !== undefined) return { state: { ...state, refusal }, effects: [] };
  const offer = offerOf(settings, source, packet);
  if (offer === undefined) return ignored(state);
  if (settings.offerWindow === 0) return request(settings, state.hostUniq, offer, now);
  if (state.offer !== undefined && !isBetter(offer, state.offer)) return ignored(state);
  const chooseAt = state.chooseAt ?? after(now, settings.offerWindow);
  return { state: { ...state, offer, chooseAt }, effects: [] };
}

/** RFC 2516 section 5.2: a name, and the service that was asked for. Undefined for one that we do not take. */
function offerOf(settings: DiscoverySettings, peer: Mac, packet: PppoePacket): Offer | undefined {
  const name = tagOf(packet, TAG.AC_NAME);
  if (name === undefined || packet.sessionId !== 0) return undefined;
  const acName = peerText(name);
  if (settings.acName !== undefined && settings.acName !== acName) return undefined;
  const { serviceName } = settings;
  const services = tagsOf(packet, TAG.SERVICE_NAME);
  if (serviceName.length > 0 && !services.some((service) => bytesEqual(service, serviceName))) {
    return undefined;
  }
  const cookie = tagOf(packet, TAG.AC_COOKIE);
  const relaySessionId = tagOf(packet, TAG.RELAY_SESSION_ID);
  if ((cookie?.length ?? 0) + (relaySessionId?.length ?? 0) > ECHOED_MAX) return undefined;
  const maxPayload = maxPayloadOf(packet);
  return {
    peer,
    acName,
    ...(cookie === undefined ? {} : { cookie }),
    ...(relaySessionId === undefined ? {} : { relaySessionId }),
    ...(maxPayload === undefined ? {} : { maxPayload }),
  };
}

/** Larger packets are better; else the one that answered first. */
function isBetter(offer: Offer, than: Offer): boolean {
  return (offer.maxPayload ?? PAYLOAD_ORDINARY) > (than.maxPayload ?? PAYLOAD_ORDINARY);
}

function request(
  settings: DiscoverySettings,
  hostUniq: Uint8Array,
  offer: Offer,
  now: Instant,
): DiscoveryStep {
  const nextAt = after(now, settings.padr.first);
  return sendRequest(settings, { kind: "requesting", hostUniq, sent: 1, nextAt, offer });
}

/** RFC 2516 section 5.3; cookie and relay's tag go back as they came (appendix A). */
function sendRequest(settings: DiscoverySettings, state: Requesting): DiscoveryStep {
  const { cookie, relaySessionId, maxPayload, peer } = state.offer;
  const tags = [
    ...ownTags(settings, state.hostUniq),
    ...(cookie === undefined ? [] : [{ type: TAG.AC_COOKIE, value: cookie }]),
    ...(relaySessionId === undefined
      ? []
      : [{ type: TAG.RELAY_SESSION_ID, value: relaySessionId }]),
    // RFC 4638 section 4: only to a concentrator that knows the tag.
    ...(maxPayload === undefined ? [] : payloadTags(settings)),
  ];
  return {
    state,
    effects: [send(peer, { code: PPPOE_CODE.PADR, sessionId: 0, tags })],
  };
}

function confirmed(
  settings: DiscoverySettings,
  state: Requesting,
  packet: PppoePacket,
): DiscoveryStep {
  const { sessionId } = packet;
  const failure = refusalOf(packet);
  if (failure !== undefined) return { state: { kind: "failed", failure }, effects: [] };
  // RFC 2516 section 5.4: zero without a reason is a refusal all the same.
  if (sessionId === 0) {
    return { state: { kind: "failed", failure: { code: "generic_error" } }, effects: [] };
  }
  if (sessionId === SESSION_ID_RESERVED) return ignored(state);
  const { peer, acName } = state.offer;
  const payloadMax = agreedPayload(settings, state.offer.maxPayload, maxPayloadOf(packet));
  return {
    state: {
      kind: "established",
      session: { peer, sessionId, acName, hostUniq: state.hostUniq, payloadMax },
    },
    effects: [],
  };
}

/** RFC 4638 section 4: more than 1492 only where both PADO and PADS say so. */
function agreedPayload(
  { payloadMax }: DiscoverySettings,
  inOffer: number | undefined,
  inConfirmation: number | undefined,
): number {
  const theirs = Math.min(inOffer ?? PAYLOAD_ORDINARY, inConfirmation ?? PAYLOAD_ORDINARY);
  return Math.min(payloadMax, Math.max(PAYLOAD_ORDINARY, theirs));
}

const REFUSALS = [
  [TAG.SERVICE_NAME_ERROR, "service_name_error"],
  [TAG.AC_SYSTEM_ERROR, "ac_system_error"],
  [TAG.GENERIC_ERROR, "generic_error"],
] as const;

/** RFC 2516 appendix A: an error tag with a sentence for people, or none. */
export function refusalOf(packet: PppoePacket): DiscoveryFailure | undefined {
  for (const [type, code] of REFUSALS) {
    const value = tagOf(packet, type);
    if (value === undefined) continue;
    const text = peerText(value);
    return text === "" ? { code } : { code, text };
  }
  return undefined;
}

function ownTags(settings: DiscoverySettings, hostUniq: Uint8Array): readonly PppoeTag[] {
  return [
    { type: TAG.SERVICE_NAME, value: settings.serviceName },
    { type: TAG.HOST_UNIQ, value: hostUniq },
  ];
}

function payloadTags({ payloadMax }: DiscoverySettings): readonly PppoeTag[] {
  return payloadMax > PAYLOAD_ORDINARY ? [maxPayloadTag(payloadMax)] : [];
}

function send(destination: Mac, packet: PppoePacket): DiscoveryEffect {
  return { kind: "send_discovery", destination, payload: encodePppoe(packet) };
}
