import { BATCH_MAX, native, type SocketHandle } from "@passerelle/native";
import { IPV4_ANY, IPV6_ANY } from "@passerelle/net";
import { err, ok } from "@passerelle/result";
import { copyDatagram, newCounters } from "./datagram.ts";
import { makeReceiver } from "./linux-receiver.ts";
import { errnoError, membership, transmitAll } from "./linux-send.ts";
import { Outbox, type Outgoing } from "./outbox.ts";
import type { DatagramOptions, DatagramSocket } from "./port.ts";
import { AF_INET, AF_INET6, sockaddrPort, writeSockaddr } from "./socket-address.ts";
import * as option from "./socket-options.ts";

/** Throws the kernel's refusal; `attempt` makes it a value. */
export function openLinuxDatagram(options: DatagramOptions): DatagramSocket {
  const handle = native().open(options.family === 4 ? AF_INET : AF_INET6, SOCK_DGRAM, 0);
  try {
    configure(handle, options);
    const name = new Uint8Array(128);
    const address = options.address ?? (options.family === 4 ? IPV4_ANY : IPV6_ANY);
    const length = writeSockaddr(
      name,
      0,
      options.family,
      address,
      options.port ?? 0,
      scopeOf(options),
    );
    native().bind(handle, name.subarray(0, length));
    const port = sockaddrPort(native().name(handle), 0);
    return makeSocket(handle, options.family, port, options.slotBytes ?? SLOT_BYTES);
  } catch (thrown) {
    native().close(handle);
    throw thrown;
  }
}

const SOCK_DGRAM = 2;
const SLOT_BYTES = 2048;
const DATAGRAM_MAX = 0xffff;

function configure(handle: SocketHandle, options: DatagramOptions): void {
  const { SOL_SOCKET, SOL_IP, SOL_IPV6 } = option;
  const set = (level: number, name: number, value: number): void =>
    option.setNumber(handle, level, name, value);
  if (options.reuseAddress === true) set(SOL_SOCKET, option.SO_REUSEADDR, 1);
  if (options.reusePort === true) set(SOL_SOCKET, option.SO_REUSEPORT, 1);
  if (options.broadcast === true) set(SOL_SOCKET, option.SO_BROADCAST, 1);
  const four = options.family === 4;
  option.setClass(handle, options.family, options.tos, options.priority);
  if (options.ttl !== undefined) option.setTtl(handle, options.family, options.ttl);
  if (!four) set(SOL_IPV6, option.IPV6_V6ONLY, 1);
  if (options.packetInfo === true) {
    set(four ? SOL_IP : SOL_IPV6, four ? option.IP_PKTINFO : option.IPV6_RECVPKTINFO, 1);
  }
  if (options.receiveBufferBytes !== undefined) {
    option.setReceiveBuffer(handle, options.receiveBufferBytes);
  }
  if (options.device !== undefined) option.bindToDevice(handle, options.device);
}

/** A link-local address is bound on an interface, which the device names. */
function scopeOf(options: DatagramOptions): number {
  return options.device === undefined ? 0 : native().interfaceIndex(options.device);
}

function makeSocket(
  handle: SocketHandle,
  family: 4 | 6,
  port: number,
  slotBytes: number,
): DatagramSocket {
  const counters = newCounters();
  let lastErrno = 0;
  const transmit = (outgoing: Outgoing, count: number): void => {
    // A handler may close the socket with answers still in its outbox.
    if (!closed) lastErrno = transmitAll(handle, outgoing, count, counters);
  };
  let outbox: Outbox | undefined;
  let single: Outbox | undefined;
  const receiver = makeReceiver(handle, slotBytes, counters);
  let closed = false;
  return {
    family,
    port,
    counters,
    get outbox() {
      outbox ??= new Outbox(family, BATCH_MAX, slotBytes, transmit);
      return outbox;
    },
    onBatch: (handler) =>
      receiver.listen((batch) => {
        handler(batch);
        outbox?.flush();
      }),
    onDatagram: (handler) =>
      receiver.listen((batch) => {
        for (let i = 0; i < batch.count && !closed; i += 1) handler(copyDatagram(batch, i));
        outbox?.flush();
      }),
    send(bytes, address, to, options) {
      if (closed) return err({ code: "EBADF", text: "the socket is closed" });
      if (bytes.length > DATAGRAM_MAX) return err({ code: "EMSGSIZE", text: "too long" });
      single ??= new Outbox(family, 1, DATAGRAM_MAX, transmit);
      single.bytes.set(bytes, single.reserve());
      single.to(bytes.length, address, to, options);
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
