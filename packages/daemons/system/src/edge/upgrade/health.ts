import { request } from "node:http";
import type { Bus, Subscription } from "@passerelle/bus-client";
import {
  type Alive,
  type Applied,
  aliveState,
  appliedState,
  configState,
  type DaemonName,
  lanState,
  webState,
} from "@passerelle/contract";
import { servesHome } from "../../core/served.ts";
import type { Lack } from "../../core/upgrade/state.ts";

/** Whoever must run for a home to be served. The Internet is no part of it: an operator's fault is no fault of ours. */
const EXPECTED = ["config", "firewall", "lan", "wan", "web"] as const satisfies DaemonName[];

export interface Health {
  /** What a good system lacks now, and a word that changes where a process began anew. */
  check(): Promise<{ readonly missing: readonly Lack[]; readonly lives: string }>;
  readonly subscriptions: readonly Subscription[];
}

/** @param ask answers the status of a GET; tests give their own */
export function followHealth(bus: Bus, ask: typeof statusOf = statusOf): Health {
  const alive = new Map<DaemonName, Alive>();
  const applied = new Map<DaemonName, Applied>();
  let digests: Readonly<Record<string, string>> | undefined;
  let isLanServed = false;
  let door: { readonly address: string; readonly port: number } | undefined;
  const subscriptions = [
    bus.subscribe(lanState, (state) => {
      isLanServed = servesHome(state);
    }),
    bus.subscribe(configState, (state) => {
      digests = state.digests;
    }),
    bus.subscribe(webState, ({ addresses, httpPort }) => {
      const [address] = addresses;
      door = address === undefined ? undefined : { address, port: httpPort ?? 80 };
    }),
    ...EXPECTED.flatMap((name) => [
      bus.subscribe(aliveState[name], (value) => void alive.set(name, value)),
      bus.subscribe(appliedState[name], (value) => void applied.set(name, value)),
    ]),
  ];
  const isApplied = (name: DaemonName): boolean => {
    const wanted = digests?.[name];
    const has = applied.get(name);
    return has?.result.kind === "running" && (wanted === undefined || has.digest === wanted);
  };
  return {
    subscriptions,
    async check() {
      const missing: Lack[] = [];
      if (!isLanServed) missing.push("lan");
      if (!EXPECTED.every((name) => alive.get(name)?.status === "online")) missing.push("daemons");
      if (digests === undefined || !EXPECTED.every(isApplied)) missing.push("configuration");
      if (door === undefined || !(await answers(door))) missing.push("page");
      const lives = EXPECTED.map((name) => {
        const { pid, since } = alive.get(name) ?? {};
        return `${name} ${pid ?? 0} ${since ?? 0}`;
      });
      return { missing, lives: lives.join("\n") };
    },
  };

  /** As a browser of the home would: both the API and the page. */
  async function answers({ address, port }: NonNullable<typeof door>): Promise<boolean> {
    for (const path of ["/api/v1/welcome", "/"]) {
      const status = await ask(address, port, path);
      // 308: people want HTTPS, and the door says so.
      if (status !== 200 && status !== 308) return false;
    }
    return true;
  }
}

/** Undefined where nobody answers in time. */
function statusOf(address: string, port: number, path: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const sent = request(
      { host: address, port, path, agent: false, timeout: ANSWER_MS },
      (answer) => {
        answer.resume();
        answer.once("close", () => resolve(answer.complete ? answer.statusCode : undefined));
      },
    );
    sent.on("timeout", () => sent.destroy());
    sent.once("error", () => resolve(undefined));
    sent.end();
  });
}

const ANSWER_MS = 3000;
