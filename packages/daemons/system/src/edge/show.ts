import { systemNotifications, systemState } from "@passerelle/contract";
import type { ServiceContext } from "@passerelle/service";
import type { SystemConfig } from "../config.ts";
import { faultOf } from "../core/faults.ts";
import type { State } from "../core/state.ts";
import { notificationsView } from "../core/view.ts";
import { readBox, readVersion } from "./box.ts";
import type { ClockState } from "./chrony.ts";
import type { Measured } from "./monitor.ts";

/** Publishes the notifications where they changed. */
export function createNotify({ bus }: ServiceContext<SystemConfig>): (state: State) => void {
  let shown: { readonly notifications: unknown; readonly config: unknown } | undefined;
  return (state) => {
    const next = { notifications: state.memory.notifications, config: state.config };
    if (shown?.notifications === next.notifications && shown.config === next.config) return;
    shown = next;
    bus.publish(systemNotifications, {
      notifications: notificationsView(state).map(
        ({ alarm, dismissed, text, next: then, ...rest }) => ({
          ...rest,
          text: { ...text },
          ...(then === undefined ? {} : { next: { ...then } }),
        }),
      ),
    });
  };
}

/** What the state of the machine is made of. */
export interface Shown {
  readonly config: SystemConfig;
  readonly clock: ClockState;
  readonly bootCause: string;
  readonly failing: boolean;
  readonly measured: Measured | undefined;
}

/** Publishes the state of the machine: every ten seconds with a reading, and when something else in it changed. */
export function createShow({
  bus,
  clock,
  config,
}: ServiceContext<SystemConfig>): (change: Partial<Shown>) => void {
  const box = readBox();
  const version = readVersion();
  let shown: Shown = {
    config,
    clock: { kind: "unsynchronised" },
    bootCause: "unknown",
    failing: false,
    measured: undefined,
  };
  return (change) => {
    shown = { ...shown, ...change };
    const { measured } = shown;
    // Without a reading there is nothing to say yet; the first comes at once.
    if (measured === undefined) return;
    bus.publish(systemState, {
      model: box.model,
      version,
      ...(box.serial === undefined ? {} : { serial: box.serial }),
      hostname: box.hostname,
      bootedAt: Math.max(0, clock.wall() - clock.now()),
      bootCause: shown.bootCause,
      timezone: shown.config.timezone,
      clock: shown.clock,
      storage: measured.storage.map(({ name, totalBytes, usedBytes }) => ({
        name,
        totalBytes,
        usedBytes,
      })),
      processes: [...measured.processes],
      latest: measured.sample,
      faults: shown.failing ? [plain(faultOf("log_not_written"))] : [],
    });
  };
}

function plain(fault: ReturnType<typeof faultOf>): {
  code: string;
  text: { fr: string; en: string };
  next?: { fr: string; en: string };
} {
  const { code, text, next } = fault;
  return { code, text: { ...text }, ...(next === undefined ? {} : { next: { ...next } }) };
}
