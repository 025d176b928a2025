import type { Host, Operation } from "@passerelle/api";
import {
  type ConfigChange,
  firewallHistory,
  type LanDevice,
  lanForgetDevice,
  lanRenameDevice,
  systemDiagnose,
} from "@passerelle/contract";
import { blockingChange, reservationChange, withChanges } from "../../core/home/changes.ts";
import { type HomeFacts, hostOf, hostsOf } from "../../core/home/hosts.ts";
import type { HomeSections } from "../../core/home/sections.ts";
import { apiFault } from "./faults.ts";
import { done, type Handling, notReady, tell } from "./handling.ts";
import { authorOf, type Call, type Handlers, type Outcome } from "./port.ts";

/** The devices of the home: what `lan` knows, `firewall` counts and people decided. */
export function hostHandlers(
  handling: Handling,
): Handlers<Extract<Operation, `${string} /hosts${string}`>> {
  return {
    "GET /hosts": async () => {
      const facts = homeFacts(handling, await sectionsNow(handling));
      return facts === undefined ? notReady() : { ok: true, data: { hosts: hostsOf(facts) } };
    },
    "GET /hosts/{id}": async ({ input }) => {
      const facts = homeFacts(handling, await sectionsNow(handling));
      if (facts === undefined) return notReady();
      const host = hostOf(facts, input.params.id);
      return host === undefined ? UNKNOWN : { ok: true, data: host };
    },
    "PATCH /hosts/{id}": (call) => patchHost(handling, call),
    "DELETE /hosts/{id}": async ({ input }) =>
      done(await handling.bus.request(lanForgetDevice, { id: input.params.id })),
    "POST /hosts/{id}/wake": async ({ input }) => {
      const device = deviceOf(handling, input.params.id);
      if (!device.ok) return device;
      // Which of its addresses listens for the packet, nobody knows.
      const replies = await Promise.all(
        device.data.macs
          .slice(-WAKE_MAX)
          .map((mac) => handling.bus.request(systemDiagnose, { kind: "wake", mac })),
      );
      return done(replies.find((reply) => reply.ok) ?? replies[0] ?? UNKNOWN);
    },
    "GET /hosts/{id}/traffic": async ({ input }) => {
      const device = deviceOf(handling, input.params.id);
      if (!device.ok) return device;
      const history = await handling.mirror.once(firewallHistory);
      // The first period of a box that just started is not over: nothing was counted yet.
      if (history === undefined) return { ok: true, data: { periodMs: PERIOD_MS, points: [] } };
      const points = new Map<number, { at: number; up: number; down: number }>();
      for (const { mac, points: counted } of history.devices) {
        if (!device.data.macs.includes(mac)) continue;
        for (const { at, up, down } of counted) {
          const before = points.get(at) ?? { at, up: 0, down: 0 };
          points.set(at, { at, up: before.up + up, down: before.down + down });
        }
      }
      const inOrder = [...points.values()].sort((a, b) => a.at - b.at);
      return { ok: true, data: { periodMs: history.periodMs, points: inOrder } };
    },
  };
}

/** What several owners know now; undefined while `lan` has not told its devices. */
export function homeFacts(
  { mirror }: Handling,
  sections: HomeSections | undefined,
): HomeFacts | undefined {
  const devices = mirror.get("lanDevices")?.devices;
  if (devices === undefined) return undefined;
  return {
    devices,
    traffic: mirror.get("firewallTraffic")?.devices ?? [],
    blockedNow: mirror.get("firewallState")?.blockedDevices ?? [],
    sections,
  };
}

/** Without `config` devices are shown all the same, as the rules in force treat them. */
async function sectionsNow({ configuration }: Handling): Promise<HomeSections | undefined> {
  const decided = await configuration.current();
  return decided.ok ? decided.data.sections : configuration.known?.sections;
}

/** First what may be refused, then the name, which can't be. */
async function patchHost(
  handling: Handling,
  { input, caller, ifMatch }: Call<"PATCH /hosts/{id}">,
): Promise<Outcome<Host>> {
  const { name, blocked, reservedAddress } = input.body;
  const found = deviceOf(handling, input.params.id);
  if (!found.ok) return found;
  let device = found.data;
  const compute = (sections: HomeSections): readonly ConfigChange[] => [
    ...(blocked === undefined ? [] : blockingChange(sections, device.macs, blocked)),
    ...(reservedAddress === undefined
      ? []
      : reservationChange(sections, {
          device,
          macInUse: macInUse(handling, device),
          address: reservedAddress,
        })),
  ];
  const changed = await handling.configuration.change({
    author: authorOf(caller),
    note: `host ${device.id}`.slice(0, 500),
    ifMatch,
    compute: ({ sections }) => ({ ok: true, data: compute(sections) }),
  });
  if (!changed.ok) return changed;
  const { before, changes } = changed.data;
  if (changes.some(({ section }) => section === "firewall")) {
    tell(handling, blocked === true ? "device_blocked" : "device_unblocked", caller, device.name);
  }
  if (changes.some(({ section }) => section === "lan")) {
    tell(handling, "configuration_changed", caller, `lan/reservations: ${device.name}`);
  }
  if (name !== undefined) {
    const renamed = await handling.bus.request(lanRenameDevice, { id: device.id, name });
    if (!renamed.ok) return renamed;
    device = renamed.data.device;
  }
  const facts = homeFacts(handling, withChanges(before.sections, changes));
  if (facts === undefined) return notReady();
  const host = hostOf({ ...facts, devices: [device] }, device.id);
  return host === undefined ? UNKNOWN : { ok: true, data: host };
}

function deviceOf({ mirror }: Handling, id: string): Outcome<LanDevice> {
  const devices = mirror.get("lanDevices")?.devices;
  if (devices === undefined) return notReady();
  const device = devices.find((one) => one.id === id);
  return device === undefined ? UNKNOWN : { ok: true, data: device };
}

/** Of a device with several hardware addresses, the one that holds a lease. */
function macInUse({ mirror }: Handling, device: LanDevice): string | undefined {
  const leases = mirror.get("lanLeases")?.leases ?? [];
  return leases.find(({ mac }) => device.macs.includes(mac))?.mac;
}

const UNKNOWN = { ok: false, fault: apiFault("unknown_device") } as const;
/** Hardware addresses of one device that are woken, the newest first. */
const WAKE_MAX = 8;

/** Of the history of `firewall`. */
const PERIOD_MS = 300_000;
