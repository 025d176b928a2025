import { renderRuleset } from "../../packages/daemons/firewall/src/core/render.ts";
import { TABLE } from "../../packages/daemons/firewall/src/core/ruleset.ts";
import { TRACKING } from "../../packages/daemons/firewall/src/core/settings.ts";
import { modelOf } from "../../packages/daemons/firewall/src/core/wanted.ts";
import { lanFacts, wanFacts } from "../../packages/daemons/firewall/src/edge/facts.ts";
import { configOf } from "../../packages/daemons/firewall/test/facts.ts";
import { LAN_DOCUMENT, WAN_DOCUMENT } from "../../packages/daemons/firewall/test/lab/gateway.ts";
import { type Host, sleep } from "../../packages/daemons/firewall/test/lab/hosts.ts";
import {
  ADDRESS,
  createNeighbourhood,
  type Neighbourhood,
} from "../../packages/daemons/firewall/test/lab/neighbourhood.ts";
import { type BenchSection, median, table } from "./section.ts";

const ROUNDS = 8;
const SECONDS = 2;
/** Bits a second offered in small packets: more than the machine forwards. */
const FLOOD = "400M";
const SMALL_OCTETS = 64;

/** What anybody would write by hand to share one address safely: the peer of our ruleset. */
const MINIMAL = `
table ip minimal {
  chain forward { type filter hook forward priority 0; policy drop;
    ct state vmap { established : accept, related : accept, invalid : drop }
    iifname "br-lan" oifname "wan0" accept
  }
  chain srcnat { type nat hook postrouting priority 100; policy accept;
    oifname "wan0" masquerade
  }
}`;

interface Contestant {
  readonly name: string;
  readonly rules: string;
  readonly tcp: number[];
  readonly packets: number[];
  /** Processor time of the sender per packet, µs: on veth pairs it carries the packet through the gateway itself. */
  readonly cost: number[];
}

/** Throughput through the gateway's namespace: our whole ruleset beside the smallest one that does the job. */
export async function benchNat(): Promise<BenchSection> {
  const n = await createNeighbourhood();
  try {
    return await measure(n);
  } finally {
    await n.hosts.end();
  }
}

async function measure(n: Neighbourhood): Promise<BenchSection> {
  for (const { path, value } of TRACKING) {
    await n.gw.run(["sh", "-c", `echo ${value} > /proc/sys/${path}`]);
  }
  await n.gw.must(["sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward"]);
  n.wan.spawn(["iperf3", "-s"]);
  const ours = renderRuleset(
    modelOf({
      config: configOf(),
      lan: lanFacts(LAN_DOCUMENT as never),
      wan: wanFacts(WAN_DOCUMENT as never),
      addresses: new Map(),
    }),
  );
  const uncounted = ours.replaceAll(/ update @traffic_\w+ \{ [^}]* \} accept/g, " accept");
  const contestants: Contestant[] = [
    contestant("minimal NAT rules", MINIMAL),
    contestant("Passerelle, all rules", ours),
    contestant("Passerelle, without the counters of devices", uncounted),
    contestant("routing only, no rules", ""),
  ];
  await sleep(300);
  await iperf(n.lan1, ["-t", "1"]);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const one of contestants) {
      await n.gw.must(["nft", "flush", "ruleset"]);
      await n.gw.must(["nft", "-f", "-"], one.rules);
      one.tcp.push(await tcpThroughput(n.lan1));
      const { packets, cost } = await smallPackets(n);
      one.packets.push(packets);
      one.cost.push(cost);
    }
  }
  return { title: "NAT throughput", markdown: report(contestants) };
}

function contestant(name: string, rules: string): Contestant {
  return { name, rules, tcp: [], packets: [], cost: [] };
}

async function iperf(host: Host, words: readonly string[]): Promise<unknown> {
  return JSON.parse(await host.must(["iperf3", "-J", "-c", ADDRESS.wan, ...words])) as unknown;
}

/** Bits a second that arrive, one connection. */
async function tcpThroughput(host: Host): Promise<number> {
  const done = await iperf(host, ["-t", `${SECONDS}`]);
  return (done as { end: { sum_received: { bits_per_second: number } } }).end.sum_received
    .bits_per_second;
}

/** Packets that leave by the WAN while more than that is offered, and what each costs. */
async function smallPackets(n: Neighbourhood): Promise<{ packets: number; cost: number }> {
  const before = await forwarded(n.gw);
  const words = ["-u", "-b", FLOOD, "-l", `${SMALL_OCTETS}`, "-t", `${SECONDS}`];
  const done = (await iperf(n.lan1, words)) as {
    end: { cpu_utilization_percent: { host_system: number } };
  };
  const packets = (await forwarded(n.gw)) - before;
  const busy = (done.end.cpu_utilization_percent.host_system / 100) * SECONDS;
  return { packets: packets / SECONDS, cost: (busy * 1e6) / packets };
}

async function forwarded(gw: Host): Promise<number> {
  const links: unknown = JSON.parse(await gw.must(["ip", "-s", "-j", "link", "show", "wan0"]));
  return (links as { stats64: { tx: { packets: number } } }[])[0]?.stats64.tx.packets ?? 0;
}

function report(contestants: readonly Contestant[]): string {
  const [reference] = contestants;
  if (reference === undefined) throw new Error("somebody is measured");
  const base = medians(reference);
  const rows = contestants.map((one) => {
    const own = medians(one);
    return [
      one.name,
      `${(own.tcp / 1e9).toFixed(2)}`,
      `${(own.tcp / base.tcp).toFixed(2)}`,
      `${Math.round(own.packets / 1000)} (${spread(one.packets)})`,
      `${(own.packets / base.packets).toFixed(2)}`,
      `${own.cost.toFixed(2)}`,
      `${(own.cost / base.cost).toFixed(2)}`,
    ];
  });
  return [
    "One machine, network namespaces and veth pairs: sender, gateway and receiver share its cores, and the sender's",
    `processor time is the whole way to the receiver. ${ROUNDS} rounds, alternated, ${SECONDS} s each, medians (lowest to highest).`,
    `Ratios are to the minimal rules. Small packets: UDP with ${SMALL_OCTETS} octets, one sender, counted where they leave by the WAN.`,
    "",
    table([
      ["rules", "TCP Gbit/s", "ratio", "packets, 1000/s", "ratio", "µs a packet", "ratio"],
      ...rows,
    ]),
    "",
    `Table \`inet ${TABLE}\` holds everything: forged sources, zones, MSS, counters of each device.`,
  ].join("\n");
}

function medians(one: Contestant): { tcp: number; packets: number; cost: number } {
  return { tcp: median(one.tcp), packets: median(one.packets), cost: median(one.cost) };
}

function spread(values: readonly number[]): string {
  const thousands = (value: number) => `${Math.round(value / 1000)}`;
  return `${thousands(Math.min(...values))} to ${thousands(Math.max(...values))}`;
}

if (import.meta.main) console.log((await benchNat()).markdown);
