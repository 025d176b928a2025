import { bytesEqual } from "@passerelle/bytes";
import {
  CODE,
  type ControlPacket,
  decodeOptions,
  encodeControlPacket,
  encodeOptions,
  type PppOption,
} from "../control-packet.ts";
import type { Judgement, NegotiationPolicy } from "./policy.ts";
import { isNegotiating, type Negotiation, type Why } from "./state.ts";
import type { AutomatonEvent, AutomatonPhase } from "./table.ts";

/** An input as an event of the table, with what its actions need. */
export interface Happening<Local, Peer> {
  readonly event: AutomatonEvent;
  readonly local?: Local;
  readonly peer?: Peer;
  /** What `sca`, `scn`, `sta` or `scj` sends, or `ser` hands on. */
  readonly packet?: ControlPacket;
  readonly why?: Why;
  /** Our request has its answer. */
  readonly answered?: boolean;
  /** We sent a Configure-Nak. */
  readonly nak?: boolean;
  /** One more disagreement. */
  readonly disagreed?: boolean;
}

/** Longest copy of a packet that we send back as not understood: short enough for every MRU. */
const REJECTED_COPY_MAX = 256;

/** RFC 1661 section 4.3; undefined for a packet that is silently discarded. */
export function happeningOf<Local, Peer>(
  policy: NegotiationPolicy<Local, Peer>,
  state: Negotiation<Local, Peer>,
  packet: ControlPacket,
): Happening<Local, Peer> | undefined {
  if (state.phase === "initial" || state.phase === "starting") return undefined;
  switch (packet.code) {
    case CODE.CONFIGURE_REQUEST:
      return requestReceived(policy, state, packet);
    case CODE.CONFIGURE_ACK:
    case CODE.CONFIGURE_NAK:
    case CODE.CONFIGURE_REJECT:
      return answerReceived(policy, state, packet);
    case CODE.TERMINATE_REQUEST:
      return { event: "RTR", packet: terminateAck(packet), why: "terminated_by_peer" };
    case CODE.TERMINATE_ACK:
      return { event: "RTA", why: "terminated_by_peer" };
    case CODE.CODE_REJECT:
      return codeRejected(packet);
    default:
      return policy.extraCodes.includes(packet.code)
        ? { event: "RXR", packet }
        : { event: "RUC", packet: codeReject(packet) };
  }
}

function requestReceived<Local, Peer>(
  policy: NegotiationPolicy<Local, Peer>,
  state: Negotiation<Local, Peer>,
  packet: ControlPacket,
): Happening<Local, Peer> | undefined {
  const asked = decodeOptions(packet.data);
  // RFC 1661 section 6: a packet whose option overruns it does not affect the automaton.
  if (!asked.ok) return undefined;
  if (!isListening(state.phase)) return { event: "RCR+", packet: terminateAck(packet) };
  const judgement = policy.judge(state.local, asked.value);
  const answer = answerTo(packet, asked.value, judgement, state.naksLeft > 0);
  const { local, peer } = judgement;
  if (answer.code === CODE.CONFIGURE_ACK) return { event: "RCR+", packet: answer, local, peer };
  if (state.roundsLeft === 0) return { event: "RXJ-", why: "not_converging", local };
  const nak = answer.code === CODE.CONFIGURE_NAK;
  return { event: "RCR-", packet: answer, local, nak, disagreed: true };
}

/** RFC 1661 section 5.4: what is not known is rejected first; only then are values discussed (5.3). */
function answerTo<Local, Peer>(
  packet: ControlPacket,
  asked: readonly PppOption[],
  { verdicts }: Judgement<Local, Peer>,
  mayNak: boolean,
): ControlPacket {
  const rejected = asked.filter((_, index) => verdicts[index]?.kind === "reject");
  const naked = asked.flatMap((option, index) => {
    const verdict = verdicts[index];
    if (verdict?.kind !== "nak") return [];
    // RFC 1661 section 4.6 (Max-Failure): rejected as it was asked for, when discussing led nowhere.
    return [mayNak ? { type: option.type, data: verdict.data } : option];
  });
  const answer = (code: number, options: readonly PppOption[]): ControlPacket => ({
    code,
    identifier: packet.identifier,
    data: encodeOptions(options),
  });
  if (rejected.length > 0) return answer(CODE.CONFIGURE_REJECT, rejected);
  if (naked.length === 0) return { ...packet, code: CODE.CONFIGURE_ACK };
  return answer(mayNak ? CODE.CONFIGURE_NAK : CODE.CONFIGURE_REJECT, naked);
}

function answerReceived<Local, Peer>(
  policy: NegotiationPolicy<Local, Peer>,
  state: Negotiation<Local, Peer>,
  packet: ControlPacket,
): Happening<Local, Peer> | undefined {
  const isAck = packet.code === CODE.CONFIGURE_ACK;
  const event = isAck ? "RCA" : "RCN";
  if (!isNegotiating(state.phase) && state.phase !== "opened") {
    return { event, packet: terminateAck(packet) };
  }
  const { request } = state;
  // RFC 1661 sections 5.2 to 5.4: the identifier is that of the last request, else it is silently discarded.
  if (request === undefined || request.identifier !== packet.identifier) return undefined;
  if (isAck) {
    return bytesEqual(packet.data, encodeOptions(request.options))
      ? { event, answered: true }
      : undefined;
  }
  const options = decodeOptions(packet.data);
  if (!options.ok) return undefined;
  if (state.roundsLeft === 0) return { event: "RXJ-", why: "not_converging" };
  if (packet.code === CODE.CONFIGURE_NAK) {
    const local = policy.naked(state.local, options.value);
    return { event, local, answered: true, disagreed: true };
  }
  const ours = options.value.filter(({ type }) =>
    request.options.some((option) => option.type === type),
  );
  if (ours.length === 0) return undefined;
  const local = policy.rejected(state.local, ours);
  if (local === undefined) return { event: "RXJ-", why: "refused" };
  return { event, local, answered: true, disagreed: true };
}

/** RFC 1661 section 5.6: fatal where it is one of the codes that every peer knows. */
function codeRejected<Local, Peer>(packet: ControlPacket): Happening<Local, Peer> | undefined {
  const code = packet.data[0];
  if (code === undefined) return undefined;
  return code >= CODE.CONFIGURE_REQUEST && code <= CODE.CODE_REJECT
    ? { event: "RXJ-", why: "rejected" }
    : { event: "RXJ+" };
}

/** A request gets an answer of its own here, not only a Terminate-Ack. */
function isListening(phase: AutomatonPhase): boolean {
  return phase === "stopped" || phase === "opened" || isNegotiating(phase);
}

function terminateAck(packet: ControlPacket): ControlPacket {
  return {
    code: CODE.TERMINATE_ACK,
    identifier: packet.identifier,
    data: new Uint8Array(0),
  };
}

/** The identifier is set when it is sent: each Code-Reject has a new one. */
function codeReject(packet: ControlPacket): ControlPacket {
  const copy = encodeControlPacket(packet).subarray(0, REJECTED_COPY_MAX);
  return { code: CODE.CODE_REJECT, identifier: 0, data: copy.slice() };
}
