import {
  decodeIcmpv4,
  decodeIcmpv6,
  encodeIcmpv4,
  encodeIcmpv6,
  type IcmpMessage,
  readQuotedEcho,
} from "@passerelle/icmp";
import type { Ipv4, Ipv6 } from "@passerelle/net";
import { ok, type Result } from "@passerelle/result";
import type { ReceivedIcmp, SocketError } from "@passerelle/sockets";
import { refusalText } from "../../core/diagnostics/refusal.ts";
import { addressText } from "../../core/diagnostics/target.ts";
import type { Tools } from "./tools.ts";

/** What came back for one echo request. */
export type EchoAnswer =
  | {
      readonly kind: "reply";
      readonly sequence: number;
      readonly from: string;
      readonly ttl: number;
      readonly rttMs: number;
    }
  | {
      readonly kind: "time_exceeded";
      readonly sequence: number;
      readonly from: string;
      readonly rttMs: number;
    }
  | {
      readonly kind: "refused";
      readonly sequence: number;
      readonly from: string;
      readonly rttMs: number;
      readonly why: string;
    };

export interface Echo {
  send(sequence: number, ttl?: number): Result<void, SocketError>;
  close(): void;
}

/** Echo requests to one address, told from those of everybody else by an identifier of their own. */
export function openEcho(
  tools: Tools,
  destination: Ipv4 | Ipv6,
  onAnswer: (answer: EchoAnswer) => void,
): Result<Echo, SocketError> {
  const family = typeof destination === "number" ? 4 : 6;
  const opened = tools.sockets.openIcmp({ family });
  if (!opened.ok) return opened;
  const socket = opened.value;
  const identifier = tools.entropy.uint32() & 0xffff;
  // A reply carries back what was sent: one who never saw the request cannot make it up.
  const data = tools.entropy.bytes(DATA_BYTES);
  const sentAt = new Map<number, number>();
  const encode = family === 4 ? encodeIcmpv4 : encodeIcmpv6;
  const decode = family === 4 ? decodeIcmpv4 : decodeIcmpv6;

  socket.onMessage((received) => {
    const now = tools.stopwatch();
    const decoded = decode(received.bytes);
    if (!decoded.ok) return;
    const answer = judge(decoded.value, received);
    const sent = answer === undefined ? undefined : sentAt.get(answer.sequence);
    if (answer !== undefined && sent !== undefined) onAnswer({ ...answer, rttMs: now - sent });
  });

  const judge = (message: IcmpMessage, { source, ttl }: ReceivedIcmp): Untimed | undefined => {
    const from = addressText(source);
    if (message.kind === "echo_reply") {
      const same =
        message.data.length === data.length && message.data.every((o, i) => o === data[i]);
      if (message.identifier !== identifier || source !== destination || !same) return undefined;
      return { kind: "reply", sequence: message.sequence, from, ttl };
    }
    if (!("original" in message)) return undefined;
    const quoted = readQuotedEcho(message.original);
    if (quoted?.identifier !== identifier || quoted.destination !== destination) return undefined;
    const { sequence } = quoted;
    // Code 1 is a fragment that never became whole (RFC 792): no hop.
    if (message.kind === "time_exceeded" && message.code === 0) {
      return { kind: "time_exceeded", sequence, from };
    }
    return { kind: "refused", sequence, from, why: refusalText(family, message) };
  };

  return ok({
    send(sequence, ttl) {
      const bytes = encode({ kind: "echo_request", code: 0, identifier, sequence, data });
      sentAt.set(sequence, tools.stopwatch());
      return socket.send(bytes, destination, ttl === undefined ? {} : { ttl });
    },
    close: () => socket.close(),
  });
}

type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
type Untimed = Without<EchoAnswer, "rttMs">;

/** With the header of ICMP as many octets as `ping` sends. */
const DATA_BYTES = 56;
