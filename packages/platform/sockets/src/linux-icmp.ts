import { META_STRIDE, Meta, native, type SocketHandle } from "@passerelle/native";
import { err, ok } from "@passerelle/result";
import { attempt } from "./attempt.ts";
import type { DatagramBatch } from "./batch.ts";
import { newCounters } from "./datagram.ts";
import { makeReceiver } from "./linux-receiver.ts";
import type { IcmpOptions, IcmpSocket, ReceivedIcmp } from "./port.ts";
import { AF_INET, AF_INET6, writeSockaddr } from "./socket-address.ts";
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
    // First of all: what strangers send us, e.g. a flood of echo requests, never wakes us.
    const { level, name } = four ? FILTER4 : FILTER6;
    native().setOption(handle, level, name, blockedTypes(family));
    if (!four) option.setNumber(handle, option.SOL_IPV6, option.IPV6_RECVHOPLIMIT, 1);
    if (device !== undefined) {
      const text = new TextEncoder().encode(`${device}\0`);
      native().setOption(handle, option.SOL_SOCKET, option.SO_BINDTODEVICE, text);
    }
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

/** Echo reply, unreachable, (too big,) time exceeded, parameter problem: RFC 792, RFC 4443. */
const HEARD4 = [0, 3, 11, 12];
const HEARD6 = [1, 2, 3, 4, 129];

/** One bit a type, set where the kernel shall drop it; 32 types of ICMP, 256 of ICMPv6. */
function blockedTypes(family: 4 | 6): Uint8Array {
  const words = new Uint32Array(family === 4 ? 1 : 8).fill(0xffff_ffff);
  for (const type of family === 4 ? HEARD4 : HEARD6) {
    const word = type >>> 5;
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
    if (ttl === ttlSet) return;
    const [level, name] =
      family === 4 ? [option.SOL_IP, option.IP_TTL] : [option.SOL_IPV6, option.IPV6_UNICAST_HOPS];
    option.setNumber(handle, level, name, ttl);
    ttlSet = ttl;
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
      const name = new Uint8Array(128);
      const length = writeSockaddr(name, 0, family, address, 0, 0);
      const sent = attempt(() => {
        setTtl(options.ttl ?? TTL_DEFAULT);
        native().send(handle, bytes, name.subarray(0, length));
      });
      if (sent.ok) counters.sent += 1;
      else if (sent.error.code === "EAGAIN" || sent.error.code === "ENOBUFS")
        counters.sendDropped += 1;
      else counters.sendFailed += 1;
      return sent.ok ? ok(undefined) : sent;
    },
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
  const source = batch.source(i);
  if (family === 6) {
    const ttl = batch.meta[i * META_STRIDE + Meta.ttl] ?? -1;
    return { bytes: packet.slice(), source, ttl };
  }
  const header = ((packet[0] ?? 0) & 0x0f) * 4;
  if (!(header >= 20 && header <= packet.length)) return undefined;
  return { bytes: packet.slice(header), source, ttl: packet[8] ?? 0 };
}

const TTL_DEFAULT = 64;
