import {
  AUX_CHECKSUM_NOT_READY,
  AUX_VLAN,
  META_STRIDE,
  Meta,
  NAMES_STRIDE,
  native,
  type SocketHandle,
} from "@passerelle/native";
import { macFromBytes } from "@passerelle/net";
import { err, ok } from "@passerelle/result";
import { attempt } from "./attempt.ts";
import type { DatagramBatch } from "./batch.ts";
import { encodeFilter } from "./bpf.ts";
import { newCounters } from "./datagram.ts";
import { makeReceiver } from "./linux-receiver.ts";
import type { PacketOptions, PacketSocket, ReceivedFrame } from "./port.ts";
import { AF_PACKET, packetSockaddr } from "./socket-address.ts";
import * as option from "./socket-options.ts";

/** Throws the kernel's refusal; `attempt` makes it a value. */
export function openLinuxPacket(options: PacketOptions): PacketSocket {
  const index =
    typeof options.interface === "number"
      ? options.interface
      : native().interfaceIndex(options.interface);
  // Protocol 0 receives nothing until the filter stands and bind names the EtherType.
  const handle = native().open(AF_PACKET, SOCK_RAW, 0);
  try {
    option.setNumber(handle, option.SOL_PACKET, option.PACKET_IGNORE_OUTGOING, 1);
    option.setNumber(handle, option.SOL_PACKET, option.PACKET_AUXDATA, 1);
    if (options.priority !== undefined) {
      option.setNumber(handle, option.SOL_SOCKET, option.SO_PRIORITY, options.priority);
    }
    if (options.receiveBufferBytes !== undefined) {
      option.setReceiveBuffer(handle, options.receiveBufferBytes);
    }
    if (options.filter !== undefined) native().attachFilter(handle, encodeFilter(options.filter));
    native().bind(handle, packetSockaddr(index, options.etherType));
    return makeSocket(handle, index, options.slotBytes ?? 2048);
  } catch (thrown) {
    native().close(handle);
    throw thrown;
  }
}

const SOCK_RAW = 3;

/** sll_pkttype of linux/if_packet.h. Frames of others and our own are no business of ours. */
const KINDS: readonly (ReceivedFrame["kind"] | undefined)[] = ["to-us", "broadcast", "multicast"];

function makeSocket(handle: SocketHandle, interfaceIndex: number, slotBytes: number): PacketSocket {
  const counters = newCounters();
  const receiver = makeReceiver(handle, slotBytes, counters);
  let closed = false;
  return {
    interfaceIndex,
    counters,
    onFrame: (handler) =>
      receiver.listen((batch) => {
        for (let i = 0; i < batch.count && !closed; i += 1) {
          const frame = frameOf(batch, i);
          if (frame !== undefined) handler(frame);
        }
      }),
    send(frame) {
      if (closed) return err({ code: "EBADF", text: "the socket is closed" });
      const sent = attempt(() => native().send(handle, frame, undefined));
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

function frameOf(batch: DatagramBatch, i: number): ReceivedFrame | undefined {
  // struct sockaddr_ll: family 2, protocol 2, index 4, hatype 2, pkttype 1, halen 1, address 8.
  const name = i * NAMES_STRIDE;
  const kind = KINDS[batch.names[name + 10] ?? 255];
  const source = macFromBytes(batch.names, name + 12);
  if (kind === undefined || source === undefined) return undefined;
  const aux = batch.meta[i * META_STRIDE + Meta.aux] ?? 0;
  const view = new DataView(batch.names.buffer, batch.names.byteOffset);
  return {
    bytes: batch.payload(i),
    interfaceIndex: view.getInt32(name + 4, true),
    source,
    kind,
    ...((aux & AUX_VLAN) !== 0 ? { vlanTag: aux & 0xffff } : {}),
    checksumReady: (aux & AUX_CHECKSUM_NOT_READY) === 0,
    truncated: batch.truncated(i),
  };
}
