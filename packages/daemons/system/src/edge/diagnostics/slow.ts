import { systemHistory } from "@passerelle/contract";
import { Rcode, RecordType } from "@passerelle/dns";
import { type Ipv4, parseIpv4 } from "@passerelle/net";
import { milliseconds, seconds } from "@passerelle/time";
import type { PingSummary } from "../../core/diagnostics/ping.ts";
import { decideSlow, type SlowSituation } from "../../core/diagnostics/slow.ts";
import { ask } from "./asker.ts";
import { ping } from "./probes.ts";
import type { Ended, Report, Tools } from "./tools.ts";

export async function runSlow(tools: Tools, report: Report): Promise<Ended> {
  const { home, interfaces } = tools;
  const line = home.wan?.interface;
  const before = line === undefined ? undefined : await interfaces.counters(line);
  const [summary, latency] = await Promise.all([
    pingLine(tools, report),
    latencyOf(tools, report.signal),
  ]);
  const after = line === undefined ? undefined : await interfaces.counters(line);
  const cause = home.wan?.cause;
  // One reading of a second says little: half a minute.
  const cpu = await meanOf(tools, "cpu", 4);
  const situation: SlowSituation = {
    ...(cause === undefined ? {} : { cause }),
    ...(summary === undefined ? {} : { ping: summary }),
    ...(latency === undefined ? {} : { latency }),
    users: usersOf(tools),
    ...(cpu === undefined ? {} : { cpu }),
    ...(before === undefined || after === undefined
      ? {}
      : { line: { ...after, newErrors: Math.max(0, after.errors - before.errors) } }),
  };
  for (const step of decideSlow(situation)) report.step(step);
  return undefined;
}

/** The operator's first equipment; its resolver where that one answers nobody. */
async function pingLine(tools: Tools, report: Report): Promise<PingSummary | undefined> {
  const session = tools.home.wan?.session;
  const gateway = session !== undefined && "gateway" in session ? session.gateway : undefined;
  const first = gateway === undefined ? undefined : parseIpv4(gateway);
  let last: PingSummary | undefined;
  let known = 0;
  for (const address of [first, tools.home.upstream[0]]) {
    if (address === undefined || report.signal.aborted) continue;
    last = await ping(tools, address, {
      settings: { count: PINGS, interval: milliseconds(200), patience: seconds(2) },
      signal: report.signal,
      onOutcome() {
        known += 1;
        report.progress(known / (2 * PINGS));
      },
    });
    if (last !== undefined && last.received > 0) return last;
  }
  return last;
}

/** The middle one of five answers, measured as the line measures itself: a question to the operator's resolver. */
async function latencyOf(tools: Tools, signal: AbortSignal): Promise<SlowSituation["latency"]> {
  const [resolver] = tools.home.upstream;
  if (resolver === undefined) return undefined;
  const times = await questionTimes(tools, resolver, signal);
  const nowMs = times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)];
  if (nowMs === undefined) return undefined;
  const hourMs = await meanOf(tools, "latency", HOUR_POINTS);
  return { nowMs, ...(hourMs === undefined ? {} : { hourMs }) };
}

async function questionTimes(
  tools: Tools,
  resolver: Ipv4,
  signal: AbortSignal,
): Promise<readonly number[]> {
  const name = tools.home.wan?.health?.names[0];
  const times: number[] = [];
  for (let i = 0; i < QUESTIONS && !signal.aborted; i += 1) {
    const answered = await ask(
      tools,
      resolver,
      name ?? ".",
      name === undefined ? RecordType.NS : RecordType.A,
      { signal, attempts: 1 },
    );
    if (answered.ok && answered.value.message.header.rcode === Rcode.NOERROR) {
      times.push(answered.value.rttMs);
    } else if (times.length === 0) return times;
  }
  return times;
}

/** The newest points from the rings of this daemon, asked as everybody asks; 10 s each. */
async function meanOf(
  { bus }: Tools,
  series: "cpu" | "latency",
  newest: number,
): Promise<number | undefined> {
  const asked = { series, resolution: "10s" } as const;
  const reply = await bus.request(systemHistory, asked, { timeout: seconds(2) });
  if (!reply.ok) return undefined;
  const points = reply.data.mean.slice(-newest).filter((point) => point !== null);
  return points.length === 0
    ? undefined
    : points.reduce((sum, point) => sum + point, 0) / points.length;
}

function usersOf({ home }: Tools): SlowSituation["users"] {
  return home.traffic
    .map(({ mac, downRate, upRate }) => ({
      name: home.devices.find((device) => device.macs.includes(mac))?.name ?? mac,
      down: downRate,
      up: upRate,
    }))
    .toSorted((a, b) => b.down + b.up - a.down - a.up);
}

const PINGS = 20;
const QUESTIONS = 5;
const HOUR_POINTS = 360;
