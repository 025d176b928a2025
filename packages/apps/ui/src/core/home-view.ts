import type { Host } from "@passerelle/api";
import type { SystemNotification, SystemState, WanState } from "@passerelle/contract";
import { isNew } from "./host-view.ts";

/** The one sentence at the top of Home. */
export type Verdict =
  | { readonly kind: "checking" }
  | { readonly kind: "well" }
  | { readonly kind: "line_down"; readonly since: number }
  | { readonly kind: "line_limited" }
  | { readonly kind: "needs_you"; readonly count: number };

export function verdictOf(
  line: WanState | undefined,
  notices: readonly SystemNotification[],
): Verdict {
  if (line === undefined) return { kind: "checking" };
  switch (line.reach.kind) {
    case "offline":
      return { kind: "line_down", since: line.reach.since };
    case "limited":
      return { kind: "line_limited" };
    case "unknown":
      return line.cause === undefined
        ? { kind: "checking" }
        : { kind: "line_down", since: line.since };
    case "online": {
      const count = notices.filter(({ severity }) => severity !== "info").length;
      return count === 0 ? { kind: "well" } : { kind: "needs_you", count };
    }
  }
}

/** The heaviest first, then the newest. */
export function queueOf(notices: readonly SystemNotification[]): readonly SystemNotification[] {
  const weight = { fault: 2, warning: 1, info: 0 } as const;
  return [...notices].sort((a, b) => weight[b.severity] - weight[a.severity] || b.at - a.at);
}

/** One line of the queue: a notice, or all the newcomers together, so that a family that moves in hides nothing. */
export type QueueItem =
  | { readonly kind: "notice"; readonly notice: SystemNotification }
  | { readonly kind: "newcomers"; readonly notices: readonly SystemNotification[] };

export function itemsOf(queue: readonly SystemNotification[]): readonly QueueItem[] {
  const newcomers = queue.filter(isNewcomer);
  const rest = newcomers.length < 2 ? queue : queue.filter((notice) => !isNewcomer(notice));
  const items = rest.map((notice): QueueItem => ({ kind: "notice", notice }));
  return newcomers.length < 2 ? items : [...items, { kind: "newcomers", notices: newcomers }];
}

/** What is about a device carries its id. */
export const DEVICE_NOTICE = "device:";

function isNewcomer(notice: SystemNotification): boolean {
  return notice.severity === "info" && notice.id.startsWith(DEVICE_NOTICE);
}

export function devicesOf(
  hosts: readonly Host[],
  now: number,
): { readonly online: number; readonly fresh: number } {
  return {
    online: hosts.filter((host) => host.online).length,
    fresh: hosts.filter((host) => host.online && isNew(host, now)).length,
  };
}

const HOT_CELSIUS = 85;
const FULL = 0.92;
const SCARCE = 0.06;

export type Strain = "hot" | "full" | "memory";

/** What the machine suffers from, the worst first; undefined: nothing. */
export function strainOf(system: SystemState): Strain | undefined {
  const { latest, storage } = system;
  if ((latest.temperatureCelsius ?? 0) >= HOT_CELSIUS) return "hot";
  if (storage.some((one) => one.totalBytes > 0 && one.usedBytes / one.totalBytes >= FULL)) {
    return "full";
  }
  const free = latest.memoryAvailableBytes / Math.max(1, latest.memoryTotalBytes);
  return free < SCARCE ? "memory" : undefined;
}
