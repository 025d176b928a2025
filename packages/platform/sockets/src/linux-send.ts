import { getSystemErrorName } from "node:util";
import { native, type SocketHandle } from "@passerelle/native";
import { type Ipv4, type Ipv6, ipv4Bytes, ipv6Bytes } from "@passerelle/net";
import type { Result } from "@passerelle/result";
import { attempt } from "./attempt.ts";
import type { Outgoing } from "./outbox.ts";
import type { DatagramCounters, SocketError } from "./port.ts";
import * as option from "./socket-options.ts";

/** Sends all it can, skips what the kernel refuses, gives up what a full queue holds. The last errno, or 0. */
export function transmitAll(
  handle: SocketHandle,
  outgoing: Outgoing,
  count: number,
  counters: DatagramCounters,
): number {
  let at = 0;
  let last = 0;
  while (at < count) {
    const { bytes, meta, names } = outgoing;
    const sent = native().sendBatch(handle, bytes, meta, names, at, count - at);
    if (sent > 0) {
      counters.sent += sent;
      at += sent;
      continue;
    }
    last = -sent;
    if (last === EAGAIN || last === ENOBUFS) {
      counters.sendDropped += count - at;
      return last;
    }
    counters.sendFailed += 1;
    at += 1;
  }
  return last;
}

/** Joins or leaves a group on one interface. */
export function membership(
  handle: SocketHandle,
  family: 4 | 6,
  group: Ipv4 | Ipv6,
  interfaceIndex: number,
  join: boolean,
): Result<void, SocketError> {
  const bytes = new Uint8Array(family === 4 ? 12 : 20);
  new DataView(bytes.buffer).setInt32(family === 4 ? 8 : 16, interfaceIndex, true);
  bytes.set(family === 4 ? ipv4Bytes(group as Ipv4) : ipv6Bytes(group as Ipv6));
  const [add, drop] =
    family === 4
      ? [option.IP_ADD_MEMBERSHIP, option.IP_DROP_MEMBERSHIP]
      : [option.IPV6_ADD_MEMBERSHIP, option.IPV6_DROP_MEMBERSHIP];
  const level = family === 4 ? option.SOL_IP : option.SOL_IPV6;
  return attempt(() => native().setOption(handle, level, join ? add : drop, bytes));
}

export function errnoError(call: string, errno: number): SocketError {
  const code = getSystemErrorName(-errno);
  return { code, text: `${call}: ${code}` };
}

const EAGAIN = 11;
const ENOBUFS = 105;
