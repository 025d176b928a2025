import type { Machine } from "@passerelle/machine";
import type { Ipv4, Ipv6 } from "@passerelle/net";
import { parseIpv4, parseIpv6 } from "@passerelle/net";
import { drive } from "@passerelle/service";
import { diagnosticsFault } from "../../core/diagnostics/faults.ts";
import {
  PING_INTERVAL,
  PING_PATIENCE,
  type PingOutcome,
  type PingSettings,
  type PingSummary,
  pingMachine,
} from "../../core/diagnostics/ping.ts";
import {
  hopLine,
  pingLine,
  pingStep,
  pingSummaryLine,
  traceStep,
} from "../../core/diagnostics/results.ts";
import {
  ATTEMPTS,
  HOPS_MAX,
  type HopAnswer,
  type TraceEnd,
  type TraceInput,
  traceMachine,
} from "../../core/diagnostics/trace.ts";
import { type Echo, type EchoAnswer, openEcho } from "./echo.ts";
import { nameOf, resolveTarget } from "./resolve.ts";
import type { Ended, Report, Tools } from "./tools.ts";

export async function runPing(
  tools: Tools,
  request: { readonly target: string; readonly count: number },
  report: Report,
): Promise<Ended> {
  const address = await resolveTarget(tools, request.target, report.signal);
  if (!address.ok) return diagnosticsFault(address.error);
  let known = 0;
  const summary = await ping(tools, address.value, {
    settings: { count: request.count, interval: PING_INTERVAL, patience: PING_PATIENCE },
    signal: report.signal,
    onOutcome(outcome) {
      known += 1;
      report.line(pingLine(outcome));
      report.progress(known / request.count);
    },
  });
  if (summary === undefined) return diagnosticsFault("probe_not_possible");
  report.line(pingSummaryLine(summary));
  report.step(pingStep(summary));
  return undefined;
}

export interface PingOptions {
  readonly settings: PingSettings;
  readonly signal: AbortSignal;
  readonly onOutcome?: (outcome: PingOutcome) => void;
}

/** Undefined where no socket could be opened, or the job was ended. */
export async function ping(
  tools: Tools,
  address: Ipv4 | Ipv6,
  { settings, signal, onOutcome }: PingOptions,
): Promise<PingSummary | undefined> {
  return await probing(tools, address, signal, pingMachine(settings), (context) => ({
    heard(answer): PingOutcome & { kind: "reply" | "refused" } {
      if (answer.kind === "reply") return answer;
      const { sequence, from } = answer;
      const why = answer.kind === "refused" ? answer.why : "time exceeded";
      return { kind: "refused", sequence, from, why };
    },
    run(effect) {
      if (effect.kind === "outcome") onOutcome?.(effect.outcome);
      if (effect.kind === "finished") context.finish(effect.summary);
      if (effect.kind !== "send") return;
      const sent = context.echo.send(effect.sequence);
      if (sent.ok) return;
      const why = `not sent: ${sent.error.code}`;
      context.input({ kind: "refused", sequence: effect.sequence, why });
    },
  }));
}

export async function runTrace(
  tools: Tools,
  request: { readonly target: string },
  report: Report,
): Promise<Ended> {
  const address = await resolveTarget(tools, request.target, report.signal);
  if (!address.ok) return diagnosticsFault(address.error);
  // Names are looked up beside each other and told in the order of the hops.
  let told: Promise<void> = Promise.resolve();
  let hops = 0;
  const hop = (number: number, answer: HopAnswer): void => {
    hops = number;
    const named = namedHop(tools, answer, report.signal);
    told = told.then(async () => {
      report.line(hopLine(number, answer, await named));
      report.progress(number / HOPS_MAX);
    });
  };
  const end = await trace(tools, address.value, report.signal, hop);
  if (end === undefined) return diagnosticsFault("probe_not_possible");
  await told;
  report.step(traceStep(end, hops));
  return undefined;
}

function trace(
  tools: Tools,
  address: Ipv4 | Ipv6,
  signal: AbortSignal,
  onHop: (hop: number, answer: HopAnswer) => void,
): Promise<TraceEnd | undefined> {
  return probing(tools, address, signal, traceMachine, (context) => ({
    heard(answer): TraceInput & { kind: "answer" } {
      const { from, rttMs } = answer;
      const hop = Math.floor(answer.sequence / ATTEMPTS);
      if (answer.kind === "reply") {
        return { kind: "answer", hop, answer: { kind: "target", from, rttMs } };
      }
      if (answer.kind === "time_exceeded") {
        return { kind: "answer", hop, answer: { kind: "router", from, rttMs } };
      }
      const { why } = answer;
      return { kind: "answer", hop, answer: { kind: "refused", from, rttMs, why } };
    },
    run(effect) {
      if (effect.kind === "hop") onHop(effect.hop, effect.answer);
      if (effect.kind === "finished") context.finish(effect.end);
      if (effect.kind !== "send") return;
      const { hop, attempt } = effect;
      const sent = context.echo.send(hop * ATTEMPTS + attempt - 1, hop);
      if (sent.ok) return;
      const why = `not sent: ${sent.error.code}`;
      context.input({ kind: "answer", hop, answer: { kind: "refused", why } });
    },
  }));
}

function namedHop(
  tools: Tools,
  answer: HopAnswer,
  signal: AbortSignal,
): Promise<string | undefined> {
  const from = "from" in answer ? answer.from : undefined;
  const address = from === undefined ? undefined : (parseIpv4(from) ?? parseIpv6(from));
  return address === undefined ? Promise.resolve(undefined) : nameOf(tools, address, signal);
}

interface ProbeContext<Input, Result> {
  readonly echo: Echo;
  input(input: Input): void;
  finish(result: Result): void;
}

/** Runs a machine that sends echo requests, until it finishes or the job ends. */
function probing<State, Input extends { readonly kind: string }, Effect, Result>(
  tools: Tools,
  address: Ipv4 | Ipv6,
  signal: AbortSignal,
  machine: Machine<State, Input | { readonly kind: "timeout" }, Effect>,
  wire: (context: ProbeContext<Input, Result>) => {
    readonly heard: (answer: EchoAnswer) => Input;
    readonly run: (effect: Effect) => void;
  },
): Promise<Result | undefined> {
  return new Promise((resolve, reject) => {
    let heard: ((answer: EchoAnswer) => void) | undefined;
    const opened = openEcho(tools, address, (answer) => heard?.(answer));
    if (!opened.ok || signal.aborted) {
      if (opened.ok) opened.value.close();
      else tools.log.warn("probe_refused", { code: opened.error.code });
      resolve(undefined);
      return;
    }
    const echo = opened.value;
    const finish = (result: Result | undefined): void => {
      driver.stop();
      echo.close();
      signal.removeEventListener("abort", aborted);
      resolve(result);
    };
    const aborted = (): void => finish(undefined);
    const wired = wire({ echo, finish, input: (input) => driver.input(input) });
    const driver = drive(
      machine,
      { name: "probe", run: wired.run },
      { clock: tools.clock, fatal: reject },
    );
    heard = (answer) => driver.input(wired.heard(answer));
    signal.addEventListener("abort", aborted);
  });
}
