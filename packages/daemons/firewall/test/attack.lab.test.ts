import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Gateway, openForBusiness, serve, startGateway } from "./lab/gateway.ts";
import { type Host, sleep } from "./lab/hosts.ts";
import { ADDRESS, createNeighbourhood, MAC, type Neighbourhood } from "./lab/neighbourhood.ts";

let n: Neighbourhood;
let gateway: Gateway;

beforeAll(async () => {
  n = await createNeighbourhood();
  gateway = await startGateway(n.gw);
  await openForBusiness(n, gateway);
  await serve(n.gw, 22, 53, 80, 123, 443, 1883, 1900, 5060, 7009);
});
afterAll(() => n.hosts.end());

/** Packets with this in them are counted where they arrive. */
const MARK = "forged-passerelle";

/** Sends packets given as scapy expressions and counts how many of them `to` sees. */
async function delivered(
  from: Host,
  gatewayMac: string,
  to: Host,
  packets: readonly string[],
): Promise<number> {
  const capture = to.run(["timeout", "3", "tcpdump", "-lnAi", "any", "-s", "0", "inbound"]);
  await sleep(800);
  const script = [
    "from scapy.all import *",
    "conf.verb = 0",
    `e = Ether(dst="${gatewayMac}")`,
    ...packets.map((packet) => `sendp(e/${packet}/Raw("${MARK}"), iface="eth0")`),
  ].join("\n");
  await from.must(["/usr/bin/python3", "-"], script);
  return (await capture).stdout.split(MARK).length - 1;
}

const udp = (dst: string) => `IP(src="SRC", dst="${dst}")/UDP(sport=4000, dport=4001)`;
const udp6 = (dst: string) => `IPv6(src="SRC", dst="${dst}")/UDP(sport=4000, dport=4001)`;
const from = (template: string, sources: readonly string[]) =>
  sources.map((source) => template.replace("SRC", source));

describe("S-01 nothing of the router answers on the WAN", () => {
  test("TCP, every port, IPv4", async () => {
    const out = await n.wan.must([
      "nmap",
      "-n",
      "-Pn",
      "-sS",
      "-p-",
      "--min-rate",
      "20000",
      "--max-retries",
      "0",
      "-oG",
      "-",
      ADDRESS.gwWan,
    ]);
    expect(out).not.toMatch(/\/open\//);
    expect(out).toMatch(/Ignored State: filtered \(65535\)/);
  });
  test("TCP, the 1000 commonest ports, IPv6", async () => {
    const out = await n.wan.must([
      "nmap",
      "-6",
      "-n",
      "-Pn",
      "-sS",
      "--min-rate",
      "5000",
      "--max-retries",
      "0",
      "-oG",
      "-",
      ADDRESS.gwWan6,
    ]);
    expect(out).toMatch(/Ignored State: filtered \(1000\)/);
  });
  test("UDP, common ports", async () => {
    const ports = "53,67,68,69,123,137,161,500,520,547,1194,1900,4500,5060,5351,5353,7009";
    const out = await n.wan.must([
      "nmap",
      "-n",
      "-Pn",
      "-sU",
      "-p",
      ports,
      "--max-retries",
      "1",
      "-oG",
      "-",
      ADDRESS.gwWan,
    ]);
    expect(out).not.toMatch(/\/open\//);
    expect(out).not.toMatch(/\/closed\//);
  });
  test("the scan can see an open port: the same one from the LAN", async () => {
    const out = await n.lan1.must([
      "nmap",
      "-n",
      "-Pn",
      "-sS",
      "-p",
      "53",
      "-oG",
      "-",
      ADDRESS.gwLan,
    ]);
    expect(out).toMatch(/53\/open\/tcp/);
  });
  test("LAN addresses aren't reachable from the WAN", async () => {
    for (const address of [ADDRESS.gwLan, ADDRESS.gwGuest]) {
      const out = await n.wan.must([
        "nmap",
        "-n",
        "-Pn",
        "-sS",
        "-p",
        "53,80",
        "-oG",
        "-",
        address,
      ]);
      expect(out).not.toMatch(/\/open\//);
    }
    expect((await n.wan.run(["ping", "-c1", "-W1", ADDRESS.gwLan6])).code).not.toBe(0);
  });
  test("ping of the WAN address answers, or not where the configuration says so", async () => {
    expect((await n.wan.run(["ping", "-c1", "-W1", ADDRESS.gwWan])).code).toBe(0);
    await gateway.configure({ answerPing: false });
    expect((await n.wan.run(["ping", "-c1", "-W1", ADDRESS.gwWan])).code).not.toBe(0);
    await gateway.configure({});
  });
});

test("S-10 DNS, DHCP, NTP, SSDP and SIP are silent on the WAN", async () => {
  const capture = n.wan.run([
    "timeout",
    "3",
    "tcpdump",
    "-lni",
    "eth0",
    "inbound and (udp or icmp)",
  ]);
  await sleep(800);
  const script = `
from scapy.all import *
conf.verb = 0
for port in [53, 67, 123, 1900, 5060]:
    sendp(Ether(dst="${MAC.gwWan}")/IP(src="${ADDRESS.wan}", dst="${ADDRESS.gwWan}")/UDP(sport=5000+port, dport=port)/Raw("x"*40), iface="eth0")
sendp(Ether(dst="ff:ff:ff:ff:ff:ff")/IP(src="0.0.0.0", dst="255.255.255.255")/UDP(sport=68, dport=67)/Raw("x"*240), iface="eth0")
sendp(Ether(dst="01:00:5e:7f:ff:fa")/IP(src="${ADDRESS.wan}", dst="239.255.255.250", ttl=2)/UDP(sport=5555, dport=1900)/Raw("M-SEARCH"), iface="eth0")
sendp(Ether(dst="${MAC.gwWan}")/IPv6(src="${ADDRESS.wan6}", dst="${ADDRESS.gwWan6}")/UDP(sport=5053, dport=53)/Raw("x"*40), iface="eth0")
`;
  await n.wan.must(["/usr/bin/python3", "-"], script);
  expect((await capture).stdout.trim()).toBe("");
});

describe("S-06 unsolicited IPv6 from the WAN", () => {
  const lan = Array.from({ length: 20 }, (_, i) => `2a01:cb00:2::${(i + 1) * 16}`);
  test("SYN, UDP and ping to hosts of the LAN: none arrives", async () => {
    const packets = ["2a01:cb00:2::10", ...lan].flatMap((dst) => [
      `IPv6(src="${ADDRESS.wan6}", dst="${dst}")/TCP(sport=4000, dport=80)`,
      `IPv6(src="${ADDRESS.wan6}", dst="${dst}")/UDP(sport=4000, dport=4001)`,
      `IPv6(src="${ADDRESS.wan6}", dst="${dst}")/ICMPv6EchoRequest()`,
    ]);
    expect(await delivered(n.wan, MAC.gwWan, n.lan1, packets)).toBe(0);
  });
  test("errors of a flow of ours arrive, others don't", async () => {
    await serve(n.lan1, 7100);
    await n.lan1.must([
      "sh",
      "-c",
      `echo x | timeout 1 /usr/bin/python3 -c 'import socket; s=socket.socket(socket.AF_INET6, socket.SOCK_DGRAM); s.bind(("${ADDRESS.lan1v6}",4100)); s.sendto(b"x",("${ADDRESS.wan6}",4101))'`,
    ]);
    const inner = (port: number) =>
      `IPv6(src="${ADDRESS.wan6}", dst="${ADDRESS.lan1v6}")/ICMPv6PacketTooBig(mtu=1400)/IPv6(src="${ADDRESS.lan1v6}", dst="${ADDRESS.wan6}")/UDP(sport=${port}, dport=4101)`;
    expect(await delivered(n.wan, MAC.gwWan, n.lan1, [inner(4100)])).toBe(1);
    expect(await delivered(n.wan, MAC.gwWan, n.lan1, [inner(4999)])).toBe(0);
  });
});

describe("S-07 forged sources", () => {
  test("from the LAN nothing leaves that isn't of the LAN", async () => {
    const forged = [
      ...from(udp(ADDRESS.wan), ["8.8.8.8", "10.1.2.3", ADDRESS.guest, "127.0.0.1", "224.0.0.5"]),
      ...from(udp6(ADDRESS.wan6), ["2001:4860::8888", "fd00::1", "2a01:cb00:3::1", "ff02::1"]),
    ];
    expect(await delivered(n.lan1, MAC.gwLan, n.wan, forged)).toBe(0);
    const honest = [
      ...from(udp(ADDRESS.wan), [ADDRESS.lan1]),
      ...from(udp6(ADDRESS.wan6), [ADDRESS.lan1v6]),
    ];
    expect(await delivered(n.lan1, MAC.gwLan, n.wan, honest)).toBe(2);
  });
  test("from the WAN nothing enters that claims to be of the home or of nowhere", async () => {
    // A forward makes a way in that an honest source can use.
    await gateway.configure({
      forwards: [{ id: "in", enabled: true, protocol: "udp", port: 4001, to: ADDRESS.lan1 }],
    });
    const bogons = [
      ADDRESS.lan2,
      ADDRESS.guest,
      "127.0.0.1",
      "0.1.2.3",
      "169.254.9.9",
      "192.0.2.7",
    ];
    const more = ["240.0.0.1", "224.0.0.1", "255.255.255.255"];
    const forged = from(udp(ADDRESS.gwWan), [...bogons, ...more]);
    expect(await delivered(n.wan, MAC.gwWan, n.lan1, forged)).toBe(0);
    const honest = from(udp(ADDRESS.gwWan), [ADDRESS.wan, "10.8.8.8", "100.64.1.1"]);
    expect(await delivered(n.wan, MAC.gwWan, n.lan1, honest)).toBe(3);
    await gateway.configure({});
  });
  test("IPv6 from the WAN with a source of the home ends at the first rule", async () => {
    const script = `
from scapy.all import *
conf.verb = 0
for s in ["2a01:cb00:2::99", "fd00::1", "::1", "2001:db8::1", "ff02::5"]:
    sendp(Ether(dst="${MAC.gwWan}")/IPv6(src=s, dst="${ADDRESS.gwWan6}")/ICMPv6EchoRequest(), iface="eth0")
`;
    await n.wan.must(["/usr/bin/python3", "-"], script);
    const chain = await n.gw.must(["nft", "list", "chain", "inet", "passerelle", "guard_wan"]);
    expect(chain).toMatch(/fib saddr oifname .*counter packets 1 /);
    expect(chain).toMatch(/ip6 saddr \{[^}]*\} counter packets [2-9]/);
  });
});

test("S-08 idle times of connection tracking are those of the RFCs", async () => {
  const value = async (name: string) =>
    Number(await n.gw.must(["cat", `/proc/sys/net/netfilter/nf_conntrack_${name}`]));
  expect(await value("tcp_timeout_established")).toBeGreaterThanOrEqual(7440);
  expect(await value("udp_timeout")).toBeGreaterThanOrEqual(120);
  expect(await value("udp_timeout_stream")).toBeGreaterThanOrEqual(120);
  expect(await value("tcp_timeout_time_wait")).toBeGreaterThanOrEqual(240);
  expect(await value("tcp_be_liberal")).toBe(0);
});

test("S-09 routing header 0 and forwarded link-local packets end here, and the router lives", async () => {
  const packets = [
    `IPv6(src="${ADDRESS.lan1v6}", dst="${ADDRESS.wan6}")/IPv6ExtHdrRouting(type=0, addresses=["${ADDRESS.wan6}"])/UDP(dport=4001)`,
    `IPv6(src="fe80::1", dst="${ADDRESS.wan6}")/UDP(dport=4001)`,
    `IPv6(src="${ADDRESS.lan1v6}", dst="fe80::7")/UDP(dport=4001)`,
  ];
  expect(await delivered(n.lan1, MAC.gwLan, n.wan, packets)).toBe(0);
  expect((await n.lan1.run(["ping", "-c1", "-W1", ADDRESS.gwLan])).code).toBe(0);
});
