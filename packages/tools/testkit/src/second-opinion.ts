import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ByteWriter, concatBytes, fromHex } from "@passerelle/bytes";
import { type Ipv6, ipv6Bytes } from "@passerelle/net";

/** Between whom a packet goes, and how far it may. */
export interface PacketEnds {
  readonly source: Ipv6;
  readonly destination: Ipv6;
  readonly hopLimit: number;
}

export function ipv6Packet(ends: PacketEnds, protocol: number, payload: Uint8Array): Uint8Array {
  return new ByteWriter(40 + payload.length)
    .uint32(0x6000_0000)
    .uint16(payload.length)
    .uint8(protocol)
    .uint8(ends.hopLimit)
    .put(ipv6Bytes(ends.source))
    .put(ipv6Bytes(ends.destination))
    .put(payload)
    .finish();
}

/** With a checksum that is none: nobody looks at it who is asked what the payload means. */
export function udp6Packet(ends: PacketEnds, port: number, payload: Uint8Array): Uint8Array {
  const header = new ByteWriter(8)
    .uint16(port)
    .uint16(port)
    .uint16(8 + payload.length)
    .uint16(1);
  return ipv6Packet(ends, 17, concatBytes(header.finish(), payload));
}

/**
 * What tshark reads in raw IP packets: for each packet, the values of each field asked for, in order.
 * A field that the packet does not have has none.
 */
export function dissect(
  packets: readonly Uint8Array[],
  fields: readonly string[],
): readonly Readonly<Record<string, readonly string[]>>[] {
  // tshark takes a file or a pipe, and what Node gives a child is neither.
  const folder = mkdtempSync(join(tmpdir(), "dissect-"));
  try {
    const file = join(folder, "packets.pcap");
    writeFileSync(file, captureOf(packets));
    return dissectFile(file, fields).slice(0, packets.length);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function dissectFile(
  file: string,
  fields: readonly string[],
): readonly Readonly<Record<string, readonly string[]>>[] {
  const shown = spawnSync(
    "tshark",
    [
      ...["-n", "-r", file, "-T", "fields", "-E", "separator=/t", "-E", "aggregator=|"],
      ...fields.flatMap((field) => ["-e", field]),
    ],
    { encoding: "utf8" },
  );
  if (shown.status !== 0) throw new Error(`tshark: ${shown.error?.message ?? shown.stderr}`);
  return shown.stdout.split("\n").map((row) => {
    const cells = row.split("\t");
    const valuesOf = (index: number) => (cells[index] ?? "").split("|").filter((one) => one !== "");
    return Object.fromEntries(fields.map((field, index) => [field, valuesOf(index)]));
  });
}

/** The octets of packets that scapy builds from expressions of its own language. */
export function scapyBytes(expressions: readonly string[]): readonly Uint8Array[] {
  const script = [
    "from scapy.layers.inet6 import *",
    "from scapy.layers.dhcp6 import *",
    "from scapy.compat import raw",
    ...expressions.map((expression) => `print(raw(${expression}).hex())`),
  ].join("\n");
  const made = spawnSync("/usr/bin/python3", ["-"], { input: script, encoding: "utf8" });
  if (made.status !== 0) throw new Error(`scapy: ${made.error?.message ?? made.stderr}`);
  return made.stdout
    .trim()
    .split("\n")
    .map((line) => {
      const bytes = fromHex(line);
      if (bytes === undefined) throw new Error(`scapy said ${line}`);
      return bytes;
    });
}

/** A capture file of raw IP packets (LINKTYPE_RAW, 101). */
function captureOf(packets: readonly Uint8Array[]): Uint8Array {
  const writer = new ByteWriter(2048);
  writer.uint32(0xa1b2_c3d4).uint16(2).uint16(4).zeros(8).uint32(0x1_0000).uint32(101);
  for (const packet of packets) {
    writer.zeros(8).uint32(packet.length).uint32(packet.length).put(packet);
  }
  return writer.finish();
}
