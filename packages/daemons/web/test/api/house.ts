import type { CountedBus, MemoryHub, Reply } from "@passerelle/bus-client";
import {
  type AnyTopic,
  type CommandTopic,
  type ConfigAuthor,
  configApply,
  configConfirm,
  configExport,
  configHistory,
  configImport,
  configPlan,
  configRollback,
  configShow,
  configState,
  type DaemonName,
  firewallHistory,
  firewallState,
  firewallTraffic,
  type LanDevice,
  lanDevices,
  lanFlushDns,
  lanForgetDevice,
  lanLeases,
  lanRenameDevice,
  lanState,
  systemCancel,
  systemCaptureFile,
  systemDiagnose,
  systemDismiss,
  systemFactoryReset,
  systemHistory,
  systemInterfaces,
  systemJobs,
  systemLog,
  systemNotifications,
  systemReboot,
  systemState,
  systemSupportBundle,
  systemUpgrade,
  systemUpgradeForget,
  systemUpgradeInspect,
  systemUpgradeInstall,
  systemUpgradeRollback,
  wanDsl,
  wanDslHistory,
  wanDslResync,
  wanDslSpectrum,
  wanHistory,
  wanReconnect,
  wanResolvers,
  wanState,
} from "@passerelle/contract";
import { mergePatch } from "@passerelle/json";
import * as world from "./world.ts";

export const EMPTY_PLAN = { differences: [], impacts: [], problems: [], needsConfirmation: false };
export const CAPTURE = Uint8Array.from({ length: 3000 }, (_, n) => n & 0xff);

/** The other daemons, played on the hub: they answer as their contracts say and remember what they were asked. */
export class House {
  readonly asked: { readonly topic: string; readonly request: unknown }[] = [];
  /** What an owner answers instead, by topic. */
  readonly refusals = new Map<string, Reply<never>>();
  sections: Readonly<Record<string, unknown>> = structuredClone(world.sections);
  devices: readonly LanDevice[] = [world.laptop, world.printer];
  revision = 2;
  lastAuthor: ConfigAuthor | undefined;
  readonly #buses = new Map<DaemonName, CountedBus>();
  readonly #hub: MemoryHub;

  constructor(hub: MemoryHub) {
    this.#hub = hub;
  }

  bus(owner: DaemonName): CountedBus {
    const known = this.#buses.get(owner) ?? this.#hub.client(owner);
    this.#buses.set(owner, known);
    return known;
  }

  /** What was asked of a command, oldest first. */
  requests<Q, R>(command: CommandTopic<Q, R>): Q[] {
    return this.asked
      .filter(({ topic }) => topic === command.name)
      .map(({ request }) => request as Q);
  }

  refuse(command: AnyTopic, code: string, raw?: string): void {
    this.refusals.set(command.name, {
      ok: false,
      fault: { code, text: { fr: "non", en: "no" }, ...(raw === undefined ? {} : { raw }) },
    });
  }

  /** Everybody speaks and answers. */
  open(): void {
    this.#serveConfig();
    this.#serveSystem();
    this.#serve(lanRenameDevice, ({ id, name }) => {
      const device = this.devices.find((one) => one.id === id);
      if (device === undefined) return unknownDevice;
      const renamed: LanDevice = { ...device, name, nameSource: "person" };
      this.setDevices(this.devices.map((one) => (one.id === id ? renamed : one)));
      return { ok: true, data: { device: renamed } };
    });
    this.#serve(lanForgetDevice, ({ id }) => {
      if (!this.devices.some((one) => one.id === id)) return unknownDevice;
      this.setDevices(this.devices.filter((one) => one.id !== id));
      return { ok: true, data: {} };
    });
    this.#serve(lanFlushDns, () => ({ ok: true, data: { entries: 7 } }));
    this.#serve(wanReconnect, () => ({ ok: true, data: {} }));
    this.#serve(wanDslResync, () => ({ ok: true, data: {} }));
    this.#serve(wanDslHistory, () => ({ ok: true, data: { quarters: [], days: [] } }));
    this.#serve(wanDslSpectrum, () => ({ ok: true, data: { at: world.AT, down: {}, up: {} } }));
    this.publishAll();
  }

  publishAll(): void {
    this.publishConfig();
    this.setDevices(this.devices);
    const lan = this.bus("lan");
    lan.publish(lanLeases, { leases: [world.lease] });
    lan.publish(lanState, {
      kind: "serving",
      since: world.AT,
      networks: [],
      dns: { domain: "home.arpa", upstreams: [], blockedNames: 0 },
      faults: [],
    });
    const firewall = this.bus("firewall");
    firewall.publish(firewallState, {
      kind: "protecting",
      since: world.AT,
      openings: [
        { id: "web", protocol: "tcp", port: 8080, to: "192.168.1.60", toPort: 80, owner: "person" },
      ],
      blockedDevices: [],
    });
    firewall.publish(firewallTraffic, { at: world.AT, periodMs: 10_000, devices: world.traffic });
    firewall.publish(firewallHistory, {
      periodMs: 300_000,
      devices: world.laptop.macs.map((mac) => ({
        mac,
        points: [{ at: world.AT, up: 1, down: 2 }],
      })),
    });
    const wan = this.bus("wan");
    wan.publish(wanState, world.line);
    wan.publish(wanResolvers, { resolvers: ["192.0.2.53"] });
    wan.publish(wanDsl, { kind: "none" });
    wan.publish(wanHistory, { transitions: [] });
    const system = this.bus("system");
    system.publish(systemState, world.machine);
    system.publish(systemUpgrade, world.upgrade);
    system.publish(systemInterfaces, { at: world.AT, interfaces: [] });
    system.publish(systemNotifications, { notifications: [] });
    system.publish(systemJobs, { jobs: [world.job] });
  }

  setDevices(devices: readonly LanDevice[]): void {
    this.devices = devices;
    this.bus("lan").publish(lanDevices, { devices: [...devices] });
  }

  publishConfig(): void {
    this.bus("config").publish(configState, {
      revision: this.revision,
      phase: { kind: "confirmed" },
      digests: {},
    });
  }

  async close(): Promise<void> {
    for (const bus of this.#buses.values()) await bus.close();
  }

  #serve<Q, R>(command: CommandTopic<Q, R>, answer: (request: Q) => Reply<R>): void {
    this.bus(command.owner).serve(command, (request) => {
      this.asked.push({ topic: command.name, request });
      return this.refusals.get(command.name) ?? answer(request);
    });
  }

  #serveConfig(): void {
    const applied = () => ({ revision: this.revision, plan: EMPTY_PLAN });
    this.#serve(configShow, () => ({
      ok: true,
      data: { revision: this.revision, sections: { ...this.sections } },
    }));
    this.#serve(configHistory, () => ({ ok: true, data: { revisions: world.history } }));
    this.#serve(configPlan, () => ({ ok: true, data: EMPTY_PLAN }));
    this.#serve(configApply, ({ changes, author, basedOn, probationSeconds }) => {
      if (basedOn !== undefined && basedOn !== this.revision) return stale;
      this.lastAuthor = author;
      for (const { section, patch } of changes) {
        const before = this.sections[section];
        this.sections = { ...this.sections, [section]: mergePatch(before, patch) };
      }
      this.revision += 1;
      this.publishConfig();
      const probation =
        probationSeconds === undefined
          ? {}
          : { probation: { token: "t0", seconds: probationSeconds } };
      return { ok: true, data: { ...applied(), ...probation } };
    });
    this.#serve(configConfirm, ({ token }) =>
      token === "t0" ? { ok: true, data: { revision: this.revision } } : wrongToken,
    );
    this.#serve(configRollback, () => ({ ok: true, data: { revision: this.revision } }));
    this.#serve(configExport, () => ({ ok: true, data: { document: "{}" } }));
    this.#serve(configImport, () => ({ ok: true, data: applied() }));
  }

  #serveSystem(): void {
    this.#serve(systemHistory, ({ series }) => ({
      ok: true,
      data: { series, periodMs: 1000, from: world.AT, mean: [1, null], peak: [2, null] },
    }));
    this.#serve(systemLog, () => ({ ok: true, data: { entries: [], more: false } }));
    this.#serve(systemDismiss, () => ({ ok: true, data: {} }));
    this.#serve(systemDiagnose, () => ({ ok: true, data: { id: "job-2" } }));
    this.#serve(systemCancel, () => ({ ok: true, data: {} }));
    this.#serve(systemCaptureFile, ({ offset }) => ({
      ok: true,
      data: {
        data: Buffer.from(CAPTURE.subarray(offset, offset + 1024)).toString("base64"),
        more: offset + 1024 < CAPTURE.length,
      },
    }));
    this.#serve(systemSupportBundle, () => ({ ok: true, data: { document: "{}" } }));
    for (const command of [systemUpgradeForget, systemUpgradeInspect]) {
      this.#serve(command, () => ({ ok: true, data: {} }));
    }
    for (const command of [systemUpgradeInstall, systemUpgradeRollback]) {
      this.#serve(command, () => ({ ok: true, data: {} }));
    }
    this.#serve(systemReboot, () => ({ ok: true, data: {} }));
    this.#serve(systemFactoryReset, () => ({ ok: true, data: {} }));
  }
}

const unknownDevice = refusal("unknown_device");
const stale = refusal("stale_revision");
const wrongToken = refusal("wrong_token");

function refusal(code: string): Reply<never> {
  return { ok: false, fault: { code, text: { fr: "non", en: "no" } } };
}
