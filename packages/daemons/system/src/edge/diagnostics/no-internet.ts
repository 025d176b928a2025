import { connect } from "node:net";
import { Rcode, RecordType } from "@passerelle/dns";
import { type Ipv4, parseIpv4 } from "@passerelle/net";
import { milliseconds, seconds } from "@passerelle/time";
import type { HomeSituation } from "../../core/diagnostics/home-steps.ts";
import { decideNoInternet, type LineSituation } from "../../core/diagnostics/no-internet.ts";
import { addressText } from "../../core/diagnostics/target.ts";
import { ask } from "./asker.ts";
import { ping } from "./probes.ts";
import type { Ended, Report, Tools } from "./tools.ts";

/** Finds out how everything is at this moment, with an end for each question, and says it step by step. */
export async function runNoInternet(tools: Tools, report: Report): Promise<Ended> {
  const line = await lookAtLine(tools, report);
  for (const step of decideNoInternet(line, homeSituation(tools))) report.step(step);
  return undefined;
}

/** All questions at once: the slowest says how long it takes, and a dead line is not waited for six times. */
async function lookAtLine(tools: Tools, report: Report): Promise<LineSituation> {
  const { signal } = report;
  const { wan, upstream, forwarder } = tools.home;
  const session = wan?.session;
  const address = session !== undefined && "address" in session ? session.address : undefined;
  const router = session !== undefined && "gateway" in session ? session.gateway : undefined;
  const common: LineSituation = {
    ...(wan === undefined ? {} : { access: wan.access.kind }),
    ...(address === undefined ? {} : { address: address.split("/")[0] ?? address }),
    ...(wan?.cause === undefined ? {} : { cause: wan.cause }),
    resolvers: [],
    reach: wan?.reach.kind ?? "unknown",
  };
  if (address === undefined) return common;
  let answered = 0;
  const counted = async <T>(question: Promise<T>): Promise<T> => {
    const answer = await question;
    answered += 1;
    report.progress(answered / (upstream.length + 3));
    return answer;
  };
  const name = wan?.health?.names[0];
  const [gateway, resolvers, resolved, server] = await Promise.all([
    counted(answersPing(tools, router, signal)),
    Promise.all(
      upstream.map((address) =>
        counted(
          probeResolver(tools, address, name, signal).then((found) => ({
            address: addressText(address),
            answers: found !== "silent",
          })),
        ),
      ),
    ),
    counted(
      forwarder === undefined || name === undefined
        ? Promise.resolve(undefined)
        : probeResolver(tools, forwarder, name, signal),
    ),
    counted(answersTcp(tools, wan?.health?.server, signal)),
  ]);
  return {
    ...common,
    resolvers,
    ...(gateway === undefined ? {} : { gateway }),
    ...(resolved === undefined ? {} : { name: resolved }),
    ...(server === undefined ? {} : { server }),
  };
}

async function answersPing(
  tools: Tools,
  text: string | undefined,
  signal: AbortSignal,
): Promise<LineSituation["gateway"]> {
  const address = text === undefined ? undefined : parseIpv4(text);
  if (text === undefined || address === undefined) return undefined;
  const settings = { count: 3, interval: milliseconds(300), patience: seconds(2) };
  const summary = await ping(tools, address, { settings, signal });
  return { address: text, answers: (summary?.received ?? 0) > 0 };
}

/** Without a name to ask, the root's servers: every resolver knows them and asks nobody. */
async function probeResolver(
  tools: Tools,
  resolver: Ipv4,
  name: string | undefined,
  signal: AbortSignal,
): Promise<"resolves" | "error" | "silent"> {
  const [asked, type] = name === undefined ? [".", RecordType.NS] : [name, RecordType.A];
  const answered = await ask(tools, resolver, asked, type, { signal });
  if (!answered.ok) return "silent";
  const { header, answers } = answered.value.message;
  return header.rcode === Rcode.NOERROR && answers.length > 0 ? "resolves" : "error";
}

function answersTcp(
  { clock }: Tools,
  server: { readonly address: string; readonly port: number } | undefined,
  signal: AbortSignal,
): Promise<LineSituation["server"]> {
  if (server === undefined) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const socket = connect({ host: server.address, port: server.port });
    const finish = (answers: boolean): void => {
      timer.cancel();
      signal.removeEventListener("abort", aborted);
      socket.destroy();
      resolve({ address: server.address, answers });
    };
    const aborted = (): void => finish(false);
    const timer = clock.later(TCP_PATIENCE, () => finish(false));
    signal.addEventListener("abort", aborted);
    socket.on("error", () => finish(false));
    socket.on("connect", () => finish(true));
  });
}

function homeSituation({ home }: Tools): HomeSituation {
  const { lan, blocked, devices, system } = home;
  return {
    clock: system?.clock.kind ?? "unknown",
    blocked: blocked.map((mac) => devices.find((device) => device.macs.includes(mac))?.name ?? mac),
    ...(lan === undefined
      ? {}
      : {
          lan: {
            kind: lan.kind,
            faults: lan.faults,
            pools: lan.networks.flatMap(({ name, dhcp }) =>
              dhcp === undefined ? [] : [{ network: name, leased: dhcp.leased, free: dhcp.free }],
            ),
          },
        }),
  };
}

const TCP_PATIENCE = seconds(4);
