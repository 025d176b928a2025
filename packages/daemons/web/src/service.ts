import { join } from "node:path";
import type { Subscription } from "@passerelle/bus-client";
import { systemButton } from "@passerelle/contract";
import { createLinuxProcesses, type Processes } from "@passerelle/process";
import { type Fault, ok } from "@passerelle/result";
import type { RunningService, Service, ServiceContext } from "@passerelle/service";
import { section, type WebConfig } from "./config.ts";
import { doorFault } from "./core/faults.ts";
import { certifiedNames, ownNames } from "./core/host.ts";
import { type Api, createApi } from "./edge/api/create-api.ts";
import { type AuditTrail, createAudit } from "./edge/audit.ts";
import { type BoxFacts, followBox } from "./edge/box-facts.ts";
import { createCallers } from "./edge/callers.ts";
import { type Certificates, keepCertificates } from "./edge/certificate.ts";
import { DoorKeeper } from "./edge/door.ts";
import { doorHandlers } from "./edge/door-handlers.ts";
import { createFront } from "./edge/front.ts";
import { createListeners, type Listeners } from "./edge/listeners.ts";
import { loadPage, type Page, pageDirectory } from "./edge/page.ts";
import { createShow, type Show } from "./edge/show.ts";

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
}

export async function startWeb(
  context: ServiceContext<WebConfig>,
  ports: WebPorts,
): Promise<RunningService<WebConfig>> {
  return new Web(context, ports);
}

/** Wires the door, the API, the page and their listeners. */
class Web implements RunningService<WebConfig> {
  readonly #trail: AuditTrail;
  readonly #door: DoorKeeper;
  readonly #certificates: Certificates;
  readonly #facts: BoxFacts;
  readonly #api: Api;
  readonly #page: Page;
  readonly #listeners: Listeners;
  readonly #show: Show;
  readonly #button: Subscription;
  #config: WebConfig;
  #names: ReadonlySet<string> = new Set();

  constructor(context: ServiceContext<WebConfig>, ports: WebPorts) {
    const { bus, clock, log, entropy, stateDirectory, runtimeDirectory } = context;
    this.#config = context.config;
    this.#trail = createAudit(context);
    const { audit } = this.#trail;
    const door = new DoorKeeper({ context, audit, changed: (what) => this.#api.changed(what) });
    this.#door = door;
    const callers = createCallers({
      clock,
      book: () => door.book(),
      seen: (session) => door.seen(session),
    });
    this.#show = createShow(context);
    this.#certificates = keepCertificates({
      ...{ processes: ports.processes, clock, log, directory: stateDirectory },
      changed: () => this.#follow(),
    });
    this.#facts = followBox(bus, clock, () => this.#update());
    this.#api = createApi({
      directory: join(stateDirectory, "upload"),
      ...{ bus, clock, log, entropy, audit, attempts: door.attempts, recheck: callers.recheck },
      doorHandlers: doorHandlers({
        ...{ door, bus, clock, facts: this.#facts },
        config: () => this.#config,
        certificate: () => this.#certificates.authority,
      }),
    });
    this.#page = loadPage(ports.pageDirectory ?? pageDirectory(), log);
    const front = createFront({
      ...{ door: callers, api: this.#api, page: this.#page },
      names: () => this.#names,
      httpsRequired: () =>
        this.#config.https === "required" && this.#certificates.identity !== undefined,
      httpsPort: () => this.#config.httpsPort,
    });
    this.#listeners = createListeners({
      ...{ front, clock, log, socketPath: join(runtimeDirectory, "api.sock") },
      changed: () => this.#publish(),
    });
    this.#button = bus.subscribe(systemButton, () => door.buttonPressed());
    this.#update();
  }

  async reconfigure(next: WebConfig) {
    this.#config = next;
    this.#update();
    return ok(undefined);
  }

  async stop(): Promise<void> {
    this.#button.close();
    this.#api.close();
    await this.#listeners.close();
    this.#certificates.close();
    this.#facts.close();
    this.#door.close();
    this.#trail.close();
  }

  dump(): unknown {
    return {
      door: this.#door.dump(),
      listeners: this.#listeners.dump(),
      api: this.#api.dump(),
      pageFiles: this.#page.files,
    };
  }

  /** Where the home is, or what the box is called, may be new. */
  #update(): void {
    const further = this.#config.names;
    const device = this.#facts.deviceName();
    const names = ownNames({ device, domain: this.#facts.domain(), further });
    this.#names = new Set(names);
    const addresses = this.#facts.addresses();
    if (addresses.length > 0) this.#certificates.wish({ names: certifiedNames(names), addresses });
    this.#follow();
  }

  #follow(): void {
    const { httpPort, httpsPort } = this.#config;
    const { identity } = this.#certificates;
    const addresses = this.#facts.addresses();
    this.#listeners.follow({ addresses, httpPort, httpsPort, identity });
    this.#publish();
  }

  #publish(): void {
    this.#show({
      addresses: [...this.#listeners.serving],
      httpPort: this.#config.httpPort,
      names: [...this.#names],
      fingerprint: this.#certificates.authority?.fingerprint,
      firstRunDone: this.#config.firstRunDone,
      faults: faultsOf(this.#listeners, this.#certificates, this.#door.store.fault),
      wanted: this.#facts.addresses().length,
    });
  }
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
