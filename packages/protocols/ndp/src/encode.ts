import { ByteWriter } from "@passerelle/bytes";
import { encodeIcmpv6, type Icmpv6Ends } from "@passerelle/icmp";
import { ipv6Bytes } from "@passerelle/net";
import { NDP_TYPE, type NdpMessage } from "./message.ts";
import { writeOptions } from "./option-list.ts";

/** @param ends absent where the kernel computes the checksum: the field stays 0 */
export function encodeNdp(message: NdpMessage, ends?: Icmpv6Ends): Uint8Array {
  const writer = new ByteWriter(128);
  writeHeader(message, writer);
  const body = writeOptions(writer, message.options).finish();
  return encodeIcmpv6({ kind: "other", type: NDP_TYPE[message.kind], code: 0, body }, ends);
}

function writeHeader(message: NdpMessage, writer: ByteWriter): void {
  switch (message.kind) {
    case "router_solicitation":
      writer.uint32(message.reserved);
      return;
    case "router_advertisement":
      writer.uint8(message.curHopLimit).uint8(message.flags).uint16(message.routerLifetime);
      writer.uint32(message.reachableTime).uint32(message.retransTimer);
      return;
    case "neighbour_solicitation":
      writer.uint32(message.reserved).put(ipv6Bytes(message.targetAddress));
      return;
    case "neighbour_advertisement":
      writer.uint32(message.flags).put(ipv6Bytes(message.targetAddress));
      return;
    case "redirect":
      writer.uint32(message.reserved).put(ipv6Bytes(message.targetAddress));
      writer.put(ipv6Bytes(message.destinationAddress));
      return;
  }
}
