import { join } from "node:path";
import { CAPABILITIES, type Capability } from "@passerelle/api";
import { type ApiClient, createApiClient } from "@passerelle/api/client";
import { settle, type TestContext, testContext } from "@passerelle/service/testing";
import { type Api, type ApiOptions, createApi } from "../../src/edge/api/create-api.ts";
import type { Caller } from "../../src/edge/api/port.ts";
import { openDoor } from "./door.ts";
import { House } from "./house.ts";

export const admin: Caller = {
  kind: "person",
  actor: "admin",
  capabilities: new Set(CAPABILITIES),
  source: "192.168.1.50",
  sessionId: "s1",
  steppedUp: true,
  secure: true,
};

export const anyone: Caller = {
  kind: "anyone",
  actor: "anyone",
  capabilities: new Set(),
  source: "192.168.1.66",
  steppedUp: false,
  secure: true,
};

export function app(...capabilities: readonly Capability[]): Caller {
  return {
    ...admin,
    kind: "app",
    actor: "app",
    capabilities: new Set(capabilities),
    sessionId: "s9",
  };
}

export interface ApiRig {
  readonly api: Api;
  readonly house: House;
  readonly context: TestContext<undefined>;
  readonly audited: Parameters<ApiOptions["audit"]>[0][];
  /** Sources of wrong tokens. */
  readonly failures: string[];
  /** Sessions that are over. */
  readonly ended: Set<string>;
  /** Seconds that `attempts.check` answers. */
  wait: number | undefined;
  client(caller?: Caller): ApiClient;
  /** One raw request; lets the bus answer. */
  raw(method: string, path: string, init?: RawInit): Promise<RawAnswer>;
  stop(): Promise<void>;
}

export interface RawInit {
  readonly caller?: Caller;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: Readonly<Record<string, unknown>>;
}

export async function startApi(options: { readonly silent?: boolean } = {}): Promise<ApiRig> {
  const context = testContext({ config: undefined, client: "web" });
  const house = new House(context.hub);
  if (options.silent !== true) house.open();
  const audited: ApiRig["audited"] = [];
  const failures: string[] = [];
  const ended = new Set<string>();
  const api = createApi({
    bus: context.bus,
    clock: context.clock,
    log: context.log,
    entropy: context.entropy,
    directory: join(context.stateDirectory, "upload"),
    doorHandlers: openDoor,
    audit: (event) => void audited.push(event),
    attempts: { check: () => rig.wait, fail: (source) => void failures.push(source) },
    recheck: (caller) => (ended.has(caller.sessionId ?? "") ? undefined : caller),
  });
  const send = async (request: Request, caller: Caller): Promise<Response> => {
    const answer = api.fetch(request, caller);
    await settle();
    return answer;
  };
  const rig: ApiRig = {
    api,
    house,
    context,
    audited,
    failures,
    ended,
    wait: undefined,
    client: (caller = admin) =>
      createApiClient(async ({ method, path, headers, body }) => {
        const request = new Request(`http://box.home.arpa${path}`, {
          method,
          headers,
          ...(body === undefined ? {} : { body }),
        });
        const response = await send(request, caller);
        return { status: response.status, text: await response.text() };
      }),
    async raw(method, path, { caller = admin, body, headers = {} } = {}) {
      const request = new Request(`http://box.home.arpa/api/v1${path}`, {
        method,
        headers: {
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...headers,
        },
        ...(body === undefined ? {} : { body }),
      });
      const response = await send(request, caller);
      const text = await response.text();
      return { status: response.status, headers: response.headers, text, json: parse(text) };
    },
    async stop() {
      api.close();
      await house.close();
      await context.dispose();
    },
  };
  await settle();
  await settle();
  return rig;
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
}
