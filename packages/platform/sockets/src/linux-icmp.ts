import { META_STRIDE, Meta, native, type SocketHandle } from "@passerelle/native";
import { err, invariant, ok } from "@passerelle/result";
import { attempt } from "./attempt.ts";
import type { DatagramBatch } from "./batch.ts";
import { newCounters } from "./datagram.ts";
import { HEARD_TYPES } from "./icmp-types.ts";
import { makeReceiver } from "./linux-receiver.ts";
import { errnoError, membership, transmitAll } from "./linux-send.ts";
import { Outbox, type Outgoing } from "./outbox.ts";
import type { IcmpOptions, IcmpSocket, ReceivedIcmp } from "./port.ts";
import { AF_INET, AF_INET6 } from "./socket-address.ts";
import * as option from "./socket-options.ts";

/**
 * A raw socket: the other kind, SOCK_DGRAM, tells of routers' errors only through the socket's error queue
 * and is open to groups that a sysctl names. Throws the kernel's refusal; `attempt` makes it a value.
 */
export function openLinuxIcmp(options: IcmpOptions): IcmpSocket {
  const { family, device } = options;
  const four = family === 4;
  const handle = native().open(
    four ? AF_INET : AF_INET6,
    SOCK_RAW,
    four ? IPPROTO_ICMP : IPPROTO_ICMPV6,
  );
  try {
    // Nothing comes in until the socket has its device and tells of each message what we ask.
    const { level, name } = four ? FILTER4 : FILTER6;
    native().setOption(handle, level, name, blockedTypes(family, []));
    if (device !== undefined) option.bindToDevice(handle, device);
    configure(handle, options);
    // What strangers send us, e.g. a flood of echo requests, never wakes us.
    const heard = options.types ?? HEARD_TYPES[family];
    native().setOption(handle, level, name, blockedTypes(family, heard));
    return makeSocket(handle, family);
  } catch (thrown) {
    native().close(handle);
    throw thrown;
  }
}

const SOCK_RAW = 3;
const IPPROTO_ICMP = 1;
const IPPROTO_ICMPV6 = 58;
const SLOT_BYTES = 2048;
const FILTER4 = { level: option.SOL_RAW, name: option.ICMP_FILTER };
const FILTER6 = { level: option.SOL_ICMPV6, name: option.ICMPV6_FILTER };

function configure(handle: SocketHandle, options: IcmpOptions): void {
  const { family } = options;
  const four = family === 4;
  const level = four ? option.SOL_IP : option.SOL_IPV6;
  option.setClass(handle, family, options.trafficClass, options.priority);
  option.setNumber(handle, level, four ? option.IP_MULTICAST_LOOP : option.IPV6_MULTICAST_LOOP, 0);
  option.setNumber(handle, level, four ? option.IP_PKTINFO : option.IPV6_RECVPKTINFO, 1);
  if (!four) option.setNumber(handle, level, option.IPV6_RECVHOPLIMIT, 1);
}

/** One bit a type, set where the kernel shall drop it; 32 types of ICMP, 256 of ICMPv6. */
function blockedTypes(family: 4 | 6, heard: readonly number[]): Uint8Array {
  const words = new Uint32Array(family === 4 ? 1 : 8).fill(0xffff_ffff);
  for (const type of heard) {
    const word = type >>> 5;
    invariant(word < words.length, "a type of ICMP is below 32, one of ICMPv6 below 256");
    words[word] = (words[word] ?? 0) & ~(1 << (type & 31));
  }
  return new Uint8Array(words.buffer);
}

function makeSocket(handle: SocketHandle, family: 4 | 6): IcmpSocket {
  const counters = newCounters();
  const receiver = makeReceiver(handle, SLOT_BYTES, counters);
  let closed = false;
  let ttlSet: number | undefined;
  const setTtl = (ttl: number): void => {
    if (ttl !== ttlSet) option.setTtl(handle, family, ttl);
    ttlSet = ttl;
  };
  let lastErrno = 0;
  let single: Outbox | undefined;
  const transmit = (outgoing: Outgoing, count: number): void => {
    lastErrno = transmitAll(handle, outgoing, count, counters);
  };
  return {
    family,
    counters,
    onMessage: (handler) =>
      receiver.listen((batch) => {
        for (let i = 0; i < batch.count && !closed; i += 1) {
          const message = messageOf(batch, i, family);
          if (message !== undefined) handler(message);
        }
      }),
    send(bytes, address, options = {}) {
      if (closed) return err({ code: "EBADF", text: "the socket is closed" });
      if (bytes.length > MESSAGE_MAX) return err({ code: "EMSGSIZE", text: "too long" });
      const limited = attempt(() => setTtl(options.ttl ?? TTL_DEFAULT));
      if (!limited.ok) return limited;
      single ??= new Outbox(family, 1, MESSAGE_MAX, transmit);
      single.bytes.set(bytes, single.reserve());
      single.to(bytes.length, address, 0, options);
      single.flush();
      return lastErrno === 0 ? ok(undefined) : err(errnoError("sendmmsg", lastErrno));
    },
    joinGroup: (group, index) => membership(handle, family, group, index, true),
    leaveGroup: (group, index) => membership(handle, family, group, index, false),
    close() {
      closed = true;
      receiver.stop();
      native().close(handle);
    },
  };
}

/** The kernel gives the IP header with ICMP, and with ICMPv6 not (RFC 3542 section 3). */
function messageOf(batch: DatagramBatch, i: number, family: 4 | 6): ReceivedIcmp | undefined {
  const packet = batch.payload(i);
  const destination = batch.destination(i);
  if (destination === undefined) return undefined;
  const ends = { source: batch.source(i), destination, interfaceIndex: batch.interfaceIndex(i) };
  if (family === 6) {
    const ttl = batch.meta[i * META_STRIDE + Meta.ttl] ?? -1;
    return { bytes: packet.slice(), ...ends, ttl };
  }
  const header = ((packet[0] ?? 0) & 0x0f) * 4;
  if (!(header >= 20 && header <= packet.length)) return undefined;
  return { bytes: packet.slice(header), ...ends, ttl: packet[8] ?? 0 };
}

const TTL_DEFAULT = 64;
/** What an IP packet holds at most. */
const MESSAGE_MAX = 0xffff;
