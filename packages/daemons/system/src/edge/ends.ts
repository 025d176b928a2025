import { dirname } from "node:path";
import type { Bus, Subscription } from "@passerelle/bus-client";
import { systemFactoryReset, systemReboot } from "@passerelle/contract";
import {
  type Clock,
  type Entropy,
  isResetPending,
  type Logger,
  orderFactoryReset,
} from "@passerelle/service";
import { milliseconds, seconds } from "@passerelle/time";
import { faultOf } from "../core/faults.ts";
import type { Boots } from "./boot.ts";
import type { Power } from "./power.ts";

export interface EndsOptions {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Logger;
  readonly entropy: Entropy;
  readonly stateDirectory: string;
  readonly runtimeDirectory: string;
  readonly boots: Boots;
  readonly power: Power;
  /** Ends this service: everything is written after it. */
  readonly stop: () => Promise<void>;
}

/** The answer leaves, and the page may say so, before everything ends. */
const ANSWER_TIME = milliseconds(500);
const FLUSH_TIME = seconds(1);

/** Reboot and factory reset. */
export function serveEnds(options: EndsOptions): Subscription[] {
  const { bus, clock, log, entropy, boots } = options;
  const directories = {
    state: dirname(options.stateDirectory),
    runtime: dirname(options.runtimeDirectory),
  };
  let timer: { cancel(): void } | undefined;
  const reboot = (): void => {
    timer ??= clock.later(ANSWER_TIME, () => void end(options));
  };
  // Killed between the order and the reboot: what was acknowledged is done.
  if (isResetPending(directories)) {
    log.warn("factory_reset_resumed");
    reboot();
  }
  return [
    { close: () => timer?.cancel() },
    bus.serve(systemReboot, ({ author }) => {
      log.warn("reboot_asked", { author });
      // Not being able to write down why is no reason not to start again.
      boots.expect(author);
      reboot();
      return { ok: true, data: {} };
    }),
    bus.serve(systemFactoryReset, ({ author }) => {
      const id = Buffer.from(entropy.bytes(16)).toString("hex");
      try {
        orderFactoryReset(directories, id);
      } catch (error) {
        log.error("factory_reset_not_ordered", { error });
        return { ok: false, fault: faultOf("reset_not_prepared") };
      }
      log.warn("factory_reset_ordered", { author });
      reboot();
      return { ok: true, data: {} };
    }),
  ];
}

async function end({ bus, log, stop, power }: EndsOptions): Promise<void> {
  await bus.flush(FLUSH_TIME);
  const fault = await power.reboot(stop);
  if (fault !== undefined) log.error("reboot_refused", { code: fault.code });
}
