import * as dhcp from "@passerelle/dhcpv4";
import * as dns from "@passerelle/dns";
import * as ether from "@passerelle/ether";
import * as icmp from "@passerelle/icmp";
import { ipv4, parseMac } from "@passerelle/net";
import * as netlink from "@passerelle/netlink-codec";
import * as xdsl from "@passerelle/xdsl";
import { readBackup } from "../../packages/daemons/config/src/core/backup.ts";
import { readIncoming } from "../../packages/daemons/lan/src/core/dns/incoming.ts";
import { judgeReply } from "../../packages/daemons/lan/src/core/dns/upstream-reply.ts";
import type { FuzzTarget } from "./engine.ts";
import { clientMessages, dhcpv6ServerParser, routerParser } from "./home-ipv6.ts";
import { dhcpv6Seeds, readDhcpv6, readNdp } from "./ipv6.ts";
import { dhcpServerParser, operatorAnswers, wanClientParser } from "./machines.ts";
import { pppLineParser, pppSeeds, readPppoe } from "./ppp.ts";
import { fixtures, goldens, utf8 } from "./seeds.ts";

/** Every parser that a stranger's bytes reach. */
export const targets: readonly FuzzTarget[] = [
  { name: "dhcp-server", seeds: goldens("protocols/dhcpv4"), parse: dhcpServerParser() },
  { name: "dhcp-client", seeds: operatorAnswers(), parse: wanClientParser() },
  { name: "dhcp", seeds: goldens("protocols/dhcpv4"), parse: readDhcp },
  { name: "dhcpv6", seeds: dhcpv6Seeds(), parse: readDhcpv6 },
  { name: "dhcpv6-server", seeds: clientMessages(), parse: dhcpv6ServerParser() },
  { name: "router", seeds: goldens("protocols/ndp"), parse: routerParser() },
  {
    name: "dns-query",
    seeds: [query("web.internet.test"), ...goldens("protocols/dns")],
    parse: (bytes) => {
      readIncoming(bytes);
      readDns(bytes);
    },
  },
  {
    name: "dns-response",
    seeds: goldens("protocols/dns"),
    parse: (bytes) => {
      judgeReply(bytes, query("web.internet.test"), true);
      readDns(bytes);
    },
  },
  { name: "netlink", seeds: netlinkSeeds(), parse: readNetlink },
  { name: "ether", seeds: frames(), parse: readFrame },
  { name: "ndp", seeds: goldens("protocols/ndp"), parse: readNdp },
  { name: "pppoe", seeds: pppSeeds(), parse: readPppoe },
  { name: "ppp", seeds: pppSeeds(), parse: pppLineParser() },
  { name: "icmp", seeds: goldens("protocols/icmp"), parse: readIcmp },
  { name: "xdsl", seeds: linesOfModems(), parse: readModem },
  {
    name: "config-import",
    seeds: backups(),
    parse: (bytes) => readBackup(new TextDecoder().decode(bytes)),
  },
];

function readDhcp(bytes: Uint8Array): void {
  const decoded = dhcp.decodeDhcpv4(bytes);
  if (!decoded.ok) return;
  const message = decoded.value;
  dhcp.domainSearchOf(message);
  dhcp.classlessRoutesOf(message);
  dhcp.captivePortalOf(message);
  for (const { data } of message.options) {
    dhcp.decodeVendorBlocks(data);
    dhcp.decodeSipServers(data);
    dhcp.decodeRelayAgentInformation(data);
    dhcp.userClassesOf(data);
  }
  // What was read can be written, and reads as the same again.
  const again = dhcp.decodeDhcpv4(dhcp.encodeDhcpv4(message));
  if (!again.ok) throw new Error(`what we wrote does not read: ${again.error.code}`);
}

function readDns(bytes: Uint8Array): void {
  dns.scanMessage(bytes);
  const decoded = dns.decodeMessage(bytes);
  if (!decoded.ok) return;
  const again = dns.decodeMessage(dns.encodeMessage(decoded.value));
  if (!again.ok) throw new Error(`what we wrote does not read: ${again.error.code}`);
}

function readNetlink(bytes: Uint8Array): void {
  for (const message of netlink.decodeMessages(bytes).messages) {
    netlink.decodeLink(message.payload);
    netlink.decodeInterfaceAddress(message.payload);
    netlink.decodeRoute(message.payload);
    netlink.decodeNeighbour(message.payload);
    netlink.decodeRule(message.payload);
    netlink.decodeNetlinkError(message, false);
  }
}

function readFrame(bytes: Uint8Array): void {
  const frame = ether.decodeEthernet(bytes);
  if (!frame.ok) return;
  ether.decodeArp(frame.value.payload);
  ether.decodeMagicPacket(frame.value.payload);
  ether.decodeUdpPacket(frame.value.payload);
}

/** Whole packets as they were recorded, so that the changed octets reach the quoted packet too. */
function readIcmp(bytes: Uint8Array): void {
  icmp.readQuotedEcho(bytes);
  for (const [decode, encode] of [
    [icmp.decodeIcmpv4, icmp.encodeIcmpv4],
    [icmp.decodeIcmpv6, icmp.encodeIcmpv6],
  ] as const) {
    for (const header of [0, 20, 40]) {
      const decoded = decode(bytes.subarray(header));
      if (!decoded.ok) continue;
      if ("original" in decoded.value) icmp.readQuotedEcho(decoded.value.original);
      const again = decode(encode(decoded.value));
      if (!again.ok) throw new Error(`what we wrote does not read: ${again.error.code}`);
    }
  }
}

/** Every reader meets what any modem says: the port is the same, and modems are changed. */
function readModem(bytes: Uint8Array): void {
  const text = new TextDecoder().decode(bytes);
  for (const decode of [
    xdsl.decodeBroadcomBands,
    xdsl.decodeBroadcomInfo,
    xdsl.decodeBroadcomTones,
    xdsl.decodeCiscoControllers,
    xdsl.decodeDraytekBins,
    xdsl.decodeDraytekMore,
    xdsl.decodeDraytekStatus,
    xdsl.decodeEthtoolModule,
    xdsl.decodeUbusMetrics,
    xdsl.decodeUbusStatistics,
    xdsl.decodeWanDsl,
  ]) {
    decode(text);
  }
  const said = xdsl.decodePipe(text);
  if (said.ok) {
    xdsl.snapshotOfPipe(
      new Map(xdsl.PIPE_SNAPSHOT_COMMANDS.map((command) => [command, said.value])),
    );
    xdsl.spectrumOfPipe(
      new Map(xdsl.PIPE_SPECTRUM_COMMANDS.map((command) => [command, said.value])),
    );
  }
  const frame = xdsl.decodeEbm(bytes);
  if (frame.ok) xdsl.readEbmRegisters(frame.value, [0x6f20, 0x6f21]);
  xdsl.decodeSfpPages(bytes.subarray(0, 256), bytes.subarray(256));
  const recording = xdsl.readRecording(text);
  if (!recording.ok) return;
  const again = xdsl.readRecording(xdsl.writeRecording(recording.value));
  if (!again.ok) throw new Error(`what we wrote does not read: ${again.error.code}`);
}

function linesOfModems(): readonly Uint8Array[] {
  const story = { ...xdsl.STORY_ADSL2PLUS, seconds: 200, groupSize: 64 };
  const recording = xdsl.writeRecording(xdsl.simulateLine(story));
  return [
    ...fixtures("protocols/xdsl"),
    ...goldens("protocols/xdsl"),
    utf8(recording),
    utf8("nReturn=0 nLineState=0x801 ActualNetDataRate=100810000 SNR[0]=88 LATN[0]=51\n"),
    utf8('nReturn=0 nNumData=4 nGroupSize=1 nData="\n(0,255) (1,214) 0A (0,(7,19)) (1,1300)"'),
  ];
}

function query(name: string): Uint8Array {
  const wire = dns.parseName(name as dns.NameText);
  if (wire === undefined) throw new Error(name);
  return Uint8Array.of(0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...wire, 0, 1, 0, 1);
}

function netlinkSeeds(): readonly Uint8Array[] {
  const payload = netlink.encodeRoute({
    family: 4,
    destination: { address: ipv4(0x0a000000), prefixLength: 8 },
    gateway: ipv4(0xc0a80101),
    interfaceIndex: 2,
    table: 254,
    protocol: 4,
    scope: 0,
    type: 1,
    flags: 0,
    tos: 0,
    unknown: [],
  });
  return [24, 16, 20, 28, 32, 2].map((type) =>
    netlink.encodeMessage({ type, flags: 2, sequence: 1, port: 0, payload }),
  );
}

function frames(): readonly Uint8Array[] {
  const mac = parseMac("02:00:00:00:00:01");
  if (mac === undefined) throw new Error("a hardware address");
  const arp = ether.encodeArp(ether.arpProbe(mac, ipv4(0xc0a80102)));
  const udp = ether.encodeUdpPacket({
    source: ipv4(0xc0a80101),
    destination: ipv4(0xffffffff),
    sourcePort: 67,
    destinationPort: 68,
    payload: goldens("protocols/dhcpv4")[0] ?? new Uint8Array(1),
  } as ether.UdpPacket);
  return [
    ether.encodeEthernet({
      destination: mac,
      source: mac,
      etherType: ether.ETHERTYPE_ARP,
      payload: arp,
    }),
    ether.encodeEthernet({
      destination: mac,
      source: mac,
      etherType: ether.ETHERTYPE_IPV4,
      payload: udp,
    }),
  ];
}

function backups(): readonly Uint8Array[] {
  const whole = {
    format: "passerelle-config",
    version: 1,
    versions: { lan: 1 },
    sections: { lan: { networks: [{ address: "192.168.1.1/24" }] } },
  };
  return [utf8(JSON.stringify(whole)), utf8(JSON.stringify(whole, undefined, 2))];
}
