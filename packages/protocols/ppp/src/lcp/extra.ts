import { ByteReader, concatBytes } from "@passerelle/bytes";
import { CODE, type ControlPacket } from "../control-packet.ts";
import { uint32Data } from "../numbers.ts";
import { PPP_PROTOCOL } from "../protocol-numbers.ts";
import { peerText } from "../text.ts";
import type { LcpEffect, LcpState } from "./state.ts";

/** Times that our own magic number comes back until the line is taken for a loop. */
export const LOOPS_MAX = 5;

interface ExtraStep {
  readonly state: LcpState;
  readonly effects: readonly LcpEffect[];
  /** The peer says that it does not know LCP itself. */
  readonly lcpRejected: boolean;
}

/** The packets that only LCP has, on an open link (RFC 1661 sections 5.7 to 5.9, RFC 1570 section 2). */
export function extraReceived(state: LcpState, packet: ControlPacket): ExtraStep {
  switch (packet.code) {
    case CODE.PROTOCOL_REJECT:
      return protocolRejected(state, packet);
    case CODE.ECHO_REQUEST:
      return echoAsked(state, packet);
    case CODE.ECHO_REPLY:
      return echoAnswered(state, packet);
    case CODE.IDENTIFICATION:
      return nothing({ ...state, identification: peerText(packet.data.subarray(4)) });
    default:
      // RFC 1661 section 5.9: a Discard-Request is thrown away, and so is what is left of a time.
      return nothing(state);
  }
}

function nothing(state: LcpState, ...effects: readonly LcpEffect[]): ExtraStep {
  return { state, effects, lcpRejected: false };
}

function protocolRejected(state: LcpState, packet: ControlPacket): ExtraStep {
  const reader = new ByteReader(packet.data);
  const protocol = reader.uint16();
  if (reader.overrun !== undefined) return nothing(state);
  if (protocol === PPP_PROTOCOL.LCP) return { state, effects: [], lcpRejected: true };
  return nothing(state, { kind: "protocol_rejected", protocol });
}

function echoAsked(state: LcpState, packet: ControlPacket): ExtraStep {
  const { negotiation } = state;
  const { local } = negotiation;
  const reader = new ByteReader(packet.data);
  const magic = reader.uint32();
  if (reader.overrun !== undefined) return nothing(state);
  if (local.magic !== undefined && magic === local.magic) {
    const looped = { ...local, loops: local.loops + 1 };
    return nothing({ ...state, negotiation: { ...negotiation, local: looped } });
  }
  const data = concatBytes(uint32Data(local.magic ?? 0), packet.data.subarray(4));
  return nothing(state, {
    kind: "send",
    packet: { code: CODE.ECHO_REPLY, identifier: packet.identifier, data },
  });
}

/** RFC 4638 section 5: the whole packet has to come back, or one direction is not proven. */
function echoAnswered(state: LcpState, packet: ControlPacket): ExtraStep {
  const { probe, ...rest } = state;
  if (probe?.identifier !== packet.identifier || packet.data.length + 4 < probe.octets) {
    return nothing(state);
  }
  return nothing(rest, { kind: "payload_proven", octets: probe.octets });
}
