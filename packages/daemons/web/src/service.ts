import { join } from "node:path";
import type { Subscription } from "@passerelle/bus-client";
import { systemButton, webState } from "@passerelle/contract";
import { createLinuxProcesses, type Processes } from "@passerelle/process";
import { type Fault, ok } from "@passerelle/result";
import type { RunningService, Service, ServiceContext } from "@passerelle/service";
import type { WallTime } from "@passerelle/time";
import { section, type WebConfig } from "./config.ts";
import { doorFault } from "./core/faults.ts";
import { certifiedNames, ownNames } from "./core/host.ts";
import { type Api, type ApiOptions, createApi } from "./edge/api/create-api.ts";
import { followBox } from "./edge/box-facts.ts";
import { type Certificates, keepCertificates } from "./edge/certificate.ts";
import { openDoor } from "./edge/door.ts";
import { doorHandlers } from "./edge/door-handlers.ts";
import { createFront } from "./edge/front.ts";
import { createListeners, type Listeners } from "./edge/listeners.ts";
import { loadPage, pageDirectory } from "./edge/page.ts";

export { section, type WebConfig } from "./config.ts";

export const web: Service<WebConfig> = {
  name: "web",
  section,
  start: (context) => startWeb(context, { processes: createLinuxProcesses() }),
};

/** What the service stands on; tests give their own. */
export interface WebPorts {
  readonly processes: Processes;
  readonly pageDirectory?: string;
  readonly createApi?: (options: ApiOptions) => Api;
}

export async function startWeb(
  context: ServiceContext<WebConfig>,
  ports: WebPorts,
): Promise<RunningService<WebConfig>> {
  const { bus, clock, log, entropy, stateDirectory, runtimeDirectory } = context;
  let config = context.config;
  const door = openDoor({ context, changed: (what) => api.changed(what) });
  const names = () =>
    ownNames({ device: facts.deviceName(), domain: facts.domain(), further: config.names });
  let nameSet: ReadonlySet<string> = new Set();
  const update = (): void => {
    nameSet = new Set(names());
    const addresses = facts.addresses();
    if (addresses.length > 0) certificates.wish({ names: certifiedNames([...nameSet]), addresses });
    follow();
  };
  const follow = (): void => {
    const { httpPort, httpsPort } = config;
    const { identity } = certificates;
    listeners.follow({ addresses: facts.addresses(), httpPort, httpsPort, identity });
    show();
  };
  const certificates: Certificates = keepCertificates({
    ...{ processes: ports.processes, clock, log, directory: stateDirectory },
    changed: () => follow(),
  });
  const facts = followBox(bus, clock, update);
  const handlers = doorHandlers({
    ...{ door, bus, clock, facts },
    config: () => config,
    certificate: () => certificates.authority,
  });
  const api = (ports.createApi ?? createApi)({
    ...{ bus, clock, log, entropy, doorHandlers: handlers },
    audit: door.audit,
    attempts: door.attempts,
    recheck: door.recheck,
  });
  const page = loadPage(ports.pageDirectory ?? pageDirectory(), log);
  const front = createFront({
    ...{ door, api, page },
    names: () => nameSet,
    httpsRequired: () => config.https === "required" && certificates.identity !== undefined,
    httpsPort: () => config.httpsPort,
  });
  const listeners: Listeners = createListeners({
    ...{ front, clock, log, socketPath: join(runtimeDirectory, "api.sock") },
    changed: () => show(),
  });
  const publish = createShow(context);
  const show = (): void =>
    publish({
      addresses: [...listeners.serving],
      names: [...nameSet],
      fingerprint: certificates.authority?.fingerprint,
      firstRunDone: config.firstRunDone,
      faults: faultsOf(listeners, certificates, door.store.fault),
      wanted: facts.addresses().length,
    });
  const subscriptions: readonly Subscription[] = [
    bus.subscribe(systemButton, () => door.buttonPressed()),
  ];
  update();

  return {
    async reconfigure(next) {
      config = next;
      update();
      return ok(undefined);
    },
    async stop() {
      for (const subscription of subscriptions) subscription.close();
      api.close();
      await listeners.close();
      certificates.close();
      facts.close();
      door.close();
    },
    dump: () => ({
      door: door.dump(),
      listeners: listeners.dump(),
      api: api.dump(),
      page: page.files,
    }),
  };
}

function faultsOf(
  listeners: Listeners,
  certificates: Certificates,
  store: Fault | undefined,
): readonly Fault[] {
  const failing = [...listeners.failing].map(([where, code]) => `${where}: ${code}`);
  return [
    ...(failing.length === 0 ? [] : [doorFault("listener_failed", failing.join("\n"))]),
    ...(certificates.isFailing ? [doorFault("certificate_failed")] : []),
    ...(store === undefined ? [] : [store]),
  ];
}

interface Shown {
  readonly addresses: string[];
  readonly names: string[];
  readonly fingerprint: string | undefined;
  readonly firstRunDone: boolean;
  readonly faults: readonly Fault[];
  /** Addresses that should listen. */
  readonly wanted: number;
}

/** Publishes what changed, with the time since which it is so. */
function createShow({ bus, clock, log }: ServiceContext<WebConfig>): (shown: Shown) => void {
  let before: { readonly kind: string; readonly since: WallTime } | undefined;
  return ({ faults, fingerprint, wanted, ...shown }) => {
    const isOpen = wanted > 0 && shown.addresses.length >= wanted;
    const kind =
      !isOpen && faults.length === 0 ? "starting" : faults.length > 0 ? "degraded" : "serving";
    if (before?.kind !== kind) {
      before = { kind, since: clock.wall() };
      log.info("web_state", { kind, faults: faults.map(({ code }) => code) });
    }
    bus.publish(webState, {
      ...shown,
      kind,
      since: before.since,
      ...(fingerprint === undefined ? {} : { fingerprint }),
      faults: faults.map((fault) => ({ ...fault, text: { ...fault.text } })),
    });
  };
}
