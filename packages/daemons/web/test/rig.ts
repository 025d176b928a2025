import { type IncomingHttpHeaders, request as plainRequest } from "node:http";
import { type RequestOptions, request as secureRequest } from "node:https";
import type { CountedBus } from "@passerelle/bus-client";
import {
  aliveState,
  configApply,
  configConfirm,
  configShow,
  configState,
  lanState,
  type WebSecurityEvent,
  webSecurityEvent,
  webState,
} from "@passerelle/contract";
import { createLinuxProcesses } from "@passerelle/process";
import type { RunningService } from "@passerelle/service";
import {
  type ManualClock,
  settle,
  type TestContext,
  testContext,
} from "@passerelle/service/testing";
import type { WebConfig } from "../src/config.ts";
import { startWeb, type WebPorts } from "../src/service.ts";

export const LABEL = "Label-pass-12";

export interface RigOptions {
  readonly config?: Partial<WebConfig>;
  readonly ports?: Partial<WebPorts>;
  readonly stateDirectory?: string;
  readonly runtimeDirectory?: string;
  readonly clock?: ManualClock;
  /** Default: one address of the loopback net that no other test has. */
  readonly addresses?: readonly string[];
}

/** One whole `web` on real sockets of the loopback net, with the bus, the clock and its neighbours in memory. */
export interface Rig {
  readonly context: TestContext<WebConfig>;
  readonly service: RunningService<WebConfig>;
  readonly address: string;
  readonly config: WebConfig;
  readonly audited: WebSecurityEvent[];
  readonly applied: unknown[];
  /** `lan` says where the home is. */
  home(networks: readonly HomeNetwork[]): Promise<void>;
  http(method: string, path: string, options?: CallOptions): Promise<Reply>;
  https(method: string, path: string, options?: CallOptions): Promise<Reply>;
  login(options?: CallOptions): Promise<string>;
  bus(name: "lan" | "config" | "system"): CountedBus;
  webState(): unknown;
  stop(): Promise<void>;
}

export interface HomeNetwork {
  readonly address: string;
  readonly zone?: "lan" | "guest";
  /** Addresses of before. */
  readonly former?: readonly string[];
}

export interface CallOptions {
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  readonly raw?: string;
  /** Our own address: who asks. */
  readonly from?: string;
  readonly cookie?: string;
  readonly bearer?: string;
  readonly address?: string;
  readonly tls?: RequestOptions;
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly json: Readonly<Record<string, unknown>>;
}

let used = 0;

/** 127.x.y.z: each test process and each rig its own. */
export function freshAddress(): string {
  used += 1;
  return `127.${100 + (process.pid % 100)}.${(process.pid >> 7) % 250}.${(used % 250) + 1}`;
}

export async function startRig(options: RigOptions = {}): Promise<Rig> {
  const addresses = options.addresses ?? [freshAddress()];
  const address = addresses[0] ?? "";
  const config: WebConfig = {
    labelPassword: LABEL,
    names: [],
    httpPort: 18_080,
    httpsPort: 18_443,
    https: "offered",
    firstRunDone: false,
    ...options.config,
  };
  const context = testContext({
    config,
    client: "web",
    ...(options.clock === undefined ? {} : { clock: options.clock }),
    ...(options.stateDirectory === undefined ? {} : { stateDirectory: options.stateDirectory }),
    ...(options.runtimeDirectory === undefined
      ? {}
      : { runtimeDirectory: options.runtimeDirectory }),
  });
  const buses = {
    lan: context.hub.client("lan"),
    config: context.hub.client("config"),
    system: context.hub.client("system"),
  };
  const audited: WebSecurityEvent[] = [];
  const applied: unknown[] = [];
  let state: unknown;
  buses.system.subscribe(webSecurityEvent, (event) => void audited.push(event));
  buses.system.subscribe(webState, (value) => {
    state = value;
  });
  buses.config.serve(configShow, () => ({
    ok: true,
    data: { revision: 1, sections: { config: { device: { name: "Chez Zoé" } } } },
  }));
  buses.config.serve(configApply, (asked) => {
    applied.push(asked);
    return {
      ok: true,
      data: {
        revision: 2,
        plan: { differences: [], impacts: [], problems: [], needsConfirmation: false },
      },
    };
  });
  buses.config.serve(configConfirm, () => ({
    ok: false,
    fault: { code: "wrong_token", text: { fr: "non", en: "no" } },
  }));
  buses.system.publish(aliveState.system, { status: "online" });
  await settle();
  buses.config.publish(configState, { revision: 1, phase: { kind: "confirmed" }, digests: {} });
  const home = async (networks: readonly HomeNetwork[]) => {
    buses.lan.publish(lanState, {
      kind: "serving",
      since: 0,
      networks: networks.map((network, n) => ({
        name: `n${n}`,
        zone: network.zone ?? "lan",
        bridge: `br-n${n}`,
        ports: [],
        address: `${network.address}/24`,
        former: (network.former ?? []).map((one) => ({ address: `${one}/24`, until: 0 })),
      })),
      dns: { domain: "home.arpa", upstreams: [], blockedNames: 0 },
      faults: [],
    });
    await settle();
  };
  await home(addresses.map((one) => ({ address: one })));
  const service = await startWeb(context, {
    processes: createLinuxProcesses(),
    ...options.ports,
  });
  const rig: Rig = {
    context,
    service,
    address,
    config,
    audited,
    applied,
    home,
    bus: (name) => buses[name],
    webState: () => state,
    http: (method, path, call = {}) =>
      send(false, { method, path, host: call.address ?? address, port: config.httpPort }, call),
    https: (method, path, call = {}) =>
      send(true, { method, path, host: call.address ?? address, port: config.httpsPort }, call),
    async login(call = {}) {
      const reply = await rig.http("POST", "/api/v1/sessions", {
        ...call,
        body: { kind: "password", password: LABEL, transport: "bearer" },
      });
      if (reply.status !== 201) throw new Error(`login: ${reply.status} ${reply.text}`);
      return String(reply.json.token);
    },
    async stop() {
      await service.stop();
      await Promise.all(Object.values(buses).map((bus) => bus.close()));
    },
  };
  await until(() => context.log.lines.some(({ message }) => message === "listening"));
  return rig;
}

/** Waits for what real sockets and real programs do; fails loudly where it never comes. */
export async function until(
  condition: () => boolean,
  what = "something that never came",
): Promise<void> {
  for (let turn = 0; turn < 4000; turn += 1) {
    if (condition()) return;
    await settle();
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  throw new Error(`waited for ${what}`);
}

/** A call as our own page would make it; `headers` change or, where undefined, remove what it would send. */
async function send(secure: boolean, target: RequestOptions, call: CallOptions): Promise<Reply> {
  const body = call.raw ?? (call.body === undefined ? undefined : JSON.stringify(call.body));
  const headers: Record<string, string> = {};
  const wished = {
    host: `${target.host}:${target.port}`,
    "x-passerelle": "1",
    ...(body === undefined
      ? {}
      : { "content-type": "application/json", "content-length": String(Buffer.byteLength(body)) }),
    ...(call.cookie === undefined ? {} : { cookie: call.cookie }),
    ...(call.bearer === undefined ? {} : { authorization: `Bearer ${call.bearer}` }),
    ...call.headers,
  };
  for (const [name, value] of Object.entries(wished))
    if (value !== undefined) headers[name] = value;
  return new Promise((resolve, reject) => {
    const make = secure ? secureRequest : plainRequest;
    const asking = make(
      {
        ...target,
        headers,
        setHost: false,
        agent: false,
        ...(call.from === undefined ? {} : { localAddress: call.from }),
        ...(secure ? { rejectUnauthorized: false, ...call.tls } : {}),
      },
      (answer) => {
        const parts: Buffer[] = [];
        answer.on("data", (part: Buffer) => void parts.push(part));
        answer.on("error", reject);
        answer.on("end", () => {
          const text = Buffer.concat(parts).toString("utf8");
          resolve({
            status: answer.statusCode ?? 0,
            headers: answer.headers,
            text,
            json: parse(text),
          });
        });
      },
    );
    asking.on("error", reject);
    asking.end(body);
  });
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
